// RUN: heddle-opt %s --split-input-file --pass-pipeline='builtin.module(func.func(heddle-choose-layouts),canonicalize,cse)' | FileCheck %s

// Two convolutions with what mobile networks have between them: one transpose at each end is left.
// CHECK-LABEL: func.func @chain
// CHECK: %[[X:.*]] = heddle.transpose %arg0 perm [0, 2, 3, 1]
// CHECK: %[[C:.*]] = heddle.conv %[[X]], {{.*}} layout nhwc : (tensor<1x8x8x3xf32>, tensor<4x3x3x3xf32>) -> tensor<1x8x8x4xf32>
// CHECK: %[[B:.*]] = heddle.add %[[C]], {{.*}} : (tensor<1x8x8x4xf32>, tensor<1x1x1x4xf32>) -> tensor<1x8x8x4xf32>
// CHECK: %[[R:.*]] = heddle.relu %[[B]]
// CHECK: %[[P:.*]] = heddle.pool max %[[R]] {{.*}} layout nhwc : (tensor<1x8x8x4xf32>) -> tensor<1x4x4x4xf32>
// CHECK-NOT: heddle.transpose
// CHECK: %[[D:.*]] = heddle.conv %[[P]], {{.*}} layout nhwc
// CHECK: %[[Y:.*]] = heddle.transpose %[[D]] perm [0, 3, 1, 2]
// CHECK: return %[[Y]]
func.func @chain(%x: tensor<1x3x8x8xf32>, %b: tensor<4x1x1xf32>) -> tensor<1x2x4x4xf32> {
  %v = heddle.constant dense<0.5> : tensor<4x3x3x3xf32>
  %w = heddle.constant dense<0.25> : tensor<2x4x1x1xf32>
  %0 = heddle.conv %x, %v strides [1, 1] pads [1, 1, 1, 1] dilations [1, 1] groups 1 layout nchw : (tensor<1x3x8x8xf32>, tensor<4x3x3x3xf32>) -> tensor<1x4x8x8xf32>
  %1 = heddle.add %0, %b : (tensor<1x4x8x8xf32>, tensor<4x1x1xf32>) -> tensor<1x4x8x8xf32>
  %2 = heddle.relu %1 : (tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32>
  %3 = heddle.pool max %2 window [2, 2] strides [2, 2] pads [0, 0, 0, 0] dilations [1, 1] : (tensor<1x4x8x8xf32>) -> tensor<1x4x4x4xf32>
  %4 = heddle.conv %3, %w strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] groups 1 layout nchw : (tensor<1x4x4x4xf32>, tensor<2x4x1x1xf32>) -> tensor<1x2x4x4xf32>
  return %4 : tensor<1x2x4x4xf32>
}

// -----

// Filters that a run computes cannot be packed: the convolution stays.
// CHECK-LABEL: func.func @computed_filters
// CHECK-NOT: heddle.transpose
// CHECK: layout nchw
func.func @computed_filters(%x: tensor<1x3x8x8xf32>, %w: tensor<4x3x3x3xf32>) -> tensor<1x4x8x8xf32> {
  %0 = heddle.conv %x, %w strides [1, 1] pads [1, 1, 1, 1] dilations [1, 1] groups 1 layout nchw : (tensor<1x3x8x8xf32>, tensor<4x3x3x3xf32>) -> tensor<1x4x8x8xf32>
  return %0 : tensor<1x4x8x8xf32>
}

// -----

// Squeeze and excite: averages need no transpose, and images of one pixel are reshaped, not transposed.
// CHECK-LABEL: func.func @squeeze
// CHECK: %[[C:.*]] = heddle.conv {{.*}} layout nhwc
// CHECK: %[[S:.*]] = heddle.reduce add %[[C]] axes [1, 2] : (tensor<1x?x?x4xf32, {{.*}}>) -> tensor<1x4xf32>
// CHECK: %[[P:.*]] = heddle.reshape %[[S]] : (tensor<1x4xf32>) -> tensor<1x1x1x4xf32>
// CHECK: %[[E:.*]] = heddle.conv %[[P]], {{.*}} layout nhwc
// CHECK: %[[M:.*]] = heddle.mul %[[C]], %[[E]] : (tensor<1x?x?x4xf32, {{.*}}>, tensor<1x1x1x4xf32>)
// CHECK: heddle.transpose %[[M]] perm [0, 3, 1, 2]
func.func @squeeze(%x: tensor<1x4x?x?xf32, #heddle.dims<["1", "4", "h", "w"]>>) -> tensor<1x4x?x?xf32, #heddle.dims<["1", "4", "h", "w"]>> {
  %w = heddle.constant dense<0.5> : tensor<4x4x1x1xf32>
  %0 = heddle.conv %x, %w strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] groups 1 layout nchw : (tensor<1x4x?x?xf32, #heddle.dims<["1", "4", "h", "w"]>>, tensor<4x4x1x1xf32>) -> tensor<1x4x?x?xf32, #heddle.dims<["1", "4", "h", "w"]>>
  %1 = heddle.reduce add %0 axes [2, 3] : (tensor<1x4x?x?xf32, #heddle.dims<["1", "4", "h", "w"]>>) -> tensor<1x4xf32>
  %2 = heddle.reshape %1 : (tensor<1x4xf32>) -> tensor<1x4x1x1xf32>
  %3 = heddle.conv %2, %w strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] groups 1 layout nchw : (tensor<1x4x1x1xf32>, tensor<4x4x1x1xf32>) -> tensor<1x4x1x1xf32>
  %4 = heddle.mul %0, %3 : (tensor<1x4x?x?xf32, #heddle.dims<["1", "4", "h", "w"]>>, tensor<1x4x1x1xf32>) -> tensor<1x4x?x?xf32, #heddle.dims<["1", "4", "h", "w"]>>
  return %4 : tensor<1x4x?x?xf32, #heddle.dims<["1", "4", "h", "w"]>>
}

// -----

// Axes, starts and paddings follow their dimensions; softmax over the channels runs along rows.
// CHECK-LABEL: func.func @movement
// CHECK: %[[C:.*]] = heddle.conv {{.*}} layout nhwc
// CHECK: %[[S:.*]] = heddle.slice %[[C]] starts <["0", "1", "2", "0"]> steps <["1", "1", "1", "2"]> : (tensor<1x8x8x4xf32>) -> tensor<1x7x6x2xf32>
// CHECK: %[[P:.*]] = heddle.pad %[[S]], {{.*}} low <["0", "1", "2", "0"]> {{.*}} -> tensor<1x8x8x2xf32>
// CHECK: %[[K:.*]] = heddle.concat %[[C]], %[[P]] axis 3
// CHECK: %[[G:.*]] = heddle.gather %[[K]], %arg1 axis 1
// CHECK: %[[M:.*]] = heddle.softmax %[[G]] axis 3
// CHECK: heddle.transpose %[[M]] perm [0, 3, 1, 2] : (tensor<1x16x8x6xf32>)
func.func @movement(%x: tensor<1x4x8x8xf32>, %i: tensor<16xi64>) -> tensor<1x6x16x8xf32> {
  %w = heddle.constant dense<0.5> : tensor<4x4x1x1xf32>
  %zero = heddle.constant dense<0.0> : tensor<f32>
  %0 = heddle.conv %x, %w strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] groups 1 layout nchw : (tensor<1x4x8x8xf32>, tensor<4x4x1x1xf32>) -> tensor<1x4x8x8xf32>
  %1 = heddle.slice %0 starts <["0", "0", "1", "2"]> steps <["1", "2", "1", "1"]> : (tensor<1x4x8x8xf32>) -> tensor<1x2x7x6xf32>
  %2 = heddle.pad %1, %zero low <["0", "0", "1", "2"]> mode constant : (tensor<1x2x7x6xf32>, tensor<f32>) -> tensor<1x2x8x8xf32>
  %3 = heddle.concat %0, %2 axis 1 : (tensor<1x4x8x8xf32>, tensor<1x2x8x8xf32>) -> tensor<1x6x8x8xf32>
  %4 = heddle.gather %3, %i axis 2 : (tensor<1x6x8x8xf32>, tensor<16xi64>) -> tensor<1x6x16x8xf32>
  %5 = heddle.softmax %4 axis 1 : (tensor<1x6x16x8xf32>) -> tensor<1x6x16x8xf32>
  return %5 : tensor<1x6x16x8xf32>
}

// -----

// Patches as tokens: flattening the image and moving the channels last is a reshape of what the convolution made.
// CHECK-LABEL: func.func @tokens
// CHECK: %[[C:.*]] = heddle.conv {{.*}} layout nhwc
// CHECK-NEXT: %[[Y:.*]] = heddle.reshape %[[C]] : (tensor<1x2x2x4xf32>) -> tensor<1x4x4xf32>
// CHECK-NEXT: return %[[Y]]
func.func @tokens(%x: tensor<1x3x8x8xf32>) -> tensor<1x4x4xf32> {
  %w = heddle.constant dense<0.5> : tensor<4x3x4x4xf32>
  %0 = heddle.conv %x, %w strides [4, 4] pads [0, 0, 0, 0] dilations [1, 1] groups 1 layout nchw : (tensor<1x3x8x8xf32>, tensor<4x3x4x4xf32>) -> tensor<1x4x2x2xf32>
  %1 = heddle.reshape %0 : (tensor<1x4x2x2xf32>) -> tensor<1x4x4xf32>
  %2 = heddle.transpose %1 perm [0, 2, 1] : (tensor<1x4x4xf32>) -> tensor<1x4x4xf32>
  return %2 : tensor<1x4x4xf32>
}

// -----

// One operand of two would have to be transposed for the other: following pays no more than it costs, so it does; with
// two against one it does not.
// CHECK-LABEL: func.func @against_the_majority
// CHECK: %[[C:.*]] = heddle.conv {{.*}} layout nhwc
// CHECK: %[[F:.*]] = heddle.transpose %[[C]] perm [0, 3, 1, 2]
// CHECK: heddle.where %arg1, %arg2, %[[F]]
func.func @against_the_majority(%x: tensor<1x4x8x8xf32>, %c: tensor<1x4x8x8xi1>, %y: tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32> {
  %w = heddle.constant dense<0.5> : tensor<4x4x1x1xf32>
  %0 = heddle.conv %x, %w strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] groups 1 layout nchw : (tensor<1x4x8x8xf32>, tensor<4x4x1x1xf32>) -> tensor<1x4x8x8xf32>
  %1 = heddle.where %c, %y, %0 : (tensor<1x4x8x8xi1>, tensor<1x4x8x8xf32>, tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32>
  return %1 : tensor<1x4x8x8xf32>
}

// -----

// Reducing rows of an image leaves channels and columns, whose order is restored behind the sum.
// CHECK-LABEL: func.func @partial_sum
// CHECK: %[[C:.*]] = heddle.conv {{.*}} layout nhwc
// CHECK: %[[S:.*]] = heddle.reduce add %[[C]] axes [1] : (tensor<1x8x6x4xf32>) -> tensor<1x6x4xf32>
// CHECK: heddle.transpose %[[S]] perm [0, 2, 1]
func.func @partial_sum(%x: tensor<1x4x8x6xf32>) -> tensor<1x4x6xf32> {
  %w = heddle.constant dense<0.5> : tensor<4x4x1x1xf32>
  %0 = heddle.conv %x, %w strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] groups 1 layout nchw : (tensor<1x4x8x6xf32>, tensor<4x4x1x1xf32>) -> tensor<1x4x8x6xf32>
  %1 = heddle.reduce add %0 axes [2] : (tensor<1x4x8x6xf32>) -> tensor<1x4x6xf32>
  return %1 : tensor<1x4x6xf32>
}

// -----

// A branch follows what is outside of it, and gives back the order that its results are declared with.
// CHECK-LABEL: func.func @branch
// CHECK: %[[C:.*]] = heddle.conv {{.*}} layout nhwc
// CHECK: heddle.if
// CHECK: %[[R:.*]] = heddle.relu %[[C]] : (tensor<1x8x8x4xf32>)
// CHECK: %[[F:.*]] = heddle.transpose %[[R]] perm [0, 3, 1, 2]
// CHECK: heddle.result %[[F]]
func.func @branch(%x: tensor<1x4x8x8xf32>, %c: tensor<i1>) -> tensor<1x4x8x8xf32> {
  %w = heddle.constant dense<0.5> : tensor<4x4x1x1xf32>
  %0 = heddle.conv %x, %w strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] groups 1 layout nchw : (tensor<1x4x8x8xf32>, tensor<4x4x1x1xf32>) -> tensor<1x4x8x8xf32>
  %1 = heddle.if %c defines [] {
    %2 = heddle.relu %0 : (tensor<1x4x8x8xf32>) -> tensor<1x4x8x8xf32>
    heddle.result %2 : tensor<1x4x8x8xf32>
  } else {
    heddle.result %x : tensor<1x4x8x8xf32>
  } : (tensor<i1>) -> tensor<1x4x8x8xf32>
  return %1 : tensor<1x4x8x8xf32>
}
