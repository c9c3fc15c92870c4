// Register allocation for frames: liveness over basic blocks, then linear scan.
#include "runtime/sim/Kernel.h"
#include <algorithm>
#include <numeric>

namespace heddle::sim {
namespace {

using BitSet = std::vector<bool>;

/// Instructions [first, last) that are entered only at `first`.
struct BasicBlock {
  uint32_t first, last;
  BitSet liveIn, liveOut;
};

std::vector<BasicBlock> findBlocks(const std::vector<RegisterUse> &code, size_t registers) {
  std::vector<bool> isLeader(code.size() + 1, false);
  isLeader[0] = isLeader[code.size()] = true;
  for (uint32_t pc = 0; pc < code.size(); ++pc) {
    const std::vector<uint32_t> &next = code[pc].successors;
    bool fallsThrough = next.size() == 1 && next[0] == pc + 1;
    if (!fallsThrough)
      isLeader[pc + 1] = true;
    for (uint32_t to : next)
      if (!fallsThrough)
        isLeader[to] = true;
  }
  std::vector<BasicBlock> blocks;
  for (uint32_t pc = 0; pc < code.size(); ++pc)
    if (isLeader[pc])
      blocks.push_back({pc, pc + 1, BitSet(registers), BitSet(registers)});
    else
      blocks.back().last = pc + 1;
  return blocks;
}

/// live = uses + (live - defs), upwards through the block. A guarded definition may leave the old value.
BitSet liveAtEntry(const BasicBlock &block, const std::vector<RegisterUse> &code) {
  BitSet live = block.liveOut;
  for (uint32_t pc = block.last; pc-- > block.first;) {
    if (!code[pc].conditional)
      for (uint32_t reg : code[pc].defs)
        live[reg] = false;
    for (uint32_t reg : code[pc].uses)
      live[reg] = true;
  }
  return live;
}

void unite(BitSet &set, const BitSet &other) {
  for (size_t index = 0; index < other.size(); ++index)
    if (other[index])
      set[index] = true;
}

void solveLiveness(std::vector<BasicBlock> &blocks, const std::vector<RegisterUse> &code) {
  std::vector<uint32_t> blockAt(code.size());
  for (uint32_t i = 0; i < blocks.size(); ++i)
    std::fill(blockAt.begin() + blocks[i].first, blockAt.begin() + blocks[i].last, i);
  for (bool changed = true; changed;) {
    changed = false;
    for (size_t i = blocks.size(); i-- > 0;) {
      BasicBlock &block = blocks[i];
      for (uint32_t to : code[block.last - 1].successors)
        unite(block.liveOut, blocks[blockAt[to]].liveIn);
      BitSet live = liveAtEntry(block, code);
      if (live != block.liveIn) {
        block.liveIn = std::move(live);
        changed = true;
      }
    }
  }
}

/// First and last instruction at which a register's place is taken.
struct Interval {
  uint32_t first = ~0u, last = 0;
  void extend(uint32_t pc) {
    first = std::min(first, pc);
    last = std::max(last, pc);
  }
};

std::vector<Interval> findIntervals(const std::vector<BasicBlock> &blocks, const std::vector<RegisterUse> &code,
                                    size_t registers) {
  std::vector<Interval> intervals(registers);
  for (const BasicBlock &block : blocks)
    for (uint32_t reg = 0; reg < registers; ++reg) {
      if (block.liveIn[reg])
        intervals[reg].extend(block.first);
      if (block.liveOut[reg])
        intervals[reg].extend(block.last - 1);
    }
  for (uint32_t pc = 0; pc < code.size(); ++pc) {
    for (uint32_t reg : code[pc].uses)
      intervals[reg].extend(pc);
    for (uint32_t reg : code[pc].defs)
      intervals[reg].extend(pc);
  }
  return intervals;
}

} // namespace

FrameLayout layOutFrame(const std::vector<RegisterUse> &code, const std::vector<uint32_t> &registerBytes,
                        const std::vector<uint32_t> &pinned) {
  size_t registers = registerBytes.size();
  std::vector<BasicBlock> blocks = findBlocks(code, registers);
  solveLiveness(blocks, code);
  std::vector<Interval> intervals = findIntervals(blocks, code, registers);
  for (uint32_t reg : pinned)
    intervals[reg] = {0, static_cast<uint32_t>(code.size())};

  FrameLayout layout;
  layout.offsets.assign(registers, 0);
  for (uint32_t reg = 0; reg < registers && !blocks.empty(); ++reg)
    if (blocks[0].liveIn[reg])
      layout.liveIn.push_back(reg);

  std::vector<uint32_t> order(registers);
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
    return std::pair(intervals[a].first, a) < std::pair(intervals[b].first, b);
  });
  struct Place {
    uint32_t offset, bytes, last;
  };
  std::vector<Place> places;
  for (uint32_t reg : order) {
    const Interval &interval = intervals[reg];
    if (interval.first == ~0u) // Never used.
      continue;
    // A place is free only after its last instruction: operands of one instruction never overlap.
    auto free = std::find_if(places.begin(), places.end(), [&](const Place &place) {
      return place.bytes == registerBytes[reg] && place.last < interval.first;
    });
    if (free == places.end()) {
      places.push_back({layout.bytes, registerBytes[reg], 0});
      layout.bytes += (registerBytes[reg] + 63) / 64 * 64;
      free = places.end() - 1;
    }
    free->last = interval.last;
    layout.offsets[reg] = free->offset;
  }
  return layout;
}

} // namespace heddle::sim
