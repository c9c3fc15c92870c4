// RUN: heddle-opt %s --heddle-pack-weights=vector-bytes=64 | FileCheck %s --check-prefixes=CHECK,V4
// RUN: heddle-opt %s --heddle-pack-weights=vector-bytes=32 | FileCheck %s --check-prefixes=CHECK,V3

// Register tiles read 2 vectors of columns per step: a panel's rows lie one after another.
// CHECK-LABEL: func.func @row_major
// V4: %[[W:.*]] = heddle.constant #heddle.weight<"a0", "[pack<nr = 32>]"> : tensor<3x24x32xf32>
// V4: heddle.matmul %arg0, %[[W]] packed_nr 32 n 70 : (tensor<4x24xf32>, tensor<3x24x32xf32>) -> tensor<4x70xf32>
// V3: %[[W:.*]] = heddle.constant #heddle.weight<"a0", "[pack<nr = 16>]"> : tensor<5x24x16xf32>
// V3: heddle.matmul %arg0, %[[W]] packed_nr 16 n 70
func.func @row_major(%x: tensor<4x24xf32>) -> tensor<4x70xf32> {
  %w = heddle.constant #heddle.weight<"a0", ""> : tensor<24x70xf32>
  %0 = heddle.matmul %x, %w : (tensor<4x24xf32>, tensor<24x70xf32>) -> tensor<4x70xf32>
  return %0 : tensor<4x70xf32>
}

// What was recorded before stays first.
// CHECK-LABEL: func.func @transposed
// V4: heddle.constant #heddle.weight<"a1", "[cast<f32>, permute<[1, 0]>, pack<nr = 32>]"> : tensor<1x24x32xf32>
// CHECK-NOT: transpose_b
func.func @transposed(%x: tensor<4x24xf32>) -> tensor<4x32xf32> {
  %w = heddle.constant #heddle.weight<"a1", "[cast<f32>]"> : tensor<32x24xf32>
  %0 = heddle.matmul %x, %w transpose_b : (tensor<4x24xf32>, tensor<32x24xf32>) -> tensor<4x32xf32>
  return %0 : tensor<4x32xf32>
}

// Few columns fill one vector only.
// CHECK-LABEL: func.func @narrow
// V4: heddle.matmul {{.*}} packed_nr 16 n 10
func.func @narrow(%x: tensor<4x24xf32>) -> tensor<4x10xf32> {
  %w = heddle.constant #heddle.weight<"a2", ""> : tensor<24x10xf32>
  %0 = heddle.matmul %x, %w : (tensor<4x24xf32>, tensor<24x10xf32>) -> tensor<4x10xf32>
  return %0 : tensor<4x10xf32>
}

// One copy serves both products.
// CHECK-LABEL: func.func @two_products
// CHECK-COUNT-1: heddle.constant
// CHECK: heddle.matmul {{.*}} packed_nr
// CHECK: heddle.matmul {{.*}} packed_nr
func.func @two_products(%x: tensor<4x24xf32>, %y: tensor<9x24xf32>) -> (tensor<4x70xf32>, tensor<9x70xf32>) {
  %w = heddle.constant #heddle.weight<"a3", ""> : tensor<24x70xf32>
  %0 = heddle.matmul %x, %w : (tensor<4x24xf32>, tensor<24x70xf32>) -> tensor<4x70xf32>
  %1 = heddle.matmul %y, %w : (tensor<9x24xf32>, tensor<24x70xf32>) -> tensor<9x70xf32>
  return %0, %1 : tensor<4x70xf32>, tensor<9x70xf32>
}

// A language model's embedding is also its output layer: 154 MB in gpt2 that are not kept twice.
// CHECK-LABEL: func.func @tied_embedding
// CHECK-NOT: packed_nr
func.func @tied_embedding(%x: tensor<4x24xf32>, %ids: tensor<4xi64>) -> (tensor<4x70xf32>, tensor<4x24xf32>) {
  %w = heddle.constant #heddle.weight<"a4", ""> : tensor<70x24xf32>
  %0 = heddle.matmul %x, %w transpose_b : (tensor<4x24xf32>, tensor<70x24xf32>) -> tensor<4x70xf32>
  %1 = heddle.gather %w, %ids axis 0 : (tensor<70x24xf32>, tensor<4xi64>) -> tensor<4x24xf32>
  return %0, %1 : tensor<4x70xf32>, tensor<4x24xf32>
}

// The two orders would need two copies.
// CHECK-LABEL: func.func @both_orders
// CHECK-NOT: packed_nr
func.func @both_orders(%x: tensor<4x24xf32>) -> (tensor<4x24xf32>, tensor<4x24xf32>) {
  %w = heddle.constant #heddle.weight<"a5", ""> : tensor<24x24xf32>
  %0 = heddle.matmul %x, %w : (tensor<4x24xf32>, tensor<24x24xf32>) -> tensor<4x24xf32>
  %1 = heddle.matmul %x, %w transpose_b : (tensor<4x24xf32>, tensor<24x24xf32>) -> tensor<4x24xf32>
  return %0, %1 : tensor<4x24xf32>, tensor<4x24xf32>
}

// A first operand, a batch of matrices and integers keep their order.
// CHECK-LABEL: func.func @others
// CHECK-NOT: packed_nr
func.func @others(%x: tensor<24x4xf32>, %y: tensor<2x4x24xf32>, %z: tensor<4x24xi32>)
    -> (tensor<8x4xf32>, tensor<2x4x8xf32>, tensor<4x8xi32>) {
  %w = heddle.constant #heddle.weight<"a6", ""> : tensor<8x24xf32>
  %0 = heddle.matmul %w, %x : (tensor<8x24xf32>, tensor<24x4xf32>) -> tensor<8x4xf32>
  %v = heddle.constant #heddle.weight<"a7", ""> : tensor<2x24x8xf32>
  %1 = heddle.matmul %y, %v : (tensor<2x4x24xf32>, tensor<2x24x8xf32>) -> tensor<2x4x8xf32>
  %u = heddle.constant #heddle.weight<"a8", ""> : tensor<24x8xi32>
  %2 = heddle.matmul %z, %u : (tensor<4x24xi32>, tensor<24x8xi32>) -> tensor<4x8xi32>
  return %0, %1, %2 : tensor<8x4xf32>, tensor<2x4x8xf32>, tensor<4x8xi32>
}
