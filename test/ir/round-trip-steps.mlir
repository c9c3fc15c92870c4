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
