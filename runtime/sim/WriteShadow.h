// Which blocks of a launch wrote each part of an allocation without atomics.
#ifndef HEDDLE_RUNTIME_SIM_WRITESHADOW_H
#define HEDDLE_RUNTIME_SIM_WRITESHADOW_H

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

namespace heddle::sim {

/// Keeps the lowest and the highest writer per granule. Both are independent of the order in which host threads run the
/// blocks, so the findings are too.
class WriteShadow {
public:
  /// \param granule bytes per cell: no access of the launch is narrower.
  /// \param isShared whether several host threads record at once.
  WriteShadow(uint64_t bytes, unsigned granule, bool isShared)
      : granule(granule), isShared(isShared), pages((bytes + pageBytes(granule) - 1) / pageBytes(granule) + 1) {}
  ~WriteShadow();
  WriteShadow(const WriteShadow &) = delete;
  WriteShadow &operator=(const WriteShadow &) = delete;

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
  /// Granules that two blocks wrote, one entry per pair of instructions, in order of the offset.
  std::vector<Conflict> conflicts() const;

private:
  static constexpr uint64_t cellsPerPage = 1024;
  static uint64_t pageBytes(unsigned granule) { return cellsPerPage * granule; }
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

  unsigned granule;
  bool isShared;
  std::vector<std::atomic<Page *>> pages;
};

} // namespace heddle::sim

#endif // HEDDLE_RUNTIME_SIM_WRITESHADOW_H
