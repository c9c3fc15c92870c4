// RUN: heddle-opt %s --pass-pipeline='builtin.module(func.func(heddle-sink-movement),canonicalize)' | FileCheck %s

// The keys of an attention as PyTorch exports them: scaled after they were turned, with batch and heads as one dimension
// in between. The scaling joins what makes the keys; one transpose is left.
// CHECK-LABEL: func.func @keys
// CHECK-NEXT: %[[S:.*]] = heddle.constant
// CHECK-NEXT: %[[M:.*]] = heddle.mul %arg0, %[[S]] : (tensor<?x?x768xf32, {{.*}}>, tensor<f32>)
// CHECK-NEXT: %[[R:.*]] = heddle.reshape %[[M]] : {{.*}} -> tensor<?x?x12x64xf32, #heddle.dims<["batch", "seq", "12", "64"]>>
// CHECK-NEXT: %[[T:.*]] = heddle.transpose %[[R]] perm [0, 2, 3, 1] : {{.*}} -> tensor<?x12x64x?xf32, #heddle.dims<["batch", "12", "64", "seq"]>>
// CHECK-NEXT: return %[[T]]
func.func @keys(%x: tensor<?x?x768xf32, #heddle.dims<["batch", "seq", "768"]>>) -> tensor<?x12x64x?xf32, #heddle.dims<["batch", "12", "64", "seq"]>> {
  %s = heddle.constant dense<0.125> : tensor<f32>
  %0 = heddle.reshape %x : (tensor<?x?x768xf32, #heddle.dims<["batch", "seq", "768"]>>) -> tensor<?x?x12x64xf32, #heddle.dims<["batch", "seq", "12", "64"]>>
  %1 = heddle.transpose %0 perm [0, 2, 1, 3] : (tensor<?x?x12x64xf32, #heddle.dims<["batch", "seq", "12", "64"]>>) -> tensor<?x12x?x64xf32, #heddle.dims<["batch", "12", "seq", "64"]>>
  %2 = heddle.reshape %1 : (tensor<?x12x?x64xf32, #heddle.dims<["batch", "12", "seq", "64"]>>) -> tensor<?x?x64xf32, #heddle.dims<["12 * batch", "seq", "64"]>>
  %3 = heddle.transpose %2 perm [0, 2, 1] : (tensor<?x?x64xf32, #heddle.dims<["12 * batch", "seq", "64"]>>) -> tensor<?x64x?xf32, #heddle.dims<["12 * batch", "64", "seq"]>>
  %4 = heddle.reshape %3 : (tensor<?x64x?xf32, #heddle.dims<["12 * batch", "64", "seq"]>>) -> tensor<?x12x64x?xf32, #heddle.dims<["batch", "12", "64", "seq"]>>
  %5 = heddle.mul %4, %s : (tensor<?x12x64x?xf32, #heddle.dims<["batch", "12", "64", "seq"]>>, tensor<f32>) -> tensor<?x12x64x?xf32, #heddle.dims<["batch", "12", "64", "seq"]>>
  return %5 : tensor<?x12x64x?xf32, #heddle.dims<["batch", "12", "64", "seq"]>>
}

// A layer that joins batch and sequence for its product and separates them again, as Gemm wants it: no reshape is left
// between product, bias and activation.
// CHECK-LABEL: func.func @joined_rows
// CHECK: %[[P:.*]] = heddle.matmul %arg0, %arg1 : (tensor<?x?x8xf32, {{.*}}>, tensor<8x16xf32>) -> tensor<?x?x16xf32, #heddle.dims<["batch", "seq", "16"]>>
// CHECK-NEXT: %[[A:.*]] = heddle.add %[[P]], %arg2
// CHECK-NEXT: %[[T:.*]] = heddle.tanh %[[A]]
// CHECK-NEXT: %[[M:.*]] = heddle.mul %[[A]], %[[T]]
// CHECK-NEXT: return %[[M]]
func.func @joined_rows(%x: tensor<?x?x8xf32, #heddle.dims<["batch", "seq", "8"]>>, %w: tensor<8x16xf32>, %b: tensor<16xf32>) -> tensor<?x?x16xf32, #heddle.dims<["batch", "seq", "16"]>> {
  %0 = heddle.reshape %x : (tensor<?x?x8xf32, #heddle.dims<["batch", "seq", "8"]>>) -> tensor<?x8xf32, #heddle.dims<["batch * seq", "8"]>>
  %1 = heddle.matmul %0, %w : (tensor<?x8xf32, #heddle.dims<["batch * seq", "8"]>>, tensor<8x16xf32>) -> tensor<?x16xf32, #heddle.dims<["batch * seq", "16"]>>
  %2 = heddle.add %1, %b : (tensor<?x16xf32, #heddle.dims<["batch * seq", "16"]>>, tensor<16xf32>) -> tensor<?x16xf32, #heddle.dims<["batch * seq", "16"]>>
  %3 = heddle.reshape %2 : (tensor<?x16xf32, #heddle.dims<["batch * seq", "16"]>>) -> tensor<?x?x16xf32, #heddle.dims<["batch", "seq", "16"]>>
  %4 = heddle.tanh %3 : (tensor<?x?x16xf32, #heddle.dims<["batch", "seq", "16"]>>) -> tensor<?x?x16xf32, #heddle.dims<["batch", "seq", "16"]>>
  %5 = heddle.mul %3, %4 : (tensor<?x?x16xf32, #heddle.dims<["batch", "seq", "16"]>>, tensor<?x?x16xf32, #heddle.dims<["batch", "seq", "16"]>>) -> tensor<?x?x16xf32, #heddle.dims<["batch", "seq", "16"]>>
  return %5 : tensor<?x?x16xf32, #heddle.dims<["batch", "seq", "16"]>>
}

// Rows that are split, and a matrix per batch, stay as they are.
// CHECK-LABEL: func.func @rows_stay
// CHECK: heddle.reshape
// CHECK-NEXT: heddle.matmul
// CHECK: heddle.reshape
// CHECK-NEXT: heddle.matmul
func.func @rows_stay(%x: tensor<6x8xf32>, %w: tensor<8x16xf32>, %v: tensor<6x8x16xf32>) -> (tensor<2x3x16xf32>, tensor<6x4x16xf32>) {
  %0 = heddle.reshape %x : (tensor<6x8xf32>) -> tensor<2x3x8xf32>
  %1 = heddle.matmul %0, %w : (tensor<2x3x8xf32>, tensor<8x16xf32>) -> tensor<2x3x16xf32>
  %2 = heddle.broadcast %x : (tensor<6x8xf32>) -> tensor<4x6x8xf32>
  %3 = heddle.reshape %2 : (tensor<4x6x8xf32>) -> tensor<6x4x8xf32>
  %4 = heddle.matmul %3, %v : (tensor<6x4x8xf32>, tensor<6x8x16xf32>) -> tensor<6x4x16xf32>
  return %1, %4 : tensor<2x3x16xf32>, tensor<6x4x16xf32>
}

// Queries, keys and values from one product, taken apart by position: each is read where it is.
// CHECK-LABEL: func.func @parts
// CHECK-COUNT-2: heddle.transpose %arg0
// CHECK-NOT: heddle.gather
// CHECK: heddle.slice {{.*}} starts <["0", "0", "0"]>
// CHECK: heddle.slice {{.*}} starts <["1", "0", "0"]>
func.func @parts(%x: tensor<5x2x8xf32>) -> tensor<5x5xf32> {
  %first = heddle.constant dense<0> : tensor<i64>
  %last = heddle.constant dense<-1> : tensor<i64>
  %0 = heddle.transpose %x perm [1, 0, 2] : (tensor<5x2x8xf32>) -> tensor<2x5x8xf32>
  %1 = heddle.gather %0, %first axis 0 : (tensor<2x5x8xf32>, tensor<i64>) -> tensor<5x8xf32>
  %2 = heddle.gather %0, %last axis 0 : (tensor<2x5x8xf32>, tensor<i64>) -> tensor<5x8xf32>
  %3 = heddle.matmul %1, %2 transpose_b : (tensor<5x8xf32>, tensor<5x8xf32>) -> tensor<5x5xf32>
  return %3 : tensor<5x5xf32>
}

// A position out of bounds is an error of the run, not of the pass.
// CHECK-LABEL: func.func @outside
// CHECK: heddle.gather
func.func @outside(%x: tensor<2x8xf32>) -> tensor<8xf32> {
  %c = heddle.constant dense<2> : tensor<i64>
  %0 = heddle.gather %x, %c axis 0 : (tensor<2x8xf32>, tensor<i64>) -> tensor<8xf32>
  return %0 : tensor<8xf32>
}

// A comparison changes the element type, not the place.
// CHECK-LABEL: func.func @other_type
// CHECK: %[[C:.*]] = heddle.is_nan %arg0 : (tensor<2x3xf32>) -> tensor<2x3xi1>
// CHECK-NEXT: heddle.transpose %[[C]] perm [1, 0] : (tensor<2x3xi1>) -> tensor<3x2xi1>
func.func @other_type(%x: tensor<2x3xf32>) -> tensor<3x2xi1> {
  %0 = heddle.transpose %x perm [1, 0] : (tensor<2x3xf32>) -> tensor<3x2xf32>
  %1 = heddle.is_nan %0 : (tensor<3x2xf32>) -> tensor<3x2xi1>
  return %1 : tensor<3x2xi1>
}

// A vector lies along a dimension, a result may be wider than what is moved, and a value that is used elsewhere is made
// anyway.
// CHECK-LABEL: func.func @stays
// CHECK: heddle.transpose
// CHECK-NEXT: heddle.add
// CHECK: heddle.reshape
// CHECK-NEXT: heddle.add
// CHECK: heddle.transpose
// CHECK-NEXT: heddle.relu
func.func @stays(%x: tensor<2x3xf32>, %v: tensor<2xf32>, %y: tensor<3xf32>) -> (tensor<3x2xf32>, tensor<4x3xf32>, tensor<3x2xf32>, tensor<3x2xf32>) {
  %0 = heddle.transpose %x perm [1, 0] : (tensor<2x3xf32>) -> tensor<3x2xf32>
  %1 = heddle.add %0, %v : (tensor<3x2xf32>, tensor<2xf32>) -> tensor<3x2xf32>
  %c = heddle.constant dense<1.0> : tensor<4x1xf32>
  %2 = heddle.reshape %y : (tensor<3xf32>) -> tensor<1x3xf32>
  %3 = heddle.add %2, %c : (tensor<1x3xf32>, tensor<4x1xf32>) -> tensor<4x3xf32>
  %4 = heddle.transpose %x perm [1, 0] : (tensor<2x3xf32>) -> tensor<3x2xf32>
  %5 = heddle.relu %4 : (tensor<3x2xf32>) -> tensor<3x2xf32>
  return %1, %3, %4, %5 : tensor<3x2xf32>, tensor<4x3xf32>, tensor<3x2xf32>, tensor<3x2xf32>
}

// Joining heads again is no split: the elements of a row come from several places.
// CHECK-LABEL: func.func @merged
// CHECK-NEXT: heddle.transpose
// CHECK-NEXT: heddle.reshape
func.func @merged(%x: tensor<2x3x5x4xf32>) -> tensor<2x5x12xf32> {
  %0 = heddle.transpose %x perm [0, 2, 1, 3] : (tensor<2x3x5x4xf32>) -> tensor<2x5x3x4xf32>
  %1 = heddle.reshape %0 : (tensor<2x5x3x4xf32>) -> tensor<2x5x12xf32>
  return %1 : tensor<2x5x12xf32>
}
