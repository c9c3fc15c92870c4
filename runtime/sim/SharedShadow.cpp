// Which bytes of a block's shared memory are written, and which accesses are ordered.
#include "runtime/sim/SharedShadow.h"
#include <algorithm>

namespace heddle::sim {

void SharedShadow::begin(uint64_t bytes, unsigned newGranule, unsigned warpCount) {
  latest = std::max(latest, *std::max_element(clocks.begin(), clocks.end()));
  bool isStale = newGranule != granule || latest > (1u << 31);
  if (isStale) {
    cells.clear();
    latest = 0;
  }
  granule = newGranule;
  warps = warpCount;
  cells.resize(bytes / granule + 1);
  written.assign(bytes, 0);
  // Clocks go on from block to block, so that every event of an earlier block counts as ordered and no cell needs
  // clearing.
  clocks.fill(latest);
  for (unsigned warp = 0; warp < warps; ++warp)
    clock(warp, warp) = latest + 1;
}

void SharedShadow::syncBlock(uint64_t arrived, uint64_t released) {
  std::array<uint32_t, maxWarps> joined = {};
  for (unsigned warp = 0; warp < warps; ++warp)
    if (arrived >> warp & 1)
      for (unsigned of = 0; of < warps; ++of)
        joined[of] = std::max(joined[of], clock(warp, of));
  for (unsigned warp = 0; warp < warps; ++warp) {
    if (released >> warp & 1)
      for (unsigned of = 0; of < warps; ++of)
        clock(warp, of) = std::max(clock(warp, of), joined[of]);
    if ((arrived | released) >> warp & 1)
      ++clock(warp, warp);
  }
}

bool SharedShadow::isWritten(uint64_t offset, unsigned bytes) const {
  uint8_t all = 1;
  for (unsigned i = 0; i < bytes; ++i)
    all &= written[offset + i];
  return all != 0;
}

void SharedShadow::markWritten(uint64_t offset, unsigned bytes) {
  std::fill_n(written.begin() + static_cast<int64_t>(offset), bytes, 1);
}

std::optional<SharedShadow::Access> SharedShadow::record(uint64_t offset, unsigned bytes, const Access &access) {
  std::optional<Access> race;
  uint64_t last = (offset + bytes - 1) / granule;
  for (uint64_t cell = offset / granule; cell <= last; ++cell)
    if (std::optional<Access> found = recordInCell(cells[cell], access); found && !race)
      race = found;
  return race;
}

std::optional<SharedShadow::Access> SharedShadow::recordInCell(Cell &cell, const Access &access) {
  std::optional<Access> race;
  bool bothAtomic = access.isAtomic && cell.write.isAtomic;
  if (!bothAtomic && !isOrdered(cell.write, access.thread))
    race = Access{cell.write.thread, cell.write.place, true, cell.write.isAtomic};
  Event event{clocks[(access.thread / 32) * (maxWarps + 1)], access.place, static_cast<uint16_t>(access.thread),
              access.isAtomic};
  if (!access.isWrite) {
    recordRead(cell, event);
    return race;
  }
  for (const Event &read : cell.reads)
    if (!race && !isOrdered(read, access.thread))
      race = Access{read.thread, read.place, false, false};
  cell.write = event;
  return race;
}

/// A reader that is ordered before this one is no longer needed: whoever races with it races with this one as well, or
/// is ordered after both.
void SharedShadow::recordRead(Cell &cell, const Event &event) {
  for (Event &read : cell.reads)
    if (isOrdered(read, event.thread)) {
      read = event;
      return;
    }
  bool sameWarp = cell.reads[0].thread / 32 == cell.reads[1].thread / 32;
  if (sameWarp && event.thread / 32 != cell.reads[0].thread / 32)
    cell.reads[1] = event;
}

} // namespace heddle::sim
