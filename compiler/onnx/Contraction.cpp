// Rules of matrix products and convolutions.
#include "compiler/onnx/Reshapes.h"
#include "compiler/onnx/Rules.h"
#include "compiler/onnx/Windows.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::onnximport;

namespace {

/// ONNX's MatMul: a vector on the left is a row, one on the right a column, and that dimension is dropped again.
Value matmul(Node &node, Value a, Value b) {
  bool isRow = rankOf(a) == 1, isColumn = rankOf(b) == 1;
  if (rankOf(a) == 0 || rankOf(b) == 0)
    malformed("operands have ranks " + Twine(rankOf(a)) + " and " + Twine(rankOf(b)) + ", expected at least 1");
  if (isRow)
    a = node.insertDim(a, 0);
  if (isColumn)
    b = node.insertDim(b, 1);
  Value product = node.emit<MatmulOp>({a, b});
  if (isColumn)
    product = node.dropDim(product, rankOf(product) - 1);
  if (isRow)
    product = node.dropDim(product, rankOf(product) - (isColumn ? 1 : 2));
  return product;
}

void importMatMul(Node &node) { node.set(0, matmul(node, node.value(0), node.value(1))); }

/// A zero point: a scalar, or one per row of the left operand (column of the right one).
Value withoutZeroPoint(Node &node, int position, int zeroPosition, bool isLeft) {
  Type i32 = node.builder().getI32Type();
  Value x = node.cast(node.value(position), i32);
  if (!node.hasInput(zeroPosition))
    return x;
  Value zero = node.cast(node.value(zeroPosition), i32);
  if (rankOf(zero) == 1 && isLeft && !shapeOfValue(zero)[0].isLiteral(1))
    zero = node.insertDim(zero, 1);
  return node.sub(x, zero);
}

void importMatMulInteger(Node &node) {
  Value a = withoutZeroPoint(node, 0, 2, /*isLeft=*/true);
  Value b = withoutZeroPoint(node, 1, 3, /*isLeft=*/false);
  node.set(0, matmul(node, a, b));
}

void importGemm(Node &node) {
  Value a = node.value(0), b = node.value(1);
  if (rankOf(a) != 2 || rankOf(b) != 2)
    malformed("operands have ranks " + Twine(rankOf(a)) + " and " + Twine(rankOf(b)) + ", expected 2");
  SmallVector<NamedAttribute> attributes;
  if (node.intAttr("transA", 0))
    attributes.push_back(node.named("transpose_a", node.builder().getUnitAttr()));
  if (node.intAttr("transB", 0))
    attributes.push_back(node.named("transpose_b", node.builder().getUnitAttr()));
  Value y = node.emit<MatmulOp>({a, b}, attributes);
  double alpha = node.floatAttr("alpha", 1.0), beta = node.floatAttr("beta", 1.0);
  Type element = elementOf(y);
  if (alpha != 1.0)
    y = node.mul(y, node.scalar(alpha, element));
  if (!node.hasInput(2) || beta == 0.0)
    return node.set(0, y);
  Value c = node.value(2);
  if (rankOf(c) > 2)
    malformed("'C' has rank " + Twine(rankOf(c)) + ", expected at most 2");
  if (beta != 1.0)
    c = node.mul(c, node.scalar(beta, element));
  node.set(0, node.add(y, c));
}

Value addBias(Node &node, Value y, Value bias) { return node.add(y, node.alongAxis(bias, 1, rankOf(y))); }

/// Each group of output channels reads as many input channels as a filter has.
void checkChannels(Node &node, int64_t groups) {
  const Shape &x = node.shape(0), &w = node.shape(1);
  if (groups < 1)
    malformed("group is " + Twine(groups));
  if (groups > 1 && !(w[0].literal() && w[1].literal()))
    unsupported("a grouped convolution needs weights of known channels, 'W' has shape " + textOf(w));
  require(node, equal(x[1], w[1] * groups),
          "'X' has " + x[1].str() + " channels, expected " + (w[1] * groups).str() + " for 'W' of shape " + textOf(w));
}

Value convolve(Node &node, Value x, Value w, const Window &window, int64_t groups) {
  checkChannels(node, groups);
  if (!window.freePads.empty())
    x = paddedOutside(node, x, window, node.scalar(0, elementOf(x)));
  return node.emit<ConvOp>(
      {x, w}, {node.named("strides", node.integers(window.strides)), node.named("pads", node.integers(window.pads)),
               node.named("dilations", node.integers(window.dilations)), node.named("groups", node.integer(groups)),
               node.named("layout", ConvLayoutAttr::get(node.context(), ConvLayout::NCHW))});
}

void importConv(Node &node) {
  Window window = readWindow(node, filterWindow(node));
  Value y = convolve(node, node.value(0), node.value(1), window, node.intAttr("group", 1));
  node.set(0, node.hasInput(2) ? addBias(node, y, node.value(2)) : y);
}

void importConvInteger(Node &node) {
  Window window = readWindow(node, filterWindow(node));
  Type i32 = node.builder().getI32Type();
  auto centred = [&](int position, int zeroPosition) {
    Value x = node.cast(node.value(position), i32);
    if (!node.hasInput(zeroPosition))
      return x;
    Value zero = node.cast(node.value(zeroPosition), i32);
    bool isPerChannel = rankOf(zero) == 1 && !shapeOfValue(zero)[0].isLiteral(1);
    return node.sub(x, isPerChannel ? node.alongAxis(zero, 0, rankOf(x)) : node.reshape(zero, {}));
  };
  // The padding is the zero point, which is 0 once it has been subtracted.
  node.set(0, convolve(node, centred(0, 2), centred(1, 3), window, node.intAttr("group", 1)));
}

constexpr RuleEntry rules[] = {
    {"Conv", importConv},     {"ConvInteger", importConvInteger},     {"Gemm", importGemm},
    {"MatMul", importMatMul}, {"MatMulInteger", importMatMulInteger},
};

} // namespace

std::span<const RuleEntry> onnximport::contractionRules() { return rules; }
