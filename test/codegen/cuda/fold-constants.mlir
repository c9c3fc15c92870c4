// RUN: heddle-emit-cuda %s | FileCheck %s
// An integer division guards against 0 and -1; with a constant divisor nothing of that is left in the text.
heddle.kernel @half(%x: tensor<8xi64> {heddle.name = "x"}) -> tensor<8xi64>
    attributes {symbols = [], schedule = #heddle.elementwise<vector = 1, threads = 32, per_thread = 1>} {
  %two = heddle.constant dense<2> : tensor<i64>
  %0 = heddle.div %x, %two : (tensor<8xi64>, tensor<i64>) -> tensor<8xi64> loc("/Div")
  heddle.return %0 : tensor<8xi64>
}
// CHECK-LABEL: half(
// CHECK:         return;
// CHECK-NEXT:    out[i] = x[i] / 2LL;  // /Div
// CHECK-NEXT:  }

// A divisor at run time keeps its guards.
heddle.kernel @ratio(%x: tensor<8xi64> {heddle.name = "x"}, %y: tensor<8xi64> {heddle.name = "y"}) -> tensor<8xi64>
    attributes {symbols = [], schedule = #heddle.elementwise<vector = 1, threads = 32, per_thread = 1>} {
  %0 = heddle.div %x, %y : (tensor<8xi64>, tensor<8xi64>) -> tensor<8xi64> loc("/Div")
  heddle.return %0 : tensor<8xi64>
}
// CHECK-LABEL: ratio(
// CHECK:         = y_value == 0LL;
// CHECK:         = y_value == -1LL;
