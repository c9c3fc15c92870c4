// Records what is pulled from a kernel as a scalar graph.
#ifndef HEDDLE_CODEGEN_CUDA_RECORDER_H
#define HEDDLE_CODEGEN_CUDA_RECORDER_H

#include "codegen/cuda/ScalarGraph.h"

namespace heddle::cuda {

/// The columns of a row kernel: a variable that all reductions along the row share.
struct RowColumns {
  int variable;
  Expr extent;
};

/// The pulling side of CUDA emission. Nothing is placed or printed here.
class Recorder final : public PullBackend {
public:
  Recorder(KernelOp kernel, ScalarGraph &graph) : kernel(kernel), graph(graph) {}

  /// Makes reductions over exactly these columns RowReduce nodes from now on.
  void shareColumns(RowColumns shared) { columns = std::move(shared); }
  /// A new loop variable.
  Index newVariable(const Expr &extent) { return Index::variable(nextVariable++, extent); }
  int lastVariable() const { return nextVariable - 1; }
  /// A node that stands for an element of the anchor `op`.
  NodeId accumulator(mlir::Operation *op, mlir::Type compute);

  /// Messages of the checks, in order; number i + 1 is reported by the kernel.
  const std::vector<std::string> &checks() const { return checkMessages; }

  PullValue load(unsigned argument, llvm::ArrayRef<Index> indices) override;
  PullValue loadConstant(mlir::DenseElementsAttr elements, llvm::ArrayRef<Index> indices) override;
  PullValue constant(mlir::TypedAttr value) override;
  PullValue index(const Index &index) override;
  PullValue op(mlir::Operation *op, llvm::ArrayRef<PullValue> operands) override;
  Index opaque(PullValue value, std::optional<Expr> extent, std::vector<int> dependsOn) override;
  void check(const PullCondition &condition, ExtractOp op, unsigned dim) override;
  PullValue guard(llvm::ArrayRef<PullCondition> conditions, Alternative inside, Alternative outside) override;
  PullValue reduce(const PullReduction &reduction, ReductionBody body) override;
  PullValue finish(mlir::Operation *op, PullValue value) override;

private:
  std::optional<PullValue> folded(mlir::Operation *op, llvm::ArrayRef<PullValue> operands);

  KernelOp kernel;
  ScalarGraph &graph;
  std::optional<RowColumns> columns;
  int nextVariable = 0;
  int guardDepth = 0;
  std::vector<std::string> checkMessages;
  std::map<std::pair<mlir::Operation *, unsigned>, unsigned> checkNumbers;
  /// A coordinate before its check -> the Checked node.
  std::map<NodeId, NodeId> checkedNodes;
};

/// Element `at` (in row-major order) of a constant, in its compute type.
mlir::TypedAttr elementOf(mlir::DenseElementsAttr elements, int64_t at);

} // namespace heddle::cuda

#endif // HEDDLE_CODEGEN_CUDA_RECORDER_H
