// Figures that describe a set of measurements.
#ifndef HEDDLE_TOOLS_COMMON_STATISTICS_H
#define HEDDLE_TOOLS_COMMON_STATISTICS_H

#include <vector>

namespace heddle {

/// In the unit of the samples.
struct Statistics {
  double min = 0, mean = 0, median = 0, p90 = 0, p95 = 0, p99 = 0;
};

/// Describes at least one sample. Quantiles between two samples are interpolated linearly, as numpy does.
Statistics describe(std::vector<double> samples);

} // namespace heddle

#endif // HEDDLE_TOOLS_COMMON_STATISTICS_H
