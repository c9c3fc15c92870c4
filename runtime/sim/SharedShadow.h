// Which bytes of a block's shared memory are written, and which accesses are ordered.
#ifndef HEDDLE_RUNTIME_SIM_SHAREDSHADOW_H
#define HEDDLE_RUNTIME_SIM_SHAREDSHADOW_H

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace heddle::sim {

/// Vector clocks, one per warp (FastTrack, Flanagan and Freund 2009, with warps in the place of threads). A barrier
/// joins the clocks of the warps that meet at it; within one warp, a barrier or `bar.warp.sync` separates the accesses
/// of different lanes. Each granule keeps its last writer and two readers, preferably of two warps: a race can be
/// missed when a third reader would have been the one, but a reported race is real.
class SharedShadow {
public:
  /// Forgets the previous block. \param granule bytes per cell: no access of the kernel is narrower.
  void begin(uint64_t bytes, unsigned granule, unsigned warps);

  struct Access {
    uint32_t thread;
    uint32_t place; ///< Instruction in the kernel.
    bool isWrite;
    bool isAtomic;
  };
  /// Records an access of bytes that lie inside shared memory.
  /// \returns an earlier access that races with it, if there is one.
  std::optional<Access> record(uint64_t offset, unsigned bytes, const Access &access);

  /// Whether all of the bytes have been written by the block.
  bool isWritten(uint64_t offset, unsigned bytes) const;
  void markWritten(uint64_t offset, unsigned bytes);

  /// Orders the accesses of a warp's lanes before from those after.
  void syncWarp(unsigned warp) { ++clock(warp, warp); }
  /// The warps in `arrived` have arrived at a barrier, those in `released` wait for it: what the first did before is
  /// ordered before what the second do next.
  void syncBlock(uint64_t arrived, uint64_t released);

private:
  struct Event {
    uint32_t clock = 0;
    uint32_t place = 0;
    uint16_t thread = 0;
    bool isAtomic = false;
  };
  struct Cell {
    Event write;
    Event reads[2];
  };
  uint32_t &clock(unsigned warp, unsigned of) { return clocks[warp * maxWarps + of]; }
  bool isOrdered(const Event &earlier, uint32_t thread) const {
    uint32_t warp = thread / 32, other = earlier.thread / 32;
    uint32_t known = clocks[warp * maxWarps + other];
    if (warp == other)
      return earlier.thread == thread || earlier.clock < known;
    return earlier.clock <= known;
  }
  void recordRead(Cell &cell, const Event &event);
  std::optional<Access> recordInCell(Cell &cell, const Access &access);

  static constexpr unsigned maxWarps = 32;
  unsigned granule = 4;
  unsigned warps = 0;
  uint32_t latest = 0; ///< No clock of earlier blocks is above it.
  std::vector<Cell> cells;
  std::vector<uint8_t> written; ///< Per byte, 0 or 1.
  std::array<uint32_t, maxWarps * maxWarps> clocks = {};
};

} // namespace heddle::sim

#endif // HEDDLE_RUNTIME_SIM_SHAREDSHADOW_H
