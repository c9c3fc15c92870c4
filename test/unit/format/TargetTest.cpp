// CPU levels and CUDA architectures.
#include "runtime/format/Target.h"

#include <gtest/gtest.h>

using namespace heddle;

namespace {

TEST(Target, NamesParse) {
  for (const CpuTarget &target : cpuTargets()) {
    Result<const CpuTarget *> parsed = parseCpuTarget(target.name);
    ASSERT_TRUE(parsed.isOk());
    EXPECT_EQ((*parsed)->name, target.name);
  }
  for (const char *name : {"80", "sm_80"})
    EXPECT_EQ((*parseCudaTarget(name))->name, "sm_80");
  EXPECT_EQ((*parseCudaTarget("90a"))->computeCapability, 90);
}

TEST(Target, UnknownNamesListWhatThereIs) {
  EXPECT_EQ(parseCpuTarget("v3").status().message(),
            "unknown cpu level 'v3', expected one of x86-64-v3, x86-64-v4, x86-64-v4+vnni, x86-64-v4+vnni+bf16");
  EXPECT_EQ(parseCudaTarget("sm_90").status().message(),
            "unknown CUDA architecture 'sm_90', expected one of sm_80, sm_90a");
}

// A machine that runs a level runs those below it, so that the best one is well defined.
TEST(Target, LevelsAreOrdered) {
  bool runs = true;
  for (const CpuTarget &target : cpuTargets()) {
    EXPECT_TRUE(runs || !hostRuns(target)) << target.name;
    runs = hostRuns(target);
  }
  const CpuTarget *best = hostCpuTarget();
  ASSERT_NE(best, nullptr) << "these tests are built for x86-64-v3";
  EXPECT_TRUE(hostRuns(*best));
}

TEST(Target, SharedMemoryOfABlockFitsItsMultiprocessor) {
  for (const CudaTarget &target : cudaTargets()) {
    EXPECT_LE(target.staticSharedBytes, target.dynamicSharedBytes) << target.name;
    EXPECT_LE(target.dynamicSharedBytes + 1024, target.sharedBytesPerUnit) << target.name;
  }
}

} // namespace
