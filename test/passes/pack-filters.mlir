// RUN: heddle-opt %s --split-input-file --pass-pipeline='builtin.module(func.func(heddle-pack-filters{vector-bytes=64}),canonicalize)' | FileCheck %s

// 24 outputs take one panel of two vectors; a splat stays a single element in the store.
// CHECK-LABEL: func.func @packed
// CHECK: heddle.constant #heddle.weight<"{{[^"]+}}", "[permute<[2, 3, 1, 0]>, reshape<[27, 24]>, pack<nr = 32>]"> : tensor<1x27x32xf32>
// CHECK: heddle.conv {{.*}} layout nhwc packed_nr 32 window [3, 3] outputs 24 : (tensor<1x8x8x3xf32>, tensor<1x27x32xf32>) -> tensor<1x8x8x24xf32>
func.func @packed(%x: tensor<1x8x8x3xf32>) -> tensor<1x8x8x24xf32> {
  %w = heddle.constant dense<0.5> : tensor<24x3x3x3xf32>
  %0 = heddle.conv %x, %w strides [1, 1] pads [1, 1, 1, 1] dilations [1, 1] groups 1 layout nhwc : (tensor<1x8x8x3xf32>, tensor<24x3x3x3xf32>) -> tensor<1x8x8x24xf32>
  return %0 : tensor<1x8x8x24xf32>
}

// -----

// What turns a transposed convolution's filters round joins the transform; 96 outputs fill panels of three vectors.
// CHECK-LABEL: func.func @through_movement
// CHECK: "[permute<[1, 0, 2]>, slice<{{.*}}>, permute<[2, 1, 0]>, reshape<[6, 96]>, pack<nr = 32>]"
// CHECK: heddle.conv {{.*}} packed_nr 32 window [3] outputs 96
func.func @through_movement(%x: tensor<1x8x2xf32>) -> tensor<1x6x96xf32> {
  %w = heddle.constant #heddle.weight<"0123456789abcdef", ""> : tensor<2x96x3xf32>
  %0 = heddle.transpose %w perm [1, 0, 2] : (tensor<2x96x3xf32>) -> tensor<96x2x3xf32>
  %1 = heddle.slice %0 starts <["0", "0", "2"]> steps <["1", "1", "-1"]> : (tensor<96x2x3xf32>) -> tensor<96x2x3xf32>
  %2 = heddle.conv %x, %1 strides [1] pads [0, 0] dilations [1] groups 1 layout nhwc : (tensor<1x8x2xf32>, tensor<96x2x3xf32>) -> tensor<1x6x96xf32>
  return %2 : tensor<1x6x96xf32>
}

// -----

// Panels of a depthwise convolution run through its groups; those of other grouped ones must end where a group does.
// CHECK-LABEL: func.func @groups
// CHECK: packed_nr 32 window [3, 3] outputs 64
// CHECK: heddle.conv {{.*}} groups 2 layout nhwc : (tensor<1x8x8x64xf32>, tensor<40x32x1x1xf32>)
func.func @groups(%x: tensor<1x8x8x64xf32>) -> (tensor<1x8x8x64xf32>, tensor<1x8x8x40xf32>) {
  %v = heddle.constant dense<0.5> : tensor<64x1x3x3xf32>
  %w = heddle.constant dense<0.5> : tensor<40x32x1x1xf32>
  %0 = heddle.conv %x, %v strides [1, 1] pads [1, 1, 1, 1] dilations [1, 1] groups 64 layout nhwc : (tensor<1x8x8x64xf32>, tensor<64x1x3x3xf32>) -> tensor<1x8x8x64xf32>
  %1 = heddle.conv %x, %w strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] groups 2 layout nhwc : (tensor<1x8x8x64xf32>, tensor<40x32x1x1xf32>) -> tensor<1x8x8x40xf32>
  return %0, %1 : tensor<1x8x8x64xf32>, tensor<1x8x8x40xf32>
}

// -----

// Channels first, and filters that a run computes, stay as they are.
// CHECK-LABEL: func.func @others
// CHECK-NOT: packed_nr
func.func @others(%x: tensor<1x3x8x8xf32>, %y: tensor<1x8x8x3xf32>, %v: tensor<4x3x1x1xf32>) -> (tensor<1x4x8x8xf32>, tensor<1x8x8x4xf32>) {
  %w = heddle.constant dense<0.5> : tensor<4x3x1x1xf32>
  %0 = heddle.conv %x, %w strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] groups 1 layout nchw : (tensor<1x3x8x8xf32>, tensor<4x3x1x1xf32>) -> tensor<1x4x8x8xf32>
  %1 = heddle.conv %y, %v strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] groups 1 layout nhwc : (tensor<1x8x8x3xf32>, tensor<4x3x1x1xf32>) -> tensor<1x8x8x4xf32>
  return %0, %1 : tensor<1x4x8x8xf32>, tensor<1x8x8x4xf32>
}
