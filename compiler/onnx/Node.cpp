// Reads operands and attributes of a node, and stores its results.
#include "compiler/onnx/Node.h"
#include "compiler/onnx/Broadcasts.h"
#include "compiler/onnx/NodePath.h"
#include "compiler/onnx/Reshapes.h"
#include "ir/Assumptions.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::onnximport;

Node::Node(Importer &importer, const onnx::NodeProto &proto, std::string path, Frame &frame,
           const onnx::OpSchema *schema)
    : Emitter(importer.builder(), NameLoc::get(importer.builder().getStringAttr(path))), owner(importer), node(proto),
      nodePath(std::move(path)), surroundings(frame), opSchema(schema) {}

void Node::adaptOperands(OperationState &state) {
  bool isProduct = state.name.getStringRef() == MatmulOp::getOperationName();
  if (isProduct || state.name.hasInterface<ElementwiseOpInterface>())
    expandTogether(*this, state.operands, isProduct ? 2 : 0);
}

/// ` [n + 2], [n]`
static std::string shapesOfOperands(Operation *op) {
  std::string text;
  for (Value operand : op->getOperands())
    text += (text.empty() ? " " : ", ") + textOf(shapeOfValue(operand));
  return text;
}

void Node::onCreated(Operation *op) {
  OpBuilder::InsertionGuard guard(builder());
  builder().setInsertionPoint(op);
  for (const Expr &assumed : assumedEqualities(op))
    require(*this, assumed,
            "the operands' shapes" + shapesOfOperands(op) + " do not fit" +
                (assumed.literal() ? "" : ", expected " + assumed.str()));
}

bool Node::hasInput(int position) const {
  return position < node.input_size() && !node.input(position).empty() &&
         !owner.isAbsent(surroundings.scope.find(node.input(position)));
}

Tensor &Node::operand(int position) {
  if (!hasInput(position))
    malformed("input " + Twine(position) + " is missing");
  Tensor *tensor = surroundings.scope.find(node.input(position));
  assert(tensor && "the importer checks that inputs are defined");
  return *tensor;
}

Tensor &Node::tensor(int position) {
  Tensor &tensor = operand(position);
  if (tensor.sequence)
    unsupported("input " + Twine(position) + " is a sequence");
  return tensor;
}

bool Node::isSequence(int position) { return operand(position).sequence.has_value(); }

const std::vector<Tensor *> &Node::sequence(int position) {
  if (!isSequence(position))
    malformed("input " + Twine(position) + " is a tensor, expected a sequence");
  return *operand(position).sequence;
}

/// The name of an input in ONNX's schema, for symbols and messages.
static std::string inputName(const Node &node, int position) {
  const onnx::OpSchema *schema = node.schema();
  if (schema && position < static_cast<int>(schema->inputs().size()))
    return schema->inputs()[position].GetName();
  return "input" + std::to_string(position);
}

std::vector<int64_t> Node::constants(int position) {
  const Tensor &operand = tensor(position);
  std::string name = inputName(*this, position);
  std::vector<int64_t> values;
  if (!operand.contents) {
    if (operand.constant)
      unsupported("'" + name + "' is a constant of more than " + Twine(maxContents) + " elements");
    std::vector<std::string> inputs = owner.inputsBehind(data(operand));
    std::string message = "'" + name + "' must be known when the model is compiled";
    for (size_t i = 0; i < inputs.size(); ++i)
      message += (i ? ", '" : "; it depends on the value of input '") + printable(inputs[i]) + "'";
    throw ImportError(Code::Unsupported, message, inputs);
  }
  for (const Element &element : *operand.contents) {
    std::optional<int64_t> value = element.isInteger() ? owner.decide(element.expr()) : std::nullopt;
    if (!value)
      unsupported("'" + name + "' must be known when the model is compiled, but is " +
                  (element.isInteger() ? element.expr().str() : "no integer") + ": give the input shapes");
    values.push_back(*value);
  }
  return values;
}

int64_t Node::constant(int position) {
  std::vector<int64_t> values = constants(position);
  if (values.size() != 1)
    malformed("'" + inputName(*this, position) + "' has " + Twine(values.size()) + " elements, expected 1");
  return values.front();
}

Shape Node::sizes(int position, bool mayBeNegative) {
  return sizesOf(tensor(position), inputName(*this, position), mayBeNegative);
}

Shape Node::sizesOf(const Tensor &operand, const std::string &name, bool mayBeNegative) {
  if (!isa<IntegerType>(operand.element))
    malformed("'" + name + "' has element type " + textOf(operand) + ", expected an integer");
  if (operand.rank() > 1)
    malformed("'" + name + "' has rank " + Twine(operand.rank()) + ", expected at most 1");
  Shape values;
  if (operand.contents) {
    for (const Element &element : *operand.contents) {
      Expr value = element.expr();
      bool isOpen = !mayBeNegative && !value.literal();
      values.push_back(isOpen ? requireSize(*this, value, "'" + name + "' has a negative element, " + value.str())
                              : value);
    }
    return values;
  }
  BlockValues &block = surroundings.scope.block();
  if (const Shape *known = block.findSymbols(&operand))
    return *known;
  std::optional<int64_t> count = literalCount(operand.shape);
  if (!count || *count > maxContents)
    unsupported("the length of '" + name + "' must be known when the model is compiled, but is " +
                textOf(operand.shape));
  SmallVector<std::string> symbols;
  SmallVector<std::string> given; // What is read before it is checked.
  for (int64_t i = 0; i < *count; ++i) {
    std::string base = nodePath + "." + name + "." + std::to_string(i), symbol = owner.freshSymbol(base);
    if (mayBeNegative)
      owner.markMaybeNegative(symbol);
    else
      given.push_back(owner.freshSymbol(base + ".given"));
    symbols.push_back(symbol);
    values.push_back(Expr::symbol(symbol));
  }
  Value read = data(operand);
  if (!mayBeNegative) {
    requireSizes(*this, read, "'" + name + "' has a negative element", given);
    read = emit<MaxOp>({read, scalar(0, operand.element)});
  }
  setSymbols(read, symbols);
  if (mayBeNegative)
    block.symbols[&operand] = values;
  return values;
}

const onnx::AttributeProto *Node::attribute(StringRef name) const {
  for (const onnx::AttributeProto &attribute : node.attribute()) {
    if (name != attribute.name())
      continue;
    if (attribute.ref_attr_name().empty())
      return &attribute;
    if (!surroundings.attributes)
      malformed("attribute '" + name + "' refers to an attribute outside a function");
    auto given = surroundings.attributes->find(attribute.ref_attr_name());
    return given == surroundings.attributes->end() ? nullptr : given->second;
  }
  return nullptr;
}

int64_t Node::intAttr(StringRef name, int64_t byDefault) {
  const onnx::AttributeProto *found = attribute(name);
  return found ? found->i() : byDefault;
}

double Node::floatAttr(StringRef name, double byDefault) {
  const onnx::AttributeProto *found = attribute(name);
  return found ? found->f() : byDefault;
}

std::string Node::stringAttr(StringRef name, StringRef byDefault) {
  const onnx::AttributeProto *found = attribute(name);
  return found ? found->s() : byDefault.str();
}

std::vector<int64_t> Node::intsAttr(StringRef name, std::vector<int64_t> byDefault) {
  const onnx::AttributeProto *found = attribute(name);
  return found ? std::vector<int64_t>(found->ints().begin(), found->ints().end()) : byDefault;
}

std::vector<double> Node::floatsAttr(StringRef name) {
  const onnx::AttributeProto *found = attribute(name);
  return found ? std::vector<double>(found->floats().begin(), found->floats().end()) : std::vector<double>();
}

std::vector<std::string> Node::stringsAttr(StringRef name) {
  const onnx::AttributeProto *found = attribute(name);
  return found ? std::vector<std::string>(found->strings().begin(), found->strings().end())
               : std::vector<std::string>();
}

const onnx::GraphProto &Node::graphAttr(StringRef name) {
  const onnx::AttributeProto *found = attribute(name);
  if (!found || !found->has_g())
    malformed("attribute '" + name + "' is missing");
  return found->g();
}

int64_t Node::normalizeAxis(int64_t axis, int64_t rank) {
  int64_t normal = axis < 0 ? axis + rank : axis;
  if (normal < 0 || normal >= rank)
    malformed("axis " + Twine(axis) + " is outside [" + Twine(-rank) + ", " + Twine(rank) + ")");
  return normal;
}

int64_t Node::axisAttr(int64_t byDefault, int64_t rank, StringRef name) {
  return normalizeAxis(intAttr(name, byDefault), rank);
}

std::vector<int64_t> Node::normalizeAxes(std::vector<int64_t> axes, int64_t rank) {
  std::set<int64_t> seen;
  for (int64_t &axis : axes) {
    axis = normalizeAxis(axis, rank);
    if (!seen.insert(axis).second)
      malformed("axis " + Twine(axis) + " is listed twice");
  }
  return axes;
}

Type Node::elementOfNumber(int64_t number) {
  std::optional<DType> type = dtypeFromOnnx(static_cast<int32_t>(number));
  Type element = type ? elementType(context(), *type) : Type();
  if (!element)
    unsupported("element type " + (type ? std::string(nameOf(*type)) : "number " + std::to_string(number)) +
                " is not supported");
  return element;
}

void Node::set(int position, Value value) { set(position, owner.tensorOf(value)); }

void Node::set(int position, Tensor &tensor) {
  if (!hasOutput(position))
    return;
  if (!surroundings.scope.define(node.output(position), &tensor))
    malformed("value '" + printable(node.output(position)) + "' is defined twice");
}

void Node::setContents(int position, Contents contents, Shape shape, Type element) {
  Tensor tensor;
  tensor.shape = std::move(shape);
  tensor.element = element;
  tensor.contents = std::move(contents);
  set(position, owner.newTensor(std::move(tensor)));
}
