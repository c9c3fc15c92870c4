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

// The scale goes to the smallest operand. Without locations of its parts all ops have that of the attention.
// CHECK-LABEL: func.func @attention
// CHECK: %[[C:.*]] = heddle.constant dense<1.250000e-01> : tensor<f32>
// CHECK: %[[Q:.*]] = heddle.mul %arg0, %[[C]]
// CHECK: %[[P:.*]] = heddle.matmul %[[Q]], %arg1 transpose_b
// CHECK: %[[S:.*]] = heddle.add %[[P]], %arg3
// CHECK: %[[W:.*]] = heddle.softmax %[[S]] axis 2
// CHECK: %[[N:.*]] = heddle.is_nan %[[W]]
// CHECK: %[[Z:.*]] = heddle.constant dense<0.000000e+00> : tensor<f32>
// CHECK: %[[V:.*]] = heddle.where %[[N]], %[[Z]], %[[W]]
// CHECK: %[[Y:.*]] = heddle.matmul %[[V]], %arg2
// CHECK: return %[[Y]]
func.func @attention(%q: tensor<2x4x8xf32>, %k: tensor<2x6x8xf32>, %v: tensor<2x6x3xf32>, %m: tensor<4x6xf32>) -> tensor<2x4x3xf32> {
  %0 = heddle.attention %q, %k, %v mask %m scale 0.125 nan_is_zero : (tensor<2x4x8xf32>, tensor<2x6x8xf32>, tensor<2x6x3xf32>, tensor<4x6xf32>) -> tensor<2x4x3xf32>
  return %0 : tensor<2x4x3xf32>
}
