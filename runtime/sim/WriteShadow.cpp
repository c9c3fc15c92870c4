// Which blocks of a launch wrote each part of an allocation without atomics.
#include "runtime/sim/WriteShadow.h"
#include <algorithm>

namespace heddle::sim {

WriteShadow::~WriteShadow() {
  for (uint64_t number : touched)
    delete pages[number].load();
}

WriteShadow::Page *WriteShadow::addPage(uint64_t number) {
  std::lock_guard lock(mutex);
  if (Page *page = pages[number].load())
    return page; // Another thread was first.
  std::unique_ptr<Page> page;
  if (spare.empty()) {
    page = std::make_unique<Page>();
  } else {
    page = std::move(spare.back());
    spare.pop_back();
  }
  for (uint64_t i = 0; i < cellsPerPage; ++i) {
    page->lowest[i].store(~0ull, std::memory_order_relaxed);
    page->highest[i].store(0, std::memory_order_relaxed);
  }
  touched.push_back(number);
  pages[number].store(page.get(), std::memory_order_release);
  return page.release();
}

void WriteShadow::collectConflicts(uint64_t number, std::vector<Conflict> &conflicts) const {
  const Page *page = pages[number].load();
  for (uint64_t i = 0; i < cellsPerPage; ++i) {
    uint64_t low = page->lowest[i].load(std::memory_order_relaxed);
    uint64_t high = page->highest[i].load(std::memory_order_relaxed);
    if (high == 0 || low >> 32 == high >> 32)
      continue;
    auto lowPlace = static_cast<uint32_t>(low), highPlace = static_cast<uint32_t>(high);
    auto isSame = [&](const Conflict &c) { return c.places[0] == lowPlace && c.places[1] == highPlace; };
    auto known = std::find_if(conflicts.begin(), conflicts.end(), isSame);
    if (known != conflicts.end())
      ++known->cells;
    else
      conflicts.push_back({(number * cellsPerPage + i) * granule,
                           {static_cast<uint32_t>(low >> 32) - 1, static_cast<uint32_t>(high >> 32) - 1},
                           {lowPlace, highPlace},
                           1});
  }
}

std::vector<WriteShadow::Conflict> WriteShadow::takeConflicts() {
  std::lock_guard lock(mutex);
  std::vector<Conflict> conflicts;
  std::sort(touched.begin(), touched.end());
  for (uint64_t number : touched) {
    collectConflicts(number, conflicts);
    spare.emplace_back(pages[number].exchange(nullptr));
  }
  touched.clear();
  return conflicts;
}

} // namespace heddle::sim
