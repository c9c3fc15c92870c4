// Which blocks of a launch wrote each part of an allocation without atomics.
#ifndef HEDDLE_RUNTIME_SIM_WRITESHADOW_H
#define HEDDLE_RUNTIME_SIM_WRITESHADOW_H

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace heddle::sim {

/// Keeps the lowest and the highest writer per granule. Both are independent of the order in which host threads run the
/// blocks, so the findings are too.
class WriteShadow {
public:
  explicit WriteShadow(uint64_t bytes) : pages(bytes / cellsPerPage + 1) {}
  ~WriteShadow();
  WriteShadow(const WriteShadow &) = delete;
  WriteShadow &operator=(const WriteShadow &) = delete;

  /// Before a launch. \param newGranule bytes per cell: no access of the launch is narrower.
  /// \param severalThreads whether host threads record at once.
  void begin(unsigned newGranule, bool severalThreads) {
    granule = newGranule;
    isShared = severalThreads;
  }

  /// Records a write of `bytes` at `offset` by an instruction (a place in the kernel) of a block.
  void recordWrite(uint64_t offset, unsigned bytes, uint32_t block, uint32_t place) {
    uint64_t key = ((uint64_t(block) + 1) << 32) | place;
    uint64_t last = (offset + bytes - 1) / granule;
    for (uint64_t cell = offset / granule; cell <= last; ++cell)
      touch(cell, key);
  }

  struct Conflict {
    uint64_t offset; ///< Of the first byte that both wrote.
    uint32_t blocks[2], places[2];
    uint64_t cells;
  };
  /// After a launch: granules that two blocks wrote, one entry per pair of instructions, in order of the offset.
  /// Forgets all writes. O(bytes written).
  std::vector<Conflict> takeConflicts();

private:
  static constexpr uint64_t cellsPerPage = 1024;
  struct Page {
    std::atomic<uint64_t> lowest[cellsPerPage];
    std::atomic<uint64_t> highest[cellsPerPage];
  };

  Page *pageOf(uint64_t cell) {
    Page *page = pages[cell / cellsPerPage].load(std::memory_order_acquire);
    return page ? page : addPage(cell / cellsPerPage);
  }
  Page *addPage(uint64_t number);
  void touch(uint64_t cell, uint64_t key) {
    Page *page = pageOf(cell);
    std::atomic<uint64_t> &lowest = page->lowest[cell % cellsPerPage], &highest = page->highest[cell % cellsPerPage];
    replaceIf(lowest, key, [](uint64_t seen, uint64_t by) { return by < seen; });
    replaceIf(highest, key, [](uint64_t seen, uint64_t by) { return by > seen; });
  }
  template <typename Better> void replaceIf(std::atomic<uint64_t> &cell, uint64_t key, Better better) {
    uint64_t seen = cell.load(std::memory_order_relaxed);
    if (!better(seen, key))
      return;
    if (!isShared)
      return cell.store(key, std::memory_order_relaxed);
    while (better(seen, key) && !cell.compare_exchange_weak(seen, key, std::memory_order_relaxed)) {
    }
  }

  void collectConflicts(uint64_t number, std::vector<Conflict> &conflicts) const;

  unsigned granule = 1;
  bool isShared = false;
  std::vector<std::atomic<Page *>> pages; ///< Enough for a granule of one byte.
  std::mutex mutex;                       ///< Guards what follows.
  std::vector<uint64_t> touched;          ///< Numbers of the pages there are.
  std::vector<std::unique_ptr<Page>> spare;
};

} // namespace heddle::sim

#endif // HEDDLE_RUNTIME_SIM_WRITESHADOW_H
