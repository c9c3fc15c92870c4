// RUN: heddle-opt %s --split-input-file --pass-pipeline='builtin.module(func.func(heddle-recognize-composites))' | FileCheck %s
// RUN: heddle-opt %s --split-input-file --pass-pipeline='builtin.module(func.func(heddle-recognize-composites))' \
// RUN:   --remarks-filter="heddle.*" 2>&1 | FileCheck %s --check-prefix=REMARK

// Activations. One remark for each op that is made, and none for what is left alone.
// REMARK-COUNT-5: recognized=gelu
// REMARK-COUNT-2: recognized=swish
// REMARK-COUNT-3: recognized=hard_swish
// REMARK-NOT: recognized

// The factors in three orders, with x / sqrt(2) and x * (1 / sqrt(2)) as f32 rounds them. What is scaled may be a product.
// CHECK-LABEL: func.func @gelu
// CHECK: %[[X:.*]] = heddle.mul %arg0, %arg1
// CHECK-NEXT: %[[A:.*]] = heddle.gelu %[[X]] {tanh = false}
// CHECK-NEXT: %[[B:.*]] = heddle.gelu %[[A]] {tanh = false}
// CHECK-NEXT: %[[C:.*]] = heddle.gelu %[[B]] {tanh = false}
// CHECK-NEXT: return %[[C]]
func.func @gelu(%v: tensor<2x4xf32>, %w: tensor<4xf32>) -> tensor<2x4xf32> {
  %root = heddle.constant dense<1.41421354> : tensor<f32>
  %inverse = heddle.constant dense<0.707106769> : tensor<f32>
  %half = heddle.constant dense<0.5> : tensor<f32>
  %one = heddle.constant dense<1.0> : tensor<1xf32>
  %two = heddle.constant dense<2.0> : tensor<f32>
  %x = heddle.mul %v, %w : (tensor<2x4xf32>, tensor<4xf32>) -> tensor<2x4xf32>
  %0 = heddle.div %x, %root : (tensor<2x4xf32>, tensor<f32>) -> tensor<2x4xf32>
  %1 = heddle.erf %0 : (tensor<2x4xf32>) -> tensor<2x4xf32>
  %2 = heddle.add %1, %one : (tensor<2x4xf32>, tensor<1xf32>) -> tensor<2x4xf32>
  %3 = heddle.mul %x, %2 : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  %4 = heddle.mul %3, %half : (tensor<2x4xf32>, tensor<f32>) -> tensor<2x4xf32>
  %10 = heddle.mul %4, %inverse : (tensor<2x4xf32>, tensor<f32>) -> tensor<2x4xf32>
  %11 = heddle.erf %10 : (tensor<2x4xf32>) -> tensor<2x4xf32>
  %12 = heddle.add %one, %11 : (tensor<1xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  %13 = heddle.mul %half, %12 : (tensor<f32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  %14 = heddle.mul %4, %13 : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  %20 = heddle.mul %inverse, %14 : (tensor<f32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  %21 = heddle.erf %20 : (tensor<2x4xf32>) -> tensor<2x4xf32>
  %22 = heddle.add %21, %one : (tensor<2x4xf32>, tensor<1xf32>) -> tensor<2x4xf32>
  %23 = heddle.mul %22, %14 : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  %24 = heddle.div %23, %two : (tensor<2x4xf32>, tensor<f32>) -> tensor<2x4xf32>
  return %24 : tensor<2x4xf32>
}

// -----

// The tanh form with x^3 as a power, as GPT-2 has it, and with x before the bracket.
// CHECK-LABEL: func.func @gelu_tanh
// CHECK-NEXT: %[[A:.*]] = heddle.gelu %arg0 {tanh = true}
// CHECK-NEXT: %[[B:.*]] = heddle.gelu %[[A]] {tanh = true}
// CHECK-NEXT: return %[[B]]
func.func @gelu_tanh(%x: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %cubic = heddle.constant dense<0.0447149985> : tensor<f32>
  %slope = heddle.constant dense<0.797884583> : tensor<f32>
  %half = heddle.constant dense<0.5> : tensor<f32>
  %one = heddle.constant dense<1.0> : tensor<f32>
  %three = heddle.constant dense<3.0> : tensor<f32>
  %0 = heddle.mul %half, %x : (tensor<f32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  %1 = heddle.pow %x, %three : (tensor<2x4xf32>, tensor<f32>) -> tensor<2x4xf32>
  %2 = heddle.mul %1, %cubic : (tensor<2x4xf32>, tensor<f32>) -> tensor<2x4xf32>
  %3 = heddle.add %x, %2 : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  %4 = heddle.mul %3, %slope : (tensor<2x4xf32>, tensor<f32>) -> tensor<2x4xf32>
  %5 = heddle.tanh %4 : (tensor<2x4xf32>) -> tensor<2x4xf32>
  %6 = heddle.add %5, %one : (tensor<2x4xf32>, tensor<f32>) -> tensor<2x4xf32>
  %7 = heddle.mul %0, %6 : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  %10 = heddle.mul %7, %7 : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  %11 = heddle.mul %cubic, %10 : (tensor<f32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  %12 = heddle.add %one, %11 : (tensor<f32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  %13 = heddle.mul %7, %slope : (tensor<2x4xf32>, tensor<f32>) -> tensor<2x4xf32>
  %14 = heddle.mul %13, %12 : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  %15 = heddle.tanh %14 : (tensor<2x4xf32>) -> tensor<2x4xf32>
  %16 = heddle.add %one, %15 : (tensor<f32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  %17 = heddle.mul %16, %half : (tensor<2x4xf32>, tensor<f32>) -> tensor<2x4xf32>
  %18 = heddle.mul %17, %7 : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  return %18 : tensor<2x4xf32>
}

// -----

// SiLU, and what CLIP calls a quick GELU.
// CHECK-LABEL: func.func @swish
// CHECK-NEXT: %[[A:.*]] = heddle.swish %arg0 {alpha = 1.000000e+00 : f64}
// CHECK-NEXT: %[[B:.*]] = heddle.swish %[[A]] {alpha = 1.500000e+00 : f64}
// CHECK-NEXT: return %[[B]]
func.func @swish(%x: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %alpha = heddle.constant dense<1.5> : tensor<f32>
  %0 = heddle.sigmoid %x : (tensor<2x4xf32>) -> tensor<2x4xf32>
  %1 = heddle.mul %0, %x : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  %2 = heddle.mul %1, %alpha : (tensor<2x4xf32>, tensor<f32>) -> tensor<2x4xf32>
  %3 = heddle.sigmoid %2 : (tensor<2x4xf32>) -> tensor<2x4xf32>
  %4 = heddle.mul %1, %3 : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  return %4 : tensor<2x4xf32>
}

// -----

// With the op of hard sigmoid, with a clamp of x + 3, and with Relu6 of it. The operand of the second is a product.
// CHECK-LABEL: func.func @hard_swish
// CHECK-NEXT: %[[A:.*]] = heddle.hard_swish %arg0
// CHECK-NEXT: %[[M:.*]] = heddle.mul %[[A]], %[[A]]
// CHECK-NEXT: %[[B:.*]] = heddle.hard_swish %[[M]]
// CHECK-NEXT: %[[C:.*]] = heddle.hard_swish %[[B]]
// CHECK-NEXT: return %[[C]]
func.func @hard_swish(%x: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %zero = heddle.constant dense<0.0> : tensor<f32>
  %three = heddle.constant dense<3.0> : tensor<f32>
  %six = heddle.constant dense<6.0> : tensor<f32>
  %sixth = heddle.constant dense<0.166666672> : tensor<f32>
  %0 = heddle.hard_sigmoid %x {alpha = 0.1666666716337204 : f64, beta = 0.5 : f64} : (tensor<2x4xf32>) -> tensor<2x4xf32>
  %1 = heddle.mul %x, %0 : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  %2 = heddle.mul %1, %1 : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  %10 = heddle.add %2, %three : (tensor<2x4xf32>, tensor<f32>) -> tensor<2x4xf32>
  %11 = heddle.max %10, %zero : (tensor<2x4xf32>, tensor<f32>) -> tensor<2x4xf32>
  %12 = heddle.min %11, %six : (tensor<2x4xf32>, tensor<f32>) -> tensor<2x4xf32>
  %13 = heddle.mul %2, %12 : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  %14 = heddle.div %13, %six : (tensor<2x4xf32>, tensor<f32>) -> tensor<2x4xf32>
  %20 = heddle.add %three, %14 : (tensor<f32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  %21 = heddle.relu %20 : (tensor<2x4xf32>) -> tensor<2x4xf32>
  %22 = heddle.min %six, %21 : (tensor<f32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  %23 = heddle.mul %22, %sixth : (tensor<2x4xf32>, tensor<f32>) -> tensor<2x4xf32>
  %24 = heddle.mul %14, %23 : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  return %24 : tensor<2x4xf32>
}

// -----

// sqrt(2) as f32 rounds it is no sqrt(2) in f64, and 1.414 is none in f32; the last lacks the half; half precision.
// CHECK-LABEL: func.func @no_gelu
// CHECK-NOT: heddle.gelu
func.func @no_gelu(%d: tensor<4xf64>, %x: tensor<4xf32>, %h: tensor<4xf16>) -> (tensor<4xf64>, tensor<4xf32>, tensor<4xf32>, tensor<4xf16>) {
  %root = heddle.constant dense<1.4142135381698608> : tensor<f64>
  %half = heddle.constant dense<0.5> : tensor<f64>
  %one = heddle.constant dense<1.0> : tensor<f64>
  %0 = heddle.div %d, %root : (tensor<4xf64>, tensor<f64>) -> tensor<4xf64>
  %1 = heddle.erf %0 : (tensor<4xf64>) -> tensor<4xf64>
  %2 = heddle.add %1, %one : (tensor<4xf64>, tensor<f64>) -> tensor<4xf64>
  %3 = heddle.mul %d, %2 : (tensor<4xf64>, tensor<4xf64>) -> tensor<4xf64>
  %4 = heddle.mul %3, %half : (tensor<4xf64>, tensor<f64>) -> tensor<4xf64>
  %coarse_root = heddle.constant dense<1.414> : tensor<f32>
  %half_32 = heddle.constant dense<0.5> : tensor<f32>
  %one_32 = heddle.constant dense<1.0> : tensor<f32>
  %10 = heddle.div %x, %coarse_root : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %11 = heddle.erf %10 : (tensor<4xf32>) -> tensor<4xf32>
  %12 = heddle.add %11, %one_32 : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %13 = heddle.mul %x, %12 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %14 = heddle.mul %13, %half_32 : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %root_32 = heddle.constant dense<1.41421354> : tensor<f32>
  %20 = heddle.div %x, %root_32 : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %21 = heddle.erf %20 : (tensor<4xf32>) -> tensor<4xf32>
  %22 = heddle.add %21, %one_32 : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %23 = heddle.mul %x, %22 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %root_16 = heddle.constant dense<1.4142> : tensor<f16>
  %half_16 = heddle.constant dense<0.5> : tensor<f16>
  %one_16 = heddle.constant dense<1.0> : tensor<f16>
  %30 = heddle.div %h, %root_16 : (tensor<4xf16>, tensor<f16>) -> tensor<4xf16>
  %31 = heddle.erf %30 : (tensor<4xf16>) -> tensor<4xf16>
  %32 = heddle.add %31, %one_16 : (tensor<4xf16>, tensor<f16>) -> tensor<4xf16>
  %33 = heddle.mul %h, %32 : (tensor<4xf16>, tensor<4xf16>) -> tensor<4xf16>
  %34 = heddle.mul %33, %half_16 : (tensor<4xf16>, tensor<f16>) -> tensor<4xf16>
  return %4, %14, %23, %34 : tensor<4xf64>, tensor<4xf32>, tensor<4xf32>, tensor<4xf16>
}

// -----

// The sigmoid is also a result, and another value's; the clamp ends at 5; the constant makes the result larger.
// CHECK-LABEL: func.func @no_swish
// CHECK-NOT: heddle.swish
// CHECK-NOT: heddle.hard_swish
func.func @no_swish(%x: tensor<4xf32>, %z: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<2x4xf32>) {
  %zero = heddle.constant dense<0.0> : tensor<f32>
  %three = heddle.constant dense<3.0> : tensor<f32>
  %five = heddle.constant dense<5.0> : tensor<f32>
  %sixth = heddle.constant dense<0.166666672> : tensor<f32>
  %rows = heddle.constant dense<1.0> : tensor<2x1xf32>
  %0 = heddle.sigmoid %x : (tensor<4xf32>) -> tensor<4xf32>
  %1 = heddle.mul %x, %0 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %2 = heddle.mul %z, %0 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %10 = heddle.add %x, %three : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %11 = heddle.max %10, %zero : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %12 = heddle.min %11, %five : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %13 = heddle.mul %x, %12 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %14 = heddle.mul %13, %sixth : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %20 = heddle.hard_sigmoid %z {alpha = 0.1666666716337204 : f64, beta = 0.5 : f64} : (tensor<4xf32>) -> tensor<4xf32>
  %21 = heddle.mul %20, %rows : (tensor<4xf32>, tensor<2x1xf32>) -> tensor<2x4xf32>
  %22 = heddle.mul %z, %21 : (tensor<4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  return %0, %1, %2, %14, %22 : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<2x4xf32>
}

// x * min(max(-x - 3, 0), -6) * (-1 / 6) is x: a negative factor turns the clamp round.
// CHECK-LABEL: func.func @no_hard_swish
// CHECK-NOT: heddle.hard_swish
func.func @no_hard_swish(%x: tensor<4xf32>) -> tensor<4xf32> {
  %zero = heddle.constant dense<0.0> : tensor<f32>
  %three = heddle.constant dense<-3.0> : tensor<f32>
  %six = heddle.constant dense<-6.0> : tensor<f32>
  %sixth = heddle.constant dense<-0.166666672> : tensor<f32>
  %minus = heddle.constant dense<-1.0> : tensor<f32>
  %0 = heddle.mul %x, %minus : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %1 = heddle.add %0, %three : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %2 = heddle.max %1, %zero : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %3 = heddle.min %2, %six : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %4 = heddle.mul %x, %3 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %5 = heddle.mul %4, %sixth : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  return %5 : tensor<4xf32>
}
