// What `heddle bench` reports, as text and as JSON.
#ifndef HEDDLE_TOOLS_DRIVER_BENCHREPORT_H
#define HEDDLE_TOOLS_DRIVER_BENCHREPORT_H

#include "tools/common/Statistics.h"
#include "tools/driver/MachinePeak.h"
#include "tools/driver/MeasureRuns.h"

namespace heddle {

struct BenchReport {
  std::string model, device;
  unsigned threads = 1;
  Statistics latency; ///< Milliseconds.
  size_t runs = 0;
  double seconds = 0;                ///< That the measured runs took together.
  std::optional<double> coldCompile; ///< Milliseconds from the file to a session, nothing cached; none for an artifact.
  double warmCompile = 0;            ///< The same with all kernels cached; for an artifact the time to open it.
  int64_t peakBytes = 0;             ///< Resident at most, from the opening with cached kernels to the last run.
  RunProfile profile;
  std::optional<MachinePeak> peak; ///< None on simulated devices, whose times mean nothing.
};

/// The report for a terminal; the kernels that take most of the time first.
std::string benchText(const BenchReport &report);
std::string benchJson(const BenchReport &report);

} // namespace heddle

#endif // HEDDLE_TOOLS_DRIVER_BENCHREPORT_H
