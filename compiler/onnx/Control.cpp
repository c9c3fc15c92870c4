// Rules of If and Loop.
#include "compiler/onnx/Reshapes.h"
#include "compiler/onnx/Rules.h"
#include "compiler/onnx/Subgraphs.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::onnximport;

namespace {

/// A graph imported into a block of its own.
struct Branch {
  BlockValues values;
  std::vector<Tensor *> results; ///< Empty if it failed.
  std::vector<Value> data;
  std::optional<std::string> failure; ///< Why the graph is ill-formed.
  bool dependsOnUnsupported = false;
};

void importTakenBranch(Node &node, StringRef attribute) {
  Scope scope(&node.frame().scope, node.frame().scope.block());
  Frame frame = innerFrame(node, scope, attribute, InnerGraph::Taken);
  std::vector<Tensor *> results = importInnerGraph(node, node.graphAttr(attribute), frame);
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
  Frame frame = innerFrame(node, scope, attribute, InnerGraph::Branch);
  try {
    branch.results = importInnerGraph(node, node.graphAttr(attribute), frame);
    if (static_cast<int>(branch.results.size()) != node.outputCount())
      malformed(attribute + " has " + Twine(branch.results.size()) + " outputs, the node has " +
                Twine(node.outputCount()));
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

/// The type of a result that either branch may give; sizes that differ become symbols.
Type commonType(Node &node, int position, ArrayRef<const Tensor *> candidates,
                const std::set<std::string> &outerSymbols, SmallVectorImpl<Attribute> &defines) {
  const Tensor &first = *candidates.front(), &last = *candidates.back();
  if (first.element != last.element)
    malformed("the branches give " + textOf(first) + " and " + textOf(last) + " for output " + Twine(position));
  if (first.rank() != last.rank())
    throw RanksDiffer("the branches give " + textOf(first) + " and " + textOf(last) + " for output " +
                      std::to_string(position) + ": different ranks are not supported");
  Shape shape = first.shape;
  for (size_t dim = 0; dim < shape.size(); ++dim) {
    if (shape[dim] == last.shape[dim] && isKnownOutside(shape[dim], outerSymbols))
      continue;
    std::string symbol =
        node.importer().freshSymbol(node.path() + "." + std::to_string(position) + "." + std::to_string(dim));
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

/// More iterations than any run makes; a negative trip count means none.
Value unboundedTrips(Node &node) {
  RankedTensorType type = tensorType({}, node.builder().getI64Type());
  auto most = DenseElementsAttr::get(type, std::numeric_limits<int64_t>::max());
  return node.emitAs<ConstantOp>(type, {}, node.named("value", most));
}

void importLoop(Node &node) {
  LoopParts parts;
  parts.tripCount = node.hasInput(0) ? node.reshape(node.value(0), {}) : unboundedTrips(node);
  parts.condition = node.hasInput(1) ? node.reshape(node.value(1), {}) : node.scalar(1, node.builder().getI1Type());
  for (int input = 2; input < node.inputCount(); ++input)
    parts.carried.push_back(node.value(input));
  parts.hasCondition = true;
  Operation *loop = importLoopOver(node, node.graphAttr("body"), parts);
  for (int i = 0; i < node.outputCount(); ++i)
    node.set(i, loop->getResult(i));
}

constexpr RuleEntry rules[] = {{"If", importIf}, {"Loop", importLoop}};

} // namespace

std::span<const RuleEntry> onnximport::controlRules() { return rules; }
