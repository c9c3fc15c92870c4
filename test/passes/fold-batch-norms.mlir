// RUN: heddle-opt %s --split-input-file --pass-pipeline='builtin.module(func.func(heddle-fold-batch-norms),canonicalize)' | FileCheck %s

// (conv + 1 - 3) / sqrt(3.75 + 0.25) * 4 + 5 = 2 * conv + 1, with free sizes: a factor on the filters and one addition.
// CHECK-LABEL: func.func @batch_norm
// CHECK-DAG: %[[W:.*]] = heddle.constant #heddle.weight<"{{.*}}", "[scale<axis = 0, {{.*}}>]"> : tensor<2x3x3x3xf32>
// CHECK-DAG: %[[S:.*]] = heddle.constant dense<1.000000e+00> : tensor<2x1x1xf32>
// CHECK: %[[C:.*]] = heddle.conv %arg0, %[[W]]
// CHECK-NEXT: %[[Y:.*]] = heddle.add %[[C]], %[[S]]
// CHECK-NEXT: return %[[Y]]
func.func @batch_norm(%x: tensor<1x3x?x?xf32, #heddle.dims<["1", "3", "h", "w"]>>) -> tensor<1x2x?x?xf32, #heddle.dims<["1", "2", "h", "w"]>> {
  %w = heddle.constant dense<[[[[0.5, 1.0, 1.5], [1.0, 1.0, 1.0], [2.0, 2.0, 2.0]], [[1.0, 1.0, 1.0], [1.0, 1.0, 1.0], [1.0, 1.0, 1.0]], [[1.0, 1.0, 1.0], [1.0, 1.0, 1.0], [1.0, 1.0, 1.0]]], [[[1.0, 1.0, 1.0], [1.0, 1.0, 1.0], [1.0, 1.0, 1.0]], [[1.0, 1.0, 1.0], [1.0, 1.0, 1.0], [1.0, 1.0, 1.0]], [[1.0, 1.0, 1.0], [1.0, 1.0, 1.0], [1.0, 1.0, 1.0]]]]> : tensor<2x3x3x3xf32>
  %bias = heddle.constant dense<1.0> : tensor<2x1x1xf32>
  %mean = heddle.constant dense<3.0> : tensor<2x1x1xf32>
  %variance = heddle.constant dense<3.75> : tensor<2x1x1xf32>
  %epsilon = heddle.constant dense<0.25> : tensor<f32>
  %scale = heddle.constant dense<4.0> : tensor<2x1x1xf32>
  %shift = heddle.constant dense<5.0> : tensor<1x2x1x1xf32>
  %0 = heddle.conv %x, %w strides [1, 1] pads [1, 1, 1, 1] dilations [1, 1] groups 1 layout nchw : (tensor<1x3x?x?xf32, #heddle.dims<["1", "3", "h", "w"]>>, tensor<2x3x3x3xf32>) -> tensor<1x2x?x?xf32, #heddle.dims<["1", "2", "h", "w"]>>
  %1 = heddle.add %0, %bias : (tensor<1x2x?x?xf32, #heddle.dims<["1", "2", "h", "w"]>>, tensor<2x1x1xf32>) -> tensor<1x2x?x?xf32, #heddle.dims<["1", "2", "h", "w"]>>
  %2 = heddle.sub %1, %mean : (tensor<1x2x?x?xf32, #heddle.dims<["1", "2", "h", "w"]>>, tensor<2x1x1xf32>) -> tensor<1x2x?x?xf32, #heddle.dims<["1", "2", "h", "w"]>>
  %3 = heddle.add %variance, %epsilon : (tensor<2x1x1xf32>, tensor<f32>) -> tensor<2x1x1xf32>
  %4 = heddle.sqrt %3 : (tensor<2x1x1xf32>) -> tensor<2x1x1xf32>
  %5 = heddle.div %2, %4 : (tensor<1x2x?x?xf32, #heddle.dims<["1", "2", "h", "w"]>>, tensor<2x1x1xf32>) -> tensor<1x2x?x?xf32, #heddle.dims<["1", "2", "h", "w"]>>
  %6 = heddle.mul %5, %scale : (tensor<1x2x?x?xf32, #heddle.dims<["1", "2", "h", "w"]>>, tensor<2x1x1xf32>) -> tensor<1x2x?x?xf32, #heddle.dims<["1", "2", "h", "w"]>>
  %7 = heddle.add %6, %shift : (tensor<1x2x?x?xf32, #heddle.dims<["1", "2", "h", "w"]>>, tensor<1x2x1x1xf32>) -> tensor<1x2x?x?xf32, #heddle.dims<["1", "2", "h", "w"]>>
  return %7 : tensor<1x2x?x?xf32, #heddle.dims<["1", "2", "h", "w"]>>
}

// -----

// A zero variance without epsilon gives no finite factor.
// CHECK-LABEL: func.func @not_finite
// CHECK: heddle.div
func.func @not_finite(%x: tensor<1x3x8x8xf32>) -> tensor<1x2x8x8xf32> {
  %w = heddle.constant dense<0.5> : tensor<2x3x1x1xf32>
  %zero = heddle.constant dense<0.0> : tensor<2x1x1xf32>
  %0 = heddle.conv %x, %w strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] groups 1 layout nchw : (tensor<1x3x8x8xf32>, tensor<2x3x1x1xf32>) -> tensor<1x2x8x8xf32>
  %1 = heddle.div %0, %zero : (tensor<1x2x8x8xf32>, tensor<2x1x1xf32>) -> tensor<1x2x8x8xf32>
  return %1 : tensor<1x2x8x8xf32>
}

// -----

// A factor per column is none per channel, the sum of a branch is no constant, and what others read stays.
// CHECK-LABEL: func.func @others
// CHECK-COUNT-3: heddle.mul
func.func @others(%x: tensor<1x3x8x8xf32>, %y: tensor<2x1x1xf32>) -> (tensor<1x2x8x8xf32>, tensor<1x2x8x8xf32>, tensor<1x2x8x8xf32>, tensor<1x2x8x8xf32>) {
  %v = heddle.constant dense<0.25> : tensor<2x3x1x1xf32>
  %w = heddle.constant dense<0.5> : tensor<2x3x1x1xf32>
  %columns = heddle.constant dense<2.0> : tensor<8xf32>
  %channels = heddle.constant dense<2.0> : tensor<2x1x1xf32>
  %0 = heddle.conv %x, %v strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] groups 1 layout nchw : (tensor<1x3x8x8xf32>, tensor<2x3x1x1xf32>) -> tensor<1x2x8x8xf32>
  %1 = heddle.mul %0, %columns : (tensor<1x2x8x8xf32>, tensor<8xf32>) -> tensor<1x2x8x8xf32>
  %2 = heddle.mul %1, %y : (tensor<1x2x8x8xf32>, tensor<2x1x1xf32>) -> tensor<1x2x8x8xf32>
  %3 = heddle.conv %x, %w strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] groups 1 layout nchw : (tensor<1x3x8x8xf32>, tensor<2x3x1x1xf32>) -> tensor<1x2x8x8xf32>
  %4 = heddle.mul %3, %channels : (tensor<1x2x8x8xf32>, tensor<2x1x1xf32>) -> tensor<1x2x8x8xf32>
  return %1, %2, %3, %4 : tensor<1x2x8x8xf32>, tensor<1x2x8x8xf32>, tensor<1x2x8x8xf32>, tensor<1x2x8x8xf32>
}

// -----

// A factor for more channels than fit inline: both the factors and the addend live in the store.
// CHECK-LABEL: func.func @many_channels
// CHECK-DAG: heddle.constant #heddle.weight<"{{.*}}", "[scale<axis = 0, {{.*}}>]"> : tensor<257x3x1x1xf32>
// CHECK-DAG: heddle.constant #heddle.weight<"{{[^,]*}}", ""> : tensor<257xf32>
func.func @many_channels(%x: tensor<1x3x8x8xf32>) -> tensor<1x257x8x8xf32> {
  %w = heddle.constant dense<0.5> : tensor<257x3x1x1xf32>
  %v = heddle.constant dense<"0x0000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F000000400000803F"> : tensor<257x1x1xf32>
  %0 = heddle.conv %x, %w strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] groups 1 layout nchw : (tensor<1x3x8x8xf32>, tensor<257x3x1x1xf32>) -> tensor<1x257x8x8xf32>
  %1 = heddle.mul %0, %v : (tensor<1x257x8x8xf32>, tensor<257x1x1xf32>) -> tensor<1x257x8x8xf32>
  %2 = heddle.add %1, %v : (tensor<1x257x8x8xf32>, tensor<257x1x1xf32>) -> tensor<1x257x8x8xf32>
  return %2 : tensor<1x257x8x8xf32>
}

// -----

// Behind a product the outputs are columns: (x w + 1) * [2, 4] - [1, 1] = x (w [2, 4]) + [1, 3], for any number of rows.
// CHECK-LABEL: func.func @product
// CHECK-DAG: %[[W:.*]] = heddle.constant #heddle.weight<"{{.*}}", "[scale<axis = 1, {{.*}}>]"> : tensor<3x2xf32>
// CHECK-DAG: %[[S:.*]] = heddle.constant dense<[1.000000e+00, 3.000000e+00]> : tensor<2xf32>
// CHECK: %[[P:.*]] = heddle.matmul %arg0, %[[W]]
// CHECK-NEXT: %[[Y:.*]] = heddle.add %[[P]], %[[S]]
// CHECK-NEXT: return %[[Y]]
func.func @product(%x: tensor<?x3xf32, #heddle.dims<["batch", "3"]>>) -> tensor<?x2xf32, #heddle.dims<["batch", "2"]>> {
  %w = heddle.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf32>
  %bias = heddle.constant dense<1.0> : tensor<2xf32>
  %scale = heddle.constant dense<[2.0, 4.0]> : tensor<2xf32>
  %0 = heddle.matmul %x, %w : (tensor<?x3xf32, #heddle.dims<["batch", "3"]>>, tensor<3x2xf32>) -> tensor<?x2xf32, #heddle.dims<["batch", "2"]>>
  %1 = heddle.add %0, %bias : (tensor<?x2xf32, #heddle.dims<["batch", "2"]>>, tensor<2xf32>) -> tensor<?x2xf32, #heddle.dims<["batch", "2"]>>
  %2 = heddle.mul %1, %scale : (tensor<?x2xf32, #heddle.dims<["batch", "2"]>>, tensor<2xf32>) -> tensor<?x2xf32, #heddle.dims<["batch", "2"]>>
  %3 = heddle.sub %2, %bias : (tensor<?x2xf32, #heddle.dims<["batch", "2"]>>, tensor<2xf32>) -> tensor<?x2xf32, #heddle.dims<["batch", "2"]>>
  return %3 : tensor<?x2xf32, #heddle.dims<["batch", "2"]>>
}

// -----

// The outputs of a transposed matrix are its rows.
// CHECK-LABEL: func.func @transposed_product
// CHECK: heddle.constant #heddle.weight<"{{.*}}", "[scale<axis = 0, {{.*}}>]"> : tensor<2x3xf32>
// CHECK: heddle.matmul
// CHECK-NEXT: return
func.func @transposed_product(%x: tensor<5x3xf32>) -> tensor<5x2xf32> {
  %w = heddle.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>
  %scale = heddle.constant dense<[2.0, 4.0]> : tensor<2xf32>
  %0 = heddle.matmul %x, %w transpose_b : (tensor<5x3xf32>, tensor<2x3xf32>) -> tensor<5x2xf32>
  %1 = heddle.mul %0, %scale : (tensor<5x2xf32>, tensor<2xf32>) -> tensor<5x2xf32>
  return %1 : tensor<5x2xf32>
}

// -----

// One factor for all columns is as cheap behind the product, a matrix of two products is kept once, and a factor per
// row is none per column.
// CHECK-LABEL: func.func @other_products
// CHECK-COUNT-4: heddle.mul
func.func @other_products(%x: tensor<2x3xf32>) -> (tensor<2x2xf32>, tensor<2x2xf32>, tensor<2x2xf32>, tensor<2x2xf32>) {
  %u = heddle.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf32>
  %v = heddle.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 7.0]]> : tensor<3x2xf32>
  %w = heddle.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 8.0]]> : tensor<3x2xf32>
  %all = heddle.constant dense<0.125> : tensor<f32>
  %columns = heddle.constant dense<[2.0, 4.0]> : tensor<2xf32>
  %rows = heddle.constant dense<[[2.0], [4.0]]> : tensor<2x1xf32>
  %0 = heddle.matmul %x, %u : (tensor<2x3xf32>, tensor<3x2xf32>) -> tensor<2x2xf32>
  %1 = heddle.mul %0, %all : (tensor<2x2xf32>, tensor<f32>) -> tensor<2x2xf32>
  %2 = heddle.matmul %x, %v : (tensor<2x3xf32>, tensor<3x2xf32>) -> tensor<2x2xf32>
  %3 = heddle.mul %2, %columns : (tensor<2x2xf32>, tensor<2xf32>) -> tensor<2x2xf32>
  %4 = heddle.matmul %1, %v transpose_b : (tensor<2x2xf32>, tensor<3x2xf32>) -> tensor<2x3xf32>
  %5 = heddle.matmul %4, %v : (tensor<2x3xf32>, tensor<3x2xf32>) -> tensor<2x2xf32>
  %6 = heddle.mul %5, %columns : (tensor<2x2xf32>, tensor<2xf32>) -> tensor<2x2xf32>
  %7 = heddle.matmul %x, %w : (tensor<2x3xf32>, tensor<3x2xf32>) -> tensor<2x2xf32>
  %8 = heddle.mul %7, %rows : (tensor<2x2xf32>, tensor<2x1xf32>) -> tensor<2x2xf32>
  return %1, %3, %6, %8 : tensor<2x2xf32>, tensor<2x2xf32>, tensor<2x2xf32>, tensor<2x2xf32>
}
