// RUN: heddle-opt %s --heddle-emit-objects --split-input-file --verify-diagnostics -o /dev/null
// What cannot be computed element by element is refused, and named.

// expected-error @below {{kernel k: 'heddle.host_call' op cannot be part of a kernel}}
module {
  heddle.kernel @k(%x: tensor<2xf32>) -> tensor<2xf32> attributes {symbols = [], schedule = #heddle.elementwise<vector = 8, threads = 256, per_thread = 1>} {
    %0 = heddle.host_call "identity" version 1 attrs {} defines [] (%x) : (tensor<2xf32>) -> tensor<2xf32>
    heddle.return %0 : tensor<2xf32>
  }
}
// -----
// expected-error @below {{kernel k: 'heddle.constant' op refers to a weight, which a kernel must take as an argument}}
module {
  heddle.kernel @k(%x: tensor<2xf32>) -> tensor<2xf32> attributes {symbols = [], schedule = #heddle.elementwise<vector = 8, threads = 256, per_thread = 1>} {
    %w = heddle.constant #heddle.weight<"9f2c", ""> : tensor<2xf32>
    %0 = heddle.add %x, %w : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    heddle.return %0 : tensor<2xf32>
  }
}
