// Rules of quantization and of products of quantized tensors, as floating-point and 32-bit integer arithmetic.
#include "compiler/onnx/Rules.h"
#include "compiler/onnx/Windows.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::onnximport;

namespace {

/// A scale or zero point with the rank of the tensor: one value, one per slice of `axis`, or one per block of it.
Value alongTensor(Node &node, Value parameter, const Shape &shape, int64_t axis, int64_t block) {
  if (rankOf(parameter) == 0)
    return parameter;
  if (!block)
    return rankOf(parameter) == 1 && elementCount(shapeOfValue(parameter)).isLiteral(1)
               ? node.reshape(parameter, {})
               : node.alongAxis(parameter, axis, static_cast<int64_t>(shape.size()));
  Shape repeated = shapeOfValue(parameter);
  if (repeated.size() != shape.size())
    malformed("a blocked scale has rank " + Twine(repeated.size()) + ", expected " + Twine(shape.size()));
  repeated.insert(repeated.begin() + axis + 1, Expr(block));
  Value blocks = node.reshape(node.broadcast(node.insertDim(parameter, axis + 1), repeated), [&] {
    Shape merged = shapeOfValue(parameter);
    merged[axis] = merged[axis] * block;
    return merged;
  }());
  return node.sliceAxis(blocks, axis, 0, shape[axis]);
}

/// Where the parameters of a (de)quantization vary.
struct Granularity {
  int64_t axis = 0, block = 0;
};

Granularity readGranularity(Node &node) {
  Granularity result;
  result.block = node.intAttr("block_size", 0);
  bool isPerTensor = elementCount(node.shape(1)).isLiteral(1) && !result.block;
  if (!isPerTensor)
    result.axis = node.axisAttr(1, node.rank(0));
  if (result.block < 0)
    malformed("block_size is " + Twine(result.block));
  return result;
}

void importDequantizeLinear(Node &node) {
  Granularity granularity = readGranularity(node);
  Type f32 = node.builder().getF32Type();
  Type result =
      node.intAttr("output_dtype", 0) ? node.elementOfNumber(node.intAttr("output_dtype", 0)) : node.element(1);
  auto parameter = [&](int position) {
    return alongTensor(node, node.cast(node.value(position), f32), node.shape(0), granularity.axis, granularity.block);
  };
  Value x = node.cast(node.value(0), f32);
  if (node.hasInput(2))
    x = node.sub(x, parameter(2));
  node.set(0, node.cast(node.mul(x, parameter(1)), result));
}

/// Rounds to the nearest code, ties to even, and saturates.
Value toCodes(Node &node, Value scaled, Value zero, Type code) {
  Type f32 = node.builder().getF32Type();
  auto integer = dyn_cast<IntegerType>(code);
  if (!integer)
    return node.cast(zero ? node.add(scaled, zero) : scaled, code);
  Value rounded = node.unary<RoundOp>(scaled);
  if (zero)
    rounded = node.add(rounded, zero);
  double high = std::ldexp(1.0, static_cast<int>(integer.getWidth()) - (integer.isUnsigned() ? 0 : 1)) - 1;
  double low = integer.isUnsigned() ? 0 : -high - 1;
  Value limited = node.binary<MinOp>(node.binary<MaxOp>(rounded, node.scalar(low, f32)), node.scalar(high, f32));
  // 4-bit codes go through 8 bits: there, everything that has been limited fits.
  if (integer.getWidth() == 4)
    limited = node.cast(limited, node.builder().getI8Type());
  return node.cast(limited, code);
}

void importQuantizeLinear(Node &node) {
  Granularity granularity = readGranularity(node);
  Type f32 = node.builder().getF32Type();
  if (!node.intAttr("saturate", 1))
    unsupported("saturate = 0 is not supported");
  Type code = node.builder().getIntegerType(8, /*isSigned=*/false);
  if (node.hasInput(2))
    code = node.element(2);
  else if (node.intAttr("output_dtype", 0))
    code = node.elementOfNumber(node.intAttr("output_dtype", 0));
  auto parameter = [&](int position) {
    return alongTensor(node, node.cast(node.value(position), f32), node.shape(0), granularity.axis, granularity.block);
  };
  Value scaled = node.div(node.cast(node.value(0), f32), parameter(1));
  node.set(0, toCodes(node, scaled, node.hasInput(2) ? parameter(2) : Value(), code));
}

/// An operand of a quantized product: codes without their zero point, as 32-bit integers.
Value centred(Node &node, int position, int zeroPosition, int64_t axis) {
  Type i32 = node.builder().getI32Type();
  Value zero = node.cast(node.value(zeroPosition), i32);
  return node.sub(node.cast(node.value(position), i32), alongTensor(node, zero, node.shape(position), axis, 0));
}

/// round(accumulated * (scale a * scale b / scale y)) + zero point
void setRequantized(Node &node, Value accumulated, Value scaleA, Value scaleB, int scalePosition) {
  Type f32 = node.builder().getF32Type();
  Value scaleY = node.cast(node.reshape(node.value(scalePosition), {}), f32);
  Value factor = node.div(node.mul(node.cast(scaleA, f32), node.cast(scaleB, f32)), scaleY);
  Value zero = node.cast(node.reshape(node.value(scalePosition + 1), {}), f32);
  Value scaled = node.mul(node.cast(accumulated, f32), factor);
  node.set(0, toCodes(node, scaled, zero, node.element(scalePosition + 1)));
}

void importQLinearMatMul(Node &node) {
  if (node.rank(0) < 2 || node.rank(3) < 2)
    unsupported("vectors are not supported");
  int64_t rankA = node.rank(0), rankB = node.rank(3);
  Value product = node.emit<MatmulOp>({centred(node, 0, 2, rankA - 2), centred(node, 3, 5, rankB - 1)});
  Value scaleA = alongTensor(node, node.value(1), node.shape(0), rankA - 2, 0);
  Value scaleB = alongTensor(node, node.value(4), node.shape(3), rankB - 1, 0);
  setRequantized(node, product, scaleA, scaleB, 6);
}

constexpr RuleEntry rules[] = {
    {"DequantizeLinear", importDequantizeLinear},
    {"QLinearMatMul", importQLinearMatMul},
    {"QuantizeLinear", importQuantizeLinear},
};

} // namespace

std::span<const RuleEntry> onnximport::quantizationRules() { return rules; }
