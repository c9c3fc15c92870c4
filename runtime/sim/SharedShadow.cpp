// Which accesses of a block's shared memory are ordered, and what has been written.
#include "runtime/sim/SharedShadow.h"
#include <algorithm>
#include <bit>

namespace heddle::sim {

void SharedShadow::begin(uint64_t bytes, unsigned granule, unsigned warpCount) {
  latest = std::max(latest, *std::max_element(clocks.begin(), clocks.end()));
  constexpr uint32_t nearOverflow = 1u << 31;
  if (latest > nearOverflow) {
    cells.clear();
    latest = 0;
  }
  granuleShift = static_cast<unsigned>(std::countr_zero(granule));
  warps = warpCount;
  cells.resize((bytes >> granuleShift) + 1);
  // Clocks go on from block to block, so that every event of an earlier block counts as ordered, and as no write of
  // this one: no cell needs clearing.
  clocks.fill(latest);
  for (unsigned warp = 0; warp < warps; ++warp)
    clock(warp, warp) = latest + 1;
}

void SharedShadow::arrive(unsigned warp, Clocks &barrier) {
  for (unsigned of = 0; of < warps; ++of)
    barrier[of] = std::max(barrier[of], clock(warp, of));
  ++clock(warp, warp);
}

void SharedShadow::release(unsigned warp, const Clocks &barrier) {
  for (unsigned of = 0; of < warps; ++of)
    clock(warp, of) = std::max(clock(warp, of), barrier[of]);
}

SharedShadow::Outcome SharedShadow::record(uint64_t offset, unsigned bytes, const Access &access) {
  Outcome outcome;
  Event event = pack(clocks[(access.thread / 32) * (maxWarps + 1)], access);
  uint64_t last = (offset + bytes - 1) >> granuleShift;
  for (uint64_t cell = offset >> granuleShift; cell <= last; ++cell)
    recordInCell(cells[cell], access, event, outcome);
  return outcome;
}

void SharedShadow::recordInCell(Cell &cell, const Access &access, Event event, Outcome &outcome) {
  bool bothAtomic = access.isAtomic && isAtomic(cell.write);
  if (!isOrdered(cell.write, access.thread) && !bothAtomic && !outcome.isRace) {
    outcome.isRace = true;
    outcome.earlier = unpack(cell.write, true);
  }
  if (!access.isWrite || access.isAtomic)
    outcome.isUnwritten |= clockOf(cell.write) <= latest;
  if (!access.isWrite)
    return recordRead(cell, event);
  for (Event read : cell.reads)
    if (!isOrdered(read, access.thread) && !outcome.isRace) {
      outcome.isRace = true;
      outcome.earlier = unpack(read, false);
    }
  cell.write = event;
}

/// A reader that is ordered before this one is no longer needed: whoever races with it races with this one as well, or
/// is ordered after both.
void SharedShadow::recordRead(Cell &cell, Event event) {
  uint32_t thread = threadOf(event);
  for (Event &read : cell.reads)
    if (isOrdered(read, thread)) {
      read = event;
      return;
    }
  bool sameWarp = threadOf(cell.reads[0]) / 32 == threadOf(cell.reads[1]) / 32;
  if (sameWarp && thread / 32 != threadOf(cell.reads[0]) / 32)
    cell.reads[1] = event;
}

} // namespace heddle::sim
