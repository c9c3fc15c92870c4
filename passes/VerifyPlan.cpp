// heddle-verify-plan: no place is used outside its lifetime.
#include "ir/PlanOrder.h"
#include "passes/Passes.h"

namespace heddle {
#define GEN_PASS_DEF_VERIFYPLAN
#include "passes/Passes.h.inc"
} // namespace heddle

using namespace mlir;
using namespace heddle;

namespace {
struct VerifyPlan final : heddle::impl::VerifyPlanBase<VerifyPlan> {
  void runOnOperation() override {
    PlanOrder order(getOperation());
    for (auto place : getOperation().getOps<PlaceOp>()) {
      if (place.getKind() != PlaceKindAttrValue::Arena)
        continue;
      std::optional<PlanOrder::Lifetime> needed = order.lifetimeOf(place);
      ArrayRef<int64_t> interval = *place.getInterval();
      if (needed && (interval[0] > needed->first || interval[1] < needed->last)) {
        place.emitError() << "place lives during [" << interval[0] << ", " << interval[1] << "), but is used during ["
                          << needed->first << ", " << needed->last << ")";
        return signalPassFailure();
      }
      if (needed && static_cast<int64_t>(place.getEpoch()) > needed->epoch) {
        place.emitError() << "place is packed in epoch " << place.getEpoch() << ", but is written in epoch "
                          << needed->epoch;
        return signalPassFailure();
      }
    }
  }
};
} // namespace
