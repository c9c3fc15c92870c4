// RUN: heddle-opt %s --check-results --heddle-deduplicate-kernels 2>&1 | FileCheck %s

// What cannot be evaluated is said, and is no error.
// CHECK: check-results: pass 'heddle-deduplicate-kernels': not checked: there is no function to evaluate
heddle.kernel @a(%x: tensor<4xf32>) -> tensor<4xf32> attributes {symbols = []} {
  %0 = heddle.relu %x : (tensor<4xf32>) -> tensor<4xf32>
  heddle.return %0 : tensor<4xf32>
}
heddle.kernel @b(%x: tensor<4xf32>) -> tensor<4xf32> attributes {symbols = []} {
  %0 = heddle.relu %x : (tensor<4xf32>) -> tensor<4xf32>
  heddle.return %0 : tensor<4xf32>
}
