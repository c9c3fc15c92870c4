// RUN: heddle-opt %s --canonicalize --cse | FileCheck %s
// Symbols are used by types, which are no uses of a result: what defines a symbol must stay.

// CHECK-LABEL: func.func @if_that_defines
// CHECK: heddle.if %{{.*}} defines ["n"]
func.func @if_that_defines(%c: tensor<i1>, %a: tensor<2xf32>, %b: tensor<3xf32>) -> tensor<i64> {
  %0 = heddle.if %c defines ["n"] {
    heddle.result %a : tensor<2xf32>
  } else {
    heddle.result %b : tensor<3xf32>
  } : (tensor<i1>) -> tensor<?xf32, #heddle.dims<["n"]>>
  %n = heddle.sizes <["n"]> : tensor<i64>
  return %n : tensor<i64>
}

// CHECK-LABEL: func.func @loop_that_defines
// CHECK: heddle.loop %{{.*}} defines ["trips"]
func.func @loop_that_defines(%n: tensor<i64>, %go: tensor<i1>) -> tensor<i64> {
  %0 = heddle.loop %n, %go defines ["trips"] {
  ^bb0(%i: tensor<i64>, %c: tensor<i1>):
    heddle.result %c, %i : tensor<i1>, tensor<i64>
  } : (tensor<i64>, tensor<i1>) -> tensor<?xi64, #heddle.dims<["trips"]>>
  %trips = heddle.sizes <["trips"]> : tensor<i64>
  return %trips : tensor<i64>
}

// What defines nothing and is not used goes, with all that it held.
// CHECK-LABEL: func.func @unused
// CHECK-NEXT: return
func.func @unused(%c: tensor<i1>, %a: tensor<2xf32>) {
  %0 = heddle.if %c defines [] {
    heddle.result %a : tensor<2xf32>
  } else {
    %1 = heddle.exp %a : (tensor<2xf32>) -> tensor<2xf32>
    heddle.result %1 : tensor<2xf32>
  } : (tensor<i1>) -> tensor<2xf32>
  return
}

// A step that ends the run stays, whatever its results are used for.
// CHECK-LABEL: func.func @if_that_fails
// CHECK: heddle.fail
func.func @if_that_fails(%c: tensor<i1>) {
  heddle.if %c defines [] {
    heddle.result
  } else {
    heddle.fail "the sizes differ"
    heddle.result
  } : (tensor<i1>) -> ()
  return
}
