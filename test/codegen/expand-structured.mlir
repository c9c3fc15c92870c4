// RUN: heddle-opt %s --pass-pipeline='builtin.module(heddle.kernel(heddle-expand-structured))' | FileCheck %s

// A product is one generic with its combiner; what is elementwise stays as it is.
// CHECK-LABEL: heddle.kernel @product
// CHECK: %[[SUM:.*]] = heddle.generic maps [{{.*}}] reduce <["3"]> combiner "add"
// CHECK: arith.mulf
// CHECK: heddle.relu %[[SUM]]
heddle.kernel @product(%a: tensor<2x3xf32>, %b: tensor<3x4xf32>) -> tensor<2x4xf32> attributes {symbols = []} {
  %0 = heddle.matmul %a, %b : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<2x4xf32>
  %1 = heddle.relu %0 : (tensor<2x4xf32>) -> tensor<2x4xf32>
  heddle.return %1 : tensor<2x4xf32>
}

// An expansion may hold structured ops again: a softmax has two reductions, which are generics in the end.
// CHECK-LABEL: heddle.kernel @softmax
// CHECK: heddle.generic {{.*}} combiner "max"
// CHECK: heddle.exp
// CHECK: heddle.generic {{.*}} combiner "add"
// CHECK-NOT: heddle.reduce
// CHECK-NOT: heddle.softmax
heddle.kernel @softmax(%x: tensor<2x3xf32>) -> tensor<2x3xf32> attributes {symbols = []} {
  %0 = heddle.softmax %x axis 1 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  heddle.return %0 : tensor<2x3xf32>
}
