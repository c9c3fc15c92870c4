// Rules of Resize and Upsample: one dimension after another, as gathers at computed positions and their weighted sum.
#include "compiler/onnx/Rules.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::onnximport;

namespace {

/// What the attributes say about every dimension.
struct Interpolation {
  std::string mode, coordinates, rounding;
  double cubicCoefficient = -0.75;
};

/// One dimension: sizes before and after, and the given factor between them, null if it is `to / from`.
struct ResizedAxis {
  int64_t axis;
  Expr from, to;
  Value scale;
};

Interpolation readInterpolation(Node &node) {
  if (node.opType() == "Upsample" || node.version() < 11) {
    std::string mode = node.stringAttr("mode", "nearest");
    return {mode == "bilinear" ? "linear" : mode, "asymmetric", "floor"};
  }
  Interpolation result{node.stringAttr("mode", "nearest"),
                       node.stringAttr("coordinate_transformation_mode", "half_pixel"),
                       node.stringAttr("nearest_mode", "round_prefer_floor"), node.floatAttr("cubic_coeff_a", -0.75)};
  for (StringRef flag : {"antialias", "exclude_outside"})
    if (node.intAttr(flag, 0))
      unsupported(flag + " = 1 is not supported");
  if (result.coordinates == "tf_crop_and_resize" || result.coordinates == "half_pixel_symmetric")
    unsupported("coordinate_transformation_mode '" + result.coordinates + "' is not supported");
  if (node.stringAttr("keep_aspect_ratio_policy", "stretch") != "stretch")
    unsupported("keep_aspect_ratio_policy '" + node.stringAttr("keep_aspect_ratio_policy", "") + "' is not supported");
  return result;
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

/// Scales that are known numbers; a size that is not literal can only be multiplied by a whole one.
SmallVector<ResizedAxis> axesOfScales(Node &node, ArrayRef<double> scales) {
  Type f32 = node.builder().getF32Type();
  SmallVector<ResizedAxis> result;
  for (auto [axis, scale] : llvm::zip(resizedAxes(node, scales.size()), scales)) {
    const Expr &from = node.shape(0)[axis];
    if (!(scale > 0))
      malformed("scale " + std::to_string(scale) + " is not positive");
    if (scale == 1)
      continue;
    bool isWhole = std::trunc(scale) == scale;
    if (!from.literal() && !isWhole)
      unsupported("scaling by " + std::to_string(scale) + " needs size '" + from.str() + "': give the input shapes");
    double literalSize = std::floor(static_cast<double>(from.literal().value_or(0)) * scale);
    Expr to = isWhole ? from * static_cast<int64_t>(scale) : Expr(static_cast<int64_t>(literalSize));
    result.push_back({axis, from, to, node.scalar(scale, f32)});
  }
  return result;
}

SmallVector<ResizedAxis> axesOfSizes(Node &node, const Shape &sizes) {
  SmallVector<ResizedAxis> result;
  for (auto [axis, to] : llvm::zip(resizedAxes(node, sizes.size()), sizes)) {
    const Expr &from = node.shape(0)[axis];
    if (from != to)
      result.push_back({axis, from, to, Value()});
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
    unsupported("'scales' must be known when the model is compiled");
  return axesOfScales(node, scales);
}

/// A distance in the result as one in the input. Where sizes are given the product is exact, and only the quotient is
/// rounded.
Value inInput(Node &node, Value distance, const ResizedAxis &axis) {
  Type f32 = node.builder().getF32Type();
  if (axis.scale)
    return node.div(distance, axis.scale);
  return node.div(node.mul(distance, node.sizeScalar(axis.from, f32)), node.sizeScalar(axis.to, f32));
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
    return node.div(node.mul(i, node.sizeScalar(axis.from - 1, f32)), last);
  }
  if (mode != "half_pixel" && mode != "pytorch_half_pixel")
    malformed("coordinate_transformation_mode is '" + mode + "'");
  Value centred = node.sub(inInput(node, node.add(i, half), axis), half);
  if (mode == "half_pixel" || axis.to.literal().value_or(1) > 1)
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

/// ((c0 * t + c1) * t + c2) * t + c3
Value cubic(Node &node, Value t, ArrayRef<double> coefficients) {
  Type f32 = node.builder().getF32Type();
  Value result = node.scalar(coefficients.front(), f32);
  for (double coefficient : coefficients.drop_front())
    result = node.add(node.mul(result, t), node.scalar(coefficient, f32));
  return result;
}

/// The weights of the neighbours from `first` on, as functions of the distance to the one on the left.
SmallVector<Value> neighbourWeights(Node &node, Value t, const Interpolation &interpolation, int64_t &first) {
  Value one = node.scalar(1, node.builder().getF32Type()), rest = node.sub(one, t);
  if (interpolation.mode == "linear") {
    first = 0;
    return {rest, t};
  }
  if (interpolation.mode != "cubic")
    malformed("mode is '" + interpolation.mode + "', expected nearest, linear or cubic");
  first = -1;
  double a = interpolation.cubicCoefficient;
  // Keys' kernel, for the near neighbours at distance d and the far ones at distance 1 + d.
  SmallVector<double> near = {a + 2, -(a + 3), 0, 1}, far = {a, -2 * a, a, 0};
  return {cubic(node, t, far), cubic(node, t, near), cubic(node, rest, near), cubic(node, rest, far)};
}

Value resizeSmooth(Node &node, Value x, Value positions, const Interpolation &interpolation, const ResizedAxis &axis) {
  Type f32 = node.builder().getF32Type();
  Value left = node.unary<FloorOp>(positions), sum;
  int64_t first = 0;
  SmallVector<Value> weights = neighbourWeights(node, node.sub(positions, left), interpolation, first);
  for (auto [offset, weight] : llvm::enumerate(weights)) {
    Value at = node.add(left, node.scalar(static_cast<double>(first) + static_cast<double>(offset), f32));
    Value part = node.mul(elementsAt(node, x, at, axis), node.alongAxis(weight, axis.axis, rankOf(x)));
    sum = sum ? node.add(sum, part) : part;
  }
  return sum;
}

void importResize(Node &node) {
  Interpolation interpolation = readInterpolation(node);
  bool isNearest = interpolation.mode == "nearest";
  Type element = node.element(0), f32 = node.builder().getF32Type();
  if (!isNearest && !isa<FloatType>(element))
    unsupported("interpolating integers is not supported");
  Value x = isNearest ? node.value(0) : node.cast(node.value(0), f32);
  for (const ResizedAxis &axis : readAxes(node)) {
    Value positions = sourcePositions(node, interpolation, axis);
    x = isNearest ? resizeNearest(node, x, positions, interpolation, axis)
                  : resizeSmooth(node, x, positions, interpolation, axis);
  }
  node.set(0, node.cast(x, element));
}

constexpr RuleEntry rules[] = {{"Resize", importResize}, {"Upsample", importResize}};

} // namespace

std::span<const RuleEntry> onnximport::resizeRules() { return rules; }
