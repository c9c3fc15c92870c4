// Compiles tests of the device headers with NVRTC and runs them on the simulator.
#ifndef HEDDLE_TEST_UNIT_DEVICE_DEVICEHARNESS_H
#define HEDDLE_TEST_UNIT_DEVICE_DEVICEHARNESS_H

#include "test/unit/sim/SimHarness.h"

namespace heddle {

/// PTX of a kernel that includes the device headers. A warning fails the test. Empty if there is no NVRTC; `missing`
/// says why.
std::string compileWithHeaders(const std::string &source, const std::string &architecture, std::string &missing);

/// Runs once per architecture that kernels are emitted for.
class DeviceTest : public testing::TestWithParam<const char *> {
protected:
  /// Compiles and launches `kernel` with one block; the launch must have no finding. False if there is no NVRTC.
  bool run(const std::string &source, uint32_t threads, const std::vector<sim::Argument> &arguments);

  sim::Bench bench;
};

#define HEDDLE_FOR_DEVICE_ARCHITECTURES(FIXTURE)                                                                       \
  INSTANTIATE_TEST_SUITE_P(Architectures, FIXTURE, testing::Values("sm_80", "sm_90a"),                                 \
                           [](const auto &info) { return std::string(info.param); })

} // namespace heddle

#endif // HEDDLE_TEST_UNIT_DEVICE_DEVICEHARNESS_H
