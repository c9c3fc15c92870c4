// RUN: heddle-opt %s --heddle-emit-objects | FileCheck %s

// Equal kernels on equal levels give equal code: the digest is what makes artifacts reproducible.
// RUN: heddle-opt %s --heddle-emit-objects=threads=2 > %t.two
// RUN: heddle-opt %s --heddle-emit-objects=threads=1 | diff - %t.two

// CHECK: heddle.object @k target "x86-64-v3" entry "k" digest "{{[0-9a-f]+}}-u8x{{[0-9]+}}"
heddle.kernel @k(%x: tensor<?x8xf32, #heddle.dims<["s0", "8"]>>) -> tensor<?x8xf32, #heddle.dims<["s0", "8"]>> attributes {symbols = ["s0"], schedule = #heddle.elementwise<vector = 8, threads = 256, per_thread = 1>} {
  %0 = heddle.relu %x : (tensor<?x8xf32, #heddle.dims<["s0", "8"]>>) -> tensor<?x8xf32, #heddle.dims<["s0", "8"]>>
  heddle.return %0 : tensor<?x8xf32, #heddle.dims<["s0", "8"]>>
}
// CHECK: heddle.object @rows
heddle.kernel @rows(%x: tensor<4x8xf32>) -> tensor<4x8xf32> attributes {symbols = [], schedule = #heddle.rows<vector = 8, unroll = 4, threads = 256>} {
  %0 = heddle.softmax %x axis 1 : (tensor<4x8xf32>) -> tensor<4x8xf32>
  heddle.return %0 : tensor<4x8xf32>
}
