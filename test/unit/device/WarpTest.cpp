// warp.cuh: reductions over a warp and over blocks of every number of warps.
#include "test/unit/device/DeviceHarness.h"
#include <cmath>
#include <numeric>

namespace heddle {
namespace {

using WarpTest = DeviceTest;
HEDDLE_FOR_DEVICE_ARCHITECTURES(WarpTest);

// A row kernel reduces several times through one shared array: the simulator sees a missing barrier as a race.
TEST_P(WarpTest, BlockSumsOfAnyNumberOfWarpsFollowEachOther) {
  for (uint32_t threads : {32u, 96u, 256u, 1024u}) {
    std::vector<int32_t> values(threads);
    std::iota(values.begin(), values.end(), 3);
    SimAddress x = bench.upload("x", values), y = bench.allocate<int32_t>("y", 2 * threads);
    std::string size = std::to_string(threads);
    if (!run("#include \"heddle/warp.cuh\"\n"
             "extern \"C\" __global__ void kernel(const int *x, int *y) {\n"
             "  const int sum = heddle::blockSum<" +
                 size +
                 ">(x[threadIdx.x]);\n"
                 "  y[threadIdx.x] = sum;\n"
                 "  y[" +
                 size + " + threadIdx.x] = heddle::blockSum<" + size + ">(x[threadIdx.x] + sum);\n}",
             threads, {x, y}))
      GTEST_SKIP();
    int32_t sum = std::accumulate(values.begin(), values.end(), 0);
    std::vector<int32_t> got = bench.download<int32_t>(y, 2 * threads);
    ASSERT_EQ(got.front(), sum);
    ASSERT_EQ(got[threads - 1], sum);
    ASSERT_EQ(got.back(), sum + static_cast<int32_t>(threads) * sum);
  }
}

// Every type that kernels compute in crosses lanes in its own width.
TEST_P(WarpTest, EveryComputeTypeIsReduced) {
  SimAddress d = bench.allocate<double>("d", 64), l = bench.allocate<int64_t>("l", 64),
             s = bench.allocate<int16_t>("s", 64), c = bench.allocate<int8_t>("c", 64),
             b = bench.allocate<uint8_t>("b", 128);
  if (!run(R"(#include "heddle/warp.cuh"
extern "C" __global__ void kernel(double *d, long long *l, short *s, signed char *c, bool *b) {
  const int i = threadIdx.x;
  d[i] = heddle::blockSum<64>(1.0 + i * 4294967296.0);
  l[i] = heddle::blockMin<64>(-(1LL << 40) * i);
  s[i] = heddle::blockMax<64>((short)(i * 500));
  c[i] = heddle::blockMin<64>((signed char)(i - 60));
  b[i] = heddle::blockMax<64>(i == 40);
  b[64 + i] = heddle::blockMin<64>(i != 40);
})",
           64, {d, l, s, c, b}))
    GTEST_SKIP();
  EXPECT_EQ(bench.download<double>(d, 64), std::vector<double>(64, 64.0 + 2016.0 * 4294967296.0));
  EXPECT_EQ(bench.download<int64_t>(l, 64), std::vector<int64_t>(64, -(int64_t(1) << 40) * 63));
  EXPECT_EQ(bench.download<int16_t>(s, 64), std::vector<int16_t>(64, 31500));
  EXPECT_EQ(bench.download<int8_t>(c, 64), std::vector<int8_t>(64, -60));
  std::vector<uint8_t> flags = bench.download<uint8_t>(b, 128);
  EXPECT_EQ(flags[5], 1);
  EXPECT_EQ(flags[69], 0);
}

// ONNX: the first of equal elements, or the last; a NaN beats every number (our documented rule).
TEST_P(WarpTest, ArgMaxBreaksTiesByPositionAndPrefersNan) {
  std::vector<float> values(96, 1.0f);
  values[17] = values[80] = 5.0f;
  std::vector<float> withNan = values;
  withNan[50] = withNan[60] = NAN;
  SimAddress x = bench.upload("x", values), n = bench.upload("n", withNan), y = bench.allocate<int64_t>("y", 4);
  if (!run(R"(#include "heddle/warp.cuh"
extern "C" __global__ void kernel(const float *x, const float *n, long long *y) {
  const int i = threadIdx.x;
  const heddle::Best<float> plain = {x[i], i}, nan = {n[i], i};
  const long long first = heddle::blockReduce<heddle::ArgMax, 96>(plain).index;
  const long long last = heddle::blockReduce<heddle::LastArgMax, 96>(plain).index;
  const long long ofNan = heddle::blockReduce<heddle::ArgMax, 96>(nan).index;
  const long long least = heddle::blockReduce<heddle::ArgMin, 96>(plain).index;
  if (i == 95) {
    y[0] = first;
    y[1] = last;
    y[2] = ofNan;
    y[3] = least;
  }
})",
           96, {x, n, y}))
    GTEST_SKIP();
  EXPECT_EQ(bench.download<int64_t>(y, 4), (std::vector<int64_t>{17, 80, 50, 0}));
}

// The maximum of a row with a NaN is NaN wherever the NaN stands.
TEST_P(WarpTest, BlockMaxPropagatesNan) {
  std::vector<float> values(64, 2.0f);
  values[63] = NAN;
  SimAddress x = bench.upload("x", values), y = bench.allocate<float>("y", 64);
  if (!run(R"(#include "heddle/warp.cuh"
extern "C" __global__ void kernel(const float *x, float *y) {
  y[threadIdx.x] = heddle::blockMax<64>(x[threadIdx.x]);
})",
           64, {x, y}))
    GTEST_SKIP();
  EXPECT_TRUE(std::isnan(bench.download<float>(y, 1)[0]));
}

} // namespace
} // namespace heddle
