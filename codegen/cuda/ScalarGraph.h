// The scalars of one kernel as a graph: what a kernel computes, before it is decided where each value is computed.
#ifndef HEDDLE_CODEGEN_CUDA_SCALARGRAPH_H
#define HEDDLE_CODEGEN_CUDA_SCALARGRAPH_H

#include "codegen/Pull.h"
#include <deque>
#include <set>

namespace heddle::cuda {

/// A node, by its number in the graph. Operands have smaller numbers.
using NodeId = int;

struct Node {
  enum class Kind {
    Constant,    ///< `constant`.
    Position,    ///< `index` as an i64.
    Load,        ///< Element `index` (in row-major order) of kernel argument `argument`, or of `table` if that is set.
    Op,          ///< `op` on `operands`.
    Checked,     ///< `operands[0]` as a coordinate in [0, `size`), or check number `check` fails.
    Guard,       ///< `operands[0]` where `conditions` hold, else `operands[1]`.
    Reduce,      ///< `operands` combined over loops of its own, `loops`.
    RowReduce,   ///< `operands` combined over the columns of the row, by the whole block.
    Accumulator, ///< The element of the anchor that the kernel has accumulated.
  };
  Kind kind = Kind::Constant;
  mlir::Type type; ///< Compute type.
  llvm::SmallVector<NodeId, 2> operands;
  mlir::TypedAttr constant;
  Index index;
  int argument = -1;
  mlir::DenseElementsAttr table;
  mlir::Operation *op = nullptr;
  Expr size;
  unsigned check = 0;
  std::vector<PullCondition> conditions;
  std::vector<std::pair<int, Expr>> loops; ///< Reduce: variable and extent, outermost first.
  GenericOp generic;                       ///< Reduce, RowReduce: the combiner and its start.
  bool isUnsigned = false;                 ///< Reduce, RowReduce.

  /// Set by the first graph op that this is the finished element of.
  mlir::Operation *finishedBy = nullptr;
  /// Loop variables that it depends on, but for its own.
  std::set<int> variables;
  /// Nodes that its indices and conditions refer to as opaque values.
  llvm::SmallVector<NodeId, 2> indexOperands;
};

/// Equal nodes are one node.
class ScalarGraph {
public:
  NodeId add(Node node);
  const Node &operator[](NodeId id) const { return nodes[id]; }
  Node &at(NodeId id) { return nodes[id]; }

  /// Calls `visit` for each operand, then for each node that an index refers to.
  void forEachOperand(NodeId id, llvm::function_ref<void(NodeId)> visit) const;

private:
  std::deque<Node> nodes;
  std::multimap<size_t, NodeId> byHash;
};

/// Ids of the opaque values in an index, which are node numbers.
void collectOpaque(const Index &index, llvm::SmallVectorImpl<NodeId> &ids);

} // namespace heddle::cuda

#endif // HEDDLE_CODEGEN_CUDA_SCALARGRAPH_H
