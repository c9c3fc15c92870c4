// Packing problems as CSV: one tensor per line.
#ifndef HEDDLE_RUNTIME_FORMAT_INTERVALTEXT_H
#define HEDDLE_RUNTIME_FORMAT_INTERVALTEXT_H

#include "runtime/format/IntervalPacking.h"
#include <string>
#include <string_view>

namespace heddle {

/// A packing problem with a name per interval.
struct IntervalTable {
  std::vector<std::string> names;
  std::vector<Interval> intervals;
};

/// Reads lines `id,lower,upper,size` behind a header of these names in any order; `[lower, upper)` is half-open. An
/// optional column `offset` pins an interval where it is not empty. Fields have no quotes. Blank lines and carriage
/// returns are ignored. An error begins with the line, as in `line 3: ...`.
Result<IntervalTable> parseIntervals(std::string_view text);

/// The same table with an `offset` for each interval.
std::string printPacking(const IntervalTable &table, std::span<const int64_t> offsets);

} // namespace heddle

#endif // HEDDLE_RUNTIME_FORMAT_INTERVALTEXT_H
