// RUN: heddle-opt %s --split-input-file --pass-pipeline='builtin.module(func.func(heddle-fold-batch-norms),canonicalize)' | FileCheck %s

// conv((x - 1) * [2, 4]) + 10: the factors on the input channels, and [1 * -2 + 2 * -4, 3 * -2 + 4 * -4] + 10 behind.
// CHECK-LABEL: func.func @batch_norm
// CHECK-DAG: %[[W:.*]] = heddle.constant #heddle.weight<"{{.*}}", "[scale<axis = 1, {{.*}}>]"> : tensor<2x2x1x1xf32>
// CHECK-DAG: %[[S:.*]] = heddle.constant dense<{{\[\[\[}}0.000000e+00]], {{\[\[}}-1.200000e+01]]]> : tensor<2x1x1xf32>
// CHECK: %[[C:.*]] = heddle.conv %arg0, %[[W]]
// CHECK-NEXT: %[[Y:.*]] = heddle.add %[[C]], %[[S]]
// CHECK-NEXT: return %[[Y]]
func.func @batch_norm(%x: tensor<?x2x8x8xf32, #heddle.dims<["batch", "2", "8", "8"]>>) -> tensor<?x2x8x8xf32, #heddle.dims<["batch", "2", "8", "8"]>> {
  %w = heddle.constant dense<[[[[1.0]], [[2.0]]], [[[3.0]], [[4.0]]]]> : tensor<2x2x1x1xf32>
  %mean = heddle.constant dense<1.0> : tensor<2x1x1xf32>
  %scale = heddle.constant dense<[[[2.0]], [[4.0]]]> : tensor<2x1x1xf32>
  %bias = heddle.constant dense<10.0> : tensor<2x1x1xf32>
  %0 = heddle.sub %x, %mean : (tensor<?x2x8x8xf32, #heddle.dims<["batch", "2", "8", "8"]>>, tensor<2x1x1xf32>) -> tensor<?x2x8x8xf32, #heddle.dims<["batch", "2", "8", "8"]>>
  %1 = heddle.mul %scale, %0 : (tensor<2x1x1xf32>, tensor<?x2x8x8xf32, #heddle.dims<["batch", "2", "8", "8"]>>) -> tensor<?x2x8x8xf32, #heddle.dims<["batch", "2", "8", "8"]>>
  %2 = heddle.conv %1, %w strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] groups 1 layout nchw : (tensor<?x2x8x8xf32, #heddle.dims<["batch", "2", "8", "8"]>>, tensor<2x2x1x1xf32>) -> tensor<?x2x8x8xf32, #heddle.dims<["batch", "2", "8", "8"]>>
  %3 = heddle.add %2, %bias : (tensor<?x2x8x8xf32, #heddle.dims<["batch", "2", "8", "8"]>>, tensor<2x1x1xf32>) -> tensor<?x2x8x8xf32, #heddle.dims<["batch", "2", "8", "8"]>>
  return %3 : tensor<?x2x8x8xf32, #heddle.dims<["batch", "2", "8", "8"]>>
}

// -----

// Both directions at once: factors along both axes of the filters, all terms in one.
// CHECK-LABEL: func.func @both
// CHECK: heddle.constant #heddle.weight<"{{.*}}", "[scale<axis = 1, {{.*}}>, scale<axis = 0, {{.*}}>]"> : tensor<2x2x1x1xf32>
// CHECK: heddle.conv
// CHECK-NEXT: heddle.add
// CHECK-NEXT: return
func.func @both(%x: tensor<1x2x8x8xf32>) -> tensor<1x2x8x8xf32> {
  %w = heddle.constant dense<[[[[1.0]], [[2.0]]], [[[3.0]], [[4.0]]]]> : tensor<2x2x1x1xf32>
  %scale = heddle.constant dense<[[[2.0]], [[4.0]]]> : tensor<2x1x1xf32>
  %shift = heddle.constant dense<[[[1.0]], [[3.0]]]> : tensor<2x1x1xf32>
  %0 = heddle.mul %x, %scale : (tensor<1x2x8x8xf32>, tensor<2x1x1xf32>) -> tensor<1x2x8x8xf32>
  %1 = heddle.add %0, %shift : (tensor<1x2x8x8xf32>, tensor<2x1x1xf32>) -> tensor<1x2x8x8xf32>
  %2 = heddle.conv %1, %w strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] groups 1 layout nchw : (tensor<1x2x8x8xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x8x8xf32>
  %3 = heddle.mul %2, %scale : (tensor<1x2x8x8xf32>, tensor<2x1x1xf32>) -> tensor<1x2x8x8xf32>
  %4 = heddle.add %3, %shift : (tensor<1x2x8x8xf32>, tensor<2x1x1xf32>) -> tensor<1x2x8x8xf32>
  return %4 : tensor<1x2x8x8xf32>
}

// -----

// Padding is 0 where a shifted image would not be: a term before it stays, a factor alone does not.
// CHECK-LABEL: func.func @padded
// CHECK: heddle.mul
// CHECK-NEXT: %[[A:.*]] = heddle.add
// CHECK-NEXT: heddle.conv %[[A]]
// CHECK-NEXT: heddle.conv %arg0
// CHECK-NEXT: return
func.func @padded(%x: tensor<1x2x8x8xf32>) -> (tensor<1x1x8x8xf32>, tensor<1x1x8x8xf32>) {
  %v = heddle.constant dense<1.0> : tensor<1x2x3x3xf32>
  %w = heddle.constant dense<1.0> : tensor<1x2x3x3xf32>
  %scale = heddle.constant dense<[[[2.0]], [[4.0]]]> : tensor<2x1x1xf32>
  %0 = heddle.mul %x, %scale : (tensor<1x2x8x8xf32>, tensor<2x1x1xf32>) -> tensor<1x2x8x8xf32>
  %1 = heddle.add %0, %scale : (tensor<1x2x8x8xf32>, tensor<2x1x1xf32>) -> tensor<1x2x8x8xf32>
  %2 = heddle.conv %1, %v strides [1, 1] pads [1, 1, 1, 1] dilations [1, 1] groups 1 layout nchw : (tensor<1x2x8x8xf32>, tensor<1x2x3x3xf32>) -> tensor<1x1x8x8xf32>
  %3 = heddle.mul %x, %scale : (tensor<1x2x8x8xf32>, tensor<2x1x1xf32>) -> tensor<1x2x8x8xf32>
  %4 = heddle.conv %3, %w strides [1, 1] pads [1, 1, 1, 1] dilations [1, 1] groups 1 layout nchw : (tensor<1x2x8x8xf32>, tensor<1x2x3x3xf32>) -> tensor<1x1x8x8xf32>
  return %2, %4 : tensor<1x1x8x8xf32>, tensor<1x1x8x8xf32>
}

// -----

// Filter o reads the channels of its group: 2 channels in 2 groups with windows of 2, terms [1, 10] * (1 + 2 and 3 + 4).
// CHECK-LABEL: func.func @groups
// CHECK-DAG: "[reshape<[2, 1, 1, 2]>, permute<[0, 2, 1, 3]>, reshape<[2, 2]>, scale<axis = 0, {{.*}}>, reshape<[2, 1, 1, 2]>, permute<[0, 2, 1, 3]>, reshape<[2, 1, 2]>]"> : tensor<2x1x2xf32>
// CHECK-DAG: heddle.constant dense<{{\[\[}}3.000000e+00], [7.000000e+01]]> : tensor<2x1xf32>
func.func @groups(%x: tensor<1x2x8xf32>) -> tensor<1x2x7xf32> {
  %w = heddle.constant dense<[[[1.0, 2.0]], [[3.0, 4.0]]]> : tensor<2x1x2xf32>
  %scale = heddle.constant dense<[[2.0], [4.0]]> : tensor<2x1xf32>
  %shift = heddle.constant dense<[[1.0], [10.0]]> : tensor<2x1xf32>
  %0 = heddle.mul %x, %scale : (tensor<1x2x8xf32>, tensor<2x1xf32>) -> tensor<1x2x8xf32>
  %1 = heddle.add %0, %shift : (tensor<1x2x8xf32>, tensor<2x1xf32>) -> tensor<1x2x8xf32>
  %2 = heddle.conv %1, %w strides [1] pads [0, 0] dilations [1] groups 2 layout nchw : (tensor<1x2x8xf32>, tensor<2x1x2xf32>) -> tensor<1x2x7xf32>
  return %2 : tensor<1x2x7xf32>
}

// -----

// The factors of an image's channels repeat along the rows that a reshape makes of it: [1, 1, 10, 10] times the columns.
// CHECK-LABEL: func.func @flatten
// CHECK-DAG: %[[W:.*]] = heddle.constant #heddle.weight<"{{.*}}", "[scale<axis = 0, {{.*}}>]"> : tensor<4x2xf32>
// CHECK-DAG: %[[S:.*]] = heddle.constant dense<[1.240000e+02, 1.460000e+02]> : tensor<2xf32>
// CHECK: %[[R:.*]] = heddle.reshape %arg0
// CHECK-NEXT: %[[P:.*]] = heddle.matmul %[[R]], %[[W]]
// CHECK-NEXT: %[[Y:.*]] = heddle.add %[[P]], %[[S]]
// CHECK-NEXT: return %[[Y]]
func.func @flatten(%x: tensor<?x2x1x2xf32, #heddle.dims<["batch", "2", "1", "2"]>>) -> tensor<?x2xf32, #heddle.dims<["batch", "2"]>> {
  %w = heddle.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0], [7.0, 8.0]]> : tensor<4x2xf32>
  %scale = heddle.constant dense<[[[2.0]], [[4.0]]]> : tensor<2x1x1xf32>
  %shift = heddle.constant dense<[[[1.0]], [[10.0]]]> : tensor<2x1x1xf32>
  %0 = heddle.mul %x, %scale : (tensor<?x2x1x2xf32, #heddle.dims<["batch", "2", "1", "2"]>>, tensor<2x1x1xf32>) -> tensor<?x2x1x2xf32, #heddle.dims<["batch", "2", "1", "2"]>>
  %1 = heddle.add %0, %shift : (tensor<?x2x1x2xf32, #heddle.dims<["batch", "2", "1", "2"]>>, tensor<2x1x1xf32>) -> tensor<?x2x1x2xf32, #heddle.dims<["batch", "2", "1", "2"]>>
  %2 = heddle.reshape %1 : (tensor<?x2x1x2xf32, #heddle.dims<["batch", "2", "1", "2"]>>) -> tensor<?x4xf32, #heddle.dims<["batch", "4"]>>
  %3 = heddle.matmul %2, %w : (tensor<?x4xf32, #heddle.dims<["batch", "4"]>>, tensor<4x2xf32>) -> tensor<?x2xf32, #heddle.dims<["batch", "2"]>>
  return %3 : tensor<?x2xf32, #heddle.dims<["batch", "2"]>>
}

// -----

// The inputs of a matrix that is read transposed are its columns.
// CHECK-LABEL: func.func @transposed_product
// CHECK: heddle.constant #heddle.weight<"{{.*}}", "[scale<axis = 1, {{.*}}>]"> : tensor<3x2xf32>
// CHECK: heddle.matmul %arg0
func.func @transposed_product(%x: tensor<5x2xf32>) -> tensor<5x3xf32> {
  %w = heddle.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf32>
  %scale = heddle.constant dense<[2.0, 4.0]> : tensor<2xf32>
  %0 = heddle.mul %x, %scale : (tensor<5x2xf32>, tensor<2xf32>) -> tensor<5x2xf32>
  %1 = heddle.matmul %0, %w transpose_b : (tensor<5x2xf32>, tensor<3x2xf32>) -> tensor<5x3xf32>
  return %1 : tensor<5x3xf32>
}

// -----

// What lies between two convolutions joins the first, and what something else reads is computed anyway.
// CHECK-LABEL: func.func @others
// CHECK-DAG: "[scale<axis = 0, {{.*}}>]"> : tensor<2x2x1x1xf32>
// CHECK-NOT: scale
// CHECK: heddle.conv
// CHECK-NEXT: heddle.conv
// CHECK: %[[M:.*]] = heddle.mul
// CHECK-NEXT: heddle.conv %[[M]]
func.func @others(%x: tensor<1x2x8x8xf32>) -> (tensor<1x1x8x8xf32>, tensor<1x2x8x8xf32>) {
  %u = heddle.constant dense<[[[[1.0]], [[2.0]]], [[[3.0]], [[4.0]]]]> : tensor<2x2x1x1xf32>
  %v = heddle.constant dense<[[[[1.0]], [[2.0]]], [[[3.0]], [[5.0]]]]> : tensor<2x2x1x1xf32>
  %w = heddle.constant dense<[[[[1.0]], [[6.0]]]]> : tensor<1x2x1x1xf32>
  %scale = heddle.constant dense<[[[2.0]], [[4.0]]]> : tensor<2x1x1xf32>
  %0 = heddle.conv %x, %u strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] groups 1 layout nchw : (tensor<1x2x8x8xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x8x8xf32>
  %1 = heddle.mul %0, %scale : (tensor<1x2x8x8xf32>, tensor<2x1x1xf32>) -> tensor<1x2x8x8xf32>
  %2 = heddle.conv %1, %v strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] groups 1 layout nchw : (tensor<1x2x8x8xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x8x8xf32>
  %3 = heddle.neg %2 : (tensor<1x2x8x8xf32>) -> tensor<1x2x8x8xf32>
  %4 = heddle.mul %3, %scale : (tensor<1x2x8x8xf32>, tensor<2x1x1xf32>) -> tensor<1x2x8x8xf32>
  %5 = heddle.conv %4, %w strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] groups 1 layout nchw : (tensor<1x2x8x8xf32>, tensor<1x2x1x1xf32>) -> tensor<1x1x8x8xf32>
  return %5, %4 : tensor<1x1x8x8xf32>, tensor<1x2x8x8xf32>
}

// -----

// The factors of a layer normalization run in the kernel of its statistics: folding them would cost, and spoil the pattern.
// CHECK-LABEL: func.func @normalized
// CHECK: heddle.mul
// CHECK: heddle.matmul
func.func @normalized(%x: tensor<5x2xf32>, %deviation: tensor<5x1xf32>) -> tensor<5x3xf32> {
  %w = heddle.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>
  %scale = heddle.constant dense<[2.0, 4.0]> : tensor<2xf32>
  %0 = heddle.div %x, %deviation : (tensor<5x2xf32>, tensor<5x1xf32>) -> tensor<5x2xf32>
  %1 = heddle.mul %0, %scale : (tensor<5x2xf32>, tensor<2xf32>) -> tensor<5x2xf32>
  %2 = heddle.matmul %1, %w : (tensor<5x2xf32>, tensor<2x3xf32>) -> tensor<5x3xf32>
  return %2 : tensor<5x3xf32>
}

// -----

// One factor for all is as cheap before the product, and a matrix of two products is kept once.
// CHECK-LABEL: func.func @other_products
// CHECK-COUNT-2: heddle.mul
func.func @other_products(%x: tensor<5x2xf32>, %y: tensor<5x2xf32>) -> (tensor<5x3xf32>, tensor<5x3xf32>, tensor<5x3xf32>) {
  %v = heddle.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>
  %w = heddle.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 7.0]]> : tensor<2x3xf32>
  %all = heddle.constant dense<0.125> : tensor<f32>
  %scale = heddle.constant dense<[2.0, 4.0]> : tensor<2xf32>
  %0 = heddle.mul %x, %all : (tensor<5x2xf32>, tensor<f32>) -> tensor<5x2xf32>
  %1 = heddle.matmul %0, %v : (tensor<5x2xf32>, tensor<2x3xf32>) -> tensor<5x3xf32>
  %2 = heddle.mul %y, %scale : (tensor<5x2xf32>, tensor<2xf32>) -> tensor<5x2xf32>
  %3 = heddle.matmul %2, %w : (tensor<5x2xf32>, tensor<2x3xf32>) -> tensor<5x3xf32>
  %4 = heddle.matmul %x, %w : (tensor<5x2xf32>, tensor<2x3xf32>) -> tensor<5x3xf32>
  return %1, %3, %4 : tensor<5x3xf32>, tensor<5x3xf32>, tensor<5x3xf32>
}

// -----

// (x - 100) * [2, 4] cancels before the convolution, where x is about 100: only the factors go on.
// CHECK-LABEL: func.func @far_mean
// CHECK: %[[D:.*]] = heddle.sub %arg0
// CHECK: heddle.conv %[[D]]
// CHECK-NEXT: return
func.func @far_mean(%x: tensor<1x2x8x8xf32>) -> tensor<1x2x8x8xf32> {
  %w = heddle.constant dense<[[[[1.0]], [[2.0]]], [[[3.0]], [[4.0]]]]> : tensor<2x2x1x1xf32>
  %mean = heddle.constant dense<100.0> : tensor<2x1x1xf32>
  %scale = heddle.constant dense<[[[2.0]], [[4.0]]]> : tensor<2x1x1xf32>
  %0 = heddle.sub %x, %mean : (tensor<1x2x8x8xf32>, tensor<2x1x1xf32>) -> tensor<1x2x8x8xf32>
  %1 = heddle.mul %0, %scale : (tensor<1x2x8x8xf32>, tensor<2x1x1xf32>) -> tensor<1x2x8x8xf32>
  %2 = heddle.conv %1, %w strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] groups 1 layout nchw : (tensor<1x2x8x8xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x8x8xf32>
  return %2 : tensor<1x2x8x8xf32>
}

// -----

// Weights times 1e30 might overflow where the convolution of what is scaled does not.
// CHECK-LABEL: func.func @huge_factor
// CHECK: %[[S:.*]] = heddle.mul %arg0
// CHECK-NEXT: heddle.conv %[[S]]
func.func @huge_factor(%x: tensor<1x2x8x8xf32>) -> tensor<1x2x8x8xf32> {
  %w = heddle.constant dense<[[[[1.0]], [[2.0]]], [[[3.0]], [[4.0]]]]> : tensor<2x2x1x1xf32>
  %scale = heddle.constant dense<[[[2.0]], [[1.0e30]]]> : tensor<2x1x1xf32>
  %0 = heddle.mul %x, %scale : (tensor<1x2x8x8xf32>, tensor<2x1x1xf32>) -> tensor<1x2x8x8xf32>
  %1 = heddle.conv %0, %w strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] groups 1 layout nchw : (tensor<1x2x8x8xf32>, tensor<2x2x1x1xf32>) -> tensor<1x2x8x8xf32>
  return %1 : tensor<1x2x8x8xf32>
}
