// Which ops run as one kernel: the analysis behind heddle-fuse-kernels.
#ifndef HEDDLE_PASSES_FUSIONGROUPS_H
#define HEDDLE_PASSES_FUSIONGROUPS_H

#include "ir/HeddleOps.h"

namespace heddle {

/// How an op takes part in fusion: the usual lattice.
enum class FusionKind {
  None,        ///< Constants, host steps, control flow: never in a group.
  Elementwise, ///< One result element from the operands' elements at the same place.
  Movement,    ///< Elements moved or chosen by index.
  Reduction,   ///< Along dimensions of one operand; softmax and norms included.
  Anchor,      ///< Matmul, conv, pool, generic: at most one per group, with an epilogue behind it.
};

FusionKind fusionKind(mlir::Operation *op);

/// Ops of one block, in program order; the last is the root, where the launch will stand.
struct FusionGroup {
  llvm::SmallVector<mlir::Operation *> ops;
};

/// Partitions the fusible ops of a block. Deterministic; O(n * group size).
///
/// Rules, by the id that a refusal carries:
///  - `other-users`: a producer joins only if all its users are in the group, or follow the root (then it is one more
///  result).
///  - `gather-source`: what a gather reads at computed places is not recomputed in it.
///  - `recompute-expensive`: exp and its like are not recomputed for every element of a larger shape.
///  - `row-shape`: a reduction joins only if it runs along the trailing dimensions of the group's row shape.
///  - `transposed-gather`: what is gathered along rows is not computed in another order.
///  - `group-size`: a group has at most 48 ops.
/// A matrix product also takes what moves the elements of its operands, where strides describe that (`StridedView`),
/// and a last transpose of its result that keeps rows in one piece.
/// \param refuse called with (producer, rule id) for each refused fusion.
std::vector<FusionGroup> formGroups(mlir::Block &block,
                                    llvm::function_ref<void(mlir::Operation *, llvm::StringRef)> refuse);

} // namespace heddle

#endif // HEDDLE_PASSES_FUSIONGROUPS_H
