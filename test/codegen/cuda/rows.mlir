// RUN: heddle-emit-cuda %s | FileCheck %s --match-full-lines --strict-whitespace
// Three sweeps, the row kept in registers, comments where the ONNX node changes.
heddle.kernel @b(%x: tensor<128x768xf32> {heddle.name = "x"})
    -> tensor<128x768xf32>
    attributes {symbols = [], schedule = #heddle.rows<vector = 16, unroll = 4, threads = 256>} {
  %0 = heddle.softmax %x axis 1 : (tensor<128x768xf32>) -> tensor<128x768xf32> loc("/attn/Softmax")
  heddle.return %0 : tensor<128x768xf32>
}
// CHECK-LABEL:// kernel : b   schedule #heddle.rows<vector = 16, unroll = 4, threads = 256>
// CHECK-NEXT:// origin : /attn/Softmax
// CHECK-NEXT:// in     : x f32 [128,768]   out : out f32 [128,768]
// CHECK-NEXT:// launch : grid (128), block (256)
// CHECK-NEXT:#include "heddle/core.cuh"
// CHECK-NEXT:#include "heddle/warp.cuh"
// CHECK-NEXT:namespace {
// CHECK-NEXT:constexpr int THREADS = 256, COLS = 768, PER_THREAD = 3;
// CHECK-NEXT:}
// CHECK-NEXT:extern "C" __global__ void __launch_bounds__(THREADS, 1)
// CHECK-NEXT:b(const float *__restrict__ x, float *__restrict__ out) {
// CHECK-NEXT:  const int row = blockIdx.x;
// CHECK-NEXT:  float x_value[PER_THREAD];
// CHECK-NEXT:  float largest = -heddle::inf;
// CHECK-NEXT:#pragma unroll
// CHECK-NEXT:  for (int i = 0; i < PER_THREAD; ++i) {
// CHECK-NEXT:    const int col = i * THREADS + threadIdx.x;
// CHECK-NEXT:    x_value[i] = x[row * COLS + col];
// CHECK-NEXT:    largest = heddle::maximum(largest, x_value[i]);  // /attn/Softmax
// CHECK-NEXT:  }
// CHECK-NEXT:  largest = heddle::blockMax<THREADS>(largest);
// CHECK-NEXT:  float exp[PER_THREAD];
// CHECK-NEXT:  float sum = 0.0f;
// CHECK-NEXT:#pragma unroll
// CHECK-NEXT:  for (int i = 0; i < PER_THREAD; ++i) {
// CHECK-NEXT:    exp[i] = heddle::exp(x_value[i] - largest);
// CHECK-NEXT:    sum += exp[i];
// CHECK-NEXT:  }
// CHECK-NEXT:  sum = heddle::blockSum<THREADS>(sum);
// CHECK-NEXT:  const float reciprocal = 1.0f / sum;
// CHECK-NEXT:#pragma unroll
// CHECK-NEXT:  for (int i = 0; i < PER_THREAD; ++i) {
// CHECK-NEXT:    const int col = i * THREADS + threadIdx.x;
// CHECK-NEXT:    out[row * COLS + col] = exp[i] * reciprocal;
// CHECK-NEXT:  }
// CHECK-NEXT:}

// Two results; the sum is kept, what is cheap to compute from it is not.
heddle.kernel @c(%x: tensor<128x768xf32> {heddle.name = "x"},
    %r: tensor<128x768xf32> {heddle.name = "r"},
    %g: tensor<768xf32> {heddle.name = "g"},
    %b: tensor<768xf32> {heddle.name = "b"})
    -> (tensor<128x768xf32>, tensor<128x768xf32>)
    attributes {symbols = [], schedule = #heddle.rows<vector = 16, unroll = 4, threads = 256>} {
  %0 = heddle.add %x, %r : (tensor<128x768xf32>, tensor<128x768xf32>) -> tensor<128x768xf32> loc("/out/Add")
  %1 = heddle.layer_norm %0, %g, %b axis 1 epsilon 1.0e-5 : (tensor<128x768xf32>, tensor<768xf32>, tensor<768xf32>) -> tensor<128x768xf32> loc("/out/LayerNormalization")
  heddle.return %1, %0 : tensor<128x768xf32>, tensor<128x768xf32>
}
// CHECK-LABEL:// kernel : c   schedule #heddle.rows<vector = 16, unroll = 4, threads = 256>
// CHECK-NEXT:// origin : /out/Add, /out/LayerNormalization
// CHECK-NEXT:// in     : x f32 [128,768], r f32 [128,768], g f32 [768], b f32 [768]   out : out0 f32 [128,768], out1 f32 [128,768]
// CHECK-NEXT:// launch : grid (128), block (256)
// CHECK-NEXT:#include "heddle/core.cuh"
// CHECK-NEXT:#include "heddle/warp.cuh"
// CHECK-NEXT:namespace {
// CHECK-NEXT:constexpr int THREADS = 256, COLS = 768, PER_THREAD = 3;
// CHECK-NEXT:}
// CHECK-NEXT:extern "C" __global__ void __launch_bounds__(THREADS, 1)
// CHECK-NEXT:c(const float *__restrict__ x, const float *__restrict__ r, const float *__restrict__ g, const float *__restrict__ b,
// CHECK-NEXT:    float *__restrict__ out0, float *__restrict__ out1) {
// CHECK-NEXT:  const int row = blockIdx.x;
// CHECK-NEXT:  float add[PER_THREAD];
// CHECK-NEXT:  float sum = 0.0f;
// CHECK-NEXT:#pragma unroll
// CHECK-NEXT:  for (int i = 0; i < PER_THREAD; ++i) {
// CHECK-NEXT:    const int col = i * THREADS + threadIdx.x;
// CHECK-NEXT:    add[i] = x[row * COLS + col] + r[row * COLS + col];  // /out/Add
// CHECK-NEXT:    sum += add[i];  // /out/LayerNormalization
// CHECK-NEXT:  }
// CHECK-NEXT:  sum = heddle::blockSum<THREADS>(sum);
// CHECK-NEXT:  float sum_1 = 0.0f;
// CHECK-NEXT:  const float div = sum / 768.0f;
// CHECK-NEXT:#pragma unroll
// CHECK-NEXT:  for (int i = 0; i < PER_THREAD; ++i) {
// CHECK-NEXT:    const float sub = add[i] - div;
// CHECK-NEXT:    sum_1 = heddle::multiplyAdd(sub, sub, sum_1);
// CHECK-NEXT:  }
// CHECK-NEXT:  sum_1 = heddle::blockSum<THREADS>(sum_1);
// CHECK-NEXT:  const float reciprocal = 1.0f / heddle::sqrt(sum_1 / 768.0f + 1e-05f);
// CHECK-NEXT:#pragma unroll
// CHECK-NEXT:  for (int i = 0; i < PER_THREAD; ++i) {
// CHECK-NEXT:    const int col = i * THREADS + threadIdx.x;
// CHECK-NEXT:    out0[row * COLS + col] = (add[i] - div) * reciprocal * g[col] + b[col];
// CHECK-NEXT:    out1[row * COLS + col] = add[i];
// CHECK-NEXT:  }
// CHECK-NEXT:}

// Run-time sizes: loops instead of registers; one rounding at the store.
heddle.kernel @sym(%x: tensor<?x?xf16, #heddle.dims<["rows", "cols"]>> {heddle.name = "x"})
    -> tensor<?x?xf16, #heddle.dims<["rows", "cols"]>>
    attributes {symbols = ["rows", "cols"], schedule = #heddle.rows<vector = 16, unroll = 4, threads = 128>} {
  %0 = heddle.softmax %x axis 1 : (tensor<?x?xf16, #heddle.dims<["rows", "cols"]>>) -> tensor<?x?xf16, #heddle.dims<["rows", "cols"]>> loc("/Softmax")
  heddle.return %0 : tensor<?x?xf16, #heddle.dims<["rows", "cols"]>>
}
// CHECK-LABEL:// kernel : sym   schedule #heddle.rows<vector = 16, unroll = 4, threads = 128>
// CHECK-NEXT:// origin : /Softmax
// CHECK-NEXT:// in     : x f16 [rows,cols]   out : out f16 [rows,cols]
// CHECK-NEXT:// launch : grid (rows), block (128)
// CHECK-NEXT:#include "heddle/core.cuh"
// CHECK-NEXT:#include "heddle/warp.cuh"
// CHECK-NEXT:namespace {
// CHECK-NEXT:constexpr int THREADS = 128;
// CHECK-NEXT:}
// CHECK-NEXT:extern "C" __global__ void __launch_bounds__(THREADS)
// CHECK-NEXT:sym(const heddle::f16 *__restrict__ x, heddle::f16 *__restrict__ out, int rows, int cols) {
// CHECK-NEXT:  const int row = blockIdx.x;
// CHECK-NEXT:  float largest = -heddle::inf;
// CHECK-NEXT:  for (int col = threadIdx.x; col < cols; col += THREADS) {
// CHECK-NEXT:    largest = heddle::maximum(largest, heddle::toFloat(x[row * cols + col]));  // /Softmax
// CHECK-NEXT:  }
// CHECK-NEXT:  largest = heddle::blockMax<THREADS>(largest);
// CHECK-NEXT:  float sum = 0.0f;
// CHECK-NEXT:  for (int col = threadIdx.x; col < cols; col += THREADS) {
// CHECK-NEXT:    sum += heddle::exp(heddle::toFloat(x[row * cols + col]) - largest);
// CHECK-NEXT:  }
// CHECK-NEXT:  sum = heddle::blockSum<THREADS>(sum);
// CHECK-NEXT:  const float reciprocal = 1.0f / sum;
// CHECK-NEXT:  for (int col = threadIdx.x; col < cols; col += THREADS) {
// CHECK-NEXT:    out[row * cols + col] = heddle::toF16(heddle::exp(heddle::toFloat(x[row * cols + col]) - largest) * reciprocal);
// CHECK-NEXT:  }
// CHECK-NEXT:}

// A thread per column: neither loop nor test, and every value has one name.
heddle.kernel @whole(%x: tensor<9x64xf32> {heddle.name = "x"}) -> tensor<9x64xf32>
    attributes {symbols = [], schedule = #heddle.rows<vector = 1, unroll = 1, threads = 64>} {
  %0 = heddle.softmax %x axis 1 : (tensor<9x64xf32>) -> tensor<9x64xf32> loc("/Softmax")
  heddle.return %0 : tensor<9x64xf32>
}
// CHECK-LABEL:// kernel : whole   schedule #heddle.rows<vector = 1, unroll = 1, threads = 64>
// CHECK-NEXT:// origin : /Softmax
// CHECK-NEXT:// in     : x f32 [9,64]   out : out f32 [9,64]
// CHECK-NEXT:// launch : grid (9), block (64)
// CHECK-NEXT:#include "heddle/core.cuh"
// CHECK-NEXT:#include "heddle/warp.cuh"
// CHECK-NEXT:namespace {
// CHECK-NEXT:constexpr int THREADS = 64, COLS = 64;
// CHECK-NEXT:}
// CHECK-NEXT:extern "C" __global__ void __launch_bounds__(THREADS)
// CHECK-NEXT:whole(const float *__restrict__ x, float *__restrict__ out) {
// CHECK-NEXT:  const int row = blockIdx.x;
// CHECK-NEXT:  const int col = threadIdx.x;
// CHECK-NEXT:  const float x_value = x[row * COLS + col];
// CHECK-NEXT:  const float largest = heddle::blockMax<THREADS>(x_value);  // /Softmax
// CHECK-NEXT:  const float exp = heddle::exp(x_value - largest);
// CHECK-NEXT:  const float sum = heddle::blockSum<THREADS>(exp);
// CHECK-NEXT:  out[row * COLS + col] = exp * (1.0f / sum);
// CHECK-NEXT:}

// A single row has no number: the compiler would warn about a name that nothing uses.
heddle.kernel @single(%x: tensor<640xf32> {heddle.name = "x"}) -> tensor<640xf32>
    attributes {symbols = [], schedule = #heddle.rows<vector = 1, unroll = 1, threads = 64>} {
  %0 = heddle.softmax %x axis 0 : (tensor<640xf32>) -> tensor<640xf32> loc("/Softmax")
  heddle.return %0 : tensor<640xf32>
}
// CHECK-LABEL:// kernel : single   schedule #heddle.rows<vector = 1, unroll = 1, threads = 64>
// CHECK:single(const float *__restrict__ x, float *__restrict__ out) {
// CHECK-NOT:{{.*}}row{{.*}}
// CHECK:}
