// The fixture of tests that need CUDA kernels: each runs for every architecture that Heddle emits.
#ifndef HEDDLE_TEST_UNIT_SIM_KERNELTEST_H
#define HEDDLE_TEST_UNIT_SIM_KERNELTEST_H

#include "test/unit/sim/SimHarness.h"

namespace heddle::sim {

class KernelTest : public testing::TestWithParam<const char *> {
protected:
  /// Leaves the test as skipped, with the reason, if there is no NVRTC.
  void compile(const std::string &source) {
    std::string error;
    ptx = compileCuda(source, GetParam(), error);
    if (ptx.empty() && !error.empty())
      GTEST_SKIP() << error;
  }
  std::string ptx;
};

/// Compiles, and returns from the test if it was skipped or failed.
#define HEDDLE_COMPILE(SOURCE)                                                                                         \
  compile(SOURCE);                                                                                                     \
  if (IsSkipped() || HasFailure())                                                                                     \
    return;

#define HEDDLE_FOR_ARCHITECTURES(SUITE)                                                                                \
  INSTANTIATE_TEST_SUITE_P(Architectures, SUITE, testing::Values("sm_80", "sm_90a"))

} // namespace heddle::sim

#endif // HEDDLE_TEST_UNIT_SIM_KERNELTEST_H
