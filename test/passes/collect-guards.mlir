// RUN: heddle-opt %s --pass-pipeline='builtin.module(func.func(heddle-collect-guards))' | FileCheck %s

// Two free sizes that meet in a broadcast are assumed to be equal: the assumption must reach the runtime.
// CHECK-LABEL: func.func @free_sizes_meet
// CHECK-SAME: heddle.guards = #heddle.dims<["a == b"]>
func.func @free_sizes_meet(%x: tensor<?xf32, #heddle.dims<["a"]>>, %y: tensor<?xf32, #heddle.dims<["b"]>>) -> tensor<?xf32, #heddle.dims<["a"]>> {
  %0 = heddle.add %x, %y : (tensor<?xf32, #heddle.dims<["a"]>>, tensor<?xf32, #heddle.dims<["b"]>>) -> tensor<?xf32, #heddle.dims<["a"]>>
  return %0 : tensor<?xf32, #heddle.dims<["a"]>>
}

// A literal 1 broadcasts for every value of the other size, so nothing is assumed.
// CHECK-LABEL: func.func @literal_one
// CHECK-SAME: heddle.guards = #heddle.dims<[]>
func.func @literal_one(%x: tensor<?xf32, #heddle.dims<["a"]>>, %y: tensor<1xf32>) -> tensor<?xf32, #heddle.dims<["a"]>> {
  %0 = heddle.add %x, %y : (tensor<?xf32, #heddle.dims<["a"]>>, tensor<1xf32>) -> tensor<?xf32, #heddle.dims<["a"]>>
  return %0 : tensor<?xf32, #heddle.dims<["a"]>>
}

// A matrix product assumes equal inner sizes.
// CHECK-LABEL: func.func @inner_sizes
// CHECK-SAME: heddle.guards = #heddle.dims<["k == m"]>
func.func @inner_sizes(%x: tensor<4x?xf32, #heddle.dims<["4", "k"]>>, %y: tensor<?x8xf32, #heddle.dims<["m", "8"]>>) -> tensor<4x8xf32> {
  %0 = heddle.matmul %x, %y : (tensor<4x?xf32, #heddle.dims<["4", "k"]>>, tensor<?x8xf32, #heddle.dims<["m", "8"]>>) -> tensor<4x8xf32>
  return %0 : tensor<4x8xf32>
}

// A symbol that a step defines has no value at entry, where guards are checked.
// CHECK-LABEL: func.func @defined_by_a_step
// CHECK-SAME: heddle.guards = #heddle.dims<[]>
func.func @defined_by_a_step(%s: tensor<1xi64>, %x: tensor<?xf32, #heddle.dims<["a"]>>) -> tensor<?xf32, #heddle.dims<["a"]>> {
  heddle.set_symbols %s ["n"] : tensor<1xi64>
  %i = heddle.iota : tensor<?xf32, #heddle.dims<["n"]>>
  %0 = heddle.add %x, %i : (tensor<?xf32, #heddle.dims<["a"]>>, tensor<?xf32, #heddle.dims<["n"]>>) -> tensor<?xf32, #heddle.dims<["a"]>>
  return %0 : tensor<?xf32, #heddle.dims<["a"]>>
}
