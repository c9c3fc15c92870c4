// The rule of ConvTranspose: a convolution of the input with zeros between its elements.
#include "compiler/onnx/Reshapes.h"
#include "compiler/onnx/Rules.h"
#include "compiler/onnx/Windows.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::onnximport;

namespace {

/// The attributes of a transposed convolution; `pads` crops the result.
struct Transposed {
  std::vector<int64_t> sizes, strides, dilations, pads, outputPadding;

  int64_t extent(size_t dim) const { return (sizes[dim] - 1) * dilations[dim] + 1; }
};

/// What must be cropped so that the result has a given size; an odd crop goes to the end where `isUpper`.
void cropTo(Node &node, Transposed &conv, ArrayRef<Expr> wanted, bool isUpper) {
  size_t rank = conv.sizes.size();
  for (size_t dim = 0; dim < rank; ++dim) {
    Expr full = (node.shape(0)[dim + 2] - 1) * conv.strides[dim] + conv.outputPadding[dim] + conv.extent(dim);
    std::optional<int64_t> total = (full - wanted[dim]).literal();
    if (!total)
      unsupported("the padding depends on size '" + node.shape(0)[dim + 2].str() + "': give the input shapes");
    int64_t half = llvm::divideFloorSigned(*total, 2);
    conv.pads[dim] = isUpper ? half : *total - half;
    conv.pads[dim + rank] = *total - conv.pads[dim];
  }
}

Transposed readTransposed(Node &node) {
  const Shape &x = node.shape(0);
  std::vector<int64_t> sizes = filterWindow(node);
  size_t rank = sizes.size();
  Transposed conv{sizes, boundedInts(node, "strides", rank, 1, 1), boundedInts(node, "dilations", rank, 1, 1),
                  boundedInts(node, "pads", 2 * rank, 0, 0), boundedInts(node, "output_padding", rank, 0, 0)};
  std::string automatic = node.stringAttr("auto_pad", "NOTSET");
  Shape wanted;
  for (int64_t size : node.intsAttr("output_shape"))
    wanted.push_back(size);
  if (wanted.empty() && (automatic == "SAME_UPPER" || automatic == "SAME_LOWER"))
    for (size_t dim = 0; dim < rank; ++dim)
      wanted.push_back(x[dim + 2] * conv.strides[dim]);
  if (wanted.size() > rank)
    wanted.erase(wanted.begin(), wanted.end() - static_cast<ptrdiff_t>(rank));
  if (wanted.size() == rank)
    cropTo(node, conv, wanted, automatic != "SAME_LOWER" && automatic != "NOTSET");
  else if (!wanted.empty())
    malformed("output_shape has " + Twine(wanted.size()) + " entries, expected " + Twine(rank));
  return conv;
}

/// stride - 1 zeros between neighbours, and as many around as the window reaches beyond the crop.
Value spread(Node &node, Value x, const Transposed &conv) {
  Shape sizes = shapeOfValue(x), split(sizes.begin(), sizes.begin() + 2), merged = split;
  Shape gaps(2, Expr(0)), low(2, Expr(0)), high(2, Expr(0));
  size_t rank = conv.sizes.size();
  for (size_t dim = 0; dim < rank; ++dim) {
    int64_t stride = conv.strides[dim], reach = conv.extent(dim) - 1;
    split.insert(split.end(), {sizes[dim + 2], Expr(1)});
    gaps.insert(gaps.end(), {Expr(0), Expr(stride - 1)});
    merged.push_back(sizes[dim + 2] * stride);
    low.push_back(reach - conv.pads[dim]);
    high.push_back(reach - conv.pads[dim + rank] + conv.outputPadding[dim] - (stride - 1));
  }
  Value zero = node.scalar(0, elementOf(x));
  Value apart = node.pad(node.reshape(x, split), zero, Shape(split.size(), Expr(0)), gaps, PadMode::Constant);
  return node.pad(node.reshape(apart, merged), zero, low, high, PadMode::Constant);
}

/// [C, M / groups, window...] -> [M, C / groups, window...] with the windows reversed.
Value turned(Node &node, Value w, int64_t groups) {
  Shape shape = shapeOfValue(w);
  if (shape[0].literal().value_or(groups) % groups != 0)
    malformed("'W' has " + shape[0].str() + " channels, which " + Twine(groups) + " groups do not divide");
  Expr in = floorDiv(shape[0], groups), out = shape[1];
  Shape grouped = {groups, in, out}, flat = {out * groups, in};
  grouped.insert(grouped.end(), shape.begin() + 2, shape.end());
  flat.insert(flat.end(), shape.begin() + 2, shape.end());
  std::vector<int64_t> perm = {0, 2, 1};
  for (size_t dim = 3; dim < grouped.size(); ++dim)
    perm.push_back(static_cast<int64_t>(dim));
  Value weights = node.reshape(node.transpose(node.reshape(w, grouped), perm), flat);
  for (size_t dim = 2; dim < shape.size(); ++dim)
    weights = node.reverse(weights, static_cast<int64_t>(dim));
  return weights;
}

/// Every input channel has filters of its own.
void checkChannels(Node &node, int64_t groups) {
  const Shape &x = node.shape(0), &w = node.shape(1);
  if (groups > 1 && !(w[0].literal() && w[1].literal()))
    unsupported("a grouped convolution needs weights of known channels, 'W' has shape " + textOf(w));
  require(node, equal(x[1], w[0]),
          "'X' has " + x[1].str() + " channels, expected " + w[0].str() + " for 'W' of shape " + textOf(w));
}

Value convolve(Node &node, Value x, Value w, ArrayRef<int64_t> dilations, int64_t groups) {
  size_t rank = dilations.size();
  return node.emit<ConvOp>({x, w}, {node.named("strides", node.integers(std::vector<int64_t>(rank, 1))),
                                    node.named("pads", node.integers(std::vector<int64_t>(2 * rank, 0))),
                                    node.named("dilations", node.integers(dilations)),
                                    node.named("groups", node.integer(groups)),
                                    node.named("layout", ConvLayoutAttr::get(node.context(), ConvLayout::NCHW))});
}

/// Every element of the result comes from one pixel: windows lie side by side, and nothing is cropped.
bool isTiling(const Transposed &conv, int64_t groups) {
  auto isZero = [](int64_t value) { return value == 0; };
  auto isOne = [](int64_t value) { return value == 1; };
  return groups == 1 && conv.sizes == conv.strides && llvm::all_of(conv.pads, isZero) &&
         llvm::all_of(conv.outputPadding, isZero) && llvm::all_of(conv.dilations, isOne);
}

/// A pixel's window as that many channels, then moved to its place.
Value tiled(Node &node, Value x, Value w, const Transposed &conv) {
  Shape sizes = shapeOfValue(x), filters = shapeOfValue(w);
  size_t rank = conv.sizes.size();
  std::vector<int64_t> windowFirst, interleaved = {0, static_cast<int64_t>(rank) + 1};
  Shape flat = {filters[1]}, split = {sizes[0]}, merged = {sizes[0], filters[1]};
  for (size_t dim = 0; dim < rank; ++dim) {
    auto position = static_cast<int64_t>(dim);
    windowFirst.push_back(position + 2);
    interleaved.insert(interleaved.end(), {static_cast<int64_t>(rank) + 2 + position, position + 1});
    flat[0] = flat[0] * conv.sizes[dim];
    split.push_back(conv.sizes[dim]);
    merged.push_back(sizes[dim + 2] * conv.sizes[dim]);
  }
  windowFirst.insert(windowFirst.end(), {1, 0});
  split.push_back(filters[1]);
  split.insert(split.end(), sizes.begin() + 2, sizes.end());
  flat.push_back(filters[0]);
  flat.insert(flat.end(), rank, Expr(1));
  Value pixels = convolve(node, x, node.reshape(node.transpose(w, windowFirst), flat), conv.dilations, 1);
  return node.reshape(node.transpose(node.reshape(pixels, split), interleaved), merged);
}

void importConvTranspose(Node &node) {
  Transposed conv = readTransposed(node);
  int64_t groups = node.intAttr("group", 1);
  if (groups < 1)
    malformed("group is " + Twine(groups));
  if (conv.sizes.size() > 3)
    unsupported("convolution over " + Twine(conv.sizes.size()) + " dimensions is not supported");
  checkChannels(node, groups);
  Value x = node.value(0), w = node.value(1);
  Value y = isTiling(conv, groups)
                ? tiled(node, x, w, conv)
                : convolve(node, spread(node, x, conv), turned(node, w, groups), conv.dilations, groups);
  if (node.hasInput(2))
    y = node.add(y, node.alongAxis(node.value(2), 1, rankOf(y)));
  node.set(0, y);
}

constexpr RuleEntry rules[] = {{"ConvTranspose", importConvTranspose}};

} // namespace

std::span<const RuleEntry> onnximport::convTransposeRules() { return rules; }
