// RUN: heddle-opt %s --pass-pipeline='builtin.module(heddle-code-pipeline{threads=2})' | FileCheck %s

// What the CPU emitter makes satisfies the check at the end of its stage.
// CHECK: heddle.object @k
// CHECK: heddle.object @rows
heddle.kernel @k(%x: tensor<?x8xf32, #heddle.dims<["s0", "8"]>>) -> tensor<?x8xf32, #heddle.dims<["s0", "8"]>> attributes {symbols = ["s0"], schedule = #heddle.elementwise<vector = 8, threads = 256, per_thread = 1>} {
  %0 = heddle.relu %x : (tensor<?x8xf32, #heddle.dims<["s0", "8"]>>) -> tensor<?x8xf32, #heddle.dims<["s0", "8"]>>
  heddle.return %0 : tensor<?x8xf32, #heddle.dims<["s0", "8"]>>
}
heddle.kernel @rows(%x: tensor<4x8xf32>) -> tensor<4x8xf32> attributes {symbols = [], schedule = #heddle.rows<vector = 8, unroll = 4, threads = 256>} {
  %0 = heddle.softmax %x axis 1 : (tensor<4x8xf32>) -> tensor<4x8xf32>
  heddle.return %0 : tensor<4x8xf32>
}
