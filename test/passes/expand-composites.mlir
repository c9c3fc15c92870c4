// RUN: heddle-opt %s --pass-pipeline='builtin.module(func.func(heddle-expand-composites))' | FileCheck %s

// Along dimension 0 a fused softmax would repeat its reductions for every element.
// CHECK-LABEL: func.func @leading
// CHECK-NOT: heddle.softmax
// CHECK: heddle.reduce max {{.*}} axes [0]
// CHECK: heddle.exp
// CHECK: heddle.reduce add {{.*}} axes [0]
func.func @leading(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %0 = heddle.softmax %x axis 0 : (tensor<4x8xf32>) -> tensor<4x8xf32>
  return %0 : tensor<4x8xf32>
}

// CHECK-LABEL: func.func @trailing
// CHECK: heddle.softmax
func.func @trailing(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %0 = heddle.softmax %x axis 1 : (tensor<4x8xf32>) -> tensor<4x8xf32>
  return %0 : tensor<4x8xf32>
}
