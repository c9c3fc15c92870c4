// heddle-choose-schedules: one schedule per kernel, from the kind of its body and the target.
#include "ir/Schedule.h"
#include "passes/Passes.h"

namespace heddle {
#define GEN_PASS_DEF_CHOOSESCHEDULES
#include "passes/Passes.h.inc"
} // namespace heddle

using namespace mlir;
using namespace heddle;

namespace {
struct ChooseSchedules final : heddle::impl::ChooseSchedulesBase<ChooseSchedules> {
  using Base::Base;
  void runOnOperation() override {
    for (auto kernel : getOperation().getOps<KernelOp>())
      if (!kernel.getScheduleAttr())
        kernel.setScheduleAttr(chooseSchedule(kernel, vectorBytes));
  }
};
} // namespace
