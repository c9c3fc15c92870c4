// RUN: heddle-opt %s --heddle-fold-constants --canonicalize --split-input-file | FileCheck %s
// RUN: heddle-opt %s --heddle-fold-constants --split-input-file --remarks-filter="heddle.*" 2>&1 | FileCheck %s --check-prefix=REMARK

// A chain folds as a whole; what lies between leaves no constant.
// CHECK-LABEL: func.func @chain
// CHECK: %[[C:.*]] = heddle.constant dense<[8.000000e+00, 1.200000e+01]> : tensor<2xf32>
// CHECK-NEXT: return %[[C]]
func.func @chain() -> tensor<2xf32> {
  %a = heddle.constant dense<[1.0, 3.0]> : tensor<2xf32>
  %b = heddle.constant dense<3.0> : tensor<f32>
  %two = heddle.constant dense<2> : tensor<2xi64>
  %0 = heddle.add %a, %b : (tensor<2xf32>, tensor<f32>) -> tensor<2xf32>
  %1 = heddle.cast %two : (tensor<2xi64>) -> tensor<2xf32>
  %2 = heddle.mul %0, %1 : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  return %2 : tensor<2xf32>
}

// -----

// More than 1 KiB goes to the WeightStore, and the text holds a reference.
// CHECK-LABEL: func.func @large
// CHECK: heddle.constant #heddle.weight<"{{[0-9a-f]+}}-i32x300", ""> : tensor<300xi32>
// CHECK-NEXT: return
func.func @large() -> tensor<300xi32> {
  %a = heddle.constant dense<5> : tensor<300xi32>
  %b = heddle.constant dense<7> : tensor<300xi32>
  %i = heddle.generic maps [affine_map<(d0) -> (d0)>] reduce <[]> ins %a {
  ^bb0(%v: i32):
    %at = heddle.coordinate 0
    %narrow = arith.trunci %at : i64 to i32
    heddle.yield %narrow : i32
  } : (tensor<300xi32>) -> tensor<300xi32>
  %0 = heddle.add %i, %b : (tensor<300xi32>, tensor<300xi32>) -> tensor<300xi32>
  return %0 : tensor<300xi32>
}

// -----

// Equal elements of any size stay one.
// CHECK-LABEL: func.func @splat
// CHECK: heddle.constant dense<1.200000e+01> : tensor<3000xf32>
// CHECK-NEXT: return
func.func @splat() -> tensor<3000xf32> {
  %a = heddle.constant dense<5.0> : tensor<3000xf32>
  %b = heddle.constant dense<7.0> : tensor<f32>
  %0 = heddle.add %a, %b : (tensor<3000xf32>, tensor<f32>) -> tensor<3000xf32>
  return %0 : tensor<3000xf32>
}

// -----

// What is done to a weight is a recorded transform, executed when it is loaded.
// CHECK-LABEL: func.func @weight_operand
// CHECK: heddle.transpose
func.func @weight_operand() -> tensor<3x2xf32> {
  %w = heddle.constant #heddle.weight<"00", ""> : tensor<2x3xf32>
  %0 = heddle.transpose %w perm [1, 0] : (tensor<2x3xf32>) -> tensor<3x2xf32>
  return %0 : tensor<3x2xf32>
}

// -----

// A broadcast is cheaper to compute than to store.
// CHECK-LABEL: func.func @growth
// CHECK: heddle.broadcast
// REMARK: {{[Rr]}}emark{{.*}}the result is much larger than the operands
func.func @growth() -> tensor<1000x2xf32> {
  %a = heddle.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %0 = heddle.broadcast %a : (tensor<2xf32>) -> tensor<1000x2xf32>
  return %0 : tensor<1000x2xf32>
}

// -----

// The registry of host functions is no part of the IR's meaning.
// CHECK-LABEL: func.func @host_call
// CHECK: heddle.host_call
func.func @host_call() -> tensor<2xf32> {
  %a = heddle.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %0 = heddle.host_call "identity" version 1 attrs {} defines [] (%a) : (tensor<2xf32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

// -----

// An index out of bounds is an error of the run, and none if the op is never reached.
// CHECK-LABEL: func.func @fails
// CHECK: heddle.gather
// REMARK: {{[Rr]}}emark{{.*}}index 5 is out of bounds for dimension 0 of size 2
func.func @fails() -> tensor<1xf32> {
  %a = heddle.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %i = heddle.constant dense<5> : tensor<1xi64>
  %0 = heddle.gather %a, %i axis 0 : (tensor<2xf32>, tensor<1xi64>) -> tensor<1xf32>
  return %0 : tensor<1xf32>
}
