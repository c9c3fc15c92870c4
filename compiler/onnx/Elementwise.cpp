// Rules of elementwise ops with several operands, and of casts.
#include "compiler/onnx/Rules.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::onnximport;

namespace {

/// Before opset 7 the second operand broadcasts only if `broadcast` says so, from dimension `axis` of the first on.
Value secondOperand(Node &node) {
  Value b = node.value(1);
  if (node.version() >= 7 || !node.intAttr("broadcast", 0) || !node.hasAttribute("axis"))
    return b;
  int64_t axis = node.axisAttr(0, node.rank(0));
  Shape shape = shapeOfValue(b);
  if (axis + static_cast<int64_t>(shape.size()) > node.rank(0))
    malformed("axis " + Twine(axis) + " leaves no room for the second operand of shape " + textOf(shape));
  shape.resize(node.rank(0) - axis, Expr(1));
  return node.reshape(b, shape);
}

template <typename OpT> void importBinary(Node &node) {
  node.set(0, node.binary<OpT>(node.value(0), secondOperand(node)));
}

template <typename OpT> void importSwapped(Node &node) {
  node.set(0, node.binary<OpT>(secondOperand(node), node.value(0)));
}

template <typename OpT> Value combineAll(Node &node) {
  Value result = node.value(0);
  for (int i = 1; i < node.inputCount(); ++i)
    result = node.binary<OpT>(result, node.value(i));
  return result;
}

template <typename OpT> void importVariadic(Node &node) { node.set(0, combineAll<OpT>(node)); }

void importMean(Node &node) {
  Value sum = combineAll<AddOp>(node);
  node.set(0, node.div(sum, node.scalar(node.inputCount(), elementOf(sum))));
}

void importMod(Node &node) {
  if (node.intAttr("fmod", 0))
    return importBinary<FmodOp>(node);
  if (isa<FloatType>(node.element(0)))
    malformed("fmod is 0, expected 1 for floats");
  importBinary<ModOp>(node);
}

void importBitShift(Node &node) {
  std::string direction = node.stringAttr("direction", "");
  if (direction == "LEFT")
    return importBinary<ShiftLeftOp>(node);
  if (direction == "RIGHT")
    return importBinary<ShiftRightOp>(node);
  malformed("direction is '" + direction + "', expected 'LEFT' or 'RIGHT'");
}

void importPRelu(Node &node) {
  Value slope = node.value(1);
  bool isPerChannel =
      node.version() < 7 && rankOf(slope) == 1 && node.rank(0) > 1 && !shapeOfValue(slope)[0].isLiteral(1);
  if (isPerChannel)
    slope = node.alongAxis(slope, 1, node.rank(0));
  node.set(0, node.binary<PReluOp>(node.value(0), slope));
}

void importWhere(Node &node) { node.set(0, node.where(node.value(0), node.value(1), node.value(2))); }

void importClip(Node &node) {
  Value x = node.value(0);
  if (node.version() < 11) {
    if (node.hasAttribute("min"))
      x = node.binary<MaxOp>(x, node.scalar(node.floatAttr("min", 0), elementOf(x)));
    if (node.hasAttribute("max"))
      x = node.binary<MinOp>(x, node.scalar(node.floatAttr("max", 0), elementOf(x)));
    return node.set(0, x);
  }
  if (node.hasInput(1))
    x = node.binary<MaxOp>(x, node.reshape(node.value(1), {}));
  if (node.hasInput(2))
    x = node.binary<MinOp>(x, node.reshape(node.value(2), {}));
  node.set(0, x);
}

/// Out of range, a float becomes a 4-bit integer by the low bits of its integer value, as in ONNX's reference.
Value castToNarrowInteger(Node &node, Value x, Type element) {
  return node.cast(node.cast(x, node.builder().getI8Type()), element);
}

/// What rounds to more than the largest number of an 8-bit float without infinities becomes a NaN.
Value castWithoutSaturation(Node &node, Value x, Type element) {
  if (!isa<FloatType>(elementOf(x)))
    x = node.cast(x, node.builder().getF32Type());
  Type wide = elementOf(x);
  Value magnitude = node.unary<AbsOp>(x), isNumber;
  if (isa<Float8E4M3FNType>(element)) // Halfway between 448 and what would be 480 goes to the even 448.
    isNumber = node.binary<LessEqualOp>(magnitude, node.scalar(464, wide));
  else
    isNumber = node.binary<LessOp>(magnitude, node.scalar(isa<Float8E4M3FNUZType>(element) ? 248 : 61440, wide));
  return node.cast(node.where(isNumber, x, node.scalar(std::numeric_limits<double>::quiet_NaN(), wide)), element);
}

void importCastTo(Node &node, Type element) {
  if (node.element(0) == element)
    return node.set(0, node.tensor(0));
  bool saturates = node.intAttr("saturate", 1) != 0;
  bool isSmallFloat = isa<FloatType>(element) && element.getIntOrFloatBitWidth() == 8;
  if (isSmallFloat && !saturates && !isa<Float8E5M2Type, Float8E8M0FNUType>(element))
    return node.set(0, castWithoutSaturation(node, node.value(0), element));
  if (element.isInteger(4) && isa<FloatType>(node.element(0)))
    return node.set(0, castToNarrowInteger(node, node.value(0), element));
  if (node.hasAttribute("round_mode") && node.stringAttr("round_mode", "up") != "up")
    unsupported("round_mode '" + node.stringAttr("round_mode", "up") + "' is not supported");
  node.set(0, node.cast(node.value(0), element, saturates));
}

void importCast(Node &node) { importCastTo(node, node.elementOfNumber(node.intAttr("to", 0))); }
void importCastLike(Node &node) { importCastTo(node, node.element(1)); }

constexpr RuleEntry rules[] = {
    {"Add", importBinary<AddOp>},
    {"And", importBinary<AndOp>},
    {"BitShift", importBitShift},
    {"BitwiseAnd", importBinary<BitwiseAndOp>},
    {"BitwiseOr", importBinary<BitwiseOrOp>},
    {"BitwiseXor", importBinary<BitwiseXorOp>},
    {"Cast", importCast},
    {"CastLike", importCastLike},
    {"Clip", importClip},
    {"Div", importBinary<DivOp>},
    {"Equal", importBinary<EqualOp>},
    {"Greater", importSwapped<LessOp>},
    {"GreaterOrEqual", importSwapped<LessEqualOp>},
    {"Less", importBinary<LessOp>},
    {"LessOrEqual", importBinary<LessEqualOp>},
    {"Max", importVariadic<MaxOp>},
    {"Mean", importMean},
    {"Min", importVariadic<MinOp>},
    {"Mod", importMod},
    {"Mul", importBinary<MulOp>},
    {"Or", importBinary<OrOp>},
    {"PRelu", importPRelu},
    {"Pow", importBinary<PowOp>},
    {"Sub", importBinary<SubOp>},
    {"Sum", importVariadic<AddOp>},
    {"Where", importWhere},
    {"Xor", importBinary<XorOp>},
};

} // namespace

std::span<const RuleEntry> onnximport::elementwiseRules() { return rules; }
