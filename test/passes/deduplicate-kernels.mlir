// RUN: heddle-opt %s --heddle-deduplicate-kernels | FileCheck %s

// Layers of a network repeat: one kernel serves them all, whatever their names.
// CHECK-LABEL: func.func @main
// CHECK-NEXT: heddle.launch @first
// CHECK-NEXT: heddle.launch @first
// CHECK-NEXT: heddle.launch @other
func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = heddle.launch @first sizes <[]> (%x) : (tensor<4xf32>) -> tensor<4xf32>
  %1 = heddle.launch @same sizes <[]> (%0) : (tensor<4xf32>) -> tensor<4xf32>
  %2 = heddle.launch @other sizes <[]> (%1) : (tensor<4xf32>) -> tensor<4xf32>
  return %2 : tensor<4xf32>
}
// CHECK: heddle.kernel @first
heddle.kernel @first(%x: tensor<4xf32>) -> tensor<4xf32> attributes {symbols = []} {
  %0 = heddle.leaky_relu %x {alpha = 0.1} : (tensor<4xf32>) -> tensor<4xf32>
  heddle.return %0 : tensor<4xf32>
}
// CHECK-NOT: heddle.kernel @same
heddle.kernel @same(%y: tensor<4xf32>) -> tensor<4xf32> attributes {symbols = []} {
  %1 = heddle.leaky_relu %y {alpha = 0.1} : (tensor<4xf32>) -> tensor<4xf32>
  heddle.return %1 : tensor<4xf32>
}
// An attribute that differs is another kernel.
// CHECK: heddle.kernel @other
heddle.kernel @other(%x: tensor<4xf32>) -> tensor<4xf32> attributes {symbols = []} {
  %0 = heddle.leaky_relu %x {alpha = 0.2} : (tensor<4xf32>) -> tensor<4xf32>
  heddle.return %0 : tensor<4xf32>
}
