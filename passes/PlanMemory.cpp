// heddle-plan-memory: lifetimes of arena places over the pre-order of steps.
#include "ir/PlanOrder.h"
#include "mlir/IR/Remarks.h"
#include "passes/Passes.h"

namespace heddle {
#define GEN_PASS_DEF_PLANMEMORY
#include "passes/Passes.h.inc"
} // namespace heddle

using namespace mlir;
using namespace heddle;

namespace {
struct PlanMemory final : heddle::impl::PlanMemoryBase<PlanMemory> {
  void runOnOperation() override {
    PlanOrder order(getOperation());
    int64_t count = 0;
    Builder builder(&getContext());
    for (auto place : llvm::make_early_inc_range(getOperation().getOps<PlaceOp>())) {
      if (place.getKind() != PlaceKindAttrValue::Arena)
        continue;
      std::optional<PlanOrder::Lifetime> lifetime = order.lifetimeOf(place);
      if (!lifetime) {
        place.erase(); // nothing writes or reads it
        continue;
      }
      place.setIntervalAttr(builder.getDenseI64ArrayAttr({lifetime->first, lifetime->last}));
      place.setEpoch(lifetime->epoch);
      ++count;
    }
    remark::passed(getOperation().getLoc(), remark::RemarkOpts::name("plan-memory").category("heddle.plan"))
        << remark::metric("arena-values", count);
  }
};
} // namespace
