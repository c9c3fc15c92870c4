// Pre-order positions of a plan's steps, and the lifetimes that follow from them.
#ifndef HEDDLE_IR_PLANORDER_H
#define HEDDLE_IR_PLANORDER_H

#include "ir/HeddleOps.h"
#include "llvm/ADT/DenseMap.h"

namespace heddle {

/// Numbers the steps of a plan as the runtime does: pre-order, a region's steps behind the step that holds it.
class PlanOrder {
public:
  explicit PlanOrder(PlanOp plan);

  struct Lifetime {
    int64_t first, last; ///< Half-open.
    int64_t epoch;       ///< Symbols defined before the first step that touches the place.
  };
  /// From the first step that touches the place, a view or a part of it, to behind the last; nullopt if none does. A
  /// use inside a branch or loop that the place's first use is outside of lasts until that step ends; a loop keeps all
  /// its slots for its whole length.
  std::optional<Lifetime> lifetimeOf(PlaceOp place) const;
  /// True for the ops that are steps.
  static bool isStep(mlir::Operation *op);
  int64_t positionOf(mlir::Operation *step) const { return steps.lookup(step).position; }

private:
  struct Entry {
    int64_t position = 0, end = 0, epoch = 0;
  };
  void number(mlir::Block &block, int64_t &position, int64_t &epoch);
  void collectUsers(mlir::Value value, llvm::SmallVectorImpl<mlir::Operation *> &users) const;

  llvm::DenseMap<mlir::Operation *, Entry> steps;
};

} // namespace heddle

#endif // HEDDLE_IR_PLANORDER_H
