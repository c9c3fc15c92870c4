// RUN: heddle-opt %s --heddle-choose-schedules | FileCheck %s --check-prefixes=CHECK,V3
// RUN: heddle-opt %s --heddle-choose-schedules=vector-bytes=64 | FileCheck %s --check-prefixes=CHECK,V4

// CHECK-LABEL: heddle.kernel @product
// V3-SAME: #heddle.gemm<mr = 6, nr = 16,
// V4-SAME: #heddle.gemm<mr = 8, nr = 32,
heddle.kernel @product(%x: tensor<4x8xf32>, %w: tensor<8x16xf32>) -> tensor<4x16xf32> attributes {symbols = []} {
  %0 = heddle.matmul %x, %w : (tensor<4x8xf32>, tensor<8x16xf32>) -> tensor<4x16xf32>
  heddle.return %0 : tensor<4x16xf32>
}
// CHECK-LABEL: heddle.kernel @rows
// CHECK-SAME: #heddle.rows<
heddle.kernel @rows(%x: tensor<4x8xf32>) -> tensor<4x8xf32> attributes {symbols = []} {
  %0 = heddle.softmax %x axis 1 : (tensor<4x8xf32>) -> tensor<4x8xf32>
  heddle.return %0 : tensor<4x8xf32>
}
// Doubles fill a register with half as many elements.
// CHECK-LABEL: heddle.kernel @doubles
// V3-SAME: #heddle.elementwise<vector = 4,
// V4-SAME: #heddle.elementwise<vector = 8,
heddle.kernel @doubles(%x: tensor<4x8xf64>) -> tensor<4x8xf64> attributes {symbols = []} {
  %0 = heddle.relu %x : (tensor<4x8xf64>) -> tensor<4x8xf64>
  heddle.return %0 : tensor<4x8xf64>
}
// A schedule that somebody has chosen stays.
// CHECK-LABEL: heddle.kernel @chosen
// CHECK-SAME: #heddle.elementwise<vector = 2, threads = 32, per_thread = 4>
heddle.kernel @chosen(%x: tensor<4xf32>) -> tensor<4xf32> attributes {symbols = [], schedule = #heddle.elementwise<vector = 2, threads = 32, per_thread = 4>} {
  %0 = heddle.relu %x : (tensor<4xf32>) -> tensor<4xf32>
  heddle.return %0 : tensor<4xf32>
}
