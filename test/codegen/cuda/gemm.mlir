// RUN: heddle-emit-cuda %s | FileCheck %s --match-full-lines --strict-whitespace
// Shared-memory tiles; the epilogue is a lambda.
heddle.kernel @a(%x: tensor<128x768xf32> {heddle.name = "x"},
    %w: tensor<768x3072xf32> {heddle.name = "w"},
    %b: tensor<3072xf32> {heddle.name = "b"})
    -> tensor<128x3072xf32>
    attributes {symbols = [], schedule = #heddle.gemm<mr = 8, nr = 32, bm = 64, bn = 64, bk = 16, tm = 4, tn = 4>} {
  %0 = heddle.matmul %x, %w : (tensor<128x768xf32>, tensor<768x3072xf32>) -> tensor<128x3072xf32> loc("/ffn/MatMul")
  %1 = heddle.add %0, %b : (tensor<128x3072xf32>, tensor<3072xf32>) -> tensor<128x3072xf32> loc("/ffn/Add")
  %2 = heddle.gelu %1 {tanh = false} : (tensor<128x3072xf32>) -> tensor<128x3072xf32> loc("/ffn/Gelu")
  heddle.return %2 : tensor<128x3072xf32>
}
// CHECK-LABEL:// kernel : a   schedule #heddle.gemm<mr = 8, nr = 32, bm = 64, bn = 64, bk = 16, tm = 4, tn = 4>
// CHECK-NEXT:// origin : /ffn/MatMul, /ffn/Add, /ffn/Gelu
// CHECK-NEXT:// in     : x f32 [128,768], w f32 [768,3072], b f32 [3072]   out : out f32 [128,3072]
// CHECK-NEXT:// launch : grid (2, 48), block (256)
// CHECK-NEXT:#include "heddle/core.cuh"
// CHECK-NEXT:#include "heddle/tile.cuh"
// CHECK-NEXT:namespace {
// CHECK-NEXT:constexpr int BM = 64, BN = 64, BK = 16, TM = 4, TN = 4, THREADS = 256, M = 128, N = 3072, K = 768;
// CHECK-NEXT:}
// CHECK-NEXT:extern "C" __global__ void __launch_bounds__(THREADS, 1)
// CHECK-NEXT:a(const float *__restrict__ x, const float *__restrict__ w, const float *__restrict__ b, float *__restrict__ out) {
// CHECK-NEXT:  __shared__ float lhs[BK][BM + 4], rhs[BK][BN];
// CHECK-NEXT:  const int row0 = blockIdx.x * BM, col0 = blockIdx.y * BN;
// CHECK-NEXT:  float acc[TM][TN] = {};
// CHECK-NEXT:  for (int k0 = 0; k0 < K; k0 += BK) {
// CHECK-NEXT:    heddle::loadTileTransposed<THREADS, BM>(lhs, row0, k0, M, K, [&](int row, int k) {
// CHECK-NEXT:      return x[row * K + k];
// CHECK-NEXT:    });
// CHECK-NEXT:    heddle::loadTile<THREADS>(rhs, k0, col0, K, N, [&](int k, int col) {
// CHECK-NEXT:      return w[k * N + col];
// CHECK-NEXT:    });
// CHECK-NEXT:    __syncthreads();
// CHECK-NEXT:    heddle::multiplyTiles<BM, BN>(lhs, rhs, acc);  // /ffn/MatMul
// CHECK-NEXT:    __syncthreads();
// CHECK-NEXT:  }
// CHECK-NEXT:  heddle::storeTile<BM, BN>(acc, row0, col0, M, N, [&](int row, int col, float matmul) {
// CHECK-NEXT:    const float add = matmul + b[col];  // /ffn/Add
// CHECK-NEXT:    out[row * N + col] = 0.5f * add * (1.0f + heddle::erf(add * 0.70710677f));  // /ffn/Gelu
// CHECK-NEXT:  });
// CHECK-NEXT:}
