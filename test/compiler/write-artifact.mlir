// RUN: heddle-opt %s --pass-pipeline='builtin.module(heddle-plan-pipeline,heddle-emit-objects,heddle-write-artifact{output=%t.hdl})' -o %t.mlir
// RUN: heddle-run %t.hdl --input x=2x4xf32=-1.5 | FileCheck %s

// The artifact runs without the compiler, at a size that it has not seen before.
// CHECK: y: 2x4xf32 min 1.5 max 1.5
func.func @main(%x: tensor<?x4xf32, #heddle.dims<["n", "4"]>> {heddle.name = "x"}) -> (tensor<?x4xf32, #heddle.dims<["n", "4"]>> {heddle.name = "y"}) {
  %0 = heddle.launch @k sizes <["n"]> (%x) : (tensor<?x4xf32, #heddle.dims<["n", "4"]>>) -> tensor<?x4xf32, #heddle.dims<["n", "4"]>>
  return %0 : tensor<?x4xf32, #heddle.dims<["n", "4"]>>
}
heddle.kernel @k(%x: tensor<?x4xf32, #heddle.dims<["s0", "4"]>>) -> tensor<?x4xf32, #heddle.dims<["s0", "4"]>> attributes {symbols = ["s0"], schedule = #heddle.elementwise<vector = 8, threads = 256, per_thread = 1>} {
  %0 = heddle.abs %x : (tensor<?x4xf32, #heddle.dims<["s0", "4"]>>) -> tensor<?x4xf32, #heddle.dims<["s0", "4"]>>
  heddle.return %0 : tensor<?x4xf32, #heddle.dims<["s0", "4"]>>
}
