// One planted defect per check: each must be found where it is, and its correct twin must not.
#include "test/unit/sim/KernelTest.h"

namespace heddle::sim {
namespace {

using FindingTest = KernelTest;
HEDDLE_FOR_ARCHITECTURES(FindingTest);

/// The one finding of `kind`; fails the test if there is another number of them.
SimFinding only(const Bench &bench, SimFindingKind kind) {
  std::vector<SimFinding> found = bench.findings(kind);
  EXPECT_EQ(found.size(), 1u) << bench.findingText();
  return found.empty() ? SimFinding() : found.front();
}

// A missing tail guard is the most likely defect of an emitter; the text names value, place, thread and block.
TEST_P(FindingTest, WriteBehindTheEndNamesTheValueAndTheLine) {
  HEDDLE_COMPILE(R"(extern "C" __global__ void fill(float *y) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  y[i] = 1.0f;
})");
  Bench bench;
  SimAddress y = bench.allocate<float>("fc1.output", 70);
  ASSERT_TRUE(bench.launch(ptx, "fill", {.grid = {3, 1, 1}}, {y}).isOk());
  SimFinding finding = only(bench, SimFindingKind::OutOfBounds);
  EXPECT_EQ(finding.allocation, "fc1.output");
  EXPECT_EQ(finding.place.file, "kernel.cu");
  EXPECT_EQ(finding.place.line, 3);
  EXPECT_EQ(finding.block[0], 2u);
  EXPECT_EQ(finding.thread[0], 6u);
  EXPECT_EQ(finding.count, 26u);
  EXPECT_NE(finding.text().find("out-of-bounds: write of 4 bytes 280 bytes from the start of 'fc1.output' (280 bytes), "
                                "kernel fill, block (2,0,0), thread (6,0,0), at kernel.cu:3 [st.global"),
            std::string::npos)
      << finding.text();
}

const char *const copy = R"(extern "C" __global__ void copy(const float *x, float *y) {
  y[threadIdx.x] = x[threadIdx.x];
})";

TEST_P(FindingTest, ReadBeforeTheStartIsOutOfBounds) {
  HEDDLE_COMPILE(copy);
  Bench bench;
  SimAddress x = bench.allocate<float>("x", 32), y = bench.allocate<float>("y", 32);
  ASSERT_TRUE(bench.launch(ptx, "copy", {}, {x - 8, y}).isOk());
  SimFinding finding = only(bench, SimFindingKind::OutOfBounds);
  EXPECT_EQ(finding.allocation, "x");
  EXPECT_EQ(finding.count, 2u);
  EXPECT_NE(finding.detail.find("8 bytes before the start of 'x'"), std::string::npos) << finding.detail;
}

TEST_P(FindingTest, NullPointerIsOutOfBounds) {
  HEDDLE_COMPILE(copy);
  Bench bench;
  ASSERT_TRUE(bench.launch(ptx, "copy", {}, {SimAddress(0), bench.allocate<float>("y", 32)}).isOk());
  EXPECT_NE(only(bench, SimFindingKind::OutOfBounds).detail.find("in no allocation"), std::string::npos);
}

// Values in an arena lie next to each other: only the view's own bounds can show an overrun.
TEST_P(FindingTest, ViewHasItsOwnBounds) {
  HEDDLE_COMPILE(copy);
  Bench bench;
  SimAddress arena = bench.allocate<float>("arena", 64);
  Result<SimAddress> x = bench.device->view(arena, 31 * 4, "x"), y = bench.device->view(arena + 128, 128, "y");
  ASSERT_TRUE(x.isOk() && y.isOk());
  ASSERT_TRUE(bench.launch(ptx, "copy", {}, {*x, *y}).isOk());
  EXPECT_EQ(only(bench, SimFindingKind::OutOfBounds).allocation, "x");
}

TEST_P(FindingTest, MisalignedAccess) {
  HEDDLE_COMPILE(copy);
  Bench bench;
  SimAddress x = bench.allocate<float>("x", 40), y = bench.allocate<float>("y", 32);
  ASSERT_TRUE(bench.launch(ptx, "copy", {}, {x + 2, y}).isOk());
  EXPECT_EQ(only(bench, SimFindingKind::Misaligned).count, 32u);
}

TEST_P(FindingTest, UseAfterFree) {
  HEDDLE_COMPILE(copy);
  Bench bench;
  SimAddress x = bench.allocate<float>("x", 32), y = bench.allocate<float>("y", 32);
  ASSERT_TRUE(bench.device->free(x).isOk());
  ASSERT_TRUE(bench.launch(ptx, "copy", {}, {x, y}).isOk());
  EXPECT_EQ(only(bench, SimFindingKind::UseAfterFree).allocation, "x");
}

TEST_P(FindingTest, WriteToReadOnlyMemory) {
  HEDDLE_COMPILE(copy);
  Bench bench;
  std::vector<float> weight(32, 1.0f);
  Result<SimAddress> w = bench.device->import(weight.data(), 128, false, "fc1.weight");
  ASSERT_TRUE(w.isOk());
  ASSERT_TRUE(bench.launch(ptx, "copy", {}, {*w, *w}).isOk());
  EXPECT_EQ(only(bench, SimFindingKind::ReadOnly).allocation, "fc1.weight");
  EXPECT_EQ(weight[0], 1.0f);
}

/// Each thread passes its value to the thread at the other end of the block; BARRIER stands between.
std::string reversal(const std::string &barrier) {
  return R"(extern "C" __global__ void reverse(float *y) {
  __shared__ float parts[64];
  parts[threadIdx.x] = threadIdx.x;
  )" + barrier +
         R"(
  y[threadIdx.x] = parts[63 - threadIdx.x];
})";
}

TEST_P(FindingTest, MissingBarrierIsARace) {
  HEDDLE_COMPILE(reversal(""));
  Bench bench;
  ASSERT_TRUE(bench.launch(ptx, "reverse", {.block = {64, 1, 1}}, {bench.allocate<float>("y", 64)}).isOk());
  SimFinding finding = only(bench, SimFindingKind::SharedRace);
  EXPECT_EQ(finding.place.line, 3); // Warp 1 writes what warp 0 has read already.
  EXPECT_EQ(finding.other.line, 5);
}

TEST_P(FindingTest, BarrierOrdersTheAccesses) {
  HEDDLE_COMPILE(reversal("__syncthreads();"));
  Bench bench;
  ASSERT_TRUE(bench.launch(ptx, "reverse", {.block = {64, 1, 1}}, {bench.allocate<float>("y", 64)}).isOk());
  EXPECT_EQ(bench.findingText(), "");
}

// Two warps: __syncwarp orders the lanes of each, but the values cross between them.
TEST_P(FindingTest, WarpBarrierDoesNotOrderTwoWarps) {
  HEDDLE_COMPILE(reversal("__syncwarp();"));
  Bench bench;
  ASSERT_TRUE(bench.launch(ptx, "reverse", {.block = {64, 1, 1}}, {bench.allocate<float>("y", 64)}).isOk());
  EXPECT_FALSE(bench.findings(SimFindingKind::SharedRace).empty());
}

/// The same within one warp.
std::string warpReversal(const std::string &barrier) {
  return R"(extern "C" __global__ void reverse(float *y) {
  __shared__ float parts[32];
  parts[threadIdx.x] = threadIdx.x;
  )" + barrier +
         R"(
  y[threadIdx.x] = parts[31 - threadIdx.x];
})";
}

// Lanes run in lock step here, not on a GPU with independent thread scheduling.
TEST_P(FindingTest, LanesOfOneWarpRaceWithoutAWarpBarrier) {
  HEDDLE_COMPILE(warpReversal(""));
  Bench bench;
  ASSERT_TRUE(bench.launch(ptx, "reverse", {}, {bench.allocate<float>("y", 32)}).isOk());
  EXPECT_EQ(only(bench, SimFindingKind::SharedRace).place.line, 5);
}

TEST_P(FindingTest, WarpBarrierOrdersLanesOfOneWarp) {
  HEDDLE_COMPILE(warpReversal("__syncwarp();"));
  Bench bench;
  ASSERT_TRUE(bench.launch(ptx, "reverse", {}, {bench.allocate<float>("y", 32)}).isOk());
  EXPECT_EQ(bench.findingText(), "");
}

/// Warp 0 produces, warp 1 consumes; the producer arrives without waiting. AFTER is what it does next.
std::string producer(const std::string &after) {
  return R"(extern "C" __global__ void pass(float *y) {
  __shared__ volatile float parts[32];
  if (threadIdx.x < 32) {
    parts[threadIdx.x] = y[threadIdx.x];
    asm volatile("bar.arrive 1, 64;" ::: "memory");
    )" + after +
         R"(
  } else {
    asm volatile("bar.sync 1, 64;" ::: "memory");
    y[threadIdx.x] = parts[63 - threadIdx.x];
  }
})";
}

TEST_P(FindingTest, ArrivalOrdersTheProducerBeforeTheConsumer) {
  HEDDLE_COMPILE(producer(""));
  Bench bench;
  SimAddress y = bench.upload("y", std::vector<float>(64, 2.0f));
  ASSERT_TRUE(bench.launch(ptx, "pass", {.block = {64, 1, 1}}, {y}).isOk());
  EXPECT_EQ(bench.findingText(), "");
}

TEST_P(FindingTest, ArrivalDoesNotOrderTheConsumerBeforeTheProducer) {
  HEDDLE_COMPILE(producer("parts[threadIdx.x] = 3.0f;"));
  Bench bench;
  SimAddress y = bench.upload("y", std::vector<float>(64, 2.0f));
  ASSERT_TRUE(bench.launch(ptx, "pass", {.block = {64, 1, 1}}, {y}).isOk());
  EXPECT_EQ(only(bench, SimFindingKind::SharedRace).place.line, 9);
}

/// All lanes write one element: which value stays is undefined, unless they agree.
std::string crowd(const std::string &value) {
  return R"(extern "C" __global__ void crowd(float *y) {
  __shared__ float last;
  last = )" +
         value + R"(;
  __syncthreads();
  y[threadIdx.x] = last;
})";
}

TEST_P(FindingTest, LanesThatWriteDifferentValuesToOneAddressRace) {
  HEDDLE_COMPILE(crowd("threadIdx.x"));
  Bench bench;
  ASSERT_TRUE(bench.launch(ptx, "crowd", {}, {bench.allocate<float>("y", 32)}).isOk());
  EXPECT_EQ(only(bench, SimFindingKind::SharedRace).place.line, 3);
}

TEST_P(FindingTest, LanesThatWriteOneValueToOneAddressAgree) {
  HEDDLE_COMPILE(crowd("blockDim.x"));
  Bench bench;
  ASSERT_TRUE(bench.launch(ptx, "crowd", {}, {bench.allocate<float>("y", 32)}).isOk());
  EXPECT_EQ(bench.findingText(), "");
}

// The second barrier of a tiled loop: the next iteration's writes race with this one's reads.
TEST_P(FindingTest, MissingBarrierAtTheEndOfALoopIsAWriteAfterRead) {
  HEDDLE_COMPILE(R"(extern "C" __global__ void loop(float *y, int n) {
  __shared__ float tile[64];
  float sum = 0;
  for (int k = 0; k < n; ++k) {
    tile[threadIdx.x] = y[k * 64 + threadIdx.x];
    __syncthreads();
    sum += tile[threadIdx.x ^ 32];
  }
  y[threadIdx.x] = sum;
})");
  Bench bench;
  SimAddress y = bench.upload("y", std::vector<float>(64 * 4, 1.0f));
  ASSERT_TRUE(bench.launch(ptx, "loop", {.block = {64, 1, 1}}, {y, 4}).isOk());
  EXPECT_FALSE(bench.findings(SimFindingKind::SharedRace).empty());
}

TEST_P(FindingTest, ReadOfSharedMemoryThatNobodyWrote) {
  HEDDLE_COMPILE(R"(extern "C" __global__ void partial(float *y) {
  __shared__ float parts[64];
  if (threadIdx.x < 60)
    parts[threadIdx.x] = 1.0f;
  __syncthreads();
  y[threadIdx.x] = parts[63 - threadIdx.x];
})");
  Bench bench;
  ASSERT_TRUE(bench.launch(ptx, "partial", {.block = {64, 1, 1}}, {bench.allocate<float>("y", 64)}).isOk());
  SimFinding finding = only(bench, SimFindingKind::UninitializedShared);
  EXPECT_EQ(finding.place.line, 6);
  EXPECT_EQ(finding.count, 4u);
}

// What one block wrote is no excuse for the next.
TEST_P(FindingTest, SharedMemoryIsUninitializedInEveryBlock) {
  HEDDLE_COMPILE(R"(extern "C" __global__ void first(float *y) {
  __shared__ volatile float part;
  if (blockIdx.x == 0 && threadIdx.x == 0)
    part = 1.0f;
  __syncthreads();
  y[blockIdx.x * 32 + threadIdx.x] = part;
})");
  Bench bench({.hostThreads = 1});
  ASSERT_TRUE(bench.launch(ptx, "first", {.grid = {2, 1, 1}}, {bench.allocate<float>("y", 64)}).isOk());
  EXPECT_EQ(only(bench, SimFindingKind::UninitializedShared).block[0], 1u);
}

TEST_P(FindingTest, SharedAccessOutsideTheBlocksMemory) {
  HEDDLE_COMPILE(R"(extern __shared__ float parts[];
extern "C" __global__ void outside(float *y) {
  parts[threadIdx.x] = 1.0f;
  y[threadIdx.x] = 0.0f;
})");
  Bench bench;
  ASSERT_TRUE(bench.launch(ptx, "outside", {.dynamicSharedBytes = 120}, {bench.allocate<float>("y", 32)}).isOk());
  SimFinding finding = only(bench, SimFindingKind::OutOfBounds);
  EXPECT_EQ(finding.allocation, "shared");
  EXPECT_EQ(finding.count, 2u);
}

TEST_P(FindingTest, BarrierInDivergentCode) {
  HEDDLE_COMPILE(R"(extern "C" __global__ void diverge(float *y) {
  if (threadIdx.x < 16)
    __syncthreads();
  y[threadIdx.x] = 1.0f;
})");
  Bench bench;
  Status status = bench.launch(ptx, "diverge", {.block = {64, 1, 1}}, {bench.allocate<float>("y", 64)});
  EXPECT_TRUE(status.isOk()) << status.message();
  EXPECT_EQ(only(bench, SimFindingKind::DivergentBarrier).place.line, 3);
}

TEST_P(FindingTest, BarrierThatAWholeWarpSkips) {
  HEDDLE_COMPILE(R"(extern "C" __global__ void skip(float *y, int n) {
  if (threadIdx.x >= n)
    return;
  __syncthreads();
  y[threadIdx.x] = 1.0f;
})");
  Bench bench;
  SimAddress y = bench.allocate<float>("y", 64);
  ASSERT_TRUE(bench.launch(ptx, "skip", {.block = {64, 1, 1}}, {y, 32}).isOk());
  EXPECT_EQ(only(bench, SimFindingKind::DivergentBarrier).place.line, 4);
  bench.device->clearFindings();
  ASSERT_TRUE(bench.launch(ptx, "skip", {.block = {64, 1, 1}}, {y, 64}).isOk());
  EXPECT_EQ(bench.findingText(), "");
}

// Warps that wait at different barriers: one line per warp says where.
TEST_P(FindingTest, DeadlockNamesEveryWaitingWarp) {
  HEDDLE_COMPILE(R"(extern "C" __global__ void lock(float *y) {
  if (threadIdx.x < 32)
    asm volatile("bar.sync 1, 64;");
  else
    asm volatile("bar.sync 2, 64;");
  y[threadIdx.x] = 1.0f;
})");
  Bench bench;
  Status status = bench.launch(ptx, "lock", {.block = {64, 1, 1}}, {bench.allocate<float>("y", 64)});
  EXPECT_EQ(status.code(), Code::DeviceError);
  EXPECT_EQ(status.message(), "launch of 'lock': a block did not finish");
  std::vector<SimFinding> found = bench.findings(SimFindingKind::Deadlock);
  ASSERT_EQ(found.size(), 2u) << bench.findingText();
  EXPECT_EQ(found[0].place.line, 3);
  EXPECT_EQ(found[1].place.line, 5);
}

TEST_P(FindingTest, EndlessLoopHitsTheStepLimit) {
  HEDDLE_COMPILE(R"(extern "C" __global__ void spin(volatile int *flag) {
  while (*flag == 0)
    ;
})");
  Bench bench({.stepLimit = 10000});
  SimAddress flag = bench.upload("flag", std::vector<int32_t>{0});
  EXPECT_EQ(bench.launch(ptx, "spin", {}, {flag}).code(), Code::DeviceError);
  EXPECT_EQ(only(bench, SimFindingKind::StepLimit).place.line, 2);
}

TEST_P(FindingTest, ShuffleFromAnAbsentLane) {
  HEDDLE_COMPILE(R"(extern "C" __global__ void absent(int *y) {
  int value = threadIdx.x;
  if (threadIdx.x < 16)
    value = __shfl_xor_sync(0xffffffffu, value, 16);
  y[threadIdx.x] = value;
})");
  Bench bench;
  ASSERT_TRUE(bench.launch(ptx, "absent", {}, {bench.allocate<int32_t>("y", 32)}).isOk());
  EXPECT_FALSE(bench.findings(SimFindingKind::AbsentLane).empty());
}

TEST_P(FindingTest, ShuffleAmongTheLanesOfABranchIsCorrect) {
  HEDDLE_COMPILE(R"(extern "C" __global__ void present(int *y) {
  int value = threadIdx.x;
  if (threadIdx.x < 16)
    value = __shfl_xor_sync(0x0000ffffu, value, 8);
  y[threadIdx.x] = value;
})");
  Bench bench;
  SimAddress y = bench.allocate<int32_t>("y", 32);
  ASSERT_TRUE(bench.launch(ptx, "present", {}, {y}).isOk());
  EXPECT_EQ(bench.findingText(), "");
  EXPECT_EQ(bench.download<int32_t>(y, 32)[3], 11);
}

TEST_P(FindingTest, TwoBlocksThatWriteOneAddress) {
  HEDDLE_COMPILE(R"(extern "C" __global__ void overlap(float *y) {
  y[blockIdx.x * 30 + threadIdx.x] = 1.0f;
})");
  Bench bench;
  ASSERT_TRUE(bench.launch(ptx, "overlap", {.grid = {3, 1, 1}}, {bench.allocate<float>("y", 92)}).isOk());
  SimFinding finding = only(bench, SimFindingKind::BlockConflict);
  EXPECT_EQ(finding.allocation, "y");
  EXPECT_EQ(finding.count, 4u);
  EXPECT_EQ(finding.place.line, 2);
  EXPECT_NE(finding.detail.find("linear blocks 0 and 1 both write 'y' at byte 120"), std::string::npos)
      << finding.detail;
}

// Bytes of one word written by two blocks are two elements of an int8 tensor.
TEST_P(FindingTest, NeighbouringBytesAreNoConflict) {
  HEDDLE_COMPILE(R"(extern "C" __global__ void bytes(signed char *y) {
  if (threadIdx.x < 3)
    y[blockIdx.x * 3 + threadIdx.x] = 1;
})");
  Bench bench;
  ASSERT_TRUE(bench.launch(ptx, "bytes", {.grid = {5, 1, 1}}, {bench.allocate<int8_t>("y", 15)}).isOk());
  EXPECT_EQ(bench.findingText(), "");
}

TEST_P(FindingTest, AtomicsOfTwoBlocksAreNoConflict) {
  HEDDLE_COMPILE(R"(extern "C" __global__ void count(int *y) { atomicAdd(y, 1); })");
  Bench bench;
  SimAddress y = bench.upload("y", std::vector<int32_t>{0});
  ASSERT_TRUE(bench.launch(ptx, "count", {.grid = {3, 1, 1}}, {y}).isOk());
  EXPECT_EQ(bench.findingText(), "");
  EXPECT_EQ(bench.download<int32_t>(y, 1)[0], 96);
}

// Code of the device headers is inlined: the finding says from where, too.
TEST_P(FindingTest, InlinedPlaceNamesItsCaller) {
  HEDDLE_COMPILE(R"(__device__ __forceinline__ void put(float *y, int i) {
  y[i] = 2.0f;
}
extern "C" __global__ void outer(float *y) {
  put(y, threadIdx.x);
})");
  Bench bench;
  ASSERT_TRUE(bench.launch(ptx, "outer", {}, {bench.allocate<float>("y", 31)}).isOk());
  SimFinding finding = only(bench, SimFindingKind::OutOfBounds);
  EXPECT_EQ(finding.place.line, 2);
  EXPECT_EQ(finding.place.inlinedAt, "kernel.cu:5");
}

} // namespace
} // namespace heddle::sim
