// Exact search for a packing of intervals below a given arena.
#ifndef HEDDLE_RUNTIME_FORMAT_INTERVALSEARCH_H
#define HEDDLE_RUNTIME_FORMAT_INTERVALSEARCH_H

#include "runtime/format/IntervalPacking.h"

namespace heddle {

struct SearchOutcome {
  enum class Kind : uint8_t {
    Found,      ///< `offsets` fit in the target.
    Impossible, ///< No packing fits: a proof.
    OutOfSteps,
  };
  Kind kind = Kind::OutOfSteps;
  std::vector<int64_t> offsets;
  int64_t steps = 0;
};

/// Looks for offsets with every end at most `target`, visiting at most `maxSteps` nodes. Nothing may be pinned.
/// Deterministic. Memory O(n^2); beyond 4096 intervals it gives up at once.
/// Source: Moffitt, MiniMalloc: A Lightweight Memory Allocator for Hardware-Accelerated Machine Learning, ASPLOS 2023.
SearchOutcome searchPacking(const std::vector<Interval> &intervals, int64_t target, int64_t maxSteps);

} // namespace heddle

#endif // HEDDLE_RUNTIME_FORMAT_INTERVALSEARCH_H
