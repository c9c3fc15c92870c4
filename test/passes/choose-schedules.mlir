// RUN: heddle-opt %s --heddle-choose-schedules | FileCheck %s --check-prefixes=CHECK,V3
// RUN: heddle-opt %s --heddle-choose-schedules=vector-bytes=64 | FileCheck %s --check-prefixes=CHECK,V4

// 32 registers hold 8 rows of 2 vectors, 16 registers 6; sizes that only a run knows take the largest tile.
// CHECK-LABEL: heddle.kernel @product
// V3-SAME: #heddle.gemm<mr = 6, nr = 16,
// V4-SAME: #heddle.gemm<mr = 8, nr = 32,
heddle.kernel @product(%x: tensor<?x8xf32, #heddle.dims<["m", "8"]>>, %w: tensor<8x64xf32>) -> tensor<?x64xf32, #heddle.dims<["m", "64"]>> attributes {symbols = ["m"]} {
  %0 = heddle.matmul %x, %w : (tensor<?x8xf32, #heddle.dims<["m", "8"]>>, tensor<8x64xf32>) -> tensor<?x64xf32, #heddle.dims<["m", "64"]>>
  heddle.return %0 : tensor<?x64xf32, #heddle.dims<["m", "64"]>>
}
// 49 rows are 7 tiles of 7, without a rest; with 16 registers 7 do not fit. Doubles are half as many.
// CHECK-LABEL: heddle.kernel @divided
// V3-SAME: #heddle.gemm<mr = 6, nr = 8,
// V4-SAME: #heddle.gemm<mr = 7, nr = 16,
heddle.kernel @divided(%x: tensor<49x8xf64>, %w: tensor<8x64xf64>) -> tensor<49x64xf64> attributes {symbols = []} {
  %0 = heddle.matmul %x, %w : (tensor<49x8xf64>, tensor<8x64xf64>) -> tensor<49x64xf64>
  heddle.return %0 : tensor<49x64xf64>
}
// A row reads its matrix in long pieces; columns that fill one vector get no second one.
// CHECK-LABEL: heddle.kernel @row
// V3-SAME: #heddle.gemm<mr = 1, nr = 64,
// V4-SAME: #heddle.gemm<mr = 1, nr = 128,
heddle.kernel @row(%x: tensor<1x8xf32>, %w: tensor<8x512xf32>) -> tensor<1x512xf32> attributes {symbols = []} {
  %0 = heddle.matmul %x, %w : (tensor<1x8xf32>, tensor<8x512xf32>) -> tensor<1x512xf32>
  heddle.return %0 : tensor<1x512xf32>
}
// CHECK-LABEL: heddle.kernel @narrow
// V3-SAME: #heddle.gemm<mr = 4, nr = 8,
// V4-SAME: #heddle.gemm<mr = 4, nr = 16,
heddle.kernel @narrow(%x: tensor<4x8xf32>, %w: tensor<8x7xf32>) -> tensor<4x7xf32> attributes {symbols = []} {
  %0 = heddle.matmul %x, %w : (tensor<4x8xf32>, tensor<8x7xf32>) -> tensor<4x7xf32>
  heddle.return %0 : tensor<4x7xf32>
}
// Panels of a packed weight decide.
// CHECK-LABEL: heddle.kernel @packed
// CHECK-SAME: nr = 48,
heddle.kernel @packed(%x: tensor<4x8xf32>, %w: tensor<2x8x48xf32>) -> tensor<4x90xf32> attributes {symbols = []} {
  %0 = heddle.matmul %x, %w packed_nr 48 n 90 : (tensor<4x8xf32>, tensor<2x8x48xf32>) -> tensor<4x90xf32>
  heddle.return %0 : tensor<4x90xf32>
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
// Positions choose among floats; they do not halve the vectors of floats. Alone they fill registers themselves.
// CHECK-LABEL: heddle.kernel @positions
// V3-SAME: #heddle.elementwise<vector = 8,
// V4-SAME: #heddle.elementwise<vector = 16,
heddle.kernel @positions(%x: tensor<4xf32>, %y: tensor<4xf32>, %p: tensor<4xi64>) -> tensor<4xf32> attributes {symbols = []} {
  %0 = heddle.add %p, %p : (tensor<4xi64>, tensor<4xi64>) -> tensor<4xi64>
  %1 = heddle.less %0, %p : (tensor<4xi64>, tensor<4xi64>) -> tensor<4xi1>
  %2 = heddle.where %1, %x, %y : (tensor<4xi1>, tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  heddle.return %2 : tensor<4xf32>
}
// CHECK-LABEL: heddle.kernel @integers
// V3-SAME: #heddle.elementwise<vector = 4,
// V4-SAME: #heddle.elementwise<vector = 8,
heddle.kernel @integers(%p: tensor<4xi64>) -> tensor<4xi64> attributes {symbols = []} {
  %0 = heddle.add %p, %p : (tensor<4xi64>, tensor<4xi64>) -> tensor<4xi64>
  heddle.return %0 : tensor<4xi64>
}
// A schedule that somebody has chosen stays.
// CHECK-LABEL: heddle.kernel @chosen
// CHECK-SAME: #heddle.elementwise<vector = 2, threads = 32, per_thread = 4>
heddle.kernel @chosen(%x: tensor<4xf32>) -> tensor<4xf32> attributes {symbols = [], schedule = #heddle.elementwise<vector = 2, threads = 32, per_thread = 4>} {
  %0 = heddle.relu %x : (tensor<4xf32>) -> tensor<4xf32>
  heddle.return %0 : tensor<4xf32>
}
