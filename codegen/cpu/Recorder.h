// A dry run of the traversal: which elements would be read, and what would be reduced.
#ifndef HEDDLE_CODEGEN_CPU_RECORDER_H
#define HEDDLE_CODEGEN_CPU_RECORDER_H

#include "codegen/Pull.h"

namespace heddle {

/// Emits nothing. Ids of its loop variables and opaque values start at `firstId`, apart from those of real ones.
class Recorder : public PullBackend {
public:
  static constexpr int firstId = 1 << 20;

  /// An element of an argument, or a reduction, that was asked for; dependencies come before their users.
  struct Access {
    mlir::Value value;
    std::vector<Index> indices;
    bool isReduction;
    bool isGuarded;           ///< Read only where some condition holds.
    std::vector<int> reduced; ///< Variables of the reductions around it, outermost first.
    Shape extents;            ///< Of a reduction.
  };

  explicit Recorder(KernelOp kernel) : kernel(kernel), pulls(kernel, *this) {}

  Pull &pull() { return pulls; }
  Index newVariable(const Expr &extent) { return Index::variable(nextId++, extent); }
  const std::vector<Access> &accesses() const { return list; }
  /// Row-major offset of a load in its argument.
  static Index offsetOf(const Access &access);

  PullValue load(unsigned argument, llvm::ArrayRef<Index> indices) override;
  PullValue loadConstant(mlir::DenseElementsAttr, llvm::ArrayRef<Index>) override { return {0}; }
  PullValue constant(mlir::TypedAttr) override { return {0}; }
  PullValue index(const Index &) override { return {0}; }
  PullValue op(mlir::Operation *, llvm::ArrayRef<PullValue>) override { return {0}; }
  Index opaque(PullValue, std::optional<Expr> extent, std::vector<int> dependsOn) override;
  void check(const PullCondition &, ExtractOp, unsigned) override {}
  PullValue guard(llvm::ArrayRef<PullCondition> conditions, Alternative inside, Alternative outside) override;
  PullValue reduce(const PullReduction &reduction, ReductionBody body) override;

private:
  KernelOp kernel;
  Pull pulls;
  std::vector<Access> list;
  std::vector<int> reduced;
  int guardDepth = 0, nextId = firstId;
};

/// True if everything in the index exists outside of the dry run.
bool isReal(const Index &index);

} // namespace heddle

#endif // HEDDLE_CODEGEN_CPU_RECORDER_H
