// Kernels without shared memory: elementwise, broadcast, gather.
#include "test/unit/sim/KernelTest.h"
#include <cmath>

namespace heddle::sim {
namespace {

std::vector<float> wave(size_t count, float step) {
  std::vector<float> values(count);
  for (size_t i = 0; i < count; ++i)
    values[i] = 3 * std::sin(step * static_cast<float>(i));
  return values;
}

using ElementwiseKernelTest = KernelTest;
HEDDLE_FOR_ARCHITECTURES(ElementwiseKernelTest);

// The last block is partial: the guard must keep its idle threads off memory.
TEST_P(ElementwiseKernelTest, TailGuardComputesAllElementsAndNoMore) {
  HEDDLE_COMPILE(R"(
extern "C" __global__ void scale(const float *__restrict__ x, float *__restrict__ y, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n)
    y[i] = x[i] * 2.0f + 1.0f;
})");
  constexpr int count = 1000;
  Bench bench;
  std::vector<float> x = wave(count, 0.37f);
  SimAddress deviceX = bench.upload("x", x), deviceY = bench.allocate<float>("y", count);
  Status status = bench.launch(ptx, "scale", {.grid = {4, 1, 1}, .block = {256, 1, 1}}, {deviceX, deviceY, count});
  ASSERT_TRUE(status.isOk()) << status.message();
  std::vector<float> y = bench.download<float>(deviceY, count);
  for (int i = 0; i < count; ++i)
    ASSERT_EQ(y[i], std::fma(x[i], 2.0f, 1.0f)) << "element " << i;
  EXPECT_EQ(bench.findingText(), "");
}

// NumPy broadcasting as the emitter writes it: division and remainder of a flat index.
TEST_P(ElementwiseKernelTest, BroadcastAddsARowToEveryRow) {
  HEDDLE_COMPILE(R"(
extern "C" __global__ void addRow(const float *__restrict__ x, const float *__restrict__ row, float *__restrict__ y,
                                  int rows, int columns) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < rows * columns)
    y[i] = x[i] + row[i % columns];
})");
  constexpr int rows = 7, columns = 33;
  Bench bench;
  std::vector<float> x = wave(rows * columns, 0.2f), row = wave(columns, 0.9f);
  SimAddress deviceX = bench.upload("x", x), deviceRow = bench.upload("row", row);
  SimAddress deviceY = bench.allocate<float>("y", rows * columns);
  Status status = bench.launch(ptx, "addRow", {.grid = {2, 1, 1}, .block = {128, 1, 1}},
                               {deviceX, deviceRow, deviceY, rows, columns});
  ASSERT_TRUE(status.isOk()) << status.message();
  std::vector<float> y = bench.download<float>(deviceY, rows * columns);
  for (int i = 0; i < rows * columns; ++i)
    ASSERT_EQ(y[i], x[i] + row[i % columns]) << "element " << i;
  EXPECT_EQ(bench.findingText(), "");
}

// Negative indices count from the end, as in ONNX; every lane reads another address.
TEST_P(ElementwiseKernelTest, GatherReadsRowsByIndex) {
  HEDDLE_COMPILE(R"(
extern "C" __global__ void gather(const float *__restrict__ table, const long long *__restrict__ index,
                                  float *__restrict__ y, long long rows, int columns, int count) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= count * columns)
    return;
  long long row = index[i / columns];
  row += row < 0 ? rows : 0;
  y[i] = table[row * columns + i % columns];
})");
  constexpr int rows = 11, columns = 5, count = 9;
  std::vector<float> table = wave(rows * columns, 0.1f);
  std::vector<int64_t> index = {3, -1, 0, 10, -11, 7, 7, 2, -4};
  Bench bench;
  SimAddress deviceTable = bench.upload("table", table), deviceIndex = bench.upload("index", index);
  SimAddress deviceY = bench.allocate<float>("y", count * columns);
  Status status = bench.launch(ptx, "gather", {.grid = {2, 1, 1}},
                               {deviceTable, deviceIndex, deviceY, int64_t(rows), columns, count});
  ASSERT_TRUE(status.isOk()) << status.message();
  std::vector<float> y = bench.download<float>(deviceY, count * columns);
  for (int i = 0; i < count * columns; ++i) {
    int64_t row = index[i / columns] < 0 ? index[i / columns] + rows : index[i / columns];
    ASSERT_EQ(y[i], table[row * columns + i % columns]) << "element " << i;
  }
  EXPECT_EQ(bench.findingText(), "");
}

} // namespace
} // namespace heddle::sim
