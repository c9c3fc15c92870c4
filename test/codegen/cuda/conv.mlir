// RUN: heddle-emit-cuda %s | FileCheck %s --match-full-lines --strict-whitespace
// Implicit GEMM: a row per filter, a column per pixel; windows are read where they lie.
heddle.kernel @c(%x: tensor<1x64x56x56xf32> {heddle.name = "x"}, %w: tensor<128x64x3x3xf32> {heddle.name = "w"},
    %b: tensor<128x1x1xf32> {heddle.name = "b"}) -> tensor<1x128x28x28xf32>
    attributes {symbols = [], schedule = #heddle.gemm<mr = 0, nr = 0, bm = 64, bn = 64, bk = 16, tm = 4, tn = 4>} {
  %0 = heddle.conv %x, %w strides [2, 2] pads [1, 1, 1, 1] dilations [1, 1] groups 1 layout nchw
    : (tensor<1x64x56x56xf32>, tensor<128x64x3x3xf32>) -> tensor<1x128x28x28xf32> loc("/Conv")
  %1 = heddle.add %0, %b : (tensor<1x128x28x28xf32>, tensor<128x1x1xf32>) -> tensor<1x128x28x28xf32> loc("/Conv")
  %2 = heddle.relu %1 : (tensor<1x128x28x28xf32>) -> tensor<1x128x28x28xf32> loc("/Relu")
  heddle.return %2 : tensor<1x128x28x28xf32>
}
// CHECK-LABEL:// kernel : c   schedule #heddle.gemm<mr = 0, nr = 0, bm = 64, bn = 64, bk = 16, tm = 4, tn = 4>
// CHECK-NEXT:// origin : /Conv, /Relu
// CHECK-NEXT:// in     : x f32 [1,64,56,56], w f32 [128,64,3,3], b f32 [128,1,1]   out : out f32 [1,128,28,28]
// CHECK-NEXT:// launch : grid (13, 2), block (256)
// CHECK-NEXT:#include "heddle/core.cuh"
// CHECK-NEXT:#include "heddle/tile.cuh"
// CHECK-NEXT:namespace {
// CHECK-NEXT:constexpr int BM = 64, BN = 64, BK = 16, TM = 4, TN = 4, THREADS = 256, M = 128, N = 784, K = 576;
// CHECK-NEXT:}
// CHECK-NEXT:extern "C" __global__ void __launch_bounds__(THREADS, 1)
// CHECK-NEXT:c(const float *__restrict__ x, const float *__restrict__ w, const float *__restrict__ b, float *__restrict__ out) {
// CHECK-NEXT:  __shared__ float lhs[BK][BM + 4], rhs[BK][BN];
// CHECK-NEXT:  const int row0 = blockIdx.y * BM, col0 = blockIdx.x * BN;
// CHECK-NEXT:  float acc[TM][TN] = {};
// CHECK-NEXT:  for (int k0 = 0; k0 < K; k0 += BK) {
// CHECK-NEXT:    heddle::loadTileTransposed<THREADS, BM>(lhs, row0, k0, M, K, [&](int row, int k) {
// CHECK-NEXT:      return w[row * K + k];
// CHECK-NEXT:    });
// CHECK-NEXT:    heddle::loadTile<THREADS>(rhs, k0, col0, K, N, [&](int k, int col) {
// CHECK-NEXT:      const int out_y = col / 28;
// CHECK-NEXT:      const int ky = k / 3 % 3;
// CHECK-NEXT:      const int out_x = col % 28;
// CHECK-NEXT:      const int kx = k % 3;
// CHECK-NEXT:      return out_y * 2 + ky >= 1 && out_x * 2 + kx >= 1
// CHECK-NEXT:          ? x[k / 9 * 3136 + out_y * 112 + ky * 56 + out_x * 2 + kx - 57] : 0.0f;
// CHECK-NEXT:    });
// CHECK-NEXT:    __syncthreads();
// CHECK-NEXT:    heddle::multiplyTiles<BM, BN>(lhs, rhs, acc);  // /Conv
// CHECK-NEXT:    __syncthreads();
// CHECK-NEXT:  }
// CHECK-NEXT:  heddle::storeTile<BM, BN>(acc, row0, col0, M, N, [&](int row, int col, float conv) {
// CHECK-NEXT:    const float add = conv + b[row];
// CHECK-NEXT:    out[row * N + col] = heddle::maximum(add, 0.0f);  // /Relu
// CHECK-NEXT:  });
// CHECK-NEXT:}
