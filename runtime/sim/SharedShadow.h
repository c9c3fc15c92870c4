// Which accesses of a block's shared memory are ordered, and what has been written.
#ifndef HEDDLE_RUNTIME_SIM_SHAREDSHADOW_H
#define HEDDLE_RUNTIME_SIM_SHAREDSHADOW_H

#include <array>
#include <cstdint>
#include <vector>

namespace heddle::sim {

/// Vector clocks, one per warp (FastTrack, Flanagan and Freund 2009, with warps in the place of threads). A barrier
/// joins the clocks of the warps that meet at it; within one warp, a barrier or `bar.warp.sync` separates the accesses
/// of different lanes. Each granule keeps its last writer and two readers, preferably of two warps: a race can be
/// missed when a third reader would have been the one, but a reported race is real.
class SharedShadow {
public:
  /// Forgets the previous block. \param granule bytes per cell, a power of two: no access of the kernel is narrower.
  void begin(uint64_t bytes, unsigned granule, unsigned warps);

  struct Access {
    uint32_t thread = 0;
    uint32_t place = 0; ///< Instruction in the kernel.
    bool isWrite = false;
    bool isAtomic = false;
  };
  struct Outcome {
    bool isUnwritten = false; ///< It reads bytes that the block has not written.
    bool isRace = false;
    Access earlier; ///< If it is a race: what it races with.
  };
  /// Records an access of bytes that lie inside shared memory.
  Outcome record(uint64_t offset, unsigned bytes, const Access &access);

  /// Orders the accesses of a warp's lanes before from those after.
  void syncWarp(unsigned warp) { ++clock(warp, warp); }
  /// What is known of each warp's clock.
  using Clocks = std::array<uint32_t, 32>;
  /// A warp arrives at a barrier: what it has done is ordered before what follows the barrier, but not what it does
  /// from now on.
  void arrive(unsigned warp, Clocks &barrier);
  /// A warp that has waited at the barrier goes on.
  void release(unsigned warp, const Clocks &barrier);

private:
  /// An access, packed: 32 bits of clock, 20 of place, 1 for atomics, 11 of thread. 0 is before everything.
  using Event = uint64_t;
  static constexpr unsigned placeBits = 20, threadBits = 11;
  static Event pack(uint32_t clock, const Access &access) {
    return uint64_t(clock) << 32 | uint64_t(access.place & ((1u << placeBits) - 1)) << (threadBits + 1) |
           uint64_t(access.isAtomic) << threadBits | access.thread;
  }
  static uint32_t clockOf(Event event) { return static_cast<uint32_t>(event >> 32); }
  static uint32_t threadOf(Event event) { return event & ((1u << threadBits) - 1); }
  static bool isAtomic(Event event) { return event >> threadBits & 1; }
  static Access unpack(Event event, bool isWrite) {
    auto place = static_cast<uint32_t>(event >> (threadBits + 1)) & ((1u << placeBits) - 1);
    return {threadOf(event), place, isWrite, isAtomic(event)};
  }

  struct alignas(32) Cell {
    Event write = 0;
    Event reads[2] = {0, 0};
  };
  uint32_t &clock(unsigned warp, unsigned of) { return clocks[warp * maxWarps + of]; }
  bool isOrdered(Event earlier, uint32_t thread) const {
    uint32_t warp = thread / 32, other = threadOf(earlier) / 32;
    uint32_t known = clocks[warp * maxWarps + other];
    bool isOwn = threadOf(earlier) == thread;
    return warp == other ? isOwn | (clockOf(earlier) < known) : clockOf(earlier) <= known;
  }
  void recordRead(Cell &cell, Event event);
  void recordInCell(Cell &cell, const Access &access, Event event, Outcome &outcome);

  static constexpr unsigned maxWarps = 32;
  unsigned granuleShift = 2;
  unsigned warps = 0;
  uint32_t latest = 0; ///< No clock of earlier blocks is above it.
  std::vector<Cell> cells;
  std::array<uint32_t, maxWarps * maxWarps> clocks = {};
};

} // namespace heddle::sim

#endif // HEDDLE_RUNTIME_SIM_SHAREDSHADOW_H
