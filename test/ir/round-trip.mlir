// RUN: heddle-opt %s | heddle-opt | FileCheck %s
// Every dump must be readable again: this is what `--until` promises.

// CHECK-LABEL: func.func @f
// CHECK: heddle.constant #heddle.weight<"9f2c", ""> : tensor<64x32xf32>
// CHECK: heddle.matmul {{.*}} transpose_b
// CHECK: heddle.set_symbols {{.*}} ["n", "", "m"]
func.func @f(%x: tensor<?x32xf32, #heddle.dims<["batch", "32"]>> {heddle.name = "input"}, %i: tensor<3xi64>) -> tensor<?x64xf32, #heddle.dims<["batch", "64"]>> {
  %w = heddle.constant #heddle.weight<"9f2c", ""> : tensor<64x32xf32>
  %b = heddle.constant dense<1.0> : tensor<64xf32>
  %0 = heddle.matmul %x, %w transpose_b : (tensor<?x32xf32, #heddle.dims<["batch", "32"]>>, tensor<64x32xf32>) -> tensor<?x64xf32, #heddle.dims<["batch", "64"]>>
  %1 = heddle.add %0, %b : (tensor<?x64xf32, #heddle.dims<["batch", "64"]>>, tensor<64xf32>) -> tensor<?x64xf32, #heddle.dims<["batch", "64"]>>
  %2 = heddle.slice %1 starts <["0", "2"]> steps <["1", "1"]> : (tensor<?x64xf32, #heddle.dims<["batch", "64"]>>) -> tensor<?x4xf32, #heddle.dims<["batch", "4"]>>
  heddle.set_symbols %i ["n", "", "m"] : tensor<3xi64>
  return %1 : tensor<?x64xf32, #heddle.dims<["batch", "64"]>>
}
// CHECK-LABEL: heddle.kernel @k
// CHECK-SAME: schedule = #heddle.elementwise<vector = 16, threads = 256, per_thread = 1>, symbols = ["s0"]
heddle.kernel @k(%x: tensor<?x8xf32, #heddle.dims<["s0", "8"]>>) -> tensor<?x8xf32, #heddle.dims<["s0", "8"]>> attributes {symbols = ["s0"], schedule = #heddle.elementwise<vector = 16, threads = 256, per_thread = 1>} {
  %0 = heddle.relu %x : (tensor<?x8xf32, #heddle.dims<["s0", "8"]>>) -> tensor<?x8xf32, #heddle.dims<["s0", "8"]>>
  heddle.return %0 : tensor<?x8xf32, #heddle.dims<["s0", "8"]>>
}
// CHECK-LABEL: func.func @g
// CHECK: combiner "add" init 0.000000e+00 : f32
// CHECK: heddle.fail "no"
func.func @g(%c: tensor<4x8xf32>, %cc: tensor<i1>) -> tensor<4xf32> {
    %s = heddle.generic maps [affine_map<(d0, d1) -> (d0, d1)>] reduce <["8"]> combiner "add" init 0.0 : f32 ins %c {
    ^bb0(%v: f32):
      heddle.yield %v : f32
    } : (tensor<4x8xf32>) -> tensor<4xf32>
    %y = heddle.if %cc defines [] {
      heddle.result %s : tensor<4xf32>
    } else {
      heddle.fail "no"
      heddle.result
    } : (tensor<i1>) -> tensor<4xf32>
    return %y : tensor<4xf32>
}
