// Combining the partial results of a reduction, in registers.
#ifndef HEDDLE_CODEGEN_CPU_COMBINE_H
#define HEDDLE_CODEGEN_CPU_COMBINE_H

#include "codegen/Pull.h"

namespace heddle {

/// The accumulators of a reduction: one, or two (value and index) for arg_min and arg_max. All functions take scalars
/// or vectors and emit at the builder.
class Combiner {
public:
  explicit Combiner(const PullReduction &reduction) : reduction(reduction) {}

  /// Accumulators that nothing has been combined with, of `width` lanes (0: scalars).
  llvm::SmallVector<mlir::Value> initial(mlir::OpBuilder &b, mlir::Location loc, int64_t width) const;
  llvm::SmallVector<mlir::Value> combine(mlir::OpBuilder &b, mlir::Location loc, mlir::ValueRange accumulators,
                                         mlir::ValueRange values) const;
  /// All lanes combined into scalars: halves onto halves, the same order on every machine of a level.
  llvm::SmallVector<mlir::Value> acrossLanes(mlir::OpBuilder &b, mlir::Location loc,
                                             mlir::ValueRange accumulators) const;
  /// Which of the accumulators is the result.
  mlir::Value result(mlir::ValueRange accumulators) const { return accumulators.back(); }
  bool isArgument() const;

private:
  llvm::SmallVector<mlir::Value> better(mlir::OpBuilder &b, mlir::Location loc, mlir::ValueRange accumulators,
                                        mlir::ValueRange values) const;
  mlir::Type valueType() const;

  const PullReduction &reduction;
};

} // namespace heddle

#endif // HEDDLE_CODEGEN_CPU_COMBINE_H
