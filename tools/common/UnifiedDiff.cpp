// Implements unified diffs.
#include "tools/common/UnifiedDiff.h"
#include <algorithm>
#include <cstdint>
#include <vector>

namespace heddle {
namespace {

constexpr int64_t context = 3;
constexpr int64_t maxChanges = 4000;

using Lines = std::vector<std::string_view>;

/// One line of the edit: ' ' kept, '-' only before, '+' only after.
struct Edit {
  char kind;
  std::string_view line;
};

Lines linesOf(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

/// Finds the shortest edit between two ranges of lines. `furthest[k]` is the furthest position in `a` on diagonal k
/// that a given number of changes reaches; a copy of each round is kept to walk back.
class ShortestEdit {
public:
  ShortestEdit(const Lines &a, const Lines &b) : a(a), b(b), furthest(2 * maxChanges + 3, 0) {}

  std::vector<Edit> run() {
    for (int64_t changes = 0; changes <= std::min<int64_t>(maxChanges, int64_t(a.size() + b.size())); ++changes) {
      rounds.emplace_back(furthest.begin() + offset - changes - 1, furthest.begin() + offset + changes + 2);
      if (advance(changes))
        return walkBack(changes);
    }
    return replaceAll();
  }

private:
  bool advance(int64_t changes) {
    for (int64_t k = -changes; k <= changes; k += 2) {
      bool isInsertion = k == -changes || (k != changes && at(k - 1) < at(k + 1));
      int64_t x = isInsertion ? at(k + 1) : at(k - 1) + 1, y = x - k;
      while (x < int64_t(a.size()) && y < int64_t(b.size()) && a[size_t(x)] == b[size_t(y)])
        ++x, ++y;
      at(k) = x;
      if (x >= int64_t(a.size()) && y >= int64_t(b.size()))
        return true;
    }
    return false;
  }

  std::vector<Edit> walkBack(int64_t changes) const {
    std::vector<Edit> edits;
    int64_t x = int64_t(a.size()), y = int64_t(b.size());
    for (; changes >= 0; --changes) {
      // Round `changes` began with what the round before had reached: diagonals from -changes - 1 on.
      const std::vector<int64_t> &reached = rounds[size_t(changes)];
      auto before = [&](int64_t k) { return reached[size_t(k + changes + 1)]; };
      int64_t k = x - y;
      bool isInsertion = k == -changes || (k != changes && before(k - 1) < before(k + 1));
      int64_t fromK = isInsertion ? k + 1 : k - 1, fromX = changes ? before(fromK) : 0,
              fromY = changes ? fromX - fromK : 0;
      for (; x > fromX && y > fromY && a[size_t(x - 1)] == b[size_t(y - 1)]; --x, --y)
        edits.push_back({' ', a[size_t(x - 1)]});
      if (changes && isInsertion)
        edits.push_back({'+', b[size_t(--y)]});
      else if (changes)
        edits.push_back({'-', a[size_t(--x)]});
    }
    std::reverse(edits.begin(), edits.end());
    return edits;
  }

  std::vector<Edit> replaceAll() const {
    std::vector<Edit> edits;
    for (std::string_view line : a)
      edits.push_back({'-', line});
    for (std::string_view line : b)
      edits.push_back({'+', line});
    return edits;
  }

  int64_t &at(int64_t k) { return furthest[size_t(k + offset)]; }

  const Lines &a, &b;
  static constexpr int64_t offset = maxChanges + 1;
  std::vector<int64_t> furthest;
  std::vector<std::vector<int64_t>> rounds;
};

/// The whole edit: what both texts begin and end with is kept without a search.
std::vector<Edit> editBetween(const Lines &before, const Lines &after) {
  size_t shared = std::min(before.size(), after.size()), head = 0, tail = 0;
  while (head < shared && before[head] == after[head])
    ++head;
  while (tail < shared - head && before[before.size() - 1 - tail] == after[after.size() - 1 - tail])
    ++tail;
  Lines a(before.begin() + head, before.end() - tail), b(after.begin() + head, after.end() - tail);
  std::vector<Edit> edits;
  for (size_t index = 0; index < head; ++index)
    edits.push_back({' ', before[index]});
  for (const Edit &edit : ShortestEdit(a, b).run())
    edits.push_back(edit);
  for (size_t index = before.size() - tail; index < before.size(); ++index)
    edits.push_back({' ', before[index]});
  return edits;
}

/// `-first,count`: lines are counted from 1; an empty range names the line before it.
std::string rangeText(size_t first, size_t count) {
  return std::to_string(count ? first + 1 : first) + (count == 1 ? "" : "," + std::to_string(count));
}

} // namespace

std::string unifiedDiff(std::string_view before, std::string_view after, std::string_view beforeName,
                        std::string_view afterName) {
  if (before == after)
    return {};
  std::string text = "--- " + std::string(beforeName) + "\n+++ " + std::string(afterName) + "\n";
  std::vector<Edit> edits = editBetween(linesOf(before), linesOf(after));
  size_t lineBefore = 0, lineAfter = 0, index = 0;
  while (index < edits.size()) {
    // A hunk lasts until more kept lines follow than two contexts take.
    size_t begin = index;
    while (begin < edits.size() && edits[begin].kind == ' ')
      ++begin;
    if (begin == edits.size())
      break;
    size_t last = begin;
    for (size_t next = begin; next < edits.size() && next - last <= 2 * context; ++next)
      last = edits[next].kind == ' ' ? last : next;
    size_t first = std::max<size_t>(index, begin - std::min<size_t>(begin, context));
    size_t end = std::min(edits.size(), last + 1 + context);
    lineBefore += first - index;
    lineAfter += first - index;
    std::string body;
    size_t countBefore = 0, countAfter = 0;
    for (size_t line = first; line < end; ++line) {
      body += edits[line].kind + std::string(edits[line].line) + "\n";
      countBefore += edits[line].kind != '+';
      countAfter += edits[line].kind != '-';
    }
    text += "@@ -" + rangeText(lineBefore, countBefore) + " +" + rangeText(lineAfter, countAfter) + " @@\n" + body;
    lineBefore += countBefore;
    lineAfter += countAfter;
    index = end;
  }
  return text;
}

} // namespace heddle
