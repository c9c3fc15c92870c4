// Placement of tensors in one arena: lifetimes are intervals, and tensors that live at the same time share no byte.
#ifndef HEDDLE_RUNTIME_FORMAT_INTERVALPACKING_H
#define HEDDLE_RUNTIME_FORMAT_INTERVALPACKING_H

#include "runtime/format/Status.h"
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace heddle {

/// One tensor: it needs `size` bytes during `[first, last)`, a half-open range of step positions.
struct Interval {
  int64_t first = 0;
  int64_t last = 0; ///< Above `first`.
  int64_t size = 0; ///< Not negative; 0 takes no place.
  /// Where it must lie, for what an earlier epoch has placed: a multiple of the alignment.
  std::optional<int64_t> pinned = std::nullopt;
};

struct PackOptions {
  int64_t alignment = 1; ///< Bytes; a power of two. Every offset is a multiple of it.
  /// Nodes that the exact search may visit if the greedy orders leave a gap; 0 for none. It is a count, not a time, so
  /// that equal inputs give equal packings on every machine.
  int64_t searchSteps = 0;
  /// The arena that the caller has: a packing that fits it is good enough where the lower bound is out of reach.
  std::optional<int64_t> capacity = std::nullopt;
};

/// Offsets with their certificate.
struct Packing {
  std::vector<int64_t> offsets; ///< Bytes, in the order of the intervals; 0 for empty ones.
  int64_t arena = 0;            ///< Bytes: the highest end of an interval.
  int64_t lowerBound = 0;       ///< No packing is smaller: the most bytes that live at one position, after alignment.
  int64_t steps = 0;            ///< Nodes that the exact search has visited.

  int64_t gap() const { return arena - lowerBound; }
};

/// The most bytes alive at one position, each size rounded up to the alignment, or the highest pinned end if that is
/// more. An error if it does not fit in 64 bits. O(n log n).
Result<int64_t> packingLowerBound(std::span<const Interval> intervals, int64_t alignment);

/// Packs by a portfolio of greedy orders, each placing interval after interval into the lowest or tightest gap; stops
/// at the lower bound, else searches exactly within `searchSteps` (only where nothing is pinned). Deterministic. O(n^2)
/// per order. The only error is Code::OverLimit for sizes that do not fit in 64 bits. Sources: Pisarchyk and Lee 2020
/// (greedy by size); Moffitt 2023, MiniMalloc (search).
Result<Packing> packIntervals(std::span<const Interval> intervals, const PackOptions &options);

/// Proves a packing from the definition alone: offsets are aligned and pinned ones kept, nothing ends beyond `arena`,
/// and no two intervals that share a position share a byte. The error names the two. O(n log n).
Status checkPacking(std::span<const Interval> intervals, std::span<const int64_t> offsets, int64_t arena,
                    int64_t alignment);

} // namespace heddle

#endif // HEDDLE_RUNTIME_FORMAT_INTERVALPACKING_H
