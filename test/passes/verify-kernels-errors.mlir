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

// -----

// No launch can write an input where the concatenation lies.
func.func @part_of_no_launch(%x: tensor<4xf32>, %y: tensor<4xf32>) -> tensor<8xf32> {
  // expected-error @below {{heddle.concat is outside a kernel at the end of stage kernels}}
  %0 = heddle.concat %x, %y axis 0 : (tensor<4xf32>, tensor<4xf32>) -> tensor<8xf32>
  return %0 : tensor<8xf32>
}

// -----

func.func @slice_with_gaps(%x: tensor<4x4xf32>) -> tensor<4x2xf32> {
  // expected-error @below {{heddle.slice is outside a kernel at the end of stage kernels}}
  %0 = heddle.slice %x starts <["0", "0"]> steps <["1", "1"]> : (tensor<4x4xf32>) -> tensor<4x2xf32>
  return %0 : tensor<4x2xf32>
}
