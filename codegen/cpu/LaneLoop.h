// Loops that advance by whole vectors and end with a masked one.
#ifndef HEDDLE_CODEGEN_CPU_LANELOOP_H
#define HEDDLE_CODEGEN_CPU_LANELOOP_H

#include "codegen/cpu/Combine.h"
#include "codegen/cpu/CpuBackend.h"

namespace heddle {

/// A loop over `[0, extent)`, or a part of it, whose variable the backend's lanes run along.
class LaneLoop {
public:
  LaneLoop(CpuBackend &backend, Expr extent, int64_t unroll);

  /// Elements per step: the level's vectors, or less where the extent is known to be small.
  int64_t width() const { return lanes; }

  using Step = llvm::function_ref<llvm::SmallVector<mlir::Value>(Index, mlir::ValueRange)>;
  /// Combines all of the extent into vector accumulators.
  llvm::SmallVector<mlir::Value> reduce(const Combiner &combiner, mlir::ValueRange accumulators, Step step);
  /// Runs `step` for the vectors of `[lower, upper)`. `isWhole`: the range is known to end at a multiple of the width
  /// from its start.
  void run(mlir::Value lower, mlir::Value upper, bool isWhole, llvm::function_ref<void(Index)> step);

private:
  llvm::SmallVector<mlir::Value> at(mlir::Value position, mlir::Value mask, mlir::ValueRange accumulators, Step step);
  mlir::Value maskUpTo(mlir::Value count);

  CpuBackend &backend;
  KernelFrame &frame;
  Expr extent;
  int64_t lanes, unroll;
};

} // namespace heddle

#endif // HEDDLE_CODEGEN_CPU_LANELOOP_H
