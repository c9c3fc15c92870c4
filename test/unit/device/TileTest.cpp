// tile.cuh: one product with ragged edges through all of its helpers.
#include "test/unit/device/DeviceHarness.h"

namespace heddle {
namespace {

using TileTest = DeviceTest;
HEDDLE_FOR_DEVICE_ARCHITECTURES(TileTest);

// Sizes that no tile divides: what lies outside must neither be read nor count, and nothing outside may be written.
TEST_P(TileTest, RaggedProductIsExact) {
  constexpr int rows = 19, cols = 27, inner = 21;
  std::vector<float> a(rows * inner), b(inner * cols);
  for (size_t i = 0; i < a.size(); ++i)
    a[i] = static_cast<float>(static_cast<int>(i * 7 % 11) - 5);
  for (size_t i = 0; i < b.size(); ++i)
    b[i] = static_cast<float>(static_cast<int>(i * 5 % 13) - 6);
  SimAddress x = bench.upload("a", a), w = bench.upload("b", b), y = bench.allocate<float>("c", rows * cols);
  if (!run(R"(#include "heddle/tile.cuh"
extern "C" __global__ void kernel(const float *a, const float *b, float *c) {
  __shared__ float lhs[8][36], rhs[8][32];
  float acc[4][4] = {};
  for (int k0 = 0; k0 < 21; k0 += 8) {
    heddle::loadTileTransposed<64, 32>(lhs, 0, k0, 19, 21, [&](int row, int k) { return a[row * 21 + k]; });
    heddle::loadTile<64>(rhs, k0, 0, 21, 27, [&](int k, int col) { return b[k * 27 + col]; });
    __syncthreads();
    heddle::multiplyTiles<32, 32>(lhs, rhs, acc);
    __syncthreads();
  }
  heddle::storeTile<32, 32>(acc, 0, 0, 19, 27, [&](int row, int col, float sum) { c[row * 27 + col] = sum; });
})",
           64, {x, w, y}))
    GTEST_SKIP();
  std::vector<float> got = bench.download<float>(y, rows * cols);
  for (int i = 0; i < rows; ++i)
    for (int j = 0; j < cols; ++j) {
      float wanted = 0;
      for (int k = 0; k < inner; ++k)
        wanted += a[i * inner + k] * b[k * cols + j];
      ASSERT_EQ(got[i * cols + j], wanted) << i << ", " << j;
    }
}

} // namespace
} // namespace heddle
