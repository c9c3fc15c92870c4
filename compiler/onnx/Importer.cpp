// Walks the graphs of a model, hands each node to its rule, and keeps what all nodes share.
#include "compiler/onnx/Importer.h"
#include "compiler/onnx/FunctionBody.h"
#include "compiler/onnx/Limits.h"
#include "compiler/onnx/Node.h"
#include "compiler/onnx/NodePath.h"
#include "compiler/onnx/Rules.h"
#include "compiler/onnx/ShapeContents.h"
#include "compiler/onnx/TypeConstraints.h"
#include "mlir/IR/Verifier.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::onnximport;

static OpsetMap opsetsOf(const onnx::ModelProto &model) {
  OpsetMap opsets;
  for (const onnx::OperatorSetIdProto &import : model.opset_import())
    opsets[import.domain() == "ai.onnx" ? "" : import.domain()] = import.version();
  return opsets;
}

Importer::Importer(MLIRContext &context, const LoadedModel &model, const ImportOptions &options)
    : context(context), loadedModel(model), options(options), opBuilder(&context), mainScope(nullptr, entryValues),
      opsets(opsetsOf(model.proto)) {
  context.loadDialect<HeddleDialect, arith::ArithDialect, func::FuncDialect>();
  for (const auto &[symbol, value] : options.bindings)
    bindings.emplace(symbol, Expr(value));
}

void Importer::report(Code code, std::string node, std::string message) {
  auto isOverLimit = [](const ImportDiagnostic &diagnostic) { return diagnostic.code == Code::OverLimit; };
  if (code == Code::OverLimit && llvm::any_of(diagnostics, isOverLimit))
    return;
  diagnostics.push_back({code, std::move(node), std::move(message)});
}

Tensor &Importer::tensorOf(Value value) {
  Tensor tensor;
  tensor.shape = shapeOf(value.getType());
  tensor.element = getElementTypeOrSelf(value.getType());
  tensor.value = value;
  return newTensor(std::move(tensor));
}

Value Importer::dataOf(const Tensor &tensor, const Scope &scope, Location loc) {
  if (tensor.sequence)
    unsupported("a sequence is used where its tensors alone can be");
  if (tensor.value)
    return tensor.value;
  if (Value known = scope.block().findData(&tensor))
    return known;
  TypedAttr constant = tensor.constant;
  if (!constant && tensor.contents)
    constant = attributeOf(*tensor.contents, tensor.type());
  OpBuilder::InsertionGuard guard(opBuilder);
  if (constant) {
    if (lastConstant)
      opBuilder.setInsertionPointAfter(lastConstant);
    else
      opBuilder.setInsertionPointToStart(&function.getBody().front());
    Value value = Emitter(opBuilder, loc).constant(constant);
    lastConstant = value.getDefiningOp();
    entryValues.data[&tensor] = value;
    return value;
  }
  assert(tensor.contents && "a tensor without value or constant has contents");
  Shape values;
  for (const Element &element : *tensor.contents)
    values.push_back(element.expr());
  Emitter emitter(opBuilder, loc);
  bool isInteger = isa<IntegerType>(tensor.element);
  Type listed = isInteger ? tensor.element : opBuilder.getI64Type();
  Value sizes =
      emitter.emitAs<SizesOp>(tensorType(tensor.shape, listed), {}, emitter.named("values", emitter.dims(values)));
  Value data = emitter.cast(sizes, tensor.element);
  scope.block().data[&tensor] = data;
  return data;
}

void Importer::importInitializers(const onnx::GraphProto &graph, Frame &frame) {
  for (const onnx::TensorProto &initializer : graph.initializer()) {
    std::string where = "graph/" + frame.path + printable(initializer.name());
    try {
      if (!frame.scope.define(initializer.name(), &importTensor(initializer, where)))
        malformed("initializer '" + printable(initializer.name()) + "' is defined twice");
    } catch (const ImportError &error) {
      report(error.code(), where, error.message());
      frame.scope.define(initializer.name(), &failedTensor);
    }
  }
  for (const onnx::SparseTensorProto &initializer : graph.sparse_initializer()) {
    const std::string &name = initializer.values().name();
    report(Code::Unsupported, "graph/" + frame.path + printable(name), "sparse initializers are not supported");
    frame.scope.define(name, &failedTensor);
  }
}

std::vector<Tensor *> Importer::outputsOf(const onnx::GraphProto &graph, const Frame &frame) {
  std::vector<Tensor *> outputs;
  for (const onnx::ValueInfoProto &output : graph.output()) {
    Tensor *tensor = frame.scope.find(output.name());
    if (!tensor)
      malformed("output '" + printable(output.name()) + "' is not defined");
    if (tensor == &failedTensor)
      throw DependsOnFailure();
    outputs.push_back(tensor);
  }
  return outputs;
}

const onnx::FunctionProto *Importer::localFunction(const onnx::NodeProto &node) const {
  for (const onnx::FunctionProto &function : loadedModel.proto.functions())
    if (function.name() == node.op_type() && function.domain() == node.domain() &&
        function.overload() == node.overload())
      return &function;
  return nullptr;
}

/// `Foo of opset 21 on f32, i64`: with the domain where it is not ONNX's own, and element types as far as they are
/// known.
static std::string describeOp(const onnx::NodeProto &proto, const Frame &frame) {
  std::string text = printable(proto.op_type());
  if (!proto.domain().empty())
    text = printable(proto.domain()) + "." + text;
  if (auto version = frame.opsets.find(proto.domain()); version != frame.opsets.end())
    text += " of opset " + std::to_string(version->second);
  StringRef separator = " on ";
  for (const std::string &input : proto.input()) {
    const Tensor *tensor = frame.scope.find(input);
    std::optional<DType> type = tensor && tensor->element ? dtypeOf(tensor->element) : std::nullopt;
    if (!type)
      continue;
    text += separator.str() + std::string(nameOf(*type));
    separator = ", ";
  }
  return text;
}

void Importer::importNodes(const google::protobuf::RepeatedPtrField<onnx::NodeProto> &nodes, Frame &frame) {
  for (int position = 0; position < nodes.size(); ++position)
    importNode(nodes[position], position, frame);
}

void Importer::importNode(const onnx::NodeProto &proto, int position, Frame &frame) {
  constexpr auto maxNodes = static_cast<int64_t>(Limits().nodes); // Also after functions have been inlined.
  std::string path = frame.path + nodeLabel(proto.name(), proto.op_type(), position);
  if (++importedNodes > maxNodes)
    throw ImportError(Code::OverLimit,
                      "the model has more than " + std::to_string(maxNodes) + " nodes with its functions inlined");
  auto version = frame.opsets.find(proto.domain());
  const onnx::OpSchema *schema = nullptr;
  if (version != frame.opsets.end())
    schema = onnx::OpSchemaRegistry::Schema(proto.op_type(), static_cast<int>(version->second), proto.domain());
  Node node(*this, proto, path, frame, schema);
  try {
    translate(node);
  } catch (const DependsOnFailure &) {
    defineFailed(proto, frame);
  } catch (const ImportError &error) {
    importFailure(proto, path, error, frame);
  }
}

void Importer::importFailure(const onnx::NodeProto &node, const std::string &path, const ImportError &error,
                             Frame &frame) {
  const auto *inner = dynamic_cast<const BranchError *>(&error);
  const BranchError located = inner ? *inner : BranchError(path, error);
  if (frame.isBranch && error.code() == Code::Malformed)
    throw located;
  neededInputs.insert(error.neededInputs().begin(), error.neededInputs().end());
  bool isUnsupported = error.code() == Code::Unsupported;
  report(error.code(), "graph/" + located.path(),
         isUnsupported ? describeOp(node, frame) + ": " + error.message() : error.message());
  defineFailed(node, frame);
}

void Importer::defineFailed(const onnx::NodeProto &node, Frame &frame) {
  for (const std::string &output : node.output())
    if (!output.empty())
      frame.scope.define(output, &failedTensor);
}

void Importer::translate(Node &node) {
  const onnx::FunctionProto *function = localFunction(node.proto());
  bool isStandard = !function && node.schema() && node.proto().domain().empty();
  Rule rule = isStandard ? findRule(node.proto().op_type()) : nullptr;
  if (!rule && !function && !(isStandard && hasFunctionBody(node)))
    unsupported("the op is not supported");
  bool dependsOnFailure = false;
  for (const std::string &input : node.proto().input()) {
    if (input.empty())
      continue;
    Tensor *tensor = node.frame().scope.find(input);
    if (!tensor)
      malformed("input '" + printable(input) + "' is not defined");
    dependsOnFailure |= tensor == &failedTensor;
  }
  if (dependsOnFailure)
    throw DependsOnFailure();
  if (function)
    return importFunction(node, *function);
  checkOperandTypes(node);
  if (foldShapeArithmetic(node))
    return;
  if (rule)
    return rule(node);
  importFunctionBody(node);
}

void Importer::importFunction(Node &node, const onnx::FunctionProto &function) {
  if (llvm::is_contained(functionStack, &function))
    malformed("function " + printable(function.name()) + " calls itself");
  AttributeMap attributes;
  if (node.schema())
    for (const auto &[name, attribute] : node.schema()->attributes())
      if (attribute.default_value.has_name())
        attributes[name] = &attribute.default_value;
  for (const onnx::AttributeProto &attribute : function.attribute_proto())
    attributes[attribute.name()] = &attribute;
  for (const onnx::AttributeProto &attribute : node.proto().attribute())
    if (const onnx::AttributeProto *given = node.attribute(attribute.name()))
      attributes[attribute.name()] = given;
  OpsetMap functionOpsets;
  for (const onnx::OperatorSetIdProto &import : function.opset_import())
    functionOpsets[import.domain() == "ai.onnx" ? "" : import.domain()] = import.version();
  Scope scope(nullptr, node.frame().scope.block());
  for (int i = 0; i < function.input_size(); ++i)
    if (node.hasInput(i))
      scope.define(function.input(i), &node.tensor(i));
    else
      scope.define(function.input(i), &absent);
  Frame frame{scope, node.path() + "/", functionOpsets, &attributes, node.frame().isBranch, node.frame().isOptional};
  functionStack.push_back(&function);
  importNodes(function.node(), frame);
  functionStack.pop_back();
  for (int i = 0; i < node.outputCount() && i < function.output_size(); ++i) {
    if (!node.hasOutput(i))
      continue;
    Tensor *result = scope.find(function.output(i));
    assert(result && "the rules of graphs let a function define all its outputs");
    if (result == &failedTensor)
      throw DependsOnFailure();
    node.set(i, *result);
  }
}

std::string Importer::freshSymbol(const std::string &base) {
  // Sizes computed from the symbol must stay below the limits of `Expr::parse`, whatever the node is called.
  constexpr size_t longest = 1024, tail = 128;
  std::string name = base.size() <= longest ? base : base.substr(0, longest) + "..." + base.substr(base.size() - tail);
  std::string symbol = name;
  for (int suffix = 1; !usedSymbols.insert(symbol).second; ++suffix)
    symbol = name + "." + std::to_string(suffix);
  return symbol;
}

bool Importer::isNonNegative(const Expr &expr) const {
  switch (expr.kind()) {
  case Expr::Kind::Literal:
    return *expr.literal() >= 0;
  case Expr::Kind::Symbol:
    return !maybeNegative.count(std::string(expr.symbolName()));
  case Expr::Kind::Max:
    return llvm::any_of(expr.operands(), [&](const Expr &e) { return isNonNegative(e); });
  case Expr::Kind::Mod:
    return isNonNegative(expr.operands()[1]);
  case Expr::Kind::Eq:
  case Expr::Kind::Ne:
  case Expr::Kind::Lt:
  case Expr::Kind::Le:
  case Expr::Kind::And:
  case Expr::Kind::Or:
    return true;
  case Expr::Kind::Add:
  case Expr::Kind::Mul:
  case Expr::Kind::FloorDiv:
  case Expr::Kind::Min:
    return llvm::all_of(expr.operands(), [&](const Expr &e) { return isNonNegative(e); });
  }
  return false;
}

bool Importer::isKnownAtEntry(const Expr &expr) const {
  std::set<std::string> symbols;
  expr.collectSymbols(symbols);
  return std::includes(entrySymbols.begin(), entrySymbols.end(), symbols.begin(), symbols.end());
}

std::optional<int64_t> Importer::decide(const Expr &expr) {
  if (expr.literal())
    return expr.literal();
  std::set<std::string> symbols;
  expr.collectSymbols(symbols);
  SymbolValues values;
  for (const std::string &symbol : symbols) {
    auto found = assumed.find(symbol);
    if (found == assumed.end())
      return std::nullopt;
    values[symbol] = found->second;
  }
  Result<int64_t> value = expr.evaluate(values);
  if (!value)
    return std::nullopt;
  for (const auto &[symbol, assumedValue] : values)
    guards.insert(equal(Expr::symbol(symbol), Expr(assumedValue)));
  return *value;
}

std::vector<std::string> Importer::inputsBehind(Value value) const {
  std::vector<std::string> names;
  std::vector<Value> pending{value};
  llvm::DenseSet<Value> seen;
  while (!pending.empty()) {
    Value next = pending.back();
    pending.pop_back();
    if (!seen.insert(next).second)
      continue;
    if (Operation *op = next.getDefiningOp()) {
      op->walk([&](Operation *inner) { pending.insert(pending.end(), inner->operand_begin(), inner->operand_end()); });
      continue;
    }
    auto argument = cast<BlockArgument>(next);
    if (argument.getOwner()->getParentOp() != function)
      continue;
    const std::string &name = arguments[argument.getArgNumber()]->name();
    auto type = cast<RankedTensorType>(argument.getType());
    bool isSmall = type.hasStaticShape() && type.getNumElements() <= maxContents;
    if (isSmall && isa<IntegerType>(type.getElementType()) && !options.assumedContents.count(name))
      names.push_back(name);
  }
  llvm::sort(names);
  return names;
}
