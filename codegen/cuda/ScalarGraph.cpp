// Adds nodes to a scalar graph, merging equal ones.
#include "codegen/cuda/ScalarGraph.h"
#include "llvm/ADT/Hashing.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::cuda;

void heddle::cuda::collectOpaque(const Index &index, SmallVectorImpl<NodeId> &ids) {
  for (const Index::Term &term : index.terms()) {
    if (term.atom->kind == Index::AtomKind::Opaque)
      ids.push_back(term.atom->id);
    else if (term.atom->kind != Index::AtomKind::Variable)
      collectOpaque(term.atom->operand, ids);
  }
}

static bool equalConditions(const std::vector<PullCondition> &a, const std::vector<PullCondition> &b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const PullCondition &x, const PullCondition &y) {
    return x.index == y.index && x.lower == y.lower && x.upper == y.upper;
  });
}

static bool equalOps(Operation *a, Operation *b) {
  if (!a || !b)
    return a == b;
  return a->getName() == b->getName() && a->getAttrDictionary() == b->getAttrDictionary() &&
         a->getPropertiesAsAttribute() == b->getPropertiesAsAttribute();
}

static bool isSame(const Node &a, const Node &b) {
  return a.kind == b.kind && a.type == b.type && a.operands == b.operands && a.constant == b.constant &&
         a.index == b.index && a.argument == b.argument && a.table == b.table && equalOps(a.op, b.op) &&
         a.size == b.size && a.check == b.check && equalConditions(a.conditions, b.conditions) && a.loops == b.loops &&
         a.generic == b.generic;
}

/// Loop variables and index references, from what the node holds.
static void connect(Node &node, const ScalarGraph &graph) {
  auto use = [&](const Index &index) {
    collectOpaque(index, node.indexOperands);
    for (int variable : index.variables())
      node.variables.insert(variable);
  };
  use(node.index);
  for (const PullCondition &condition : node.conditions)
    use(condition.index);
  for (NodeId operand : node.operands)
    node.variables.insert(graph[operand].variables.begin(), graph[operand].variables.end());
  for (NodeId operand : node.indexOperands)
    node.variables.insert(graph[operand].variables.begin(), graph[operand].variables.end());
  for (const auto &loop : node.loops)
    node.variables.erase(loop.first);
}

NodeId ScalarGraph::add(Node node) {
  size_t hash = llvm::hash_combine(static_cast<int>(node.kind), node.argument, node.check, node.index.terms().size(),
                                   llvm::hash_combine_range(node.operands.begin(), node.operands.end()));
  auto [first, last] = byHash.equal_range(hash);
  for (auto known = first; known != last; ++known)
    if (isSame(nodes[known->second], node))
      return known->second;
  connect(node, *this);
  nodes.push_back(std::move(node));
  NodeId id = static_cast<NodeId>(nodes.size()) - 1;
  byHash.emplace(hash, id);
  return id;
}

void ScalarGraph::forEachOperand(NodeId id, function_ref<void(NodeId)> visit) const {
  for (NodeId operand : nodes[id].operands)
    visit(operand);
  for (NodeId operand : nodes[id].indexOperands)
    visit(operand);
}
