// RUN: heddle-opt %s --split-input-file --pass-pipeline='builtin.module(func.func(heddle-recognize-composites))' | FileCheck %s
// RUN: heddle-opt %s --split-input-file --pass-pipeline='builtin.module(func.func(heddle-recognize-composites))' \
// RUN:   --remarks-filter="heddle.*" 2>&1 | FileCheck %s --check-prefix=REMARK

// Attention. One remark for each op that is made, and none for what is left alone.
// REMARK: recognized=attention
// REMARK: recognized=softmax
// REMARK-COUNT-3: recognized=attention
// REMARK-NOT: recognized

// As PyTorch's second exporter writes it: the root of the scale on q and on k, keys transposed with batch and heads as one
// dimension, a mask that is added, and 0 for rows without a key.
// CHECK-LABEL: func.func @attention_torch
// CHECK: %[[K:.*]] = heddle.transpose %{{.*}} perm [0, 1, 3, 2]
// CHECK-NEXT: %[[Y:.*]] = heddle.attention %arg0, %[[K]], %arg2 mask %arg3 scale 2.500000e-01 nan_is_zero :
// CHECK-NEXT: return %[[Y]]
func.func @attention_torch(%q: tensor<?x4x?x8xf32, #heddle.dims<["b", "4", "s", "8"]>>, %k: tensor<?x4x?x8xf32, #heddle.dims<["b", "4", "t", "8"]>>, %v: tensor<?x4x?x8xf32, #heddle.dims<["b", "4", "t", "8"]>>, %m: tensor<?x1x?x?xf32, #heddle.dims<["b", "1", "s", "t"]>>) -> tensor<?x4x?x8xf32, #heddle.dims<["b", "4", "s", "8"]>> {
  %root = heddle.constant dense<0.5> : tensor<f32>
  %zero = heddle.constant dense<0.0> : tensor<f32>
  %0 = heddle.reshape %k : (tensor<?x4x?x8xf32, #heddle.dims<["b", "4", "t", "8"]>>) -> tensor<?x?x8xf32, #heddle.dims<["4 * b", "t", "8"]>>
  %1 = heddle.transpose %0 perm [0, 2, 1] : (tensor<?x?x8xf32, #heddle.dims<["4 * b", "t", "8"]>>) -> tensor<?x8x?xf32, #heddle.dims<["4 * b", "8", "t"]>>
  %2 = heddle.reshape %1 : (tensor<?x8x?xf32, #heddle.dims<["4 * b", "8", "t"]>>) -> tensor<?x4x8x?xf32, #heddle.dims<["b", "4", "8", "t"]>>
  %3 = heddle.mul %q, %root : (tensor<?x4x?x8xf32, #heddle.dims<["b", "4", "s", "8"]>>, tensor<f32>) -> tensor<?x4x?x8xf32, #heddle.dims<["b", "4", "s", "8"]>>
  %4 = heddle.mul %2, %root : (tensor<?x4x8x?xf32, #heddle.dims<["b", "4", "8", "t"]>>, tensor<f32>) -> tensor<?x4x8x?xf32, #heddle.dims<["b", "4", "8", "t"]>>
  %5 = heddle.matmul %3, %4 : (tensor<?x4x?x8xf32, #heddle.dims<["b", "4", "s", "8"]>>, tensor<?x4x8x?xf32, #heddle.dims<["b", "4", "8", "t"]>>) -> tensor<?x4x?x?xf32, #heddle.dims<["b", "4", "s", "t"]>>
  %6 = heddle.add %5, %m : (tensor<?x4x?x?xf32, #heddle.dims<["b", "4", "s", "t"]>>, tensor<?x1x?x?xf32, #heddle.dims<["b", "1", "s", "t"]>>) -> tensor<?x4x?x?xf32, #heddle.dims<["b", "4", "s", "t"]>>
  %7 = heddle.softmax %6 axis 3 : (tensor<?x4x?x?xf32, #heddle.dims<["b", "4", "s", "t"]>>) -> tensor<?x4x?x?xf32, #heddle.dims<["b", "4", "s", "t"]>>
  %8 = heddle.is_nan %7 : (tensor<?x4x?x?xf32, #heddle.dims<["b", "4", "s", "t"]>>) -> tensor<?x4x?x?xi1, #heddle.dims<["b", "4", "s", "t"]>>
  %9 = heddle.where %8, %zero, %7 : (tensor<?x4x?x?xi1, #heddle.dims<["b", "4", "s", "t"]>>, tensor<f32>, tensor<?x4x?x?xf32, #heddle.dims<["b", "4", "s", "t"]>>) -> tensor<?x4x?x?xf32, #heddle.dims<["b", "4", "s", "t"]>>
  %10 = heddle.matmul %9, %v : (tensor<?x4x?x?xf32, #heddle.dims<["b", "4", "s", "t"]>>, tensor<?x4x?x8xf32, #heddle.dims<["b", "4", "t", "8"]>>) -> tensor<?x4x?x8xf32, #heddle.dims<["b", "4", "s", "8"]>>
  return %10 : tensor<?x4x?x8xf32, #heddle.dims<["b", "4", "s", "8"]>>
}

// -----

// The scale on the scores, as a divisor, and a mask that chooses; keys transposed, and then by the product; a softmax that is spelled itself.
// CHECK-LABEL: func.func @attention_scores
// CHECK-NEXT: %[[A:.*]] = heddle.attention %arg0, %arg1, %arg2 mask %arg3 fill -6.553600e+04 scale 2.500000e-01 :
// CHECK-NEXT: %[[B:.*]] = heddle.attention %[[A]], %arg1, %arg2 scale 1.000000e+00 :
// CHECK-NEXT: return %[[B]]
func.func @attention_scores(%q: tensor<2x8xf32>, %k: tensor<6x8xf32>, %v: tensor<6x8xf32>, %m: tensor<6xi1>) -> tensor<2x8xf32> {
  %four = heddle.constant dense<4.0> : tensor<f32>
  %low = heddle.constant dense<-65536.0> : tensor<f32>
  %0 = heddle.transpose %k perm [1, 0] : (tensor<6x8xf32>) -> tensor<8x6xf32>
  %1 = heddle.matmul %q, %0 : (tensor<2x8xf32>, tensor<8x6xf32>) -> tensor<2x6xf32>
  %2 = heddle.div %1, %four : (tensor<2x6xf32>, tensor<f32>) -> tensor<2x6xf32>
  %3 = heddle.where %m, %2, %low : (tensor<6xi1>, tensor<2x6xf32>, tensor<f32>) -> tensor<2x6xf32>
  %4 = heddle.softmax %3 axis 1 : (tensor<2x6xf32>) -> tensor<2x6xf32>
  %5 = heddle.matmul %4, %v : (tensor<2x6xf32>, tensor<6x8xf32>) -> tensor<2x8xf32>
  %10 = heddle.matmul %5, %k transpose_b : (tensor<2x8xf32>, tensor<6x8xf32>) -> tensor<2x6xf32>
  %11 = heddle.reduce max %10 axes [1] : (tensor<2x6xf32>) -> tensor<2xf32>
  %12 = heddle.reshape %11 : (tensor<2xf32>) -> tensor<2x1xf32>
  %13 = heddle.sub %10, %12 : (tensor<2x6xf32>, tensor<2x1xf32>) -> tensor<2x6xf32>
  %14 = heddle.exp %13 : (tensor<2x6xf32>) -> tensor<2x6xf32>
  %15 = heddle.reduce add %14 axes [1] : (tensor<2x6xf32>) -> tensor<2xf32>
  %16 = heddle.reshape %15 : (tensor<2xf32>) -> tensor<2x1xf32>
  %17 = heddle.div %14, %16 : (tensor<2x6xf32>, tensor<2x1xf32>) -> tensor<2x6xf32>
  %18 = heddle.matmul %17, %v : (tensor<2x6xf32>, tensor<6x8xf32>) -> tensor<2x8xf32>
  return %18 : tensor<2x8xf32>
}

// -----

// The softmax is along the rows of keys; the weights are a result too; the mask makes the scores a larger tensor; a factor per
// column is no scale, and stays with q.
// CHECK-LABEL: func.func @no_attention
// CHECK-NOT: heddle.attention
// CHECK: %[[Q:.*]] = heddle.mul %arg0, %arg3
// CHECK: heddle.attention %[[Q]], %arg1, %arg2 scale 1.000000e+00 :
func.func @no_attention(%q: tensor<4x8xf32>, %k: tensor<4x8xf32>, %v: tensor<4x8xf32>, %f: tensor<8xf32>, %m: tensor<3x4x4xf32>) -> (tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x4xf32>, tensor<3x4x8xf32>, tensor<4x8xf32>) {
  %0 = heddle.matmul %q, %k transpose_b : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x4xf32>
  %1 = heddle.softmax %0 axis 0 : (tensor<4x4xf32>) -> tensor<4x4xf32>
  %2 = heddle.matmul %1, %v : (tensor<4x4xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  %10 = heddle.matmul %q, %k transpose_b : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x4xf32>
  %11 = heddle.softmax %10 axis 1 : (tensor<4x4xf32>) -> tensor<4x4xf32>
  %12 = heddle.matmul %11, %v : (tensor<4x4xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  %20 = heddle.matmul %q, %k transpose_b : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x4xf32>
  %21 = heddle.add %20, %m : (tensor<4x4xf32>, tensor<3x4x4xf32>) -> tensor<3x4x4xf32>
  %22 = heddle.softmax %21 axis 2 : (tensor<3x4x4xf32>) -> tensor<3x4x4xf32>
  %23 = heddle.matmul %22, %v : (tensor<3x4x4xf32>, tensor<4x8xf32>) -> tensor<3x4x8xf32>
  %30 = heddle.mul %q, %f : (tensor<4x8xf32>, tensor<8xf32>) -> tensor<4x8xf32>
  %31 = heddle.matmul %30, %k transpose_b : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x4xf32>
  %32 = heddle.softmax %31 axis 1 : (tensor<4x4xf32>) -> tensor<4x4xf32>
  %33 = heddle.matmul %32, %v : (tensor<4x4xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  return %2, %12, %11, %23, %33 : tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x4xf32>, tensor<3x4x8xf32>, tensor<4x8xf32>
}

// -----

// 1e25 on q and on k would be infinite as one factor.
// CHECK-LABEL: func.func @huge_scale
// CHECK-NOT: heddle.attention
// CHECK: return
func.func @huge_scale(%q: tensor<4x8xf32>, %k: tensor<4x8xf32>, %v: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %c = heddle.constant dense<1.0e25> : tensor<f32>
  %0 = heddle.mul %q, %c : (tensor<4x8xf32>, tensor<f32>) -> tensor<4x8xf32>
  %1 = heddle.mul %k, %c : (tensor<4x8xf32>, tensor<f32>) -> tensor<4x8xf32>
  %2 = heddle.matmul %0, %1 transpose_b : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x4xf32>
  %3 = heddle.softmax %2 axis 1 : (tensor<4x4xf32>) -> tensor<4x4xf32>
  %4 = heddle.matmul %3, %v : (tensor<4x4xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  return %4 : tensor<4x8xf32>
}
