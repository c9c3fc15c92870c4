// RUN: heddle-opt %s | heddle-opt | FileCheck %s
// A step without inputs, and a loop that carries or stacks nothing, must read back: such lists are empty, not absent.

// CHECK-LABEL: heddle.plan @empty
heddle.plan @empty guards <[]> {
  %c = heddle.place input name "c" : tensor<i1>
  %n = heddle.place input name "n" : tensor<i64>
  %a = heddle.place arena bytes "1" interval [0, 3] : tensor<i1>
  // CHECK: heddle.run @k sizes <["n"]> ins() outs(%{{.*}}) : () -> tensor<i1>
  heddle.run @k sizes <["n"]> ins() outs(%a) : () -> tensor<i1>
  // CHECK: heddle.host_run "identity" version 1 attrs {} ins() outs() : () -> ()
  heddle.host_run "identity" version 1 attrs {} ins() outs() : () -> ()
  // CHECK: heddle.repeat {{.*}} initial() current() next() finals() elements() stacked() {
  // CHECK: } : tensor<i64>, tensor<i1>, tensor<i64>, tensor<i1>, () -> (), () -> (), () -> ()
  heddle.repeat trip_count %n condition %c iteration %n next_condition %a initial() current() next() finals() elements() stacked() {
  } : tensor<i64>, tensor<i1>, tensor<i64>, tensor<i1>, () -> (), () -> (), () -> ()
}

// CHECK-LABEL: heddle.plan @parts
heddle.plan @parts guards <[]> {
  %x = heddle.place input name "x" : tensor<?x12xf32, #heddle.dims<["n", "12"]>>
  // CHECK: heddle.part %{{.*}} offset "12 * n" strides <["12", "1"]> : (tensor<?x12xf32, #heddle.dims<["n", "12"]>>) -> tensor<2x8xf32>
  %p = heddle.part %x offset "12 * n" strides <["12", "1"]> : (tensor<?x12xf32, #heddle.dims<["n", "12"]>>) -> tensor<2x8xf32>
}

// CHECK: heddle.kernel @gaps({{.*}}) -> (tensor<2x3xf32> {heddle.strides = #heddle.dims<["4", "1"]>}) attributes
heddle.kernel @gaps(%x: tensor<2x3xf32>) -> (tensor<2x3xf32> {heddle.strides = #heddle.dims<["4", "1"]>}) attributes {symbols = []} {
  heddle.return %x : tensor<2x3xf32>
}
