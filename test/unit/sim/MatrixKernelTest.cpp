// Kernels with shared memory, barriers and shuffles: transpose, softmax, layer norm, reductions, matrix products.
#include "test/unit/sim/KernelTest.h"
#include <cmath>
#include <numeric>

namespace heddle::sim {
namespace {

std::vector<float> wave(size_t count, float step) {
  std::vector<float> values(count);
  for (size_t i = 0; i < count; ++i)
    values[i] = 2 * std::sin(step * static_cast<float>(i));
  return values;
}

using MatrixKernelTest = KernelTest;
HEDDLE_FOR_ARCHITECTURES(MatrixKernelTest);

const char *const transpose = R"(
extern "C" __global__ void __launch_bounds__(256) transpose(const float *__restrict__ x, float *__restrict__ y,
                                                            int rows, int columns) {
  __shared__ float tile[32][33];
  int column = blockIdx.x * 32 + threadIdx.x, row = blockIdx.y * 32 + threadIdx.y;
  for (int i = 0; i < 32; i += 8)
    if (row + i < rows && column < columns)
      tile[threadIdx.y + i][threadIdx.x] = x[(row + i) * columns + column];
  __syncthreads();
  column = blockIdx.y * 32 + threadIdx.x;
  row = blockIdx.x * 32 + threadIdx.y;
  for (int i = 0; i < 32; i += 8)
    if (row + i < columns && column < rows)
      y[(row + i) * rows + column] = tile[threadIdx.x][threadIdx.y + i];
})";

// Ragged edges: parts of the tile are never written and must not be read.
TEST_P(MatrixKernelTest, TransposeThroughSharedMemory) {
  HEDDLE_COMPILE(transpose);
  constexpr int rows = 45, columns = 70;
  Bench bench;
  std::vector<float> x = wave(rows * columns, 0.3f);
  SimAddress deviceX = bench.upload("x", x), deviceY = bench.allocate<float>("y", rows * columns);
  Status status =
      bench.launch(ptx, "transpose", {.grid = {3, 2, 1}, .block = {32, 8, 1}}, {deviceX, deviceY, rows, columns});
  ASSERT_TRUE(status.isOk()) << status.message();
  std::vector<float> y = bench.download<float>(deviceY, rows * columns);
  for (int i = 0; i < rows; ++i)
    for (int j = 0; j < columns; ++j)
      ASSERT_EQ(y[j * rows + i], x[i * columns + j]) << i << "," << j;
  EXPECT_EQ(bench.findingText(), "");
}

const char *const rowKernels = R"(
namespace {
__device__ __forceinline__ float warpSum(float v) {
  for (int offset = 16; offset > 0; offset /= 2)
    v += __shfl_xor_sync(0xffffffffu, v, offset);
  return v;
}
__device__ __forceinline__ float warpMax(float v) {
  for (int offset = 16; offset > 0; offset /= 2)
    v = fmaxf(v, __shfl_xor_sync(0xffffffffu, v, offset));
  return v;
}
__device__ __forceinline__ float blockSum(float v) {
  __shared__ float parts[8];
  v = warpSum(v);
  __syncthreads();
  if (threadIdx.x % 32 == 0)
    parts[threadIdx.x / 32] = v;
  __syncthreads();
  v = 0;
  for (int i = 0; i < 8; ++i)
    v += parts[i];
  return v;
}
}
extern "C" __global__ void __launch_bounds__(256) softmax(const float *__restrict__ x, float *__restrict__ y, int n) {
  __shared__ float parts[8];
  const float *row = x + (long long)blockIdx.x * n;
  float most = -3.4e38f;
  for (int i = threadIdx.x; i < n; i += 256)
    most = fmaxf(most, row[i]);
  most = warpMax(most);
  if (threadIdx.x % 32 == 0)
    parts[threadIdx.x / 32] = most;
  __syncthreads();
  for (int i = 0; i < 8; ++i)
    most = fmaxf(most, parts[i]);
  float sum = 0;
  for (int i = threadIdx.x; i < n; i += 256)
    sum += expf(row[i] - most);
  sum = blockSum(sum);
  for (int i = threadIdx.x; i < n; i += 256)
    y[(long long)blockIdx.x * n + i] = expf(row[i] - most) / sum;
}
extern "C" __global__ void __launch_bounds__(256) layerNorm(const float *__restrict__ x,
                                                            const float *__restrict__ scale,
                                                            const float *__restrict__ bias, float *__restrict__ y,
                                                            int n) {
  const float *row = x + (long long)blockIdx.x * n;
  float sum = 0;
  for (int i = threadIdx.x; i < n; i += 256)
    sum += row[i];
  float mean = blockSum(sum) / n;
  float squares = 0;
  for (int i = threadIdx.x; i < n; i += 256)
    squares += (row[i] - mean) * (row[i] - mean);
  float factor = 1.0f / sqrtf(blockSum(squares) / n + 1e-5f);
  for (int i = threadIdx.x; i < n; i += 256)
    y[(long long)blockIdx.x * n + i] = (row[i] - mean) * factor * scale[i] + bias[i];
})";

TEST_P(MatrixKernelTest, SoftmaxOfRows) {
  HEDDLE_COMPILE(rowKernels);
  constexpr int rows = 5, n = 333;
  Bench bench;
  std::vector<float> x = wave(rows * n, 0.7f);
  SimAddress deviceX = bench.upload("x", x), deviceY = bench.allocate<float>("y", rows * n);
  Status status = bench.launch(ptx, "softmax", {.grid = {rows, 1, 1}, .block = {256, 1, 1}}, {deviceX, deviceY, n});
  ASSERT_TRUE(status.isOk()) << status.message();
  std::vector<float> y = bench.download<float>(deviceY, rows * n);
  for (int row = 0; row < rows; ++row) {
    double sum = 0;
    for (int i = 0; i < n; ++i)
      sum += std::exp(double(x[row * n + i]));
    for (int i = 0; i < n; ++i)
      ASSERT_NEAR(y[row * n + i], std::exp(double(x[row * n + i])) / sum, 1e-7) << row << "," << i;
  }
  EXPECT_EQ(bench.findingText(), "");
}

TEST_P(MatrixKernelTest, LayerNormOfRows) {
  HEDDLE_COMPILE(rowKernels);
  constexpr int rows = 3, n = 300;
  Bench bench;
  std::vector<float> x = wave(rows * n, 0.7f), scale = wave(n, 0.1f), bias = wave(n, 0.2f);
  SimAddress deviceX = bench.upload("x", x), deviceScale = bench.upload("scale", scale);
  SimAddress deviceBias = bench.upload("bias", bias), deviceY = bench.allocate<float>("y", rows * n);
  Status status = bench.launch(ptx, "layerNorm", {.grid = {rows, 1, 1}, .block = {256, 1, 1}},
                               {deviceX, deviceScale, deviceBias, deviceY, n});
  ASSERT_TRUE(status.isOk()) << status.message();
  std::vector<float> y = bench.download<float>(deviceY, rows * n);
  for (int row = 0; row < rows; ++row) {
    const float *values = &x[row * n];
    double mean = std::accumulate(values, values + n, 0.0) / n, variance = 0;
    for (int i = 0; i < n; ++i)
      variance += (values[i] - mean) * (values[i] - mean) / n;
    for (int i = 0; i < n; ++i)
      ASSERT_NEAR(y[row * n + i], (values[i] - mean) / std::sqrt(variance + 1e-5) * scale[i] + bias[i], 1e-5);
  }
  EXPECT_EQ(bench.findingText(), "");
}

const char *const matmul = R"(
extern "C" __global__ void __launch_bounds__(256) matmul(const float *__restrict__ a, const float *__restrict__ b,
                                                         float *__restrict__ c, int m, int n, int k) {
  __shared__ float tileA[16][65], tileB[16][64];
  int tx = threadIdx.x % 16, ty = threadIdx.x / 16, row0 = blockIdx.y * 64, column0 = blockIdx.x * 64;
  float sums[4][4] = {};
  for (int k0 = 0; k0 < k; k0 += 16) {
    for (int e = threadIdx.x; e < 1024; e += 256) {
      int row = row0 + e / 16, kA = k0 + e % 16, column = column0 + e % 64, kB = k0 + e / 64;
      tileA[e % 16][e / 16] = row < m && kA < k ? a[row * k + kA] : 0.0f;
      tileB[e / 64][e % 64] = column < n && kB < k ? b[kB * n + column] : 0.0f;
    }
    __syncthreads();
#pragma unroll
    for (int kk = 0; kk < 16; ++kk)
      for (int i = 0; i < 4; ++i)
        for (int j = 0; j < 4; ++j)
          sums[i][j] += tileA[kk][ty * 4 + i] * tileB[kk][tx * 4 + j];
    __syncthreads();
  }
  for (int i = 0; i < 4; ++i)
    for (int j = 0; j < 4; ++j)
      if (row0 + ty * 4 + i < m && column0 + tx * 4 + j < n)
        c[(row0 + ty * 4 + i) * n + column0 + tx * 4 + j] = sums[i][j];
})";

TEST_P(MatrixKernelTest, MatmulWithRaggedTiles) {
  HEDDLE_COMPILE(matmul);
  constexpr int m = 70, n = 90, k = 50;
  Bench bench;
  std::vector<float> a = wave(m * k, 0.3f), b = wave(k * n, 0.11f);
  SimAddress deviceA = bench.upload("a", a), deviceB = bench.upload("b", b);
  SimAddress deviceC = bench.allocate<float>("c", m * n);
  Status status =
      bench.launch(ptx, "matmul", {.grid = {2, 2, 1}, .block = {256, 1, 1}}, {deviceA, deviceB, deviceC, m, n, k});
  ASSERT_TRUE(status.isOk()) << status.message();
  std::vector<float> c = bench.download<float>(deviceC, m * n);
  for (int i = 0; i < m; ++i)
    for (int j = 0; j < n; ++j) {
      double sum = 0;
      for (int kk = 0; kk < k; ++kk)
        sum += double(a[i * k + kk]) * b[kk * n + j];
      ASSERT_NEAR(c[i * n + j], sum, 1e-4) << i << "," << j;
    }
  EXPECT_EQ(bench.findingText(), "");
}

// Dynamic shared memory, a tree of barriers, and one atomic per block.
TEST_P(MatrixKernelTest, SumByTreeInDynamicSharedMemory) {
  HEDDLE_COMPILE(R"(
extern __shared__ float parts[];
extern "C" __global__ void sum(const float *__restrict__ x, float *total, int n) {
  int i = blockIdx.x * blockDim.x + threadIdx.x;
  parts[threadIdx.x] = i < n ? x[i] : 0.0f;
  for (int half = blockDim.x / 2; half > 0; half /= 2) {
    __syncthreads();
    if (threadIdx.x < half)
      parts[threadIdx.x] += parts[threadIdx.x + half];
  }
  if (threadIdx.x == 0)
    atomicAdd(total, parts[0]);
})");
  constexpr int n = 1000;
  Bench bench;
  std::vector<float> x = wave(n, 0.3f);
  SimAddress deviceX = bench.upload("x", x), total = bench.upload("total", std::vector<float>{0});
  Geometry geometry{.grid = {8, 1, 1}, .block = {128, 1, 1}, .dynamicSharedBytes = 512};
  Status status = bench.launch(ptx, "sum", geometry, {deviceX, total, n});
  ASSERT_TRUE(status.isOk()) << status.message();
  EXPECT_NEAR(bench.download<float>(total, 1)[0], std::accumulate(x.begin(), x.end(), 0.0), 1e-3);
  EXPECT_EQ(bench.findingText(), "");
}

} // namespace
} // namespace heddle::sim
