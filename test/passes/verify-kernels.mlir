// RUN: heddle-opt %s --heddle-verify-kernels --split-input-file --verify-diagnostics

// What fusion leaves outside of kernels is allowed.
func.func @clean(%x: tensor<4xf32>) -> tensor<2x2xf32> {
  %0 = heddle.launch @k sizes <[]> (%x) : (tensor<4xf32>) -> tensor<4xf32>
  %1 = heddle.reshape %0 : (tensor<4xf32>) -> tensor<2x2xf32>
  return %1 : tensor<2x2xf32>
}
heddle.kernel @k(%x: tensor<4xf32>) -> tensor<4xf32> attributes {symbols = [], schedule = #heddle.elementwise<vector = 8, threads = 256, per_thread = 1>} {
  %0 = heddle.relu %x : (tensor<4xf32>) -> tensor<4xf32>
  heddle.return %0 : tensor<4xf32>
}
