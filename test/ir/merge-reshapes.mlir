// RUN: heddle-opt %s --canonicalize | FileCheck %s
// Reshapes that follow each other are one, unless the run must refuse what lies between them.

// CHECK-LABEL: func.func @one_behind_the_other
// CHECK-NEXT: heddle.reshape %{{.*}} : (tensor<12xf32>) -> tensor<3x4xf32>
// CHECK-NEXT: return
func.func @one_behind_the_other(%x: tensor<12xf32>) -> tensor<3x4xf32> {
  %0 = heddle.reshape %x : (tensor<12xf32>) -> tensor<?x?xf32, #heddle.dims<["n", "m"]>>
  %1 = heddle.reshape %0 : (tensor<?x?xf32, #heddle.dims<["n", "m"]>>) -> tensor<3x4xf32>
  return %1 : tensor<3x4xf32>
}

// n * m cannot be 12 and 8: a step before these fails, and one reshape could not be verified.
// CHECK-LABEL: func.func @counts_that_differ
// CHECK-COUNT-2: heddle.reshape
func.func @counts_that_differ(%x: tensor<12xf32>) -> tensor<8xf32> {
  %0 = heddle.reshape %x : (tensor<12xf32>) -> tensor<?x?xf32, #heddle.dims<["n", "m"]>>
  %1 = heddle.reshape %0 : (tensor<?x?xf32, #heddle.dims<["n", "m"]>>) -> tensor<8xf32>
  return %1 : tensor<8xf32>
}
