// Greedy packing of intervals, its lower bound and its checker.
#include "runtime/format/IntervalPacking.h"

#include "runtime/format/IntervalSearch.h"
#include <algorithm>
#include <map>
#include <numeric>

namespace heddle {

namespace {

int64_t alignUp(int64_t value, int64_t alignment) { return (value + alignment - 1) & -alignment; }

/// The intervals with sizes rounded up: when all sizes and pinned offsets are multiples, so are all offsets.
std::vector<Interval> aligned(std::span<const Interval> intervals, int64_t alignment) {
  std::vector<Interval> result(intervals.begin(), intervals.end());
  for (Interval &interval : result)
    interval.size = alignUp(interval.size, alignment);
  return result;
}

/// One position where bytes begin or end to live.
struct Event {
  int64_t position;
  int64_t bytes; ///< Negative where they end; ends sort before begins.
};

enum class Fit { Lowest, Tightest };

/// An interval that has its place, in a list sorted by offset.
struct Placed {
  int64_t offset, end, first, last;
};

/// Places intervals one after the other; the buffers are reused between orders.
class GreedyPacker {
public:
  explicit GreedyPacker(const std::vector<Interval> &intervals) : intervals(intervals) {
    placed.reserve(intervals.size());
    offsets.resize(intervals.size());
  }

  /// The arena that `order` leads to; gives up, returning INT64_MAX, once it reaches `limit`.
  int64_t pack(const std::vector<int32_t> &order, Fit fit, int64_t limit) {
    placed.clear();
    int64_t arena = 0;
    for (const Interval &interval : intervals)
      if (interval.pinned)
        arena = std::max(arena, place(interval, *interval.pinned));
    for (int32_t index : order) {
      const Interval &interval = intervals[static_cast<size_t>(index)];
      int64_t offset = findGap(interval, fit);
      offsets[static_cast<size_t>(index)] = offset;
      arena = std::max(arena, place(interval, offset));
      if (arena >= limit)
        return INT64_MAX;
    }
    return arena;
  }

  const std::vector<int64_t> &result() const { return offsets; }

private:
  /// Returns the end of the interval in the arena.
  int64_t place(const Interval &interval, int64_t offset) {
    Placed entry = {offset, offset + interval.size, interval.first, interval.last};
    auto position = std::upper_bound(placed.begin(), placed.end(), offset,
                                     [](int64_t value, const Placed &other) { return value < other.offset; });
    placed.insert(position, entry);
    return entry.end;
  }

  /// The lowest or tightest gap between the intervals that live at the same time, or the place above them all.
  int64_t findGap(const Interval &interval, Fit fit) const {
    int64_t cursor = 0, best = -1, bestGap = INT64_MAX;
    for (const Placed &other : placed) {
      if (other.last <= interval.first || interval.last <= other.first)
        continue;
      int64_t gap = other.offset - cursor;
      if (gap >= interval.size && gap < bestGap) {
        best = cursor;
        bestGap = gap;
        if (fit == Fit::Lowest)
          break;
      }
      cursor = std::max(cursor, other.end);
    }
    return best >= 0 ? best : cursor;
  }

  const std::vector<Interval> &intervals;
  std::vector<Placed> placed;
  std::vector<int64_t> offsets;
};

/// What an order sorts by, larger first; equal keys keep the order of the input.
using Key = double (*)(const Interval &);

constexpr Key orderKeys[] = {
    [](const Interval &interval) { return static_cast<double>(interval.size); },
    [](const Interval &interval) {
      return static_cast<double>(interval.size) * static_cast<double>(interval.last - interval.first);
    },
    [](const Interval &interval) { return static_cast<double>(interval.last - interval.first); },
    [](const Interval &interval) { return -static_cast<double>(interval.first); },
    [](const Interval &interval) { return static_cast<double>(interval.last); },
};

/// The intervals to place, sorted by `key`.
std::vector<int32_t> orderBy(const std::vector<Interval> &intervals, Key key) {
  std::vector<std::pair<double, int32_t>> keyed;
  for (size_t i = 0; i < intervals.size(); ++i)
    if (!intervals[i].pinned && intervals[i].size > 0)
      keyed.emplace_back(-key(intervals[i]), static_cast<int32_t>(i));
  std::sort(keyed.begin(), keyed.end());
  std::vector<int32_t> order;
  for (const auto &[ignored, index] : keyed)
    order.push_back(index);
  return order;
}

void packGreedily(const std::vector<Interval> &intervals, Packing &packing) {
  GreedyPacker packer(intervals);
  packing.arena = INT64_MAX;
  for (Key key : orderKeys) {
    std::vector<int32_t> order = orderBy(intervals, key);
    for (Fit fit : {Fit::Lowest, Fit::Tightest}) {
      int64_t arena = packer.pack(order, fit, packing.arena);
      if (arena >= packing.arena)
        continue;
      packing.arena = arena;
      packing.offsets = packer.result();
      if (packing.gap() == 0)
        return;
    }
  }
}

/// Asks for the lower bound first, then for the caller's capacity, then for half of what is left to gain.
void packExactly(const std::vector<Interval> &intervals, const PackOptions &options, Packing &packing) {
  int64_t target = packing.lowerBound;
  bool triedCapacity = false;
  while (packing.steps < options.searchSteps && target < packing.arena) {
    SearchOutcome outcome = searchPacking(intervals, target, (options.searchSteps - packing.steps + 1) / 2);
    packing.steps += outcome.steps;
    if (outcome.kind == SearchOutcome::Kind::Found) {
      packing.offsets = std::move(outcome.offsets);
      packing.arena = target;
      return;
    }
    if (options.capacity && !triedCapacity && *options.capacity > target && *options.capacity < packing.arena)
      target = *options.capacity;
    else
      target += std::max<int64_t>((packing.arena - target) / 2, 1);
    triedCapacity = true;
  }
}

int64_t highestEnd(const std::vector<Interval> &intervals, const std::vector<int64_t> &offsets) {
  int64_t end = 0;
  for (size_t i = 0; i < intervals.size(); ++i)
    end = std::max(end, offsets[i] + intervals[i].size);
  return end;
}

std::string describe(size_t index, const Interval &interval, int64_t offset) {
  return "interval " + std::to_string(index) + " (positions [" + std::to_string(interval.first) + ", " +
         std::to_string(interval.last) + "), bytes [" + std::to_string(offset) + ", " +
         std::to_string(offset + interval.size) + "))";
}

/// Checks what concerns one interval alone.
Status checkPlace(size_t index, const Interval &interval, int64_t offset, int64_t arena, int64_t alignment) {
  auto failure = [&](const std::string &what) {
    return Status(Code::Mismatch, describe(index, interval, offset) + " " + what);
  };
  if (offset < 0 || offset % alignment != 0)
    return failure("is not aligned to " + std::to_string(alignment));
  if (interval.pinned && offset != *interval.pinned)
    return failure("is not where it is pinned, at " + std::to_string(*interval.pinned));
  if (interval.size > arena || offset > arena - interval.size)
    return failure("ends beyond the arena of " + std::to_string(arena) + " bytes");
  return Status::ok();
}

} // namespace

Result<int64_t> packingLowerBound(std::span<const Interval> intervals, int64_t alignment) {
  std::vector<Event> events;
  int64_t total = 0, bound = 0;
  for (const Interval &interval : intervals) {
    assert(interval.first < interval.last && interval.size >= 0 && "an interval lives for a while and has a size");
    int64_t size;
    if (__builtin_add_overflow(interval.size, alignment - 1, &size) ||
        __builtin_add_overflow(total, alignUp(interval.size, alignment), &total))
      return Status(Code::OverLimit, "the sizes of the tensors do not fit in 64 bits");
    size &= -alignment;
    events.push_back({interval.first, size});
    events.push_back({interval.last, -size});
    int64_t pinnedEnd = 0;
    if (interval.pinned && __builtin_add_overflow(*interval.pinned, size, &pinnedEnd))
      return Status(Code::OverLimit, "the sizes of the tensors do not fit in 64 bits");
    bound = std::max(bound, pinnedEnd);
  }
  // In the worst case all that is not pinned lies above all that is.
  if (__builtin_add_overflow(total, bound, &total))
    return Status(Code::OverLimit, "the sizes of the tensors do not fit in 64 bits");
  std::sort(events.begin(), events.end(), [](const Event &a, const Event &b) {
    return a.position != b.position ? a.position < b.position : a.bytes < b.bytes;
  });
  int64_t live = 0;
  for (const Event &event : events) {
    live += event.bytes;
    bound = std::max(bound, live);
  }
  return bound;
}

Result<Packing> packIntervals(std::span<const Interval> intervals, const PackOptions &options) {
  assert(options.alignment > 0 && (options.alignment & (options.alignment - 1)) == 0 && "a power of two");
  Result<int64_t> bound = packingLowerBound(intervals, options.alignment);
  if (!bound)
    return bound.status();
  std::vector<Interval> rounded = aligned(intervals, options.alignment);
  Packing packing;
  packing.lowerBound = *bound;
  packGreedily(rounded, packing);
  bool hasPinned = std::any_of(rounded.begin(), rounded.end(), [](const Interval &i) { return i.pinned.has_value(); });
  if (packing.gap() > 0 && !hasPinned)
    packExactly(rounded, options, packing);
  for (size_t i = 0; i < rounded.size(); ++i)
    if (rounded[i].pinned)
      packing.offsets[i] = *rounded[i].pinned;
  packing.arena = highestEnd(rounded, packing.offsets);
  return packing;
}

Status checkPacking(std::span<const Interval> intervals, std::span<const int64_t> offsets, int64_t arena,
                    int64_t alignment) {
  assert(intervals.size() == offsets.size() && "one offset per interval");
  struct Moment {
    int64_t position;
    bool begins;
    size_t index;
  };
  std::vector<Moment> moments;
  for (size_t i = 0; i < intervals.size(); ++i) {
    HEDDLE_RETURN_IF_ERROR(checkPlace(i, intervals[i], offsets[i], arena, alignment));
    if (intervals[i].size == 0)
      continue;
    moments.push_back({intervals[i].first, true, i});
    moments.push_back({intervals[i].last, false, i});
  }
  std::sort(moments.begin(), moments.end(), [](const Moment &a, const Moment &b) {
    return a.position != b.position ? a.position < b.position : a.begins < b.begins;
  });
  // What lives at the current position, by offset: a newcomer can only collide with its neighbours.
  std::map<int64_t, size_t> live;
  for (const Moment &moment : moments) {
    size_t index = moment.index;
    if (!moment.begins) {
      live.erase(offsets[index]);
      continue;
    }
    auto next = live.lower_bound(offsets[index]);
    auto collides = [&](size_t other) {
      return offsets[index] < offsets[other] + intervals[other].size &&
             offsets[other] < offsets[index] + intervals[index].size;
    };
    std::optional<size_t> culprit;
    if (next != live.end() && collides(next->second))
      culprit = next->second;
    else if (next != live.begin() && collides(std::prev(next)->second))
      culprit = std::prev(next)->second;
    if (culprit)
      return Status(Code::Mismatch, describe(*culprit, intervals[*culprit], offsets[*culprit]) + " shares bytes with " +
                                        describe(index, intervals[index], offsets[index]));
    live.emplace(offsets[index], index);
  }
  return Status::ok();
}

} // namespace heddle
