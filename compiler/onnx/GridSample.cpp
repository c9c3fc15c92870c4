// The rule of GridSample: positions in the image from the grid, then weighted sums of the elements around them.
#include "compiler/onnx/CubicKernel.h"
#include "compiler/onnx/Reshapes.h"
#include "compiler/onnx/Rules.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::onnximport;

namespace {

/// Samples an image x of [N, C, spatial...] at grid points [N, points..., spatial rank].
class Sampler {
public:
  explicit Sampler(Node &node);

  void import();

private:
  /// The neighbours of all points along one dimension: whole positions and their weights.
  struct Neighbour {
    Value position, weight;
  };

  Value position(size_t dim);
  Value reflected(Value position, const Expr &size);
  SmallVector<Neighbour> neighbours(Value position);
  Value elementsAt(ArrayRef<Value> positions);
  Value number(double value) { return node.scalar(value, f32); }
  const Expr &sizeOf(size_t dim) { return node.shape(0)[dim + 2]; }

  Node &node;
  Type f32, i64;
  size_t rank;
  std::string mode, padding;
  bool alignsCorners;
  Value image; ///< [N, elements of the image, C]
  Expr batch, points;
  SmallVector<Value> coordinates; ///< Per dimension of the image the grid's numbers, [N, points].
};

} // namespace

Sampler::Sampler(Node &node)
    : node(node), f32(node.builder().getF32Type()), i64(node.builder().getI64Type()),
      mode(node.stringAttr("mode", "linear")), padding(node.stringAttr("padding_mode", "zeros")),
      alignsCorners(node.intAttr("align_corners", 0) != 0) {
  const Shape &shape = node.shape(0), &grid = node.shape(1);
  bool fits = shape.size() >= 3 && grid.size() == shape.size() && grid.back().isLiteral(shape.size() - 2);
  if (!grid.empty() && !grid.back().literal())
    unsupported("the last size of 'grid' must be known, but is " + grid.back().str() + ": give the input shapes");
  if (!fits)
    malformed("'X' of shape " + textOf(shape) + " and 'grid' of shape " + textOf(grid) + " do not fit");
  if (mode == "bilinear" || mode == "bicubic")
    mode = mode.substr(2);
  if (mode != "linear" && mode != "nearest" && mode != "cubic")
    malformed("mode is '" + mode + "', expected linear, nearest or cubic");
  if (padding != "zeros" && padding != "border" && padding != "reflection")
    malformed("padding_mode is '" + padding + "', expected zeros, border or reflection");
  if (!isa<FloatType>(node.element(0)) || node.element(0).isF64())
    unsupported("sampling elements that are no f32 or smaller floats is not supported");
  rank = shape.size() - 2;
  batch = shape[0];
  points = productOf(grid, 1, grid.size() - 1);
  Value flat = node.reshape(node.cast(node.value(0), f32), {batch, shape[1], productOf(shape, 2, shape.size())});
  image = node.transpose(flat, {0, 2, 1});
  Value numbers = node.reshape(node.cast(node.value(1), f32), {batch, points, Expr(static_cast<int64_t>(rank))});
  for (size_t dim = 0; dim < rank; ++dim) // The grid lists the last dimension of the image first.
    coordinates.push_back(node.dropDim(node.sliceAxis(numbers, 2, static_cast<int64_t>(rank - 1 - dim), 1), 2));
}

/// Mirrors a position at the borders until it lies between them.
Value Sampler::reflected(Value position, const Expr &size) {
  Value low = number(alignsCorners ? 0 : -0.5);
  Value range = node.sizeScalar(alignsCorners ? size - 1 : size, f32);
  Value distance = node.unary<AbsOp>(node.sub(position, low));
  Value safeRange = node.binary<MaxOp>(range, number(alignsCorners ? 1 : 0));
  Value flips = node.unary<FloorOp>(node.div(distance, safeRange));
  Value rest = node.sub(distance, node.mul(flips, safeRange));
  Value isEven = node.binary<EqualOp>(node.emit<FmodOp>({flips, number(2)}), number(0));
  Value mirrored = node.where(isEven, node.add(rest, low), node.sub(node.add(range, low), rest));
  return mirrored;
}

/// Where the points lie in the image: -1 and 1 are the centres of the corner elements, or their outer edges.
Value Sampler::position(size_t dim) {
  const Expr &size = sizeOf(dim);
  Value x = coordinates[dim], half = number(0.5);
  Value last = node.sizeScalar(size - 1, f32);
  Value result = node.mul(node.add(x, number(1)), half);
  if (alignsCorners)
    result = node.mul(result, last);
  else
    result = node.sub(node.mul(result, node.sizeScalar(size, f32)), half);
  if (mode == "nearest")
    result = node.unary<RoundOp>(result);
  if (mode == "cubic" || padding == "zeros")
    return result;
  if (padding == "reflection")
    result = reflected(result, size);
  return node.binary<MinOp>(node.binary<MaxOp>(result, number(0)), last);
}

SmallVector<Sampler::Neighbour> Sampler::neighbours(Value position) {
  if (mode == "nearest")
    return {{position, Value()}};
  Value left = node.unary<FloorOp>(position), t = node.sub(position, left), one = number(1);
  Value right = node.add(left, one), rest = node.sub(one, t);
  if (mode == "linear")
    return {{left, rest}, {right, t}};
  constexpr double a = -0.75;
  return {{node.sub(left, one), keysWeight(node, node.add(t, one), a, false)},
          {left, keysWeight(node, t, a, true)},
          {right, keysWeight(node, rest, a, true)},
          {node.add(right, one), keysWeight(node, node.add(rest, one), a, false)}};
}

/// The elements at whole positions, one per dimension of the image: [N, points, C].
Value Sampler::elementsAt(ArrayRef<Value> positions) {
  Value index, isInside;
  for (size_t dim = 0; dim < rank; ++dim) {
    Value at = positions[dim], zero = number(0), last = node.sizeScalar(sizeOf(dim) - 1, f32);
    if (padding == "reflection")
      at = reflected(at, sizeOf(dim));
    Value clamped = node.binary<MinOp>(node.binary<MaxOp>(at, zero), last);
    if (padding == "zeros") {
      Value inside = node.binary<EqualOp>(clamped, at);
      isInside = isInside ? node.binary<AndOp>(isInside, inside) : inside;
    }
    Value whole = node.cast(node.unary<RoundOp>(clamped), i64);
    index = index ? node.add(node.mul(index, node.sizeScalar(sizeOf(dim), i64)), whole) : whole;
  }
  Value found = node.emit<GatherNDOp>({image, node.insertDim(index, 2)}, node.named("batch_dims", node.integer(1)));
  return isInside ? node.where(node.insertDim(isInside, 2), found, number(0)) : found;
}

void Sampler::import() {
  SmallVector<SmallVector<Neighbour>> around;
  for (size_t dim = 0; dim < rank; ++dim)
    around.push_back(neighbours(position(dim)));
  size_t count = around.front().size(), combinations = 1;
  for (size_t dim = 0; dim < rank; ++dim)
    combinations *= count;
  Value sum;
  for (size_t choice = 0; choice < combinations; ++choice) {
    SmallVector<Value> positions;
    Value weight;
    for (size_t dim = 0, rest = choice; dim < rank; ++dim, rest /= count) {
      const Neighbour &neighbour = around[dim][rest % count];
      positions.push_back(neighbour.position);
      if (neighbour.weight)
        weight = weight ? node.mul(weight, neighbour.weight) : neighbour.weight;
    }
    Value part = elementsAt(positions);
    if (weight)
      part = node.mul(part, node.insertDim(weight, 2));
    sum = sum ? node.add(sum, part) : part;
  }
  const Shape &grid = node.shape(1);
  Shape result(grid.begin() + 1, grid.end() - 1);
  result.insert(result.begin(), {batch, node.shape(0)[1]});
  node.set(0, node.cast(node.reshape(node.transpose(sum, {0, 2, 1}), result), node.element(0)));
}

static void importGridSample(Node &node) { Sampler(node).import(); }

/// The positions of a dimension: -1 and 1 are the centres of the outermost elements, or their outer edges.
static Value gridPositions(Node &node, const Expr &size, Type element) {
  Value i = node.iota(size, element), one = node.scalar(1, element), two = node.scalar(2, element);
  if (node.intAttr("align_corners", 0))
    return node.sub(node.div(node.mul(i, two), node.sizeScalar(max(size - 1, 1), element)), one);
  return node.sub(node.div(node.add(node.mul(i, two), one), node.sizeScalar(size, element)), one);
}

/// The affine maps theta of shape [N, d, d + 1] at every position of images of size [N, C, d sizes].
static void importAffineGrid(Node &node) {
  const Shape &theta = node.shape(0);
  Shape size = node.sizes(1);
  if (theta.size() != 3 || size.size() < 4 || size.size() > 5)
    malformed("'theta' of shape " + textOf(theta) + " and 'size' of " + Twine(size.size()) +
              " elements do not fit: expected [N, 2, 3] and 4, or [N, 3, 4] and 5");
  size_t rank = size.size() - 2;
  auto dims = static_cast<int64_t>(rank);
  require(node, logicalAnd(equal(theta[1], dims), equal(theta[2], dims + 1)),
          "'theta' has shape " + textOf(theta) + ", expected [N, " + Twine(rank) + ", " + Twine(rank + 1) + "]");
  require(node, equal(theta[0], size[0]), "'theta' has " + theta[0].str() + " maps for " + size[0].str() + " images");
  Type element = node.element(0);
  Shape columns(rank + 2, Expr(1));
  columns.front() = theta[0];
  columns.back() = Expr(dims);
  auto column = [&](size_t j) {
    return node.reshape(node.sliceAxis(node.value(0), 2, static_cast<int64_t>(j), 1), columns);
  };
  Value sum = column(rank);
  for (size_t dim = 0; dim < rank; ++dim) { // The first coordinate runs along the last dimension.
    Value along = node.alongAxis(gridPositions(node, size[size.size() - 1 - dim], element),
                                 static_cast<int64_t>(rank - dim), static_cast<int64_t>(rank) + 2);
    sum = node.add(sum, node.mul(column(dim), along));
  }
  node.set(0, sum);
}

static constexpr RuleEntry rules[] = {{"AffineGrid", importAffineGrid}, {"GridSample", importGridSample}};

std::span<const RuleEntry> onnximport::gridSampleRules() { return rules; }
