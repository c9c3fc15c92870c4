// Rules of ops that put images together from patches, or take patches from computed places: Col2Im, DeformConv.
#include "compiler/onnx/Reshapes.h"
#include "compiler/onnx/Rules.h"
#include "compiler/onnx/Windows.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::onnximport;

namespace {

/// Which element of the columns a pixel takes from each place of a block; all of it i64, bool where it says so.
struct Sources {
  Value index, isInside;
};

/// One dimension of Col2Im.
struct BlockDim {
  Expr image, blocks; ///< Sizes of the image, and of the grid of blocks.
  int64_t size, stride, dilation, low;
};

SmallVector<BlockDim> readBlocks(Node &node) {
  Shape image = node.sizes(1);
  std::vector<int64_t> block = node.constants(2);
  size_t rank = image.size();
  if (node.rank(0) != 3 || rank == 0 || block.size() != rank)
    malformed("'input' has rank " + Twine(node.rank(0)) + ", expected 3; 'image_shape' and 'block_shape' have " +
              Twine(rank) + " and " + Twine(block.size()) + " elements");
  std::vector<int64_t> strides = boundedInts(node, "strides", rank, 1, 1);
  std::vector<int64_t> dilations = boundedInts(node, "dilations", rank, 1, 1);
  std::vector<int64_t> pads = boundedInts(node, "pads", 2 * rank, 0, 0);
  SmallVector<BlockDim> dims;
  for (size_t dim = 0; dim < rank; ++dim) {
    if (block[dim] < 1 || block[dim] > INT32_MAX)
      malformed("'block_shape' has entry " + Twine(block[dim]) + ", expected it in [1, 2^31)");
    Expr room = image[dim] + (pads[dim] + pads[dim + rank] - dilations[dim] * (block[dim] - 1) - 1);
    require(node, lessEqual(0, room), "a block is larger than the padded image");
    dims.push_back({image[dim], floorDiv(room, strides[dim]) + 1, block[dim], strides[dim], dilations[dim], pads[dim]});
  }
  return dims;
}

/// A tensor [image, block] of one dimension among all images' and then all blocks' dimensions.
Value placed(Node &node, Value x, size_t dim, size_t rank) {
  Shape shape = shapeOfValue(x), result(2 * rank, Expr(1));
  result[dim] = shape[0];
  result[dim + rank] = shape[1];
  return node.reshape(x, result);
}

/// The columns hold [block sizes..., grid sizes...] elements per channel. Pixel i takes place j of block l, where
/// l * stride + j * dilation = i + low.
Sources sourcesOf(Node &node, ArrayRef<BlockDim> dims) {
  Type i64 = node.builder().getI64Type();
  Expr innerBlocks = 1, grid = 1;
  for (const BlockDim &dim : dims)
    grid = grid * dim.blocks;
  Expr innerPlaces = grid;
  Sources sources;
  for (size_t position = dims.size(); position-- > 0;) {
    const BlockDim &dim = dims[position];
    Value place = node.iota(dim.size, i64), pixel = node.insertDim(node.iota(dim.image, i64), 1);
    Value reached =
        node.sub(node.add(pixel, node.sizeScalar(dim.low, i64)), node.mul(place, node.sizeScalar(dim.dilation, i64)));
    Value stride = node.sizeScalar(dim.stride, i64), zero = node.scalar(0, i64);
    Value block = node.div(reached, stride);
    Value isWhole = node.binary<EqualOp>(node.mul(block, stride), reached);
    Value isInside = node.binary<AndOp>(node.binary<LessEqualOp>(zero, reached),
                                        node.binary<LessOp>(block, node.sizeScalar(dim.blocks, i64)));
    Value index = node.add(node.mul(block, node.sizeScalar(innerBlocks, i64)),
                           node.mul(place, node.sizeScalar(innerPlaces, i64)));
    isInside = placed(node, node.binary<AndOp>(isInside, isWhole), position, dims.size());
    index = placed(node, index, position, dims.size());
    sources.isInside = sources.isInside ? node.binary<AndOp>(isInside, sources.isInside) : isInside;
    sources.index = sources.index ? node.add(index, sources.index) : index;
    innerBlocks = innerBlocks * dim.blocks;
    innerPlaces = innerPlaces * dim.size;
  }
  sources.index = node.where(sources.isInside, sources.index, node.scalar(0, i64));
  return sources;
}

void importCol2Im(Node &node) {
  SmallVector<BlockDim> dims = readBlocks(node);
  Expr places = 1, grid = 1;
  for (const BlockDim &dim : dims) {
    places = places * dim.size;
    grid = grid * dim.blocks;
  }
  const Shape &shape = node.shape(0);
  require(node, logicalAnd(equal(mod(shape[1], places), 0), equal(shape[2], grid)),
          "'input' has shape " + textOf(shape) + ", expected a multiple of " + places.str() + " rows and " +
              grid.str() + " columns");
  Value columns = node.reshape(node.value(0), {shape[0], floorDiv(shape[1], places), places * grid});
  Sources sources = sourcesOf(node, dims);
  Value taken = node.emit<GatherOp>({columns, sources.index}, node.named("axis", node.integer(2)));
  taken = node.where(sources.isInside, taken, node.scalar(0, elementOf(taken)));
  auto blockAxes = llvm::to_vector(llvm::seq<int64_t>(2 + dims.size(), 2 + 2 * dims.size()));
  node.set(0, node.reduce(ReductionKind::Add, taken, blockAxes, /*keep=*/false));
}

/// A convolution whose window elements each move by an offset. Groups of channels move together.
class DeformableConv {
public:
  explicit DeformableConv(Node &node);

  void import();

private:
  void checkOperand(int position, int64_t perTap);
  SmallVector<Value> positions();
  Value columns();
  Value number(double value) { return node.scalar(value, f32); }
  Expr size(size_t dim) { return node.shape(0)[dim + 2]; }

  Node &node;
  Type f32, i64;
  Window window;
  int64_t groups, offsetGroups, taps = 1;
  Shape outputs; ///< Sizes of the result's spatial dimensions.
  Expr batch, channels, points = 1;
};

DeformableConv::DeformableConv(Node &node)
    : node(node), f32(node.builder().getF32Type()), i64(node.builder().getI64Type()),
      window(readWindow(node, filterWindow(node))), groups(node.intAttr("group", 1)),
      offsetGroups(node.intAttr("offset_group", 1)), batch(node.shape(0)[0]), channels(node.shape(0)[1]) {
  if (groups < 1 || offsetGroups < 1 || groups > INT32_MAX || offsetGroups > INT32_MAX)
    malformed("group is " + Twine(groups) + " and offset_group " + Twine(offsetGroups));
  for (size_t dim = 0; dim < window.rank(); ++dim) {
    taps *= window.sizes[dim]; // Does not overflow: `checkTypeSize` has seen the filters, whose sizes these are.
    Expr room = size(dim) + (window.pads[dim] + window.pads[dim + window.rank()] - window.extent(dim));
    outputs.push_back(floorDiv(room, window.strides[dim]) + 1);
    points = points * outputs.back();
  }
  const Shape &w = node.shape(1);
  Expr fits = logicalAnd(equal(mod(channels, offsetGroups), 0), equal(mod(w[0], groups), 0));
  require(node, logicalAnd(equal(channels, w[1] * groups), fits),
          "'X' of shape " + textOf(node.shape(0)) + " and 'W' of shape " + textOf(w) + " do not fit " + Twine(groups) +
              " groups and " + Twine(offsetGroups) + " groups of offsets");
  checkOperand(2, static_cast<int64_t>(window.rank()));
  if (node.hasInput(4))
    checkOperand(4, 1);
}

/// Offsets and masks have `perTap` numbers for each group, element of the window and element of the result.
void DeformableConv::checkOperand(int position, int64_t perTap) {
  Shape expected = {batch, Expr(offsetGroups) * taps * perTap};
  expected.insert(expected.end(), outputs.begin(), outputs.end());
  const Shape &given = node.shape(position);
  Expr fits = given.size() == expected.size();
  for (auto [size, wanted] : llvm::zip(given, expected))
    fits = logicalAnd(fits, equal(size, wanted));
  require(node, fits, "input " + Twine(position) + " has shape " + textOf(given) + ", expected " + textOf(expected));
}

/// Where the elements of the windows lie, per dimension of the image: [batch * offset groups, taps, points].
SmallVector<Value> DeformableConv::positions() {
  auto rank = static_cast<int64_t>(window.rank());
  Value offsets = node.reshape(node.cast(node.value(2), f32), {batch * offsetGroups, taps, rank, points});
  Value tap = node.insertDim(node.iota(taps, i64), 1), point = node.iota(points, i64);
  SmallVector<Value> result(window.rank());
  for (size_t dim = window.rank(); dim-- > 0;) {
    Value inWindow = node.sizeScalar(window.sizes[dim], i64), inResult = node.sizeScalar(outputs[dim], i64);
    Value start = node.mul(node.binary<ModOp>(point, inResult), node.sizeScalar(window.strides[dim], i64));
    Value step = node.mul(node.binary<ModOp>(tap, inWindow), node.sizeScalar(window.dilations[dim], i64));
    Value regular = node.sub(node.add(start, step), node.sizeScalar(window.pads[dim], i64));
    Value offset = node.dropDim(node.sliceAxis(offsets, 2, static_cast<int64_t>(dim), 1), 2);
    result[dim] = node.add(offset, node.cast(regular, f32));
    tap = node.div(tap, inWindow);
    point = node.div(point, inResult);
  }
  return result;
}

/// The elements that the windows read, interpolated from their neighbours, 0 outside of the image:
/// [batch * offset groups, taps, points, channels of a group].
Value DeformableConv::columns() {
  Shape pixels = {batch * offsetGroups, floorDiv(channels, offsetGroups), 1};
  for (size_t dim = 0; dim < window.rank(); ++dim)
    pixels[2] = pixels[2] * size(dim);
  Value image = node.transpose(node.cast(node.reshape(node.value(0), pixels), f32), {0, 2, 1});
  SmallVector<Value> centres = positions();
  Value sum, zero = number(0);
  for (unsigned corner = 0; corner < 1u << window.rank(); ++corner) {
    Value index, weight;
    for (size_t dim = 0; dim < window.rank(); ++dim) {
      Value low = node.unary<FloorOp>(centres[dim]), rest = node.sub(centres[dim], low);
      bool isHigh = corner >> dim & 1;
      Value at = isHigh ? node.add(low, number(1)) : low, part = isHigh ? rest : node.sub(number(1), rest);
      Value clamped = node.binary<MinOp>(node.binary<MaxOp>(at, zero), node.sizeScalar(size(dim) - 1, f32));
      part = node.where(node.binary<EqualOp>(clamped, at), part, zero);
      Value whole = node.cast(clamped, i64);
      weight = weight ? node.mul(weight, part) : part;
      index = index ? node.add(node.mul(index, node.sizeScalar(size(dim), i64)), whole) : whole;
    }
    Value found = node.emit<GatherNDOp>({image, node.insertDim(index, 3)}, node.named("batch_dims", node.integer(1)));
    Value weighted = node.mul(found, node.insertDim(weight, 3));
    sum = sum ? node.add(sum, weighted) : weighted;
  }
  if (!node.hasInput(4))
    return sum;
  Value mask = node.reshape(node.cast(node.value(4), f32), {batch * offsetGroups, taps, points, 1});
  return node.mul(sum, mask);
}

void DeformableConv::import() {
  const Shape &w = node.shape(1);
  Expr perGroup = floorDiv(channels, offsetGroups), outputChannels = w[0];
  Value byChannel = node.reshape(columns(), {batch, offsetGroups, taps, points, perGroup});
  byChannel = node.transpose(byChannel, {0, 1, 4, 2, 3});
  Value operand = node.reshape(byChannel, {batch, groups, w[1] * taps, points});
  Value filters =
      node.reshape(node.cast(node.value(1), f32), {1, groups, floorDiv(outputChannels, groups), w[1] * taps});
  Shape result = {batch, outputChannels};
  result.insert(result.end(), outputs.begin(), outputs.end());
  Value y = node.reshape(node.emit<MatmulOp>({filters, operand}), result);
  y = node.cast(y, node.element(0));
  node.set(0, node.hasInput(3) ? node.add(y, node.alongAxis(node.value(3), 1, rankOf(y))) : y);
}

void importDeformConv(Node &node) {
  if (node.rank(0) > 5)
    unsupported("convolution over " + Twine(node.rank(0) - 2) + " dimensions is not supported");
  DeformableConv(node).import();
}

constexpr RuleEntry rules[] = {{"Col2Im", importCol2Im}, {"DeformConv", importDeformConv}};

} // namespace

std::span<const RuleEntry> onnximport::patchRules() { return rules; }
