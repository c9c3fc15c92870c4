// Which blocks of a launch wrote each part of an allocation without atomics.
#include "runtime/sim/WriteShadow.h"
#include <algorithm>

namespace heddle::sim {

WriteShadow::~WriteShadow() {
  for (std::atomic<Page *> &page : pages)
    delete page.load();
}

WriteShadow::Page *WriteShadow::addPage(uint64_t number) {
  auto fresh = std::make_unique<Page>();
  for (std::atomic<uint64_t> &lowest : fresh->lowest)
    lowest.store(~0ull, std::memory_order_relaxed);
  Page *expected = nullptr;
  if (pages[number].compare_exchange_strong(expected, fresh.get(), std::memory_order_acq_rel))
    return fresh.release();
  return expected;
}

std::vector<WriteShadow::Conflict> WriteShadow::conflicts() const {
  std::vector<Conflict> result;
  for (uint64_t number = 0; number < pages.size(); ++number) {
    const Page *page = pages[number].load();
    if (!page)
      continue;
    for (uint64_t i = 0; i < cellsPerPage; ++i) {
      uint64_t low = page->lowest[i].load(), high = page->highest[i].load();
      if (high == 0 || low >> 32 == high >> 32)
        continue;
      auto lowPlace = static_cast<uint32_t>(low), highPlace = static_cast<uint32_t>(high);
      auto isSame = [&](const Conflict &c) { return c.places[0] == lowPlace && c.places[1] == highPlace; };
      auto known = std::find_if(result.begin(), result.end(), isSame);
      if (known != result.end())
        ++known->cells;
      else
        result.push_back({(number * cellsPerPage + i) * granule,
                          {static_cast<uint32_t>(low >> 32) - 1, static_cast<uint32_t>(high >> 32) - 1},
                          {lowPlace, highPlace},
                          1});
    }
  }
  return result;
}

} // namespace heddle::sim
