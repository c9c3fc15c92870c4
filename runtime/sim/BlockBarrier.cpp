// Barriers of a block: arrival, release, and threads that never come.
#include "runtime/sim/Execution.h"
#include <bit>

namespace heddle::sim {
namespace {

unsigned firstLane(uint32_t mask) { return static_cast<unsigned>(std::countr_zero(mask)); }

void reportDivergence(Warp &warp, const Inst &inst, uint32_t mask, const std::string &detail) {
  auto lanes = static_cast<uint64_t>(std::popcount(mask));
  Block &block = *warp.block;
  SimFinding *finding = block.report(SimFindingKind::DivergentBarrier, warp, inst, firstLane(mask), {}, noPlace, lanes);
  if (finding)
    finding->detail = detail;
}

void storeReduction(Warp &warp, const Inst &inst, uint32_t mask, const Barrier &barrier) {
  using Reduction = BarrierInfo::Reduction;
  if (inst.barrier.reduction == Reduction::Popc) {
    uint32_t *result = warp.lanes<uint32_t>(inst.op[0]);
    for (unsigned lane = 0; lane < 32; ++lane)
      if (mask >> lane & 1)
        result[lane] = barrier.votes;
    return;
  }
  bool holds = inst.barrier.reduction == Reduction::And ? barrier.votes == barrier.arrived : barrier.votes != 0;
  uint32_t &result = warp.predicate(inst.op[0]);
  result = holds ? result | mask : result & ~mask;
}

void releaseWarp(Warp &warp, const Barrier &barrier) {
  const std::vector<Inst> &code = warp.block->kernel.code;
  for (uint32_t i = 0; i < warp.fragmentCount; ++i) {
    Fragment &fragment = warp.fragments[i];
    if (fragment.state != Fragment::State::AtBarrier || !(fragment.mask & barrier.waiting[warp.index]))
      continue;
    const Inst &inst = code[fragment.pc];
    if (inst.barrier.reduction != BarrierInfo::Reduction::None)
      storeReduction(warp, inst, fragment.mask, barrier);
    fragment.state = Fragment::State::Ready;
    ++fragment.pc;
  }
}

/// \returns whether the barrier opened.
bool tryOpen(Block &block, Barrier &barrier) {
  uint32_t expected = barrier.expected ? barrier.expected : block.liveThreads;
  if (barrier.arrived == 0 || barrier.arrived < expected)
    return false;
  for (Warp &warp : block.warps) {
    if (barrier.waiting[warp.index] == 0)
      continue;
    block.sharedShadow.release(warp.index, barrier.clocks);
    releaseWarp(warp, barrier);
  }
  barrier = {};
  return true;
}

} // namespace

void arriveAtBarrier(Warp &warp, Fragment &fragment, const Inst &inst, uint32_t mask) {
  Block &block = *warp.block;
  bool isReduction = inst.barrier.reduction != BarrierInfo::Reduction::None;
  unsigned idOperand = isReduction ? 1 : 0;
  unsigned lane = firstLane(mask);
  Barrier &barrier = block.barriers[warp.lanes<uint32_t>(inst.op[idOperand])[lane] % block.barriers.size()];
  bool hasCount = !isReduction && inst.operandCount > 1;
  uint32_t expected = hasCount ? warp.lanes<uint32_t>(inst.op[1])[lane] : 0;

  if (inst.barrier.isAligned && mask != warp.live)
    reportDivergence(warp, inst, mask,
                     std::to_string(std::popcount(mask)) + " of " + std::to_string(std::popcount(warp.live)) +
                         " running threads of warp " + std::to_string(warp.index) + " arrive");
  else if (!hasCount && block.liveThreads < block.launch.threads())
    reportDivergence(warp, inst, mask,
                     std::to_string(block.launch.threads() - block.liveThreads) +
                         " threads of the block have exited before the barrier");

  if (barrier.arrived == 0) {
    barrier.pc = fragment.pc;
    barrier.firstWarp = warp.index;
  }
  barrier.expected = expected;
  barrier.arrived += static_cast<uint32_t>(std::popcount(mask));
  block.sharedShadow.arrive(warp.index, barrier.clocks);
  if (isReduction)
    barrier.votes += static_cast<uint32_t>(std::popcount(warp.predicate(inst.op[2]) & mask));
  if (inst.barrier.arriveOnly) {
    ++fragment.pc;
  } else {
    barrier.waiting[warp.index] |= mask;
    fragment.state = Fragment::State::AtBarrier;
  }
  tryOpen(block, barrier);
}

void threadsExited(Block &block) {
  for (Barrier &barrier : block.barriers) {
    if (barrier.arrived == 0 || barrier.expected != 0)
      continue;
    Warp &warp = block.warps[barrier.firstWarp];
    uint32_t mask = barrier.waiting[warp.index] ? barrier.waiting[warp.index] : 1;
    uint32_t pc = barrier.pc;
    if (tryOpen(block, barrier))
      reportDivergence(warp, block.kernel.code[pc], mask, "threads of the block exit without reaching the barrier");
  }
}

} // namespace heddle::sim
