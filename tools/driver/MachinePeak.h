// What this machine can do at most, measured by two short loops.
#ifndef HEDDLE_TOOLS_DRIVER_MACHINEPEAK_H
#define HEDDLE_TOOLS_DRIVER_MACHINEPEAK_H

#include <cstdint>
#include <string_view>

namespace heddle {

struct MachinePeak {
  double flops = 0;     ///< f32 operations per second: fused multiply-adds on registers, two each.
  double bandwidth = 0; ///< Bytes per second read from main memory.
};

/// Where the figures come from, for reports.
inline constexpr std::string_view peakSource = "measured: f32 multiply-adds on registers, reads of 128 MiB";

/// Takes about a tenth of a second on an idle machine.
/// \param threads of the pool to use.
/// \param vectorBytes of the registers to use: 32 or 64.
MachinePeak measurePeak(unsigned threads, int64_t vectorBytes);

} // namespace heddle

#endif // HEDDLE_TOOLS_DRIVER_MACHINEPEAK_H
