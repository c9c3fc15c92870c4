// Rules of Resize and Upsample: one dimension after another, as gathers at computed positions and their weighted sum.
#include "compiler/onnx/CubicKernel.h"
#include "compiler/onnx/Rules.h"
#include <numeric>

using namespace mlir;
using namespace heddle;
using namespace heddle::onnximport;

namespace {

/// What the attributes say about every dimension.
struct Interpolation {
  std::string mode, coordinates, rounding;
  double cubicCoefficient = -0.75, extrapolation = 0;
  bool excludesOutside = false, isAntialiased = false;
};

/// One dimension: sizes before and after, and the given factor between them, null if it is `to / from`.
struct ResizedAxis {
  int64_t axis;
  Expr from, to;
  Value scale;
  Value cropBegin, cropEnd; ///< Of tf_crop_and_resize, as parts of the input.
};

Interpolation readInterpolation(Node &node) {
  if (node.opType() == "Upsample" || node.version() < 11) {
    std::string mode = node.stringAttr("mode", "nearest");
    return {mode == "bilinear" ? "linear" : mode, "asymmetric", "floor"};
  }
  return {node.stringAttr("mode", "nearest"),
          node.stringAttr("coordinate_transformation_mode", "half_pixel"),
          node.stringAttr("nearest_mode", "round_prefer_floor"),
          node.floatAttr("cubic_coeff_a", -0.75),
          node.floatAttr("extrapolation_value", 0),
          node.intAttr("exclude_outside", 0) != 0,
          node.intAttr("antialias", 0) != 0};
}

std::vector<int64_t> resizedAxes(Node &node, size_t given) {
  std::vector<int64_t> axes = node.normalizeAxes(node.intsAttr("axes"), node.rank(0));
  if (axes.empty())
    for (int64_t axis = 0; axis < node.rank(0); ++axis)
      axes.push_back(axis);
  if (axes.size() != given)
    malformed("'sizes' or 'scales' has " + Twine(given) + " elements, expected " + Twine(axes.size()));
  return axes;
}

/// floor(size * scale) for scales such as 0.5 or 1.25, which are whole numbers over a power of two.
std::optional<Expr> scaledSize(const Expr &size, double scale) {
  constexpr int64_t denominator = 256;
  double numerator = scale * denominator;
  if (std::trunc(numerator) != numerator || numerator >= static_cast<double>(1 << 24))
    return std::nullopt;
  auto whole = static_cast<int64_t>(numerator), common = std::gcd(whole, denominator);
  return floorDiv(size * (whole / common), denominator / common);
}

/// Scales that are known numbers.
SmallVector<ResizedAxis> axesOfScales(Node &node, ArrayRef<double> scales) {
  Type f32 = node.builder().getF32Type();
  SmallVector<ResizedAxis> result;
  for (auto [axis, scale] : llvm::zip(resizedAxes(node, scales.size()), scales)) {
    const Expr &from = node.shape(0)[axis];
    if (!(scale > 0))
      malformed("scale " + std::to_string(scale) + " is not positive");
    if (scale == 1)
      continue;
    std::optional<Expr> scaled = scaledSize(from, scale);
    if (!from.literal() && !scaled)
      unsupported("scaling by " + std::to_string(scale) + " needs size '" + from.str() + "': give the input shapes");
    double literalSize = std::floor(static_cast<double>(from.literal().value_or(0)) * scale);
    Expr to = from.literal() ? Expr(static_cast<int64_t>(literalSize)) : *scaled;
    result.push_back({axis, from, to, node.scalar(scale, f32), {}, {}});
  }
  return result;
}

/// Scales that the run gives: a step computes the sizes.
SmallVector<ResizedAxis> axesOfUnknownScales(Node &node, int position) {
  Type f32 = node.builder().getF32Type(), i64 = node.builder().getI64Type();
  std::optional<int64_t> count = literalCount(node.shape(position));
  if (!count || node.rank(position) != 1)
    unsupported("the length of 'scales' must be known when the model is compiled");
  std::vector<int64_t> axes = resizedAxes(node, *count);
  Value scales = node.cast(node.value(position), f32);
  SmallVector<Value> sizes;
  for (int64_t axis : axes)
    sizes.push_back(node.reshape(node.sizeScalar(node.shape(0)[axis], f32), {1}));
  Value scaled = node.unary<FloorOp>(node.mul(node.concat(sizes, 0), scales));
  Shape to = node.sizesOf(node.importer().tensorOf(node.cast(scaled, i64)), "sizes", /*mayBeNegative=*/false);
  SmallVector<ResizedAxis> result;
  for (auto [index, axis] : llvm::enumerate(axes))
    result.push_back(
        {axis, node.shape(0)[axis], to[index], node.reshape(node.sliceAxis(scales, 0, index, 1), {}), {}, {}});
  return result;
}

/// Sizes that give all axes one factor: the smallest (or largest) of those that the given sizes ask for.
Shape proportionalSizes(Node &node, const Shape &sizes, bool isSmallest) {
  std::vector<int64_t> axes = resizedAxes(node, sizes.size());
  std::optional<double> factor;
  for (auto [axis, size] : llvm::zip(axes, sizes)) {
    std::optional<int64_t> from = node.shape(0)[axis].literal(), to = size.literal();
    if (!from || !to || *from == 0)
      unsupported("keep_aspect_ratio_policy needs known sizes: give the input shapes");
    double wanted = static_cast<double>(*to) / static_cast<double>(*from);
    factor = !factor ? wanted : isSmallest ? std::min(*factor, wanted) : std::max(*factor, wanted);
  }
  Shape result;
  for (int64_t axis : axes)
    result.push_back(
        static_cast<int64_t>(std::floor(*factor * static_cast<double>(*node.shape(0)[axis].literal()) + 0.5)));
  return result;
}

SmallVector<ResizedAxis> axesOfSizes(Node &node, Shape sizes) {
  std::string policy = node.stringAttr("keep_aspect_ratio_policy", "stretch");
  if (policy == "not_larger" || policy == "not_smaller") {
    std::vector<int64_t> wanted = node.constants(3);
    sizes = proportionalSizes(node, Shape(wanted.begin(), wanted.end()), policy == "not_larger");
  } else if (policy != "stretch")
    malformed("keep_aspect_ratio_policy is '" + policy + "'");
  bool crops = node.stringAttr("coordinate_transformation_mode", "half_pixel") == "tf_crop_and_resize";
  SmallVector<ResizedAxis> result;
  for (auto [axis, to] : llvm::zip(resizedAxes(node, sizes.size()), sizes)) {
    const Expr &from = node.shape(0)[axis];
    if (from != to || crops)
      result.push_back({axis, from, to, Value(), {}, {}});
  }
  return result;
}

SmallVector<ResizedAxis> readAxes(Node &node) {
  if (node.opType() == "Upsample" && node.version() < 9) {
    std::vector<double> scales = node.floatsAttr("scales");
    return axesOfScales(node, scales);
  }
  int scalesPosition = node.opType() == "Upsample" || node.version() < 11 ? 1 : 2;
  if (node.hasInput(3) && scalesPosition == 2)
    return axesOfSizes(node, node.sizes(3));
  const Tensor &operand = node.tensor(scalesPosition);
  std::vector<double> scales;
  for (const Element &element : operand.contents.value_or(Contents()))
    scales.push_back(element.literalNumber().value_or(0));
  if (scales.empty())
    return axesOfUnknownScales(node, scalesPosition);
  return axesOfScales(node, scales);
}

/// Reads where each axis is cropped: all beginnings, then all ends.
void readCrops(Node &node, MutableArrayRef<ResizedAxis> axes) {
  Type f32 = node.builder().getF32Type();
  std::vector<int64_t> listed = node.normalizeAxes(node.intsAttr("axes"), node.rank(0));
  int64_t count = listed.empty() ? node.rank(0) : static_cast<int64_t>(listed.size());
  if (!literalCount(node.shape(1)))
    unsupported("the length of 'roi' must be known, but is " + textOf(node.shape(1)) + ": give the input shapes");
  if (!elementCount(node.shape(1)).isLiteral(2 * count) || node.rank(1) != 1)
    malformed("'roi' has shape " + textOf(node.shape(1)) + ", expected [" + Twine(2 * count) + "]");
  Value corners = node.cast(node.value(1), f32);
  for (ResizedAxis &axis : axes) {
    int64_t position = listed.empty() ? axis.axis : llvm::find(listed, axis.axis) - listed.begin();
    axis.cropBegin = node.reshape(node.sliceAxis(corners, 0, position, 1), {});
    axis.cropEnd = node.reshape(node.sliceAxis(corners, 0, position + count, 1), {});
  }
}

/// Positions of tf_crop_and_resize: from one corner of the crop to the other, or its middle for a single element.
Value croppedPositions(Node &node, const ResizedAxis &axis) {
  Type f32 = node.builder().getF32Type();
  Value last = node.sizeScalar(axis.from - 1, f32), begin = axis.cropBegin, end = axis.cropEnd;
  Value middle = node.mul(node.mul(node.add(begin, end), last), node.scalar(0.5, f32));
  Value isSingle = node.binary<EqualOp>(node.sizeScalar(axis.to, f32), node.scalar(1, f32));
  Value start = node.where(isSingle, middle, node.mul(begin, last));
  Value step = node.div(node.mul(node.sub(end, begin), last), node.sizeScalar(max(axis.to - 1, 1), f32));
  return node.add(start, node.mul(node.iota(axis.to, f32), step));
}

/// half_pixel_symmetric keeps the middle of the image where it is although its size was rounded.
Value symmetricOffset(Node &node, const ResizedAxis &axis) {
  Type f32 = node.builder().getF32Type();
  Value from = node.sizeScalar(axis.from, f32), to = node.sizeScalar(axis.to, f32);
  Value adjustment = node.div(to, node.mul(axis.scale, from));
  return node.mul(node.mul(from, node.scalar(0.5, f32)), node.sub(node.scalar(1, f32), adjustment));
}

/// A distance in the result as one in the input. Where sizes are given the product is exact, and only the quotient is
/// rounded.
Value inInput(Node &node, Value distance, const ResizedAxis &axis) {
  Type f32 = node.builder().getF32Type();
  if (axis.scale)
    return node.div(distance, axis.scale);
  return node.div(node.mul(distance, node.sizeScalar(axis.from, f32)), node.sizeScalar(axis.to, f32));
}

/// scale * size - 1, or 1 where that is 0: then the only position is 0.
Value scaledLast(Node &node, const ResizedAxis &axis) {
  Type f32 = node.builder().getF32Type();
  Value last = node.sub(node.mul(axis.scale, node.sizeScalar(axis.from, f32)), node.scalar(1, f32));
  return node.where(node.binary<EqualOp>(last, node.scalar(0, f32)), node.scalar(1, f32), last);
}

/// Where each element of the result lies in the input, as an f32 vector.
Value sourcePositions(Node &node, const Interpolation &interpolation, const ResizedAxis &axis) {
  Type f32 = node.builder().getF32Type();
  Value i = node.iota(axis.to, f32), half = node.scalar(0.5, f32);
  const std::string &mode = interpolation.coordinates;
  if (mode == "asymmetric")
    return inInput(node, i, axis);
  if (mode == "align_corners") {
    Value last = node.sizeScalar(max(axis.to - 1, 1), f32);
    if (axis.scale) // The last position before the size was rounded down.
      last = scaledLast(node, axis);
    return node.div(node.mul(i, node.sizeScalar(axis.from - 1, f32)), last);
  }
  if (mode == "tf_crop_and_resize")
    return croppedPositions(node, axis);
  if (mode != "half_pixel" && mode != "pytorch_half_pixel" && mode != "half_pixel_symmetric")
    malformed("coordinate_transformation_mode is '" + mode + "'");
  Value centred = node.sub(inInput(node, node.add(i, half), axis), half);
  if (mode == "half_pixel_symmetric" && axis.scale)
    return node.add(centred, symmetricOffset(node, axis));
  if (mode != "pytorch_half_pixel" || axis.to.literal().value_or(1) > 1)
    return centred;
  Value isSingle = node.binary<EqualOp>(node.sizeScalar(axis.to, f32), node.scalar(1, f32));
  return node.where(isSingle, node.scalar(0, f32), centred);
}

/// The elements at whole positions, which are moved inside the input.
Value elementsAt(Node &node, Value x, Value positions, const ResizedAxis &axis) {
  Type i64 = node.builder().getI64Type();
  Value index = node.cast(positions, i64);
  index = node.binary<MinOp>(node.binary<MaxOp>(index, node.scalar(0, i64)), node.sizeScalar(axis.from - 1, i64));
  return node.emit<GatherOp>({x, index}, node.named("axis", node.integer(axis.axis)));
}

Value resizeNearest(Node &node, Value x, Value positions, const Interpolation &interpolation, const ResizedAxis &axis) {
  Value half = node.scalar(0.5, node.builder().getF32Type());
  const std::string &rounding = interpolation.rounding;
  if (rounding == "floor")
    positions = node.unary<FloorOp>(positions);
  else if (rounding == "ceil")
    positions = node.unary<CeilOp>(positions);
  else if (rounding == "round_prefer_floor")
    positions = node.unary<CeilOp>(node.sub(positions, half));
  else if (rounding == "round_prefer_ceil")
    positions = node.unary<FloorOp>(node.add(positions, half));
  else
    malformed("nearest_mode is '" + rounding + "'");
  return elementsAt(node, x, positions, axis);
}

/// The weights of the neighbours from `first` on, as functions of the distance to the one on the left.
SmallVector<Value> neighbourWeights(Node &node, Value t, const Interpolation &interpolation, int64_t &first) {
  Value one = node.scalar(1, node.builder().getF32Type()), rest = node.sub(one, t);
  if (interpolation.mode == "linear") {
    first = 0;
    return {rest, t};
  }
  first = -1;
  double a = interpolation.cubicCoefficient;
  // Keys' kernel for the near neighbours at distance d, and rewritten for the far ones at distance 1 + d.
  SmallVector<double> far = {a, -2 * a, a, 0};
  return {cubic(node, t, far), keysWeight(node, t, a, true), keysWeight(node, rest, a, true), cubic(node, rest, far)};
}

/// Gives neighbours outside the input no weight, and the others all of it.
void excludeOutside(Node &node, MutableArrayRef<Value> weights, Value left, int64_t first, const ResizedAxis &axis) {
  Type f32 = node.builder().getF32Type();
  Value zero = node.scalar(0, f32), size = node.sizeScalar(axis.from, f32), total;
  for (auto [offset, weight] : llvm::enumerate(weights)) {
    Value at = node.add(left, node.scalar(static_cast<double>(first) + static_cast<double>(offset), f32));
    Value isInside = node.binary<AndOp>(node.binary<LessEqualOp>(zero, at), node.binary<LessOp>(at, size));
    weight = node.where(isInside, weight, zero);
    total = total ? node.add(total, weight) : weight;
  }
  for (Value &weight : weights)
    weight = node.div(weight, total);
}

/// Puts the extrapolation value where a position lies outside the input.
Value extrapolated(Node &node, Value x, Value positions, double value, const ResizedAxis &axis) {
  Type f32 = node.builder().getF32Type();
  Value last = node.sizeScalar(axis.from - 1, f32);
  Value isInside = node.binary<AndOp>(node.binary<LessEqualOp>(node.scalar(0, f32), positions),
                                      node.binary<LessEqualOp>(positions, last));
  return node.where(node.alongAxis(isInside, axis.axis, rankOf(x)), x, node.scalar(value, elementOf(x)));
}

Value resizeSmooth(Node &node, Value x, Value positions, const Interpolation &interpolation, const ResizedAxis &axis) {
  Type f32 = node.builder().getF32Type();
  Value left = node.unary<FloorOp>(positions), sum;
  int64_t first = 0;
  SmallVector<Value> weights = neighbourWeights(node, node.sub(positions, left), interpolation, first);
  if (interpolation.excludesOutside)
    excludeOutside(node, weights, left, first, axis);
  for (auto [offset, weight] : llvm::enumerate(weights)) {
    Value at = node.add(left, node.scalar(static_cast<double>(first) + static_cast<double>(offset), f32));
    Value part = node.mul(elementsAt(node, x, at, axis), node.alongAxis(weight, axis.axis, rankOf(x)));
    sum = sum ? node.add(sum, part) : part;
  }
  return sum;
}

/// How far the weights reach, in elements of the input if nothing is made smaller.
int64_t reachOf(const Interpolation &interpolation) { return interpolation.mode == "linear" ? 1 : 2; }

/// The weight at a distance of 0 or more: a hat, or Keys' kernel.
Value weightAt(Node &node, Value distance, const Interpolation &interpolation) {
  Type f32 = node.builder().getF32Type();
  Value zero = node.scalar(0, f32), one = node.scalar(1, f32);
  if (interpolation.mode == "linear")
    return node.binary<MaxOp>(node.sub(one, distance), zero);
  double a = interpolation.cubicCoefficient;
  Value near = keysWeight(node, distance, a, true), far = keysWeight(node, distance, a, false);
  Value outer = node.where(node.binary<LessOp>(distance, node.scalar(2, f32)), far, zero);
  return node.where(node.binary<LessEqualOp>(distance, one), near, outer);
}

/// A smaller image averages over as many elements as come together in one: the weights are stretched by that factor,
/// and their sum is 1.
Value resizeAntialiased(Node &node, Value x, Value positions, const Interpolation &interpolation,
                        const ResizedAxis &axis) {
  Type f32 = node.builder().getF32Type();
  int64_t reach = reachOf(interpolation);
  Expr radius = max(ceilDiv(axis.from * reach, max(axis.to, 1)), reach);
  Value scale = axis.scale ? axis.scale : node.div(node.sizeScalar(axis.to, f32), node.sizeScalar(axis.from, f32));
  Value offsets = node.sub(node.iota(radius * 2, f32), node.sizeScalar(radius - 1, f32));
  Value centres = node.insertDim(positions, 1);
  Value neighbours = node.add(node.unary<FloorOp>(centres), offsets);
  Value distances =
      node.mul(node.unary<AbsOp>(node.sub(neighbours, centres)), node.binary<MinOp>(scale, node.scalar(1, f32)));
  Value weights = weightAt(node, distances, interpolation);
  if (interpolation.excludesOutside) {
    Value isInside = node.binary<AndOp>(node.binary<LessEqualOp>(node.scalar(0, f32), neighbours),
                                        node.binary<LessOp>(neighbours, node.sizeScalar(axis.from, f32)));
    weights = node.where(isInside, weights, node.scalar(0, f32));
  }
  weights = node.div(weights, node.reduce(ReductionKind::Add, weights, {1}, /*keep=*/true));
  Shape aligned = shapeOfValue(weights);
  aligned.resize(rankOf(x) - axis.axis + 1, Expr(1));
  Value parts = node.mul(elementsAt(node, x, neighbours, axis), node.reshape(weights, aligned));
  return node.reduce(ReductionKind::Add, parts, {axis.axis + 1}, /*keep=*/false);
}

void importResize(Node &node) {
  Interpolation interpolation = readInterpolation(node);
  if (!llvm::is_contained({"nearest", "linear", "cubic"}, interpolation.mode))
    malformed("mode is '" + interpolation.mode + "', expected nearest, linear or cubic");
  bool isNearest = interpolation.mode == "nearest";
  Type element = node.element(0), f32 = node.builder().getF32Type();
  if (!isNearest && !isa<FloatType>(element))
    unsupported("interpolating integers is not supported");
  Value x = isNearest ? node.value(0) : node.cast(node.value(0), f32);
  SmallVector<ResizedAxis> axes = readAxes(node);
  bool crops = interpolation.coordinates == "tf_crop_and_resize";
  if (crops)
    readCrops(node, axes);
  for (const ResizedAxis &axis : axes) {
    Value positions = sourcePositions(node, interpolation, axis);
    x = isNearest                     ? resizeNearest(node, x, positions, interpolation, axis)
        : interpolation.isAntialiased ? resizeAntialiased(node, x, positions, interpolation, axis)
                                      : resizeSmooth(node, x, positions, interpolation, axis);
    if (crops)
      x = extrapolated(node, x, positions, interpolation.extrapolation, axis);
  }
  node.set(0, node.cast(x, element));
}

constexpr RuleEntry rules[] = {{"Resize", importResize}, {"Upsample", importResize}};

} // namespace

std::span<const RuleEntry> onnximport::resizeRules() { return rules; }
