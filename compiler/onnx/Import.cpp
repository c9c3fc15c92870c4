// Imports the main graph: arguments with their symbols, nodes, results, and the attributes of the function.
#include "compiler/onnx/Import.h"
#include "compiler/onnx/FunctionBody.h"
#include "compiler/onnx/Importer.h"
#include "compiler/onnx/NodePath.h"
#include "compiler/onnx/Rules.h"
#include "mlir/IR/Verifier.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::onnximport;

/// Bytes of the name of a declared size: sizes computed from it stay far below the limits of `Expr::parse`.
static constexpr size_t longestSize = 4096;

Status ImportOutcome::status() const {
  if (diagnostics.empty())
    return Status::ok();
  std::string text;
  for (const ImportDiagnostic &diagnostic : diagnostics) {
    text += text.empty() ? "" : "; ";
    text += diagnostic.node.empty() ? diagnostic.message : diagnostic.node + ": " + diagnostic.message;
  }
  return Status(diagnostics.front().code, text);
}

std::string heddle::freeSizeName(const onnx::TensorShapeProto_Dimension &dim, const std::string &anonymous) {
  if (dim.dim_param().empty() || dim.dim_param() == "?")
    return anonymous;
  Result<Expr> expr = Expr::parse(dim.dim_param());
  return expr && expr->literal().value_or(0) < 0 ? anonymous : dim.dim_param();
}

bool heddle::isImportedOp(std::string_view op) { return findRule(op) || isExpandedOp(op); }

ImportOutcome heddle::importModel(MLIRContext &context, const LoadedModel &model, const ImportOptions &options) {
  return Importer(context, model, options).run();
}

ImportOutcome Importer::run() {
  const onnx::GraphProto &graph = loadedModel.proto.graph();
  module = ModuleOp::create(UnknownLoc::get(&context));
  (*module)->setAttr("heddle.model", StringAttr::get(&context, printable(graph.name())));
  ImportOutcome outcome;
  try {
    importGraph();
  } catch (const DependsOnFailure &) {
    assert(!diagnostics.empty() && "a failure has been reported before something depends on it");
  } catch (const ImportError &error) {
    report(error.code(), "graph", error.message());
  }
  auto has = [&](Code code) {
    return llvm::any_of(diagnostics, [code](const ImportDiagnostic &diagnostic) { return diagnostic.code == code; });
  };
  auto keepOnly = [&](Code code) {
    llvm::erase_if(diagnostics, [code](const ImportDiagnostic &diagnostic) { return diagnostic.code != code; });
  };
  bool isMalformed = has(Code::Malformed);
  if (isMalformed)
    keepOnly(Code::Malformed);
  else if (has(Code::Unsupported))
    keepOnly(Code::Unsupported);
  if (diagnostics.empty()) {
    [[maybe_unused]] bool isValid = succeeded(verify(*module));
    assert(isValid && "the importer builds ops that verify");
    outcome.module = std::move(module);
  } else if (!isMalformed) {
    outcome.neededInputs.assign(neededInputs.begin(), neededInputs.end());
  }
  outcome.diagnostics = std::move(diagnostics);
  return outcome;
}

void Importer::importGraph() {
  const onnx::GraphProto &graph = loadedModel.proto.graph();
  opBuilder.setInsertionPointToEnd(module->getBody());
  function = func::FuncOp::create(opBuilder, UnknownLoc::get(&context), "main", opBuilder.getFunctionType({}, {}));
  opBuilder.setInsertionPointToStart(function.addEntryBlock());
  Frame frame{mainScope, "", opsets};
  importInitializers(graph, frame);
  importArguments();
  importNodes(graph.node(), frame);
  importResults();
  if (!guards.empty()) {
    Shape listed(guards.begin(), guards.end());
    function->setAttr("heddle.guards", DimsAttr::get(&context, listed));
  }
}

Type Importer::argumentElement(const onnx::ValueInfoProto &input) {
  if (!input.type().has_tensor_type())
    unsupported("input '" + printable(input.name()) + "' is no tensor (a sequence, map, optional or sparse tensor)");
  int32_t number = input.type().tensor_type().elem_type();
  std::optional<DType> type = dtypeFromOnnx(number);
  Type element = type ? elementType(&context, *type) : Type();
  if (!element)
    unsupported("input '" + printable(input.name()) + "' has element type " +
                (type ? std::string(nameOf(*type)) : "number " + std::to_string(number)));
  return element;
}

void Importer::collectLoneSymbols() {
  auto isLone = [](const std::string &name) {
    Result<Expr> expr = Expr::parse(name);
    return !expr || !expr->symbolName().empty();
  };
  for (const onnx::ValueInfoProto *input : arguments)
    for (const auto &dim : input->type().tensor_type().shape().dim())
      if (dim.has_dim_param() && isLone(dim.dim_param()))
        loneSymbols.insert(dim.dim_param());
}

/// A declared size may be an expression over other inputs' symbols (`past + seq`); any other text is a symbol as a
/// whole.
Expr Importer::declaredSize(const onnx::TensorShapeProto_Dimension &dim, const std::string &anonymous) {
  bool isFree = dim.has_dim_value() && dim.dim_value() == -1; // As PaddlePaddle's exporter writes it.
  if (dim.has_dim_value() && !isFree) {
    if (dim.dim_value() < 0)
      malformed("input size '" + anonymous + "' is " + Twine(dim.dim_value()));
    return Expr(dim.dim_value());
  }
  const std::string name = freeSizeName(dim, anonymous);
  if (name.size() > longestSize)
    malformed("input size '" + printable(anonymous) + "' has a name of " + Twine(name.size()) +
              " bytes, expected at most " + Twine(longestSize));
  if (name == anonymous)
    return Expr::symbol(name);
  if (Result<Expr> expr = Expr::parse(name)) {
    std::set<std::string> symbols;
    expr->collectSymbols(symbols);
    if (llvm::all_of(symbols, [&](const std::string &symbol) { return loneSymbols.count(symbol); }))
      return *expr;
  }
  return Expr::symbol(name);
}

Shape Importer::declaredShape(const onnx::ValueInfoProto &input) {
  Shape shape;
  const auto &dims = input.type().tensor_type().shape().dim();
  for (int i = 0; i < dims.size(); ++i)
    shape.push_back(declaredSize(dims[i], input.name() + ".dim" + std::to_string(i)));
  return shape;
}

/// A size given for a dimension that is declared as a lone symbol binds the symbol.
void Importer::bindGivenShapes() {
  for (const onnx::ValueInfoProto *input : arguments) {
    auto given = options.inputShapes.find(input->name());
    if (given == options.inputShapes.end())
      continue;
    Shape declared = declaredShape(*input);
    if (declared.size() != given->second.size())
      malformed("input '" + printable(input->name()) + "' is given rank " + Twine(given->second.size()) +
                ", declared " + Twine(declared.size()));
    for (auto [size, want] : llvm::zip(declared, given->second)) {
      if (size.symbolName().empty() || size == want)
        continue;
      auto [bound, isNew] = bindings.try_emplace(std::string(size.symbolName()), want);
      if (!isNew && bound->second != want)
        malformed("symbol '" + size.str() + "' is given as " + bound->second.str() + " and as " + want.str());
    }
  }
}

Shape Importer::argumentShape(const onnx::ValueInfoProto &input) {
  assert(input.type().tensor_type().has_shape() && "ONNX's checker refuses inputs without a rank");
  auto given = options.inputShapes.find(input.name());
  Shape shape = declaredShape(input);
  for (size_t dim = 0; dim < shape.size(); ++dim) {
    shape[dim] = shape[dim].substitute(bindings);
    if (given == options.inputShapes.end() || given->second[dim] == shape[dim])
      continue;
    if (shape[dim].literal())
      malformed("input '" + printable(input.name()) + "' is given as " + textOf(given->second) + ", declared " +
                textOf(declaredShape(input)));
    guards.insert(equal(shape[dim], given->second[dim]));
    shape[dim] = given->second[dim];
  }
  return shape;
}

void Importer::importArguments() {
  for (const onnx::ValueInfoProto &input : loadedModel.proto.graph().input())
    if (!mainScope.find(input.name()))
      arguments.push_back(&input);
  for (const auto &[name, shape] : options.inputShapes)
    if (llvm::none_of(arguments, [&](const onnx::ValueInfoProto *input) { return input->name() == name; }))
      malformed("a shape is given for '" + printable(name) + "', which is no input" +
                (mainScope.find(name) ? " but a constant of the model" : ""));
  collectLoneSymbols();
  bindGivenShapes();
  for (auto [position, input] : llvm::enumerate(arguments)) {
    Tensor argument;
    argument.element = argumentElement(*input);
    argument.shape = argumentShape(*input);
    checkTypeSize(argument.type());
    for (const Expr &size : argument.shape)
      size.collectSymbols(entrySymbols);
    NamedAttribute name = opBuilder.getNamedAttr("heddle.name", opBuilder.getStringAttr(input->name()));
    Location loc = NameLoc::get(opBuilder.getStringAttr(input->name()));
    [[maybe_unused]] LogicalResult inserted =
        function.insertArgument(position, argument.type(), opBuilder.getDictionaryAttr(name), loc);
    assert(succeeded(inserted) && "a function without uses takes any argument");
    argument.value = function.getArgument(position);
    assumeContents(argument, input->name(), position);
    [[maybe_unused]] bool isNew = mainScope.define(input->name(), &newTensor(std::move(argument)));
    assert(isNew && "the rules of graphs let each value be defined once");
  }
  usedSymbols.insert(entrySymbols.begin(), entrySymbols.end());
}

void Importer::assumeContents(Tensor &argument, const std::string &name, size_t position) {
  auto given = options.assumedContents.find(name);
  if (given == options.assumedContents.end() || !isa<IntegerType>(argument.element))
    return;
  std::optional<int64_t> count = literalCount(argument.shape);
  if (!count || *count != static_cast<int64_t>(given->second.size()))
    malformed("input '" + printable(name) + "' is assumed to have " + Twine(given->second.size()) +
              " elements, its shape is " + textOf(argument.shape));
  SmallVector<std::string> symbols;
  Contents contents;
  for (auto [index, value] : llvm::enumerate(given->second)) {
    std::string symbol = "in" + std::to_string(position) + "[" + std::to_string(index) + "]";
    assumed[symbol] = value;
    markMaybeNegative(symbol);
    entrySymbols.insert(symbol);
    symbols.push_back(symbol);
    contents.push_back(Expr::symbol(symbol));
  }
  Emitter(opBuilder, argument.value.getLoc()).setSymbols(argument.value, symbols);
  argument.contents = std::move(contents);
}

void Importer::importResults() {
  SmallVector<Value> values;
  SmallVector<Type> types;
  SmallVector<DictionaryAttr> attributes;
  const onnx::GraphProto &graph = loadedModel.proto.graph();
  for (const auto &[output, tensor] : llvm::zip(graph.output(), outputsOf(graph, Frame{mainScope, "", opsets}))) {
    if (tensor->sequence)
      unsupported("output '" + printable(output.name()) + "' is a sequence");
    Type declared;
    if (std::optional<DType> type = dtypeFromOnnx(output.type().tensor_type().elem_type()))
      declared = elementType(&context, *type);
    if (declared && declared != tensor->element)
      malformed("output '" + printable(output.name()) + "' has element type " +
                std::string(nameOf(*dtypeOf(tensor->element))) + ", declared " +
                std::string(nameOf(*dtypeOf(declared))));
    values.push_back(dataOf(*tensor, mainScope, NameLoc::get(opBuilder.getStringAttr(output.name()))));
    types.push_back(values.back().getType());
    attributes.push_back(
        opBuilder.getDictionaryAttr(opBuilder.getNamedAttr("heddle.name", opBuilder.getStringAttr(output.name()))));
  }
  func::ReturnOp::create(opBuilder, function.getLoc(), values);
  function.setType(opBuilder.getFunctionType(function.getFunctionType().getInputs(), types));
  function.setAllResultAttrs(attributes);
}
