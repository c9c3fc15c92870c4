// Time and quality of interval packing: CSV files given as arguments, and plans drawn in the shape of a transformer's.
#include "runtime/format/InputFile.h"
#include "runtime/format/IntervalText.h"

#include <algorithm>
#include <chrono>
#include <cstdio>

using namespace heddle;

namespace {

/// What one layer after another leaves: a residual that lives for the layer, and short-lived values of a few sizes.
std::vector<Interval> transformerPlan(int64_t layers, int64_t tokens) {
  std::vector<Interval> intervals;
  for (int64_t layer = 0; layer < layers; ++layer) {
    int64_t at = layer * 12, row = tokens * 768 * 4;
    intervals.push_back({at, at + 7, row});
    intervals.push_back({at + 6, at + 13, row});
    for (int64_t step = 1; step < 4; ++step)
      intervals.push_back({at + step, at + 5, row});
    intervals.push_back({at + 3, at + 5, tokens * tokens * 12 * 4});
    intervals.push_back({at + 4, at + 6, row});
    intervals.push_back({at + 8, at + 10, row * 4});
    intervals.push_back({at + 9, at + 12, row * 4});
  }
  return intervals;
}

void measure(const std::string &name, const std::vector<Interval> &intervals, int64_t searchSteps) {
  using Clock = std::chrono::steady_clock;
  constexpr int runs = 15;
  double best = 1e30;
  Packing packing;
  for (int run = 0; run < (searchSteps ? 1 : runs); ++run) {
    Clock::time_point start = Clock::now();
    Result<Packing> result = packIntervals(intervals, {.alignment = 64, .searchSteps = searchSteps, .capacity = {}});
    best = std::min(best, std::chrono::duration<double, std::micro>(Clock::now() - start).count());
    if (!result) {
      std::fprintf(stderr, "%s: %s\n", name.c_str(), result.status().message().c_str());
      return;
    }
    packing = std::move(*result);
  }
  std::printf("%-48s %5zu tensors %10.1f us  arena %11lld  gap %5.1f %%  %lld steps\n", name.c_str(), intervals.size(),
              best, static_cast<long long>(packing.arena),
              100.0 * static_cast<double>(packing.gap()) /
                  static_cast<double>(std::max<int64_t>(packing.lowerBound, 1)),
              static_cast<long long>(packing.steps));
}

} // namespace

int main(int count, char **arguments) {
  for (int64_t layers : {12, 48})
    for (int64_t tokens : {1, 16, 512})
      measure("transformer, " + std::to_string(layers) + " layers, " + std::to_string(tokens) + " tokens",
              transformerPlan(layers, tokens), 0);
  for (int i = 1; i < count; ++i) {
    Result<InputFile> file = InputFile::open(arguments[i]);
    std::string text(file ? file->size() : 0, '\0');
    Status status = file ? file->readAt(0, std::as_writable_bytes(std::span(text))) : file.status();
    Result<IntervalTable> table = status ? parseIntervals(text) : Result<IntervalTable>(status);
    if (!table) {
      std::fprintf(stderr, "%s: %s\n", arguments[i], table.status().message().c_str());
      return static_cast<int>(table.status().code());
    }
    measure(arguments[i], table->intervals, 0);
    measure(arguments[i], table->intervals, 200000);
  }
}
