// Rules of ops about shapes: constants, shape queries, reshapes, expansions.
#include "compiler/onnx/Broadcasts.h"
#include "compiler/onnx/Reshapes.h"
#include "compiler/onnx/Rules.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::onnximport;

namespace {

void setNumbers(Node &node, ArrayRef<double> values, bool isScalar, Type element) {
  Contents contents;
  for (double value : values)
    contents.push_back(Element::ofNumber(value));
  Shape shape;
  if (!isScalar)
    shape.push_back(Expr(static_cast<int64_t>(values.size())));
  RankedTensorType type = tensorType(shape, element);
  Tensor tensor;
  tensor.shape = std::move(shape);
  tensor.element = element;
  tensor.constant = attributeOf(contents, type);
  if (values.size() <= static_cast<size_t>(maxContents))
    tensor.contents = std::move(contents);
  node.set(0, node.importer().newTensor(std::move(tensor)));
}

void setIntegers(Node &node, ArrayRef<int64_t> values, bool isScalar) {
  Shape shape;
  if (!isScalar)
    shape.push_back(Expr(static_cast<int64_t>(values.size())));
  RankedTensorType type = tensorType(shape, node.builder().getI64Type());
  Tensor tensor;
  tensor.shape = std::move(shape);
  tensor.element = type.getElementType();
  tensor.constant = DenseElementsAttr::get(type, values);
  tensor.contents = contentsOf(cast<DenseElementsAttr>(tensor.constant));
  node.set(0, node.importer().newTensor(std::move(tensor)));
}

void importConstant(Node &node) {
  Type f32 = node.builder().getF32Type();
  if (const onnx::AttributeProto *value = node.attribute("value"))
    return node.set(0, node.importer().importTensor(value->t(), node.path()));
  if (node.hasAttribute("value_float"))
    return setNumbers(node, node.floatAttr("value_float", 0), /*isScalar=*/true, f32);
  if (node.hasAttribute("value_floats"))
    return setNumbers(node, node.floatsAttr("value_floats"), /*isScalar=*/false, f32);
  if (node.hasAttribute("value_int"))
    return setIntegers(node, node.intAttr("value_int", 0), /*isScalar=*/true);
  if (node.hasAttribute("value_ints"))
    return setIntegers(node, node.intsAttr("value_ints"), /*isScalar=*/false);
  if (node.hasAttribute("sparse_value"))
    unsupported("sparse constants are not supported");
  if (node.hasAttribute("value_string") || node.hasAttribute("value_strings"))
    unsupported("string constants are not supported");
  malformed("a Constant has no value");
}

void importShape(Node &node) {
  int64_t rank = node.rank(0);
  auto bound = [&](StringRef name, int64_t byDefault) {
    int64_t value = node.version() < 15 ? byDefault : node.intAttr(name, byDefault);
    return std::clamp<int64_t>(value < 0 ? value + rank : value, 0, rank);
  };
  int64_t start = bound("start", 0), end = bound("end", rank);
  Contents contents;
  for (int64_t dim = start; dim < end; ++dim)
    contents.push_back(node.shape(0)[dim]);
  Shape shape = {Expr(static_cast<int64_t>(contents.size()))};
  node.setContents(0, std::move(contents), shape, node.builder().getI64Type());
}

void importSize(Node &node) { node.setContents(0, {elementCount(node.shape(0))}, {}, node.builder().getI64Type()); }

void importReshape(Node &node) {
  Shape shape = reshapedShape(node);
  node.set(0, node.reshape(node.value(0), shape));
}

void importSqueeze(Node &node) {
  Shape shape = squeezedShape(node);
  node.set(0, node.reshape(node.value(0), shape));
}

void importUnsqueeze(Node &node) { node.set(0, node.reshape(node.value(0), unsqueezedShape(node))); }

void importFlatten(Node &node) {
  int64_t rank = node.rank(0), axis = node.intAttr("axis", 1);
  if (axis < -rank || axis > rank)
    malformed("axis " + Twine(axis) + " is outside [" + Twine(-rank) + ", " + Twine(rank) + "]");
  axis = axis < 0 ? axis + rank : axis;
  const Shape &shape = node.shape(0);
  node.set(0, node.reshape(node.value(0), {productOf(shape, 0, axis), productOf(shape, axis, rank)}));
}

void importExpand(Node &node) { node.set(0, expandTo(node, node.value(0), node.sizes(1))); }

void importConstantOfShape(Node &node) {
  Shape shape = node.sizes(0);
  for (const Expr &size : shape)
    if (size.literal().value_or(0) < 0)
      malformed("shape " + textOf(shape) + " has a negative size");
  const onnx::AttributeProto *value = node.attribute("value");
  if (!value) {
    Tensor zeros;
    zeros.element = node.builder().getF32Type();
    zeros.shape = {};
    zeros.contents = Contents{Element(0)};
    return node.set(0, node.broadcast(node.data(node.importer().newTensor(std::move(zeros))), shape));
  }
  Tensor &fill = node.importer().importTensor(value->t(), node.path());
  if (!elementCount(fill.shape).isLiteral(1))
    malformed("'value' has shape " + textOf(fill.shape) + ", expected one element");
  auto dense = cast<DenseElementsAttr>(fill.constant);
  if (!literalShape(shape))
    return node.set(0, node.broadcast(node.reshape(node.data(fill), {}), shape));
  Tensor splat;
  splat.shape = shape;
  splat.element = fill.element;
  auto attr = DenseElementsAttr::get(splat.type(), dense.getValues<Attribute>()[0]);
  splat.constant = attr;
  splat.contents = contentsOf(attr);
  node.set(0, node.importer().newTensor(std::move(splat)));
}

constexpr RuleEntry rules[] = {
    {"Constant", importConstant},   {"ConstantOfShape", importConstantOfShape},
    {"Expand", importExpand},       {"Flatten", importFlatten},
    {"Reshape", importReshape},     {"Shape", importShape},
    {"Size", importSize},           {"Squeeze", importSqueeze},
    {"Unsqueeze", importUnsqueeze},
};

} // namespace

std::span<const RuleEntry> onnximport::shapeRules() { return rules; }
