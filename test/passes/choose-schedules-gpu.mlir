// RUN: heddle-opt %s --heddle-choose-schedules=vector-bytes=0 | FileCheck %s
// On a GPU tiles are no larger than what they cover, and only products with reuse along both sides get tiles.

// CHECK: heddle.kernel @conv
// CHECK-SAME: schedule = #heddle.gemm<mr = 0, nr = 0, bm = 32, bn = 64, bk = 16, tm = 4, tn = 4>
heddle.kernel @conv(%x: tensor<1x16x28x28xf32>, %w: tensor<24x16x3x3xf32>) -> tensor<1x24x28x28xf32> attributes {symbols = []} {
  %0 = heddle.conv %x, %w strides [1, 1] pads [1, 1, 1, 1] dilations [1, 1] groups 1 layout nchw
    : (tensor<1x16x28x28xf32>, tensor<24x16x3x3xf32>) -> tensor<1x24x28x28xf32>
  heddle.return %0 : tensor<1x24x28x28xf32>
}

// A depthwise convolution has one filter per group: nothing to reuse.
// CHECK: heddle.kernel @depthwise
// CHECK-SAME: schedule = #heddle.elementwise
heddle.kernel @depthwise(%x: tensor<1x16x28x28xf32>, %w: tensor<16x1x3x3xf32>) -> tensor<1x16x28x28xf32> attributes {symbols = []} {
  %0 = heddle.conv %x, %w strides [1, 1] pads [1, 1, 1, 1] dilations [1, 1] groups 16 layout nchw
    : (tensor<1x16x28x28xf32>, tensor<16x1x3x3xf32>) -> tensor<1x16x28x28xf32>
  heddle.return %0 : tensor<1x16x28x28xf32>
}

// A vector times a matrix has no reuse either; with a number of rows known at run time only, tiles are large.
// CHECK: heddle.kernel @vector
// CHECK-SAME: schedule = #heddle.elementwise
heddle.kernel @vector(%x: tensor<1x64xf32>, %w: tensor<64x40xf32>) -> tensor<1x40xf32> attributes {symbols = []} {
  %0 = heddle.matmul %x, %w : (tensor<1x64xf32>, tensor<64x40xf32>) -> tensor<1x40xf32>
  heddle.return %0 : tensor<1x40xf32>
}
// CHECK: heddle.kernel @rows
// CHECK-SAME: schedule = #heddle.gemm<mr = 0, nr = 0, bm = 64, bn = 16, bk = 16, tm = 4, tn = 4>
heddle.kernel @rows(%x: tensor<?x64xf32, #heddle.dims<["n", "64"]>>, %w: tensor<64x12xf32>)
    -> tensor<?x12xf32, #heddle.dims<["n", "12"]>> attributes {symbols = ["n"]} {
  %0 = heddle.matmul %x, %w : (tensor<?x64xf32, #heddle.dims<["n", "64"]>>, tensor<64x12xf32>)
    -> tensor<?x12xf32, #heddle.dims<["n", "12"]>>
  heddle.return %0 : tensor<?x12xf32, #heddle.dims<["n", "12"]>>
}
