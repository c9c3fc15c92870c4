// Implements figures over measurements.
#include "tools/common/Statistics.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

namespace heddle {
namespace {

double quantile(const std::vector<double> &sorted, double fraction) {
  double position = fraction * double(sorted.size() - 1);
  auto below = size_t(std::floor(position));
  size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (position - double(below)) * (sorted[above] - sorted[below]);
}

} // namespace

Statistics describe(std::vector<double> samples) {
  assert(!samples.empty() && "nothing was measured");
  std::sort(samples.begin(), samples.end());
  double sum = std::accumulate(samples.begin(), samples.end(), 0.0);
  return {samples.front(),        sum / double(samples.size()), quantile(samples, 0.5),
          quantile(samples, 0.9), quantile(samples, 0.95),      quantile(samples, 0.99)};
}

} // namespace heddle
