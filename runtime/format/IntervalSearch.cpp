// Depth-first search over packings whose offsets are placed in ascending order.
//
// Any packing can be pushed down until each interval rests on the floor or on another one, and then built in the order
// of its offsets. So a node places one more interval, not below the last one, on top of what it overlaps. A node fails
// when at some position all that must still be placed there, stacked on the lowest place left, passes the target. What
// remains falls apart in time into independent groups, each searched alone.
#include "runtime/format/IntervalSearch.h"

#include <algorithm>
#include <array>
#include <numeric>

namespace heddle {

namespace {

constexpr size_t maxIntervals = 4096;

/// An interval over sections: the ranges between neighbouring positions where something begins or ends.
struct Block {
  int32_t firstSection, lastSection;
  int64_t size;
  size_t index; ///< Among the intervals.
};

/// Indices into the blocks, in the order of `firstSection`.
using Group = std::vector<int32_t>;

class Searcher {
public:
  Searcher(const std::vector<Interval> &intervals, int64_t target, int64_t maxSteps)
      : target(target), maxSteps(maxSteps) {
    makeBlocks(intervals);
    lowest.assign(blocks.size(), 0);
    offsets.assign(intervals.size(), 0);
  }

  /// `rankOf` gives each block's place in the order of preference among equal offsets.
  SearchOutcome run(const std::vector<int32_t> &rankOf) {
    rank = rankOf;
    Group all(blocks.size());
    std::iota(all.begin(), all.end(), 0);
    bool found = all.empty() || (hasRoom(all, 0) && solve(all, 0));
    SearchOutcome outcome;
    outcome.steps = steps;
    outcome.kind = found               ? SearchOutcome::Kind::Found
                   : steps >= maxSteps ? SearchOutcome::Kind::OutOfSteps
                                       : SearchOutcome::Kind::Impossible;
    if (found)
      outcome.offsets = offsets;
    return outcome;
  }

  const std::vector<Block> &allBlocks() const { return blocks; }
  /// Bytes to place, by section.
  const std::vector<int64_t> &load() const { return waiting; }

private:
  void makeBlocks(const std::vector<Interval> &intervals) {
    std::vector<int64_t> positions;
    for (const Interval &interval : intervals) {
      positions.push_back(interval.first);
      positions.push_back(interval.last);
    }
    std::sort(positions.begin(), positions.end());
    positions.erase(std::unique(positions.begin(), positions.end()), positions.end());
    auto sectionOf = [&](int64_t position) {
      return static_cast<int32_t>(std::lower_bound(positions.begin(), positions.end(), position) - positions.begin());
    };
    starts.assign(positions.size(), 0);
    waiting.assign(positions.size(), 0);
    for (size_t i = 0; i < intervals.size(); ++i) {
      if (intervals[i].size == 0)
        continue;
      Block block = {sectionOf(intervals[i].first), sectionOf(intervals[i].last), intervals[i].size, i};
      blocks.push_back(block);
      for (int32_t section = block.firstSection; section < block.lastSection; ++section)
        waiting[static_cast<size_t>(section)] += block.size;
    }
    std::sort(blocks.begin(), blocks.end(), [](const Block &a, const Block &b) {
      return a.firstSection != b.firstSection ? a.firstSection < b.firstSection : a.index < b.index;
    });
  }

  Block &block(int32_t id) { return blocks[static_cast<size_t>(id)]; }
  int64_t &lowestOf(int32_t id) { return lowest[static_cast<size_t>(id)]; }

  /// Places a group whose offsets start at `base`; splits it where no block lives across a section's end.
  bool solve(const Group &group, int64_t base) {
    size_t start = 0;
    int32_t reach = -1;
    for (size_t i = 0; i < group.size(); ++i) {
      if (i > start && block(group[i]).firstSection >= reach) {
        if (!solveConnected({group.begin() + static_cast<ptrdiff_t>(start), group.begin() + static_cast<ptrdiff_t>(i)},
                            base))
          return false;
        start = i;
      }
      reach = std::max(reach, block(group[i]).lastSection);
    }
    return start == group.size() || solveConnected({group.begin() + static_cast<ptrdiff_t>(start), group.end()}, base);
  }

  /// The blocks that may come next: on `base` or above it, and not so high that another one would fit whole below.
  std::vector<int32_t> candidatesOf(const Group &group, int64_t base) {
    int64_t lowestTop = INT64_MAX;
    for (int32_t id : group)
      lowestTop = std::min(lowestTop, std::max(lowestOf(id), base) + block(id).size);
    std::vector<int32_t> candidates;
    for (int32_t id : group)
      if (std::max(lowestOf(id), base) < lowestTop)
        candidates.push_back(id);
    std::sort(candidates.begin(), candidates.end(), [&](int32_t a, int32_t b) {
      int64_t left = std::max(lowestOf(a), base), right = std::max(lowestOf(b), base);
      return left != right ? left < right : rank[static_cast<size_t>(a)] < rank[static_cast<size_t>(b)];
    });
    return candidates;
  }

  bool solveConnected(const Group &group, int64_t base) {
    for (int32_t id : candidatesOf(group, base)) {
      if (steps >= maxSteps)
        return false;
      ++steps;
      if (tryBlock(group, id, std::max(lowestOf(id), base)))
        return true;
      // Nothing else of the group touches this block, so it could lie there in any packing of the others too.
      if (isAlone(group, id))
        return false;
    }
    return false;
  }

  /// Can what waits in each section still end below the target? Nothing of it starts below the lowest place of any
  /// block that crosses the section, which is often far above the section's own floor.
  bool hasRoom(const Group &group, int64_t base) {
    int32_t begin = block(group.front()).firstSection, end = begin;
    for (int32_t id : group) {
      const Block &waitingBlock = block(id);
      int64_t start = std::max(lowestOf(id), base);
      if (start + waitingBlock.size > target)
        return false;
      for (; end < waitingBlock.lastSection; ++end)
        starts[static_cast<size_t>(end)] = INT64_MAX;
      for (int32_t section = waitingBlock.firstSection; section < waitingBlock.lastSection; ++section)
        starts[static_cast<size_t>(section)] = std::min(starts[static_cast<size_t>(section)], start);
    }
    for (auto section = static_cast<size_t>(begin); section < static_cast<size_t>(end); ++section)
      if (waiting[section] > 0 && waiting[section] > target - starts[section])
        return false;
    return true;
  }

  bool overlap(int32_t a, int32_t b) {
    return block(a).firstSection < block(b).lastSection && block(b).firstSection < block(a).lastSection;
  }

  bool isAlone(const Group &group, int32_t id) {
    return std::none_of(group.begin(), group.end(), [&](int32_t other) { return other != id && overlap(other, id); });
  }

  bool tryBlock(const Group &group, int32_t id, int64_t offset) {
    const Block placed = block(id);
    int64_t top = offset + placed.size;
    Group rest;
    std::vector<std::pair<int32_t, int64_t>> raised;
    for (int32_t other : group) {
      if (other == id)
        continue;
      rest.push_back(other);
      if (overlap(other, id) && lowestOf(other) < top) {
        raised.emplace_back(other, lowestOf(other));
        lowestOf(other) = top;
      }
    }
    auto first = static_cast<size_t>(placed.firstSection), last = static_cast<size_t>(placed.lastSection);
    for (size_t section = first; section < last; ++section)
      waiting[section] -= placed.size;
    offsets[placed.index] = offset;
    if (rest.empty() || (hasRoom(rest, offset) && solve(rest, offset)))
      return true;
    for (size_t section = first; section < last; ++section)
      waiting[section] += placed.size;
    for (auto [other, old] : raised)
      lowestOf(other) = old;
    return false;
  }

  int64_t target, maxSteps, steps = 0;
  std::vector<Block> blocks;
  std::vector<int32_t> rank;
  std::vector<int64_t> lowest;  ///< By block: the top of what is placed below it.
  std::vector<int64_t> starts;  ///< By section: scratch of hasRoom.
  std::vector<int64_t> waiting; ///< By section: bytes that are not yet placed.
  std::vector<int64_t> offsets; ///< By interval.
};

/// Preferences among blocks of equal offset, larger first: by length and area, or by the fullest section that a block
/// crosses and then area or length. No single one wins on all instances.
std::vector<int32_t> rankBy(const std::vector<Block> &blocks, const std::vector<int64_t> &load, int preference) {
  std::vector<std::array<double, 3>> keys;
  for (const Block &block : blocks) {
    double length = block.lastSection - block.firstSection, area = length * static_cast<double>(block.size);
    auto fullest =
        static_cast<double>(*std::max_element(load.begin() + block.firstSection, load.begin() + block.lastSection));
    if (preference == 0)
      keys.push_back({length, area, fullest});
    else if (preference == 1)
      keys.push_back({fullest, area, length});
    else
      keys.push_back({fullest, length, area});
  }
  std::vector<int32_t> order(blocks.size()), rank(blocks.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
    const auto &left = keys[static_cast<size_t>(a)], &right = keys[static_cast<size_t>(b)];
    return left != right ? left > right : a < b;
  });
  for (size_t i = 0; i < order.size(); ++i)
    rank[static_cast<size_t>(order[i])] = static_cast<int32_t>(i);
  return rank;
}

} // namespace

SearchOutcome searchPacking(const std::vector<Interval> &intervals, int64_t target, int64_t maxSteps) {
  SearchOutcome outcome;
  if (intervals.size() > maxIntervals)
    return outcome;
  // Short runs first: a preference that suits the instance often finds a packing almost without backtracking.
  for (int64_t budget = std::min<int64_t>(maxSteps, 2000); outcome.steps < maxSteps; budget *= 4)
    for (int preference = 0; preference < 3 && outcome.steps < maxSteps; ++preference) {
      Searcher searcher(intervals, target, std::min(budget, maxSteps - outcome.steps));
      SearchOutcome attempt = searcher.run(rankBy(searcher.allBlocks(), searcher.load(), preference));
      outcome.steps += attempt.steps;
      outcome.kind = attempt.kind;
      outcome.offsets = std::move(attempt.offsets);
      if (outcome.kind != SearchOutcome::Kind::OutOfSteps)
        return outcome;
    }
  return outcome;
}

} // namespace heddle
