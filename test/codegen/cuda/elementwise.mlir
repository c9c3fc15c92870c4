// RUN: heddle-emit-cuda %s | FileCheck %s --match-full-lines --strict-whitespace
// Cast, transpose, broadcasts: one flat index, coordinates taken from it once.
heddle.kernel @e(%x: tensor<512x1024xf16> {heddle.name = "x"},
    %s: tensor<512xf32> {heddle.name = "s"},
    %y: tensor<1024x1xf32> {heddle.name = "y"})
    -> tensor<1024x512xf32>
    attributes {symbols = [], schedule = #heddle.elementwise<vector = 16, threads = 256, per_thread = 1>} {
  %0 = heddle.cast %x : (tensor<512x1024xf16>) -> tensor<512x1024xf32> loc("/Cast")
  %1 = heddle.transpose %0 perm [1, 0] : (tensor<512x1024xf32>) -> tensor<1024x512xf32> loc("/Transpose")
  %2 = heddle.mul %1, %s : (tensor<1024x512xf32>, tensor<512xf32>) -> tensor<1024x512xf32> loc("/Mul")
  %3 = heddle.add %2, %y : (tensor<1024x512xf32>, tensor<1024x1xf32>) -> tensor<1024x512xf32> loc("/Add")
  heddle.return %3 : tensor<1024x512xf32>
}
// CHECK-LABEL:// kernel : e   schedule #heddle.elementwise<vector = 16, threads = 256, per_thread = 1>
// CHECK-NEXT:// origin : /Cast, /Transpose, /Mul, /Add
// CHECK-NEXT:// in     : x f16 [512,1024], s f32 [512], y f32 [1024,1]   out : out f32 [1024,512]
// CHECK-NEXT:// launch : grid (2048), block (256)
// CHECK-NEXT:#include "heddle/core.cuh"
// CHECK-NEXT:namespace {
// CHECK-NEXT:constexpr int THREADS = 256, COUNT = 524288;
// CHECK-NEXT:}
// CHECK-NEXT:extern "C" __global__ void __launch_bounds__(THREADS)
// CHECK-NEXT:e(const heddle::f16 *__restrict__ x, const float *__restrict__ s, const float *__restrict__ y,
// CHECK-NEXT:    float *__restrict__ out) {
// CHECK-NEXT:  const int i = blockIdx.x * THREADS + threadIdx.x;
// CHECK-NEXT:  if (i >= COUNT)
// CHECK-NEXT:    return;
// CHECK-NEXT:  const int col = i % 512;
// CHECK-NEXT:  const int row = i / 512;
// CHECK-NEXT:  const float cast = heddle::toFloat(x[col * 1024 + row]);  // /Cast
// CHECK-NEXT:  const float mul = cast * s[col];  // /Mul
// CHECK-NEXT:  out[i] = mul + y[row];  // /Add
// CHECK-NEXT:}

// Gathers: checked coordinates raise the error word, the loads need no guard.
heddle.kernel @f(%t: tensor<30522x768xf32> {heddle.name = "t"},
    %p: tensor<512x768xf32> {heddle.name = "p"},
    %ids: tensor<1x128xi64> {heddle.name = "ids"},
    %pos: tensor<1x128xi64> {heddle.name = "pos"})
    -> tensor<1x128x768xf32>
    attributes {symbols = [], schedule = #heddle.elementwise<vector = 16, threads = 256, per_thread = 1>} {
  %0 = heddle.gather %t, %ids axis 0 : (tensor<30522x768xf32>, tensor<1x128xi64>) -> tensor<1x128x768xf32> loc("/Gather")
  %1 = heddle.gather %p, %pos axis 0 : (tensor<512x768xf32>, tensor<1x128xi64>) -> tensor<1x128x768xf32> loc("/Gather_1")
  %2 = heddle.add %0, %1 : (tensor<1x128x768xf32>, tensor<1x128x768xf32>) -> tensor<1x128x768xf32> loc("/Add")
  heddle.return %2 : tensor<1x128x768xf32>
}
// CHECK-LABEL:// kernel : f   schedule #heddle.elementwise<vector = 16, threads = 256, per_thread = 1>
// CHECK-NEXT:// origin : /Gather, /Gather_1, /Add
// CHECK-NEXT:// in     : t f32 [30522,768], p f32 [512,768], ids i64 [1,128], pos i64 [1,128]   out : out f32 [1,128,768]
// CHECK-NEXT:// launch : grid (384), block (256)
// CHECK-NEXT:#include "heddle/core.cuh"
// CHECK-NEXT:namespace {
// CHECK-NEXT:constexpr int THREADS = 256, COUNT = 98304;
// CHECK-NEXT:}
// CHECK-NEXT:extern "C" __global__ void __launch_bounds__(THREADS)
// CHECK-NEXT:f(const float *__restrict__ t, const float *__restrict__ p, const long long *__restrict__ ids,
// CHECK-NEXT:    const long long *__restrict__ pos, float *__restrict__ out, unsigned *error) {
// CHECK-NEXT:  const int i = blockIdx.x * THREADS + threadIdx.x;
// CHECK-NEXT:  if (i >= COUNT)
// CHECK-NEXT:    return;
// CHECK-NEXT:  const int row = i / 768;
// CHECK-NEXT:  const int at = heddle::checkedIndex(ids[row], 30522, 1, error);
// CHECK-NEXT:  const int col = i % 768;
// CHECK-NEXT:  const float gathered = t[at * 768 + col];  // /Gather
// CHECK-NEXT:  const int at_1 = heddle::checkedIndex(pos[row], 512, 2, error);
// CHECK-NEXT:  const float gathered_1 = p[at_1 * 768 + col];  // /Gather_1
// CHECK-NEXT:  out[i] = gathered + gathered_1;  // /Add
// CHECK-NEXT:}

// Concat and pad: nothing is read on the wrong side of a border.
heddle.kernel @g(%x: tensor<1x14x14x64xf32> {heddle.name = "x"},
    %y: tensor<1x14x14x32xf32> {heddle.name = "y"})
    -> tensor<1x16x16x96xf32>
    attributes {symbols = [], schedule = #heddle.elementwise<vector = 16, threads = 256, per_thread = 1>} {
  %0 = heddle.gelu %x {tanh = false} : (tensor<1x14x14x64xf32>) -> tensor<1x14x14x64xf32> loc("/Gelu")
  %1 = heddle.concat %0, %y axis 3 : (tensor<1x14x14x64xf32>, tensor<1x14x14x32xf32>) -> tensor<1x14x14x96xf32> loc("/Concat")
  %z = heddle.constant dense<0.0> : tensor<f32>
  %2 = heddle.pad %1, %z low <["0", "1", "1", "0"]> mode constant : (tensor<1x14x14x96xf32>, tensor<f32>) -> tensor<1x16x16x96xf32> loc("/Pad")
  heddle.return %2 : tensor<1x16x16x96xf32>
}
// CHECK-LABEL:// kernel : g   schedule #heddle.elementwise<vector = 16, threads = 256, per_thread = 1>
// CHECK-NEXT:// origin : /Gelu, /Concat, /Pad
// CHECK-NEXT:// in     : x f32 [1,14,14,64], y f32 [1,14,14,32]   out : out f32 [1,16,16,96]
// CHECK-NEXT:// launch : grid (96), block (256)
// CHECK-NEXT:#include "heddle/core.cuh"
// CHECK-NEXT:namespace {
// CHECK-NEXT:constexpr int THREADS = 256, COUNT = 24576;
// CHECK-NEXT:}
// CHECK-NEXT:extern "C" __global__ void __launch_bounds__(THREADS)
// CHECK-NEXT:g(const float *__restrict__ x, const float *__restrict__ y, float *__restrict__ out) {
// CHECK-NEXT:  const int i = blockIdx.x * THREADS + threadIdx.x;
// CHECK-NEXT:  if (i >= COUNT)
// CHECK-NEXT:    return;
// CHECK-NEXT:  const int i1 = i / 1536;
// CHECK-NEXT:  const int i2 = i / 96 % 16;
// CHECK-NEXT:  float value_1 = 0.0f;
// CHECK-NEXT:  if (i1 >= 1 && i1 < 15 && i2 >= 1 && i2 < 15) {
// CHECK-NEXT:    const int i3 = i % 96;
// CHECK-NEXT:    float value;
// CHECK-NEXT:    if (i3 < 64) {
// CHECK-NEXT:      const float x_value = x[i1 * 896 + i2 * 64 + i3 - 960];
// CHECK-NEXT:      value = 0.5f * x_value * (1.0f + heddle::erf(x_value * 0.70710677f));  // /Gelu
// CHECK-NEXT:    } else {
// CHECK-NEXT:      value = y[i1 * 448 + i2 * 32 + i3 - 544];
// CHECK-NEXT:    }
// CHECK-NEXT:    value_1 = value;
// CHECK-NEXT:  }
// CHECK-NEXT:  out[i] = value_1;
// CHECK-NEXT:}

// A window is a loop nest of its own in a grid-stride loop.
heddle.kernel @maxpool(%x: tensor<1x8x12x12xf32> {heddle.name = "x"})
    -> tensor<1x8x6x6xf32>
    attributes {symbols = [], schedule = #heddle.elementwise<vector = 16, threads = 256, per_thread = 4>} {
  %0 = heddle.pool max %x window [3, 3] strides [2, 2] pads [1, 1, 1, 1] dilations [1, 1] : (tensor<1x8x12x12xf32>) -> tensor<1x8x6x6xf32> loc("/MaxPool")
  heddle.return %0 : tensor<1x8x6x6xf32>
}
// CHECK-LABEL:// kernel : maxpool   schedule #heddle.elementwise<vector = 16, threads = 256, per_thread = 4>
// CHECK-NEXT:// origin : /MaxPool
// CHECK-NEXT:// in     : x f32 [1,8,12,12]   out : out f32 [1,8,6,6]
// CHECK-NEXT:// launch : grid (1), block (256)
// CHECK-NEXT:#include "heddle/core.cuh"
// CHECK-NEXT:namespace {
// CHECK-NEXT:constexpr int THREADS = 256, COUNT = 288;
// CHECK-NEXT:}
// CHECK-NEXT:extern "C" __global__ void __launch_bounds__(THREADS)
// CHECK-NEXT:maxpool(const float *__restrict__ x, float *__restrict__ out) {
// CHECK-NEXT:  for (int i = blockIdx.x * THREADS + threadIdx.x; i < COUNT; i += gridDim.x * THREADS) {
// CHECK-NEXT:    float largest = -heddle::inf;
// CHECK-NEXT:    const int row = i / 6;
// CHECK-NEXT:    const int i2 = row % 6;
// CHECK-NEXT:    const int i3 = i % 6;
// CHECK-NEXT:    for (int k = 0; k < 3; ++k) {
// CHECK-NEXT:      for (int k_1 = 0; k_1 < 3; ++k_1) {
// CHECK-NEXT:        // /MaxPool
// CHECK-NEXT:        largest = heddle::maximum(largest,
// CHECK-NEXT:            i2 * 2 + k >= 1 && i3 * 2 + k_1 >= 1 ? x[row * 24 + k * 12 + i3 * 2 + k_1 - 13] : -heddle::inf);
// CHECK-NEXT:      }
// CHECK-NEXT:    }
// CHECK-NEXT:    out[i] = largest;
// CHECK-NEXT:  }
// CHECK-NEXT:}

// The ends of parts: each from the one before, so that the text does not grow with the square of their number.
heddle.kernel @ends(%p: tensor<?x4xf32, #heddle.dims<["a", "4"]>> {heddle.name = "p"},
    %q: tensor<?x4xf32, #heddle.dims<["b", "4"]>> {heddle.name = "q"},
    %r: tensor<?x4xf32, #heddle.dims<["c", "4"]>> {heddle.name = "r"},
    %s: tensor<?x4xf32, #heddle.dims<["d", "4"]>> {heddle.name = "s"},
    %t: tensor<?x4xf32, #heddle.dims<["e", "4"]>> {heddle.name = "t"},
    %u: tensor<?x4xf32, #heddle.dims<["f", "4"]>> {heddle.name = "u"})
    -> tensor<?x4xf32, #heddle.dims<["a + b + c + d + e + f", "4"]>>
    attributes {symbols = ["a", "b", "c", "d", "e", "f"],
                schedule = #heddle.elementwise<vector = 1, threads = 256, per_thread = 1>} {
  %0 = heddle.concat %p, %q, %r, %s, %t, %u axis 0
      : (tensor<?x4xf32, #heddle.dims<["a", "4"]>>, tensor<?x4xf32, #heddle.dims<["b", "4"]>>,
         tensor<?x4xf32, #heddle.dims<["c", "4"]>>, tensor<?x4xf32, #heddle.dims<["d", "4"]>>,
         tensor<?x4xf32, #heddle.dims<["e", "4"]>>, tensor<?x4xf32, #heddle.dims<["f", "4"]>>)
      -> tensor<?x4xf32, #heddle.dims<["a + b + c + d + e + f", "4"]>> loc("/Concat")
  heddle.return %0 : tensor<?x4xf32, #heddle.dims<["a + b + c + d + e + f", "4"]>>
}
// CHECK-LABEL:// kernel : ends   schedule #heddle.elementwise<vector = 1, threads = 256, per_thread = 1>
// CHECK:  const int row = i / 4;
// CHECK-NEXT:  float value_3;
// CHECK-NEXT:  if (row < a) {
// CHECK-NEXT:    value_3 = p[i];
// CHECK-NEXT:  } else {
// CHECK-NEXT:    float value_2;
// CHECK-NEXT:    if (row < a + b) {
// CHECK-NEXT:      value_2 = q[i - 4 * a];
// CHECK-NEXT:    } else {
// CHECK-NEXT:      float value_1;
// CHECK-NEXT:      if (row < a + b + c) {
// CHECK-NEXT:        value_1 = r[i - (4 * a + 4 * b)];
// CHECK-NEXT:      } else {
// CHECK-NEXT:        const int end = a + b + c + d;
// CHECK-NEXT:        float value;
// CHECK-NEXT:        if (row < end) {
// CHECK-NEXT:          value = s[i - (4 * a + 4 * b + 4 * c)];
// CHECK-NEXT:        } else {
// CHECK-NEXT:          const int end_1 = end + e;
// CHECK-NEXT:          value = row < end_1 ? t[i - 4 * end] : u[i - 4 * end_1];
// CHECK-NEXT:        }
// CHECK-NEXT:        value_1 = value;
// CHECK-NEXT:      }
// CHECK-NEXT:      value_2 = value_1;
// CHECK-NEXT:    }
// CHECK-NEXT:    value_3 = value_2;
// CHECK-NEXT:  }
// CHECK-NEXT:  out[i] = value_3;
// CHECK-NEXT:}
