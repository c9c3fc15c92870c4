// RUN: heddle-opt %s --heddle-fold-constants='node-budget=32' | FileCheck %s --check-prefix=NODE
// RUN: heddle-opt %s --heddle-fold-constants='total-budget=24' | FileCheck %s --check-prefix=TOTAL

// A model of a few bytes must not make the compiler fill memory: a result over the node's budget stays an op.
// NODE-LABEL: func.func @budgets
// NODE: heddle.concat
// NODE-NOT: heddle.neg
// The first result takes 16 of 24 bytes, the second would take 16 more, and the third has no constant operand then.
// TOTAL-LABEL: func.func @budgets
// TOTAL-NOT: heddle.neg
// TOTAL: heddle.abs
// TOTAL: heddle.concat
func.func @budgets() -> tensor<12xf32> {
  %a = heddle.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %0 = heddle.neg %a : (tensor<4xf32>) -> tensor<4xf32>
  %1 = heddle.abs %a : (tensor<4xf32>) -> tensor<4xf32>
  %2 = heddle.concat %0, %1, %a axis 0 : (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<12xf32>
  return %2 : tensor<12xf32>
}
