// RUN: heddle-opt %s --heddle-verify-kernels --split-input-file --verify-diagnostics

func.func @op_outside(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{heddle.relu is outside a kernel at the end of stage kernels}}
  %0 = heddle.relu %x : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

// expected-error @below {{kernel has no schedule}}
heddle.kernel @unscheduled(%x: tensor<4xf32>) -> tensor<4xf32> attributes {symbols = []} {
  heddle.return %x : tensor<4xf32>
}

// -----

// expected-error @below {{kernel is never launched}}
heddle.kernel @idle(%x: tensor<4xf32>) -> tensor<4xf32> attributes {symbols = [], schedule = #heddle.elementwise<vector = 8, threads = 256, per_thread = 1>} {
  heddle.return %x : tensor<4xf32>
}
