// heddle-verify-plan: no place is used outside its lifetime, or read before it is written.
#include "ir/PlanOrder.h"
#include "passes/Passes.h"

namespace heddle {
#define GEN_PASS_DEF_VERIFYPLAN
#include "passes/Passes.h.inc"
} // namespace heddle

using namespace mlir;
using namespace heddle;

/// The uses of a place, and of all views and parts of it, by steps.
static void collectUses(Value value, SmallVectorImpl<OpOperand *> &uses) {
  for (OpOperand &use : value.getUses()) {
    if (isa<ViewOp, PartOp>(use.getOwner()))
      collectUses(use.getOwner()->getResult(0), uses);
    else
      uses.push_back(&use);
  }
}

/// True if the step reads the operand before anything of it runs. A loop's own slots are written by the loop or in it.
static bool isRead(OpOperand &use) {
  unsigned index = use.getOperandNumber();
  return llvm::TypeSwitch<Operation *, bool>(use.getOwner())
      .Case<RunOp, HostRunOp>([&](auto step) { return index < step.getInputs().size(); })
      .Case([&](RepeatOp loop) {
        unsigned first = loop.getInitial().getBeginOperandIndex();
        return index < 2 || (index >= first && index < first + loop.getInitial().size()); // trip count and condition
      })
      .Default([](Operation *) { return true; });
}

/// Fails if a step reads the place, and none before it writes it.
static LogicalResult checkIsWritten(PlaceOp place, const PlanOrder &order) {
  SmallVector<OpOperand *> uses;
  collectUses(place.getY(), uses);
  auto position = [&](OpOperand *use) { return order.positionOf(use->getOwner()); };
  std::optional<int64_t> firstWrite;
  for (OpOperand *use : uses)
    if (!isRead(*use))
      firstWrite = std::min(firstWrite.value_or(position(use)), position(use));
  for (OpOperand *use : uses) {
    if (!isRead(*use) || (firstWrite && *firstWrite < position(use)))
      continue;
    InFlightDiagnostic error = place.emitError() << "place is read before a step writes it";
    error.attachNote(use->getOwner()->getLoc()) << "the step that reads it";
    return error;
  }
  return success();
}

static LogicalResult checkLifetime(PlaceOp place, const PlanOrder &order) {
  std::optional<PlanOrder::Lifetime> needed = order.lifetimeOf(place);
  if (!needed)
    return success();
  ArrayRef<int64_t> interval = *place.getInterval();
  if (interval[0] > needed->first || interval[1] < needed->last)
    return place.emitError() << "place lives during [" << interval[0] << ", " << interval[1]
                             << "), but is used during [" << needed->first << ", " << needed->last << ")";
  if (static_cast<int64_t>(place.getEpoch()) > needed->epoch)
    return place.emitError() << "place is packed in epoch " << place.getEpoch() << ", but is written in epoch "
                             << needed->epoch;
  return success();
}

namespace {
struct VerifyPlan final : heddle::impl::VerifyPlanBase<VerifyPlan> {
  void runOnOperation() override {
    PlanOrder order(getOperation());
    for (auto place : getOperation().getOps<PlaceOp>())
      if (place.getKind() == PlaceKindAttrValue::Arena &&
          (failed(checkIsWritten(place, order)) || failed(checkLifetime(place, order))))
        return signalPassFailure();
  }
};
} // namespace
