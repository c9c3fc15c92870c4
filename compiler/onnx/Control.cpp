// Rules of If and Loop.
#include "compiler/onnx/NodePath.h"
#include "compiler/onnx/Reshapes.h"
#include "compiler/onnx/Rules.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::onnximport;

namespace {

/// A graph imported into a block of its own.
struct Branch {
  BlockValues values;
  std::vector<Tensor *> results; ///< Empty if it failed.
  std::vector<Value> data;
  std::optional<std::string> failure;    ///< Why the graph is ill-formed.
  bool dependsOnUnsupported = false;
};

Frame innerFrame(Node &node, Scope &scope, StringRef attribute, bool isBranch) {
  Frame &outer = node.frame();
  std::string path = outer.path + subgraphLabel(StringRef(node.path()).drop_front(outer.path.size()), attribute) + "/";
  return Frame{scope, path, outer.opsets, outer.attributes, isBranch || outer.isBranch};
}

std::vector<Tensor *> importGraph(Node &node, const onnx::GraphProto &graph, Frame &frame) {
  node.importer().importInitializers(graph, frame);
  node.importer().importNodes(graph.node(), frame);
  return node.importer().outputsOf(graph, frame);
}

void importTakenBranch(Node &node, StringRef attribute) {
  Scope scope(&node.frame().scope, node.frame().scope.block());
  Frame frame = innerFrame(node, scope, attribute, /*isBranch=*/false);
  std::vector<Tensor *> results = importGraph(node, node.graphAttr(attribute), frame);
  if (static_cast<int>(results.size()) != node.outputCount())
    malformed(attribute + " has " + Twine(results.size()) + " outputs, the node has " + Twine(node.outputCount()));
  for (int i = 0; i < node.outputCount(); ++i)
    node.set(i, *results[i]);
}

/// An ill-formed branch is an error only when it is taken.
void importBranch(Node &node, StringRef attribute, Region &region, Branch &branch) {
  OpBuilder::InsertionGuard guard(node.builder());
  Block *block = node.builder().createBlock(&region);
  branch.values.parent = &node.frame().scope.block();
  Scope scope(&node.frame().scope, branch.values);
  Frame frame = innerFrame(node, scope, attribute, /*isBranch=*/true);
  try {
    branch.results = importGraph(node, node.graphAttr(attribute), frame);
    if (static_cast<int>(branch.results.size()) != node.outputCount())
      malformed(attribute + " has " + Twine(branch.results.size()) + " outputs, the node has " + Twine(node.outputCount()));
    for (Tensor *result : branch.results)
      branch.data.push_back(node.importer().dataOf(*result, scope, node.loc()));
  } catch (const DependsOnFailure &) {
    branch.dependsOnUnsupported = true;
  } catch (const ImportError &error) {
    if (error.code() != Code::Malformed)
      throw;
    const auto *inner = dynamic_cast<const BranchError *>(&error);
    branch.failure = inner ? inner->locatedMessage() : error.message();
    branch.results.clear();
    branch.data.clear();
    block->clear();
    node.builder().setInsertionPointToEnd(block);
    OperationState fail(node.loc(), FailOp::getOperationName(), {}, {},
                        node.named("message", node.builder().getStringAttr(*branch.failure)));
    node.create(fail);
  }
  OperationState result(node.loc(), ResultOp::getOperationName(), branch.data, TypeRange{});
  node.builder().create(result);
}

/// A result has another rank in each branch, so one of them must be chosen.
struct RanksDiffer : ImportError {
  explicit RanksDiffer(std::string message) : ImportError(Code::Unsupported, std::move(message)) {}
};

/// True if every symbol of the size means something outside the branches.
bool isKnownOutside(const Expr &size, const std::set<std::string> &outerSymbols) {
  std::set<std::string> symbols;
  size.collectSymbols(symbols);
  return std::includes(outerSymbols.begin(), outerSymbols.end(), symbols.begin(), symbols.end());
}

/// The type of a result that either branch may give; sizes that differ become symbols.
Type commonType(Node &node, int position, ArrayRef<const Tensor *> candidates, const std::set<std::string> &outerSymbols,
                SmallVectorImpl<Attribute> &defines) {
  const Tensor &first = *candidates.front(), &last = *candidates.back();
  if (first.element != last.element)
    malformed("the branches give " + textOf(first) + " and " + textOf(last) + " for output " + Twine(position));
  if (first.rank() != last.rank())
    throw RanksDiffer("the branches give " + textOf(first) + " and " + textOf(last) + " for output " + std::to_string(position) +
                      ": different ranks are not supported");
  Shape shape = first.shape;
  for (size_t dim = 0; dim < shape.size(); ++dim) {
    if (shape[dim] == last.shape[dim] && isKnownOutside(shape[dim], outerSymbols))
      continue;
    std::string symbol = node.importer().freshSymbol(node.path() + "." + std::to_string(position) + "." + std::to_string(dim));
    defines.push_back(node.builder().getStringAttr(symbol));
    shape[dim] = Expr::symbol(symbol);
  }
  return tensorType(shape, first.element);
}

void importBothBranches(Node &node) {
  std::set<std::string> outerSymbols = node.importer().symbols();
  Value condition = node.reshape(node.value(0), {});
  OperationState state(node.loc(), IfOp::getOperationName(), condition, TypeRange{});
  Branch taken, other;
  importBranch(node, "then_branch", *state.addRegion(), taken);
  importBranch(node, "else_branch", *state.addRegion(), other);
  if (taken.dependsOnUnsupported || other.dependsOnUnsupported)
    throw DependsOnFailure();
  if (taken.failure && other.failure)
    malformed("both branches are ill-formed: " + *taken.failure + "; " + *other.failure);
  SmallVector<Attribute> defines;
  for (int i = 0; i < node.outputCount(); ++i) {
    SmallVector<const Tensor *> candidates;
    for (const Branch *branch : {&taken, &other})
      if (!branch->failure)
        candidates.push_back(branch->results[i]);
    state.addTypes(commonType(node, i, candidates, outerSymbols, defines));
  }
  state.addAttribute("defines", node.builder().getArrayAttr(defines));
  Operation *op = node.create(state);
  for (int i = 0; i < node.outputCount(); ++i)
    node.set(i, op->getResult(i));
}

void importIf(Node &node) {
  const Tensor &condition = node.tensor(0);
  if (!elementCount(condition.shape).isLiteral(1))
    malformed("'cond' has shape " + textOf(condition.shape) + ", expected one element");
  std::optional<int64_t> decided;
  if (condition.contents)
    decided = node.importer().decide(condition.contents->front().expr());
  if (decided)
    return importTakenBranch(node, *decided ? "then_branch" : "else_branch");
  try {
    importBothBranches(node);
  } catch (const RanksDiffer &) {
    if (!condition.contents)
      throw;
    // Sizes decide it: exporters write "if this size is 1, squeeze it", and what follows fits that outcome.
    require(node, condition.contents->front().expr(), "compiled for sizes with which the condition of this If is true");
    importTakenBranch(node, "then_branch");
  }
}

// ---- Loop ----

/// The body's arguments: iteration number, condition, carried values.
void defineArguments(Node &node, const onnx::GraphProto &body, Block &block, Scope &scope) {
  if (body.input_size() != static_cast<int>(block.getNumArguments()))
    malformed("body has " + Twine(body.input_size()) + " inputs, expected " + Twine(block.getNumArguments()));
  for (auto [input, argument] : llvm::zip(body.input(), block.getArguments()))
    if (!scope.define(input.name(), &node.importer().tensorOf(argument)))
      malformed("value '" + printable(input.name()) + "' is defined twice");
}

/// What the body yields: the condition, the carried values, the elements to stack.
SmallVector<Value> importBody(Node &node, const onnx::GraphProto &body, Region &region, ArrayRef<Value> carried) {
  OpBuilder::InsertionGuard guard(node.builder());
  SmallVector<Type> types = {tensorType({}, node.builder().getI64Type()), tensorType({}, node.builder().getI1Type())};
  for (Value value : carried)
    types.push_back(value.getType());
  Block *block = node.builder().createBlock(&region, {}, types, SmallVector<Location>(types.size(), node.loc()));
  BlockValues values{&node.frame().scope.block(), {}, {}};
  Scope scope(&node.frame().scope, values);
  Frame frame = innerFrame(node, scope, "body", /*isBranch=*/true);
  defineArguments(node, body, *block, scope);
  SmallVector<Value> yielded;
  for (Tensor *result : importGraph(node, body, frame))
    yielded.push_back(node.importer().dataOf(*result, scope, node.loc()));
  if (yielded.size() < carried.size() + 1 || elementOf(yielded[0]) != node.builder().getI1Type())
    malformed("body has " + Twine(yielded.size()) + " outputs, expected a condition and at least " + Twine(carried.size()));
  yielded[0] = node.reshape(yielded[0], {});
  for (size_t i = 0; i < carried.size(); ++i)
    if (yielded[i + 1].getType() != carried[i].getType())
      unsupported("carried value " + Twine(i) + " starts as " + textOf(node.importer().tensorOf(carried[i])) +
                  " and becomes " + textOf(node.importer().tensorOf(yielded[i + 1])) + ": changing sizes are not supported");
  OperationState result(node.loc(), ResultOp::getOperationName(), yielded, TypeRange{});
  node.builder().create(result);
  return yielded;
}

void importLoop(Node &node) {
  const onnx::GraphProto &body = node.graphAttr("body");
  std::set<std::string> outerSymbols = node.importer().symbols();
  SmallVector<Value> operands = {
      node.hasInput(0) ? node.reshape(node.value(0), {}) : node.scalar(-1, node.builder().getI64Type()),
      node.hasInput(1) ? node.reshape(node.value(1), {}) : node.scalar(1, node.builder().getI1Type())};
  SmallVector<Value> carried;
  for (int input = 2; input < node.inputCount(); ++input)
    carried.push_back(node.value(input));
  operands.append(carried);
  OperationState state(node.loc(), LoopOp::getOperationName(), operands, TypeRange{});
  SmallVector<Value> yielded = importBody(node, body, *state.addRegion(), carried);
  for (Value value : carried)
    state.addTypes(value.getType());
  SmallVector<Attribute> defines;
  Expr trips = Expr::symbol(node.path() + ".trips");
  for (Value element : ArrayRef(yielded).drop_front(1 + carried.size())) {
    if (defines.empty()) {
      std::string symbol = node.importer().freshSymbol(node.path() + ".trips");
      trips = Expr::symbol(symbol);
      defines.push_back(node.builder().getStringAttr(symbol));
    }
    Shape shape = shapeOfValue(element);
    for (const Expr &size : shape)
      if (!isKnownOutside(size, outerSymbols))
        unsupported("a stacked output of shape " + textOf(shape) + " changes its size between iterations");
    shape.insert(shape.begin(), trips);
    state.addTypes(tensorType(shape, elementOf(element)));
  }
  if (static_cast<int>(state.types.size()) != node.outputCount())
    malformed("body gives " + Twine(state.types.size()) + " results, the node has " + Twine(node.outputCount()));
  state.addAttribute("defines", node.builder().getArrayAttr(defines));
  Operation *op = node.create(state);
  for (int i = 0; i < node.outputCount(); ++i)
    node.set(i, op->getResult(i));
}

constexpr RuleEntry rules[] = {{"If", importIf}, {"Loop", importLoop}};

} // namespace

std::span<const RuleEntry> onnximport::controlRules() { return rules; }
