// Runs the fragments of a warp: the one with the lowest pc first; fragments that meet at a pc become one.
#include "runtime/sim/Execution.h"
#include <algorithm>
#include <bit>

namespace heddle::sim {
namespace {

unsigned firstLane(uint32_t mask) { return static_cast<unsigned>(std::countr_zero(mask)); }

void removeFragment(Warp &warp, uint32_t index) { warp.fragments[index] = warp.fragments[--warp.fragmentCount]; }

/// Joins fragments at equal pcs, unless they wait at a barrier already.
void mergeFragments(Warp &warp) {
  for (uint32_t i = 0; i < warp.fragmentCount; ++i)
    for (uint32_t j = i + 1; j < warp.fragmentCount;) {
      Fragment &a = warp.fragments[i], &b = warp.fragments[j];
      bool wait = a.state == Fragment::State::AtBarrier || b.state == Fragment::State::AtBarrier;
      if (wait || a.pc != b.pc) {
        ++j;
        continue;
      }
      a.mask |= b.mask;
      a.state = Fragment::State::Ready; // A fragment that waited for lanes looks again who is here.
      removeFragment(warp, j);
    }
}

/// The ready fragment with the lowest pc, or null. `limit` is the next pc at which another one stands.
Fragment *pickFragment(Warp &warp, uint32_t &limit) {
  Fragment *best = nullptr;
  for (uint32_t i = 0; i < warp.fragmentCount; ++i) {
    Fragment &fragment = warp.fragments[i];
    if (fragment.state == Fragment::State::Ready && (!best || fragment.pc < best->pc))
      best = &fragment;
  }
  limit = ~0u;
  for (uint32_t i = 0; best && i < warp.fragmentCount; ++i) {
    const Fragment &other = warp.fragments[i];
    if (&other != best && other.state != Fragment::State::AtBarrier && other.pc > best->pc)
      limit = std::min(limit, other.pc);
  }
  return best;
}

void addFragment(Warp &warp, uint32_t pc, uint32_t mask) {
  warp.fragments[warp.fragmentCount++] = {pc, mask, Fragment::State::Ready};
}

void exitLanes(Warp &warp, Fragment &fragment, uint32_t mask) {
  warp.live &= ~mask;
  warp.block->liveThreads -= static_cast<uint32_t>(std::popcount(mask));
  fragment.mask &= ~mask;
  ++fragment.pc;
  if (fragment.mask == 0)
    removeFragment(warp, static_cast<uint32_t>(&fragment - warp.fragments.data()));
  threadsExited(*warp.block);
}

void branch(Warp &warp, Fragment &fragment, const Inst &inst, uint32_t taken) {
  uint32_t stay = fragment.mask & ~taken;
  if (stay != 0) {
    fragment.mask = stay;
    ++fragment.pc;
    if (taken != 0)
      addFragment(warp, inst.target, taken);
  } else {
    fragment.pc = inst.target;
  }
}

void branchIndexed(Warp &warp, Fragment &fragment, const Inst &inst, uint32_t mask) {
  const uint32_t *index = warp.lanes<uint32_t>(inst.op[0]);
  uint32_t stay = fragment.mask & ~mask;
  ++fragment.pc;
  fragment.mask = stay;
  bool reuse = stay == 0;
  while (mask != 0) {
    uint32_t value = index[firstLane(mask)], same = 0;
    for (unsigned lane = 0; lane < 32; ++lane)
      same |= uint32_t(index[lane] == value) << lane;
    same &= mask;
    mask &= ~same;
    if (value >= inst.targets.size()) { // Undefined by PTX; the lanes stop here.
      warp.block->failed = true;
      return;
    }
    if (reuse)
      fragment = {inst.targets[value], same, Fragment::State::Ready};
    else
      addFragment(warp, inst.targets[value], same);
    reuse = false;
  }
}

/// Runs a `.sync` instruction if all lanes that it names are here. \returns false if the fragment has to wait.
bool runWarpSync(Warp &warp, Fragment &fragment, const Inst &inst, uint32_t mask, bool isForced) {
  const uint32_t *members = warp.lanes<uint32_t>(inst.op[inst.memberOperand]);
  uint32_t named = members[firstLane(mask)];
  uint32_t absent = named & warp.live & ~mask;
  if (absent != 0 && !isForced) {
    fragment.state = Fragment::State::AtWarpSync;
    return false;
  }
  uint32_t strangers = mask & ~named;
  if (absent != 0 || strangers != 0) {
    SimFinding *finding = warp.block->report(SimFindingKind::AbsentLane, warp, inst, firstLane(mask));
    if (finding && absent != 0)
      finding->detail = "lane " + std::to_string(firstLane(absent)) + " is named by the member mask and never arrives";
    else if (finding)
      finding->detail = "lane " + std::to_string(firstLane(strangers)) + " executes it but is not in the member mask";
  }
  inst.run(warp, inst, mask);
  ++fragment.pc;
  return true;
}

/// \returns whether the fragment goes on: it neither waits, nor was split, nor ended.
bool runControl(Warp &warp, Fragment &fragment, const Inst &inst, uint32_t mask, bool isForced) {
  if (mask == 0) {
    ++fragment.pc;
    return true;
  }
  bool isWhole = mask == fragment.mask;
  switch (inst.flow) {
  case Flow::Branch:
    branch(warp, fragment, inst, mask);
    return isWhole;
  case Flow::BranchIndexed:
    branchIndexed(warp, fragment, inst, mask);
    return false;
  case Flow::Exit:
    exitLanes(warp, fragment, mask);
    return false;
  case Flow::Trap:
    warp.block->failed = true;
    return false;
  case Flow::Barrier:
    if (!isWhole) { // The other lanes, to go on without them.
      fragment.mask &= ~mask;
      addFragment(warp, fragment.pc, mask);
      ++fragment.pc;
      arriveAtBarrier(warp, warp.fragments[warp.fragmentCount - 1], inst, mask);
      return false;
    }
    arriveAtBarrier(warp, fragment, inst, mask);
    return false;
  case Flow::WarpSync:
    return runWarpSync(warp, fragment, inst, mask, isForced);
  case Flow::Straight:
    break;
  }
  return true;
}

/// Runs until the fragment waits, splits, ends or reaches `limit`, where another one stands.
void runFragment(Warp &warp, Fragment &fragment, uint32_t limit, bool isForced) {
  Block &block = *warp.block;
  const Inst *code = block.kernel.code.data();
  const uint8_t *frame = warp.base[0];
  uint32_t lanes = static_cast<uint32_t>(std::popcount(fragment.mask));
  while (fragment.pc < limit) {
    const Inst &inst = code[fragment.pc];
    uint32_t mask = fragment.mask;
    if (inst.guard != noOperand) {
      uint32_t guard = *reinterpret_cast<const uint32_t *>(frame + inst.guard);
      mask &= inst.guardNegated ? ~guard : guard;
    }
    PlaceCounters &counters = block.counters[inst.place];
    ++counters.warps;
    counters.threads += inst.guard == noOperand ? lanes : static_cast<uint32_t>(std::popcount(mask));
    ++block.steps;
    if (inst.flow == Flow::Straight) [[likely]] {
      if (mask != 0)
        inst.run(warp, inst, mask);
      ++fragment.pc;
      continue;
    }
    if (!runControl(warp, fragment, inst, mask, isForced) || block.failed)
      return;
    if (block.steps > block.launch.options.stepLimit) {
      block.failed = true;
      if (SimFinding *finding = block.report(SimFindingKind::StepLimit, warp, inst, firstLane(fragment.mask)))
        finding->detail =
            "the block ran more than " + std::to_string(block.launch.options.stepLimit) + " warp instructions";
      return;
    }
  }
}

/// The first fragment that waits for absent lanes goes on without them.
Fragment *forceFragment(Warp &warp) {
  for (uint32_t i = 0; i < warp.fragmentCount; ++i)
    if (warp.fragments[i].state == Fragment::State::AtWarpSync) {
      warp.fragments[i].state = Fragment::State::Ready;
      return &warp.fragments[i];
    }
  return nullptr;
}

} // namespace

bool runWarp(Warp &warp, bool isForced) {
  bool progress = false;
  while (!warp.block->failed) {
    mergeFragments(warp);
    uint32_t limit = ~0u;
    Fragment *fragment = pickFragment(warp, limit);
    bool force = !fragment && isForced;
    if (force)
      fragment = forceFragment(warp);
    if (!fragment)
      return progress;
    progress = true;
    runFragment(warp, *fragment, force ? fragment->pc + 1 : limit, force);
    isForced = false;
  }
  return progress;
}

} // namespace heddle::sim
