// RUN: heddle-opt %s --split-input-file --heddle-fuse-kernels --heddle-place-parts --heddle-deduplicate-kernels --heddle-choose-schedules --heddle-verify-kernels | FileCheck %s

// Channels last, any number of images: both poolings store rows of 16 channels every 32, and no kernel concatenates.
// CHECK-LABEL: func.func @gaps
// CHECK: %[[A:.*]] = heddle.launch @[[K:.*]] sizes <["n"]>(%arg0)
// CHECK: %[[B:.*]] = heddle.launch @[[K]] sizes <["n"]>(%arg1)
// CHECK-NEXT: %[[Y:.*]] = heddle.concat %[[A]], %[[B]] axis 3
// CHECK-NEXT: return %[[Y]]
// CHECK: heddle.kernel @[[K]]({{.*}} -> (tensor<?x4x4x16xf32, #heddle.dims<["s0", "4", "4", "16"]>> {heddle.strides = #heddle.dims<["512", "128", "32", "1"]>})
// CHECK-NOT: heddle.concat
func.func @gaps(%x: tensor<?x8x8x16xf32, #heddle.dims<["n", "8", "8", "16"]>>, %y: tensor<?x8x8x16xf32, #heddle.dims<["n", "8", "8", "16"]>>) -> tensor<?x4x4x32xf32, #heddle.dims<["n", "4", "4", "32"]>> {
  %0 = heddle.pool max %x window [2, 2] strides [2, 2] pads [0, 0, 0, 0] dilations [1, 1] layout nhwc : (tensor<?x8x8x16xf32, #heddle.dims<["n", "8", "8", "16"]>>) -> tensor<?x4x4x16xf32, #heddle.dims<["n", "4", "4", "16"]>>
  %1 = heddle.pool max %y window [2, 2] strides [2, 2] pads [0, 0, 0, 0] dilations [1, 1] layout nhwc : (tensor<?x8x8x16xf32, #heddle.dims<["n", "8", "8", "16"]>>) -> tensor<?x4x4x16xf32, #heddle.dims<["n", "4", "4", "16"]>>
  %2 = heddle.concat %0, %1 axis 3 : (tensor<?x4x4x16xf32, #heddle.dims<["n", "4", "4", "16"]>>, tensor<?x4x4x16xf32, #heddle.dims<["n", "4", "4", "16"]>>) -> tensor<?x4x4x32xf32, #heddle.dims<["n", "4", "4", "32"]>>
  return %2 : tensor<?x4x4x32xf32, #heddle.dims<["n", "4", "4", "32"]>>
}

// -----

// The parts of one image are in one piece each: nothing about their kernels changes, however short they are.
// CHECK-LABEL: func.func @contiguous
// CHECK: heddle.concat %{{.*}}, %{{.*}} axis 1
// CHECK-NOT: heddle.strides
func.func @contiguous(%x: tensor<1x2x4x4xf32>, %y: tensor<1x3x4x4xf32>) -> tensor<1x5x2x2xf32> {
  %0 = heddle.pool max %x window [2, 2] strides [2, 2] pads [0, 0, 0, 0] dilations [1, 1] : (tensor<1x2x4x4xf32>) -> tensor<1x2x2x2xf32>
  %1 = heddle.pool max %y window [2, 2] strides [2, 2] pads [0, 0, 0, 0] dilations [1, 1] : (tensor<1x3x4x4xf32>) -> tensor<1x3x2x2xf32>
  %2 = heddle.concat %0, %1 axis 1 : (tensor<1x2x2x2xf32>, tensor<1x3x2x2xf32>) -> tensor<1x5x2x2xf32>
  return %2 : tensor<1x5x2x2xf32>
}

// -----

// What no launch makes (%y), and what the concatenating kernel computes itself (the negation), it writes as results of
// its own, with the gaps of the whole; it no longer reads the part that is in place.
// CHECK-LABEL: func.func @others
// CHECK: %[[A:.*]] = heddle.launch @{{.*}}(%arg0, %arg2)
// CHECK: %[[R:.*]]:2 = heddle.launch @[[K:.*]] sizes <[]>(%arg1)
// CHECK-NEXT: heddle.concat %[[A]], %[[R]]#0, %[[R]]#1 axis 1
// CHECK: heddle.kernel @[[K]](%[[Y:.*]]: tensor<4x8xf32>) -> (tensor<4x8xf32> {heddle.strides = #heddle.dims<["32", "1"]>}, tensor<4x8xf32> {heddle.strides = #heddle.dims<["32", "1"]>})
// CHECK-NEXT: %[[N:.*]] = heddle.neg %[[Y]]
// CHECK-NEXT: heddle.return %[[Y]], %[[N]]
func.func @others(%x: tensor<4x8xf32>, %y: tensor<4x8xf32>, %w: tensor<8x16xf32>) -> tensor<4x32xf32> {
  %0 = heddle.matmul %x, %w : (tensor<4x8xf32>, tensor<8x16xf32>) -> tensor<4x16xf32>
  %1 = heddle.neg %y : (tensor<4x8xf32>) -> tensor<4x8xf32>
  %2 = heddle.concat %0, %y, %1 axis 1 : (tensor<4x16xf32>, tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x32xf32>
  return %2 : tensor<4x32xf32>
}

// -----

// The heads of a detector: each scale's boxes are a reshape of an image, whose pixels lie in one piece per image.
// CHECK-LABEL: func.func @reshaped
// CHECK: %[[A:.*]] = heddle.launch @[[K:.*]] sizes <["n"]>(%arg0)
// CHECK: %[[V:.*]] = heddle.reshape %[[A]]
// CHECK: heddle.concat %[[V]], %{{.*}} axis 1
// CHECK: heddle.kernel @[[K]]({{.*}}heddle.strides = #heddle.dims<["200", "16", "8", "1"]>
func.func @reshaped(%x: tensor<?x4x4x8xf32, #heddle.dims<["n", "4", "4", "8"]>>, %y: tensor<?x42xf32, #heddle.dims<["n", "42"]>>) -> tensor<?x50x4xf32, #heddle.dims<["n", "50", "4"]>> {
  %0 = heddle.pool max %x window [2, 2] strides [2, 2] pads [0, 0, 0, 0] dilations [1, 1] layout nhwc : (tensor<?x4x4x8xf32, #heddle.dims<["n", "4", "4", "8"]>>) -> tensor<?x2x2x8xf32, #heddle.dims<["n", "2", "2", "8"]>>
  %1 = heddle.reshape %0 : (tensor<?x2x2x8xf32, #heddle.dims<["n", "2", "2", "8"]>>) -> tensor<?x8x4xf32, #heddle.dims<["n", "8", "4"]>>
  %2 = heddle.broadcast %y : (tensor<?x42xf32, #heddle.dims<["n", "42"]>>) -> tensor<4x?x42xf32, #heddle.dims<["4", "n", "42"]>>
  %3 = heddle.transpose %2 perm [1, 2, 0] : (tensor<4x?x42xf32, #heddle.dims<["4", "n", "42"]>>) -> tensor<?x42x4xf32, #heddle.dims<["n", "42", "4"]>>
  %4 = heddle.concat %1, %3 axis 1 : (tensor<?x8x4xf32, #heddle.dims<["n", "8", "4"]>>, tensor<?x42x4xf32, #heddle.dims<["n", "42", "4"]>>) -> tensor<?x50x4xf32, #heddle.dims<["n", "50", "4"]>>
  return %4 : tensor<?x50x4xf32, #heddle.dims<["n", "50", "4"]>>
}

// -----

// A contiguous slice that products read is a view; it needs no kernel.
// CHECK-LABEL: func.func @slice
// CHECK: %[[S:.*]] = heddle.slice %arg0 starts <["2", "0"]> steps <["1", "1"]>
// CHECK-NEXT: heddle.launch @{{.*}}(%[[S]], %arg1)
// CHECK: heddle.kernel
// CHECK-NOT: heddle.kernel
func.func @slice(%x: tensor<8x8xf32>, %w: tensor<?x8x8xf32, #heddle.dims<["n", "8", "8"]>>) -> tensor<?x8x8xf32, #heddle.dims<["n", "8", "8"]>> {
  %0 = heddle.launch @slice_rows sizes <[]> (%x) : (tensor<8x8xf32>) -> tensor<4x8xf32>
  %1 = heddle.launch @use sizes <["n"]> (%0, %w) : (tensor<4x8xf32>, tensor<?x8x8xf32, #heddle.dims<["n", "8", "8"]>>) -> tensor<?x8x8xf32, #heddle.dims<["n", "8", "8"]>>
  return %1 : tensor<?x8x8xf32, #heddle.dims<["n", "8", "8"]>>
}
heddle.kernel @slice_rows(%x: tensor<8x8xf32>) -> tensor<4x8xf32> attributes {symbols = []} {
  %0 = heddle.slice %x starts <["2", "0"]> steps <["1", "1"]> : (tensor<8x8xf32>) -> tensor<4x8xf32>
  heddle.return %0 : tensor<4x8xf32>
}
heddle.kernel @use(%x: tensor<4x8xf32>, %w: tensor<?x8x8xf32, #heddle.dims<["s0", "8", "8"]>>) -> tensor<?x8x8xf32, #heddle.dims<["s0", "8", "8"]>> attributes {symbols = ["s0"]} {
  heddle.return %w : tensor<?x8x8xf32, #heddle.dims<["s0", "8", "8"]>>
}
