// Control flow and barriers of the block: the executor does the work, the selectors say which.
#include "runtime/sim/OpcodeTable.h"

namespace heddle::sim {
namespace {

void nothing(Warp &, const Inst &, uint32_t) {}

Handler withFlow(Inst &inst, Flow flow) {
  inst.flow = flow;
  return &nothing;
}

} // namespace

Handler selectBranch(const Modifiers &, Inst &inst) { return withFlow(inst, Flow::Branch); }
Handler selectBranchIndexed(const Modifiers &, Inst &inst) { return withFlow(inst, Flow::BranchIndexed); }
Handler selectExit(const Modifiers &, Inst &inst) { return withFlow(inst, Flow::Exit); }
Handler selectTrap(const Modifiers &, Inst &inst) { return withFlow(inst, Flow::Trap); }

Handler selectBarrier(const Modifiers &modifiers, Inst &inst) {
  inst.barrier.arriveOnly = modifiers.has(".arrive");
  return withFlow(inst, Flow::Barrier);
}

Handler selectThreadBarrier(const Modifiers &modifiers, Inst &inst) {
  Handler handler = selectBarrier(modifiers, inst);
  inst.barrier.isAligned = modifiers.has(".aligned");
  return handler;
}

Handler selectBarrierReduction(const Modifiers &modifiers, Inst &inst) {
  using Reduction = BarrierInfo::Reduction;
  inst.barrier.reduction = modifiers.has(".popc")  ? Reduction::Popc
                           : modifiers.has(".and") ? Reduction::And
                                                   : Reduction::Or;
  return withFlow(inst, Flow::Barrier);
}

} // namespace heddle::sim
