// RUN: heddle-opt %s --pass-pipeline='builtin.module(func.func(heddle-fold-transposes),canonicalize)' | FileCheck %s

// The output layer of a language model multiplies by its transposed embedding: 154 MB that need not be copied in gpt2.
// CHECK-LABEL: func.func @second_operand
// CHECK-NEXT: heddle.matmul %arg0, %arg1 transpose_b
func.func @second_operand(%x: tensor<4x8xf32>, %w: tensor<16x8xf32>) -> tensor<4x16xf32> {
  %0 = heddle.transpose %w perm [1, 0] : (tensor<16x8xf32>) -> tensor<8x16xf32>
  %1 = heddle.matmul %x, %0 : (tensor<4x8xf32>, tensor<8x16xf32>) -> tensor<4x16xf32>
  return %1 : tensor<4x16xf32>
}

// Two transposes cancel: the flag is flipped, not set.
// CHECK-LABEL: func.func @both_and_flipped
// CHECK-NEXT: heddle.matmul %arg0, %arg1 transpose_a :
func.func @both_and_flipped(%x: tensor<2x8x4xf32>, %w: tensor<2x8x16xf32>) -> tensor<2x4x16xf32> {
  %0 = heddle.transpose %x perm [0, 2, 1] : (tensor<2x8x4xf32>) -> tensor<2x4x8xf32>
  %1 = heddle.transpose %w perm [0, 2, 1] : (tensor<2x8x16xf32>) -> tensor<2x16x8xf32>
  %2 = heddle.matmul %0, %1 transpose_b : (tensor<2x4x8xf32>, tensor<2x16x8xf32>) -> tensor<2x4x16xf32>
  return %2 : tensor<2x4x16xf32>
}

// Moving a batch dimension is no transposed matrix.
// CHECK-LABEL: func.func @batch_moves
// CHECK: heddle.transpose
// CHECK: heddle.matmul %{{.*}}, %arg1 :
func.func @batch_moves(%x: tensor<4x2x8xf32>, %w: tensor<2x8x16xf32>) -> tensor<2x4x16xf32> {
  %0 = heddle.transpose %x perm [1, 0, 2] : (tensor<4x2x8xf32>) -> tensor<2x4x8xf32>
  %1 = heddle.matmul %0, %w : (tensor<2x4x8xf32>, tensor<2x8x16xf32>) -> tensor<2x4x16xf32>
  return %1 : tensor<2x4x16xf32>
}

// The transposed value leaves too: it is still made.
// CHECK-LABEL: func.func @other_use
// CHECK: heddle.transpose
// CHECK: heddle.matmul %arg0, %arg1 transpose_b
func.func @other_use(%x: tensor<4x8xf32>, %w: tensor<16x8xf32>) -> (tensor<4x16xf32>, tensor<8x16xf32>) {
  %0 = heddle.transpose %w perm [1, 0] : (tensor<16x8xf32>) -> tensor<8x16xf32>
  %1 = heddle.matmul %x, %0 : (tensor<4x8xf32>, tensor<8x16xf32>) -> tensor<4x16xf32>
  return %1, %0 : tensor<4x16xf32>, tensor<8x16xf32>
}
