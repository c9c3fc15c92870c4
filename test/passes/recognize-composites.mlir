// RUN: heddle-opt %s --split-input-file --pass-pipeline='builtin.module(func.func(heddle-recognize-composites))' | FileCheck %s
// RUN: heddle-opt %s --split-input-file --pass-pipeline='builtin.module(func.func(heddle-recognize-composites))' \
// RUN:   --remarks-filter="heddle.*" 2>&1 | FileCheck %s --check-prefix=REMARK

// Normalizations and softmax. One remark for each op that is made, and none for what is left alone.
// REMARK-COUNT-5: recognized=layer_norm
// REMARK-COUNT-3: recognized=rms_norm
// REMARK: recognized=softmax
// REMARK: recognized=softmax
// REMARK: recognized=log_softmax
// REMARK-NOT: recognized

// As PyTorch's first exporter writes it: Pow, Sqrt, Div, with free sizes.
// CHECK-LABEL: func.func @layer_norm_torch
// CHECK-NEXT: %[[Y:.*]] = heddle.layer_norm %arg0, %arg1, %arg2 axis 2 epsilon 9.9999997473787516E-6 :
// CHECK-NEXT: return %[[Y]]
func.func @layer_norm_torch(%x: tensor<?x?x4xf32, #heddle.dims<["b", "s", "4"]>>, %g: tensor<4xf32>, %b: tensor<4xf32>) -> tensor<?x?x4xf32, #heddle.dims<["b", "s", "4"]>> {
  %count = heddle.constant dense<4.0> : tensor<f32>
  %two = heddle.constant dense<2.0> : tensor<f32>
  %epsilon = heddle.constant dense<9.99999974E-6> : tensor<f32>
  %0 = heddle.reduce add %x axes [2] : (tensor<?x?x4xf32, #heddle.dims<["b", "s", "4"]>>) -> tensor<?x?xf32, #heddle.dims<["b", "s"]>>
  %1 = heddle.reshape %0 : (tensor<?x?xf32, #heddle.dims<["b", "s"]>>) -> tensor<?x?x1xf32, #heddle.dims<["b", "s", "1"]>>
  %2 = heddle.div %1, %count : (tensor<?x?x1xf32, #heddle.dims<["b", "s", "1"]>>, tensor<f32>) -> tensor<?x?x1xf32, #heddle.dims<["b", "s", "1"]>>
  %3 = heddle.sub %x, %2 : (tensor<?x?x4xf32, #heddle.dims<["b", "s", "4"]>>, tensor<?x?x1xf32, #heddle.dims<["b", "s", "1"]>>) -> tensor<?x?x4xf32, #heddle.dims<["b", "s", "4"]>>
  %4 = heddle.pow %3, %two : (tensor<?x?x4xf32, #heddle.dims<["b", "s", "4"]>>, tensor<f32>) -> tensor<?x?x4xf32, #heddle.dims<["b", "s", "4"]>>
  %5 = heddle.reduce add %4 axes [2] : (tensor<?x?x4xf32, #heddle.dims<["b", "s", "4"]>>) -> tensor<?x?xf32, #heddle.dims<["b", "s"]>>
  %6 = heddle.reshape %5 : (tensor<?x?xf32, #heddle.dims<["b", "s"]>>) -> tensor<?x?x1xf32, #heddle.dims<["b", "s", "1"]>>
  %7 = heddle.div %6, %count : (tensor<?x?x1xf32, #heddle.dims<["b", "s", "1"]>>, tensor<f32>) -> tensor<?x?x1xf32, #heddle.dims<["b", "s", "1"]>>
  %8 = heddle.add %7, %epsilon : (tensor<?x?x1xf32, #heddle.dims<["b", "s", "1"]>>, tensor<f32>) -> tensor<?x?x1xf32, #heddle.dims<["b", "s", "1"]>>
  %9 = heddle.sqrt %8 : (tensor<?x?x1xf32, #heddle.dims<["b", "s", "1"]>>) -> tensor<?x?x1xf32, #heddle.dims<["b", "s", "1"]>>
  %10 = heddle.div %3, %9 : (tensor<?x?x4xf32, #heddle.dims<["b", "s", "4"]>>, tensor<?x?x1xf32, #heddle.dims<["b", "s", "1"]>>) -> tensor<?x?x4xf32, #heddle.dims<["b", "s", "4"]>>
  %11 = heddle.mul %10, %g : (tensor<?x?x4xf32, #heddle.dims<["b", "s", "4"]>>, tensor<4xf32>) -> tensor<?x?x4xf32, #heddle.dims<["b", "s", "4"]>>
  %12 = heddle.add %11, %b : (tensor<?x?x4xf32, #heddle.dims<["b", "s", "4"]>>, tensor<4xf32>) -> tensor<?x?x4xf32, #heddle.dims<["b", "s", "4"]>>
  return %12 : tensor<?x?x4xf32, #heddle.dims<["b", "s", "4"]>>
}

// -----

// A mean over a free number of elements; the mean's dimension is dropped and put back; Mul, Reciprocal, no scale.
// CHECK-LABEL: func.func @layer_norm_free_count
// CHECK-DAG: %[[ONE:.*]] = heddle.constant dense<1.000000e+00> : tensor<f32>
// CHECK: heddle.layer_norm %arg0, %[[ONE]] axis 1 epsilon 2.500000e-01 :
// CHECK-NEXT: return
func.func @layer_norm_free_count(%x: tensor<2x?xf32, #heddle.dims<["2", "n"]>>) -> tensor<2x?xf32, #heddle.dims<["2", "n"]>> {
  %epsilon = heddle.constant dense<0.25> : tensor<1xf32>
  %size = heddle.sizes <["n"]> : tensor<i64>
  %count = heddle.cast %size : (tensor<i64>) -> tensor<f32>
  %0 = heddle.reduce add %x axes [1] : (tensor<2x?xf32, #heddle.dims<["2", "n"]>>) -> tensor<2xf32>
  %1 = heddle.div %0, %count : (tensor<2xf32>, tensor<f32>) -> tensor<2xf32>
  %2 = heddle.reshape %1 : (tensor<2xf32>) -> tensor<2x1xf32>
  %3 = heddle.sub %x, %2 : (tensor<2x?xf32, #heddle.dims<["2", "n"]>>, tensor<2x1xf32>) -> tensor<2x?xf32, #heddle.dims<["2", "n"]>>
  %4 = heddle.mul %3, %3 : (tensor<2x?xf32, #heddle.dims<["2", "n"]>>, tensor<2x?xf32, #heddle.dims<["2", "n"]>>) -> tensor<2x?xf32, #heddle.dims<["2", "n"]>>
  %5 = heddle.reduce add %4 axes [1] : (tensor<2x?xf32, #heddle.dims<["2", "n"]>>) -> tensor<2xf32>
  %6 = heddle.reshape %5 : (tensor<2xf32>) -> tensor<2x1xf32>
  %7 = heddle.div %6, %count : (tensor<2x1xf32>, tensor<f32>) -> tensor<2x1xf32>
  %8 = heddle.add %epsilon, %7 : (tensor<1xf32>, tensor<2x1xf32>) -> tensor<2x1xf32>
  %9 = heddle.sqrt %8 : (tensor<2x1xf32>) -> tensor<2x1xf32>
  %10 = heddle.reciprocal %9 : (tensor<2x1xf32>) -> tensor<2x1xf32>
  %11 = heddle.mul %10, %3 : (tensor<2x1xf32>, tensor<2x?xf32, #heddle.dims<["2", "n"]>>) -> tensor<2x?xf32, #heddle.dims<["2", "n"]>>
  return %11 : tensor<2x?xf32, #heddle.dims<["2", "n"]>>
}

// -----

// As tf2onnx writes Keras's: x * f + (bias - mean * f), f the scale over the deviation.
// CHECK-LABEL: func.func @layer_norm_keras
// CHECK-NEXT: %[[Y:.*]] = heddle.layer_norm %arg0, %arg1, %arg2 axis 1 epsilon 2.500000e-01 :
// CHECK-NEXT: return %[[Y]]
func.func @layer_norm_keras(%x: tensor<2x4xf32>, %g: tensor<1x4xf32>, %b: tensor<4xf32>) -> tensor<2x4xf32> {
  %count = heddle.constant dense<4.0> : tensor<f32>
  %epsilon = heddle.constant dense<0.25> : tensor<f32>
  %0 = heddle.reduce add %x axes [1] : (tensor<2x4xf32>) -> tensor<2xf32>
  %1 = heddle.reshape %0 : (tensor<2xf32>) -> tensor<2x1xf32>
  %2 = heddle.div %1, %count : (tensor<2x1xf32>, tensor<f32>) -> tensor<2x1xf32>
  %3 = heddle.sub %x, %2 : (tensor<2x4xf32>, tensor<2x1xf32>) -> tensor<2x4xf32>
  %4 = heddle.mul %3, %3 : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  %5 = heddle.reduce add %4 axes [1] : (tensor<2x4xf32>) -> tensor<2xf32>
  %6 = heddle.reshape %5 : (tensor<2xf32>) -> tensor<2x1xf32>
  %7 = heddle.div %6, %count : (tensor<2x1xf32>, tensor<f32>) -> tensor<2x1xf32>
  %8 = heddle.add %7, %epsilon : (tensor<2x1xf32>, tensor<f32>) -> tensor<2x1xf32>
  %9 = heddle.sqrt %8 : (tensor<2x1xf32>) -> tensor<2x1xf32>
  %10 = heddle.reciprocal %9 : (tensor<2x1xf32>) -> tensor<2x1xf32>
  %11 = heddle.mul %10, %g : (tensor<2x1xf32>, tensor<1x4xf32>) -> tensor<2x4xf32>
  %12 = heddle.mul %2, %11 : (tensor<2x1xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  %13 = heddle.sub %b, %12 : (tensor<4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  %14 = heddle.mul %x, %11 : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  %15 = heddle.add %14, %13 : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  return %15 : tensor<2x4xf32>
}

// -----

// Along two dimensions, in f64; the bias is one number.
// CHECK-LABEL: func.func @layer_norm_two_dims
// CHECK: heddle.layer_norm %arg0, %arg1, %{{.*}} axis 1 epsilon 2.500000e-01 :
// CHECK-NEXT: return
func.func @layer_norm_two_dims(%x: tensor<2x3x4xf64>, %g: tensor<3x4xf64>) -> tensor<2x3x4xf64> {
  %inverse = heddle.constant dense<0.083333333333333333> : tensor<f64>
  %half = heddle.constant dense<-0.5> : tensor<f64>
  %epsilon = heddle.constant dense<0.25> : tensor<f64>
  %0 = heddle.reduce add %x axes [1, 2] : (tensor<2x3x4xf64>) -> tensor<2xf64>
  %1 = heddle.reshape %0 : (tensor<2xf64>) -> tensor<2x1x1xf64>
  %2 = heddle.mul %1, %inverse : (tensor<2x1x1xf64>, tensor<f64>) -> tensor<2x1x1xf64>
  %3 = heddle.sub %x, %2 : (tensor<2x3x4xf64>, tensor<2x1x1xf64>) -> tensor<2x3x4xf64>
  %4 = heddle.mul %3, %3 : (tensor<2x3x4xf64>, tensor<2x3x4xf64>) -> tensor<2x3x4xf64>
  %5 = heddle.reduce add %4 axes [1, 2] : (tensor<2x3x4xf64>) -> tensor<2xf64>
  %6 = heddle.reshape %5 : (tensor<2xf64>) -> tensor<2x1x1xf64>
  %7 = heddle.mul %6, %inverse : (tensor<2x1x1xf64>, tensor<f64>) -> tensor<2x1x1xf64>
  %8 = heddle.add %7, %epsilon : (tensor<2x1x1xf64>, tensor<f64>) -> tensor<2x1x1xf64>
  %9 = heddle.pow %8, %half : (tensor<2x1x1xf64>, tensor<f64>) -> tensor<2x1x1xf64>
  %10 = heddle.mul %3, %9 : (tensor<2x3x4xf64>, tensor<2x1x1xf64>) -> tensor<2x3x4xf64>
  %11 = heddle.mul %g, %10 : (tensor<3x4xf64>, tensor<2x3x4xf64>) -> tensor<2x3x4xf64>
  %12 = heddle.add %11, %epsilon : (tensor<2x3x4xf64>, tensor<f64>) -> tensor<2x3x4xf64>
  return %12 : tensor<2x3x4xf64>
}

// -----

// A factor of each row belongs to no layer normalization and stays behind it.
// CHECK-LABEL: func.func @layer_norm_gated
// CHECK: %[[N:.*]] = heddle.layer_norm %arg0, %{{.*}} axis 1 epsilon 2.500000e-01 :
// CHECK-NEXT: heddle.mul %[[N]], %arg1
func.func @layer_norm_gated(%x: tensor<2x4xf32>, %gate: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %count = heddle.constant dense<4.0> : tensor<f32>
  %epsilon = heddle.constant dense<0.25> : tensor<f32>
  %0 = heddle.reduce add %x axes [1] : (tensor<2x4xf32>) -> tensor<2xf32>
  %1 = heddle.reshape %0 : (tensor<2xf32>) -> tensor<2x1xf32>
  %2 = heddle.div %1, %count : (tensor<2x1xf32>, tensor<f32>) -> tensor<2x1xf32>
  %3 = heddle.sub %x, %2 : (tensor<2x4xf32>, tensor<2x1xf32>) -> tensor<2x4xf32>
  %4 = heddle.mul %3, %3 : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  %5 = heddle.reduce add %4 axes [1] : (tensor<2x4xf32>) -> tensor<2xf32>
  %6 = heddle.reshape %5 : (tensor<2xf32>) -> tensor<2x1xf32>
  %7 = heddle.div %6, %count : (tensor<2x1xf32>, tensor<f32>) -> tensor<2x1xf32>
  %8 = heddle.add %7, %epsilon : (tensor<2x1xf32>, tensor<f32>) -> tensor<2x1xf32>
  %9 = heddle.sqrt %8 : (tensor<2x1xf32>) -> tensor<2x1xf32>
  %10 = heddle.div %3, %9 : (tensor<2x4xf32>, tensor<2x1xf32>) -> tensor<2x4xf32>
  %11 = heddle.mul %10, %gate : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  return %11 : tensor<2x4xf32>
}

// -----

// As PyTorch writes T5 and Llama: Pow, Sqrt, Reciprocal or 1 / x; the scale on either side.
// CHECK-LABEL: func.func @rms_norm
// CHECK: %[[A:.*]] = heddle.layer_norm %arg0, %arg1 axis 1 epsilon 2.500000e-01 rms :
// CHECK-NEXT: %[[B:.*]] = heddle.layer_norm %arg0, %arg1 axis 1 epsilon 2.500000e-01 rms :
// CHECK-NEXT: return %[[A]], %[[B]]
func.func @rms_norm(%x: tensor<2x4xf32>, %g: tensor<4xf32>) -> (tensor<2x4xf32>, tensor<2x4xf32>) {
  %count = heddle.constant dense<4.0> : tensor<f32>
  %one = heddle.constant dense<1.0> : tensor<f32>
  %two = heddle.constant dense<2> : tensor<i64>
  %epsilon = heddle.constant dense<0.25> : tensor<f32>
  %0 = heddle.pow %x, %two : (tensor<2x4xf32>, tensor<i64>) -> tensor<2x4xf32>
  %1 = heddle.reduce add %0 axes [1] : (tensor<2x4xf32>) -> tensor<2xf32>
  %2 = heddle.reshape %1 : (tensor<2xf32>) -> tensor<2x1xf32>
  %3 = heddle.div %2, %count : (tensor<2x1xf32>, tensor<f32>) -> tensor<2x1xf32>
  %4 = heddle.add %3, %epsilon : (tensor<2x1xf32>, tensor<f32>) -> tensor<2x1xf32>
  %5 = heddle.sqrt %4 : (tensor<2x1xf32>) -> tensor<2x1xf32>
  %6 = heddle.reciprocal %5 : (tensor<2x1xf32>) -> tensor<2x1xf32>
  %7 = heddle.mul %x, %6 : (tensor<2x4xf32>, tensor<2x1xf32>) -> tensor<2x4xf32>
  %8 = heddle.mul %g, %7 : (tensor<4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  %10 = heddle.mul %x, %x : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  %11 = heddle.reduce add %10 axes [1] : (tensor<2x4xf32>) -> tensor<2xf32>
  %12 = heddle.reshape %11 : (tensor<2xf32>) -> tensor<2x1xf32>
  %13 = heddle.div %12, %count : (tensor<2x1xf32>, tensor<f32>) -> tensor<2x1xf32>
  %14 = heddle.add %13, %epsilon : (tensor<2x1xf32>, tensor<f32>) -> tensor<2x1xf32>
  %15 = heddle.sqrt %14 : (tensor<2x1xf32>) -> tensor<2x1xf32>
  %16 = heddle.div %one, %15 : (tensor<f32>, tensor<2x1xf32>) -> tensor<2x1xf32>
  %17 = heddle.mul %16, %x : (tensor<2x1xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  %18 = heddle.mul %17, %g : (tensor<2x4xf32>, tensor<4xf32>) -> tensor<2x4xf32>
  return %8, %18 : tensor<2x4xf32>, tensor<2x4xf32>
}

// -----

// Half precision is normalized in f32 between casts; the scale, which is of f16, stays behind them.
// CHECK-LABEL: func.func @rms_norm_between_casts
// CHECK: %[[W:.*]] = heddle.cast %arg0
// CHECK-NEXT: %[[N:.*]] = heddle.layer_norm %[[W]], %{{.*}} axis 1 epsilon 2.500000e-01 rms :
// CHECK-NEXT: %[[H:.*]] = heddle.cast %[[N]]
// CHECK-NEXT: heddle.mul %arg1, %[[H]]
func.func @rms_norm_between_casts(%h: tensor<2x4xf16>, %g: tensor<4xf16>) -> tensor<2x4xf16> {
  %count = heddle.constant dense<4.0> : tensor<f32>
  %epsilon = heddle.constant dense<0.25> : tensor<f32>
  %x = heddle.cast %h : (tensor<2x4xf16>) -> tensor<2x4xf32>
  %0 = heddle.mul %x, %x : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  %1 = heddle.reduce add %0 axes [1] : (tensor<2x4xf32>) -> tensor<2xf32>
  %2 = heddle.reshape %1 : (tensor<2xf32>) -> tensor<2x1xf32>
  %3 = heddle.div %2, %count : (tensor<2x1xf32>, tensor<f32>) -> tensor<2x1xf32>
  %4 = heddle.add %3, %epsilon : (tensor<2x1xf32>, tensor<f32>) -> tensor<2x1xf32>
  %5 = heddle.sqrt %4 : (tensor<2x1xf32>) -> tensor<2x1xf32>
  %6 = heddle.div %x, %5 : (tensor<2x4xf32>, tensor<2x1xf32>) -> tensor<2x4xf32>
  %7 = heddle.cast %6 : (tensor<2x4xf32>) -> tensor<2x4xf16>
  %8 = heddle.mul %g, %7 : (tensor<4xf16>, tensor<2x4xf16>) -> tensor<2x4xf16>
  return %8 : tensor<2x4xf16>
}

// -----

// CHECK-LABEL: func.func @softmax
// CHECK-NEXT: %[[A:.*]] = heddle.softmax %arg0 axis 1 :
// CHECK-NEXT: %[[B:.*]] = heddle.softmax %arg0 axis 0 :
// CHECK-NEXT: return %[[A]], %[[B]]
func.func @softmax(%x: tensor<2x4xf32>) -> (tensor<2x4xf32>, tensor<2x4xf32>) {
  %0 = heddle.reduce max %x axes [1] : (tensor<2x4xf32>) -> tensor<2xf32>
  %1 = heddle.reshape %0 : (tensor<2xf32>) -> tensor<2x1xf32>
  %2 = heddle.sub %x, %1 : (tensor<2x4xf32>, tensor<2x1xf32>) -> tensor<2x4xf32>
  %3 = heddle.exp %2 : (tensor<2x4xf32>) -> tensor<2x4xf32>
  %4 = heddle.reduce add %3 axes [1] : (tensor<2x4xf32>) -> tensor<2xf32>
  %5 = heddle.reshape %4 : (tensor<2xf32>) -> tensor<2x1xf32>
  %6 = heddle.div %3, %5 : (tensor<2x4xf32>, tensor<2x1xf32>) -> tensor<2x4xf32>
  %10 = heddle.reduce max %x axes [0] : (tensor<2x4xf32>) -> tensor<4xf32>
  %11 = heddle.reshape %10 : (tensor<4xf32>) -> tensor<1x4xf32>
  %12 = heddle.sub %x, %11 : (tensor<2x4xf32>, tensor<1x4xf32>) -> tensor<2x4xf32>
  %13 = heddle.exp %12 : (tensor<2x4xf32>) -> tensor<2x4xf32>
  %14 = heddle.reduce add %13 axes [0] : (tensor<2x4xf32>) -> tensor<4xf32>
  %15 = heddle.reshape %14 : (tensor<4xf32>) -> tensor<1x4xf32>
  %16 = heddle.reciprocal %15 : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %17 = heddle.mul %13, %16 : (tensor<2x4xf32>, tensor<1x4xf32>) -> tensor<2x4xf32>
  return %6, %17 : tensor<2x4xf32>, tensor<2x4xf32>
}

// -----

// CHECK-LABEL: func.func @log_softmax
// CHECK-NEXT: %[[Y:.*]] = heddle.softmax %arg0 axis 1 log :
// CHECK-NEXT: return %[[Y]]
func.func @log_softmax(%x: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %0 = heddle.reduce max %x axes [1] : (tensor<2x4xf32>) -> tensor<2xf32>
  %1 = heddle.reshape %0 : (tensor<2xf32>) -> tensor<2x1xf32>
  %2 = heddle.sub %x, %1 : (tensor<2x4xf32>, tensor<2x1xf32>) -> tensor<2x4xf32>
  %3 = heddle.exp %2 : (tensor<2x4xf32>) -> tensor<2x4xf32>
  %4 = heddle.reduce add %3 axes [1] : (tensor<2x4xf32>) -> tensor<2xf32>
  %5 = heddle.reshape %4 : (tensor<2xf32>) -> tensor<2x1xf32>
  %6 = heddle.log %5 : (tensor<2x1xf32>) -> tensor<2x1xf32>
  %7 = heddle.sub %2, %6 : (tensor<2x4xf32>, tensor<2x1xf32>) -> tensor<2x4xf32>
  return %7 : tensor<2x4xf32>
}

// -----

// The mean is also a result: the normalization would compute it once more.
// CHECK-LABEL: func.func @other_user
// CHECK-NOT: heddle.layer_norm
func.func @other_user(%x: tensor<2x4xf32>) -> (tensor<2x4xf32>, tensor<2x1xf32>) {
  %count = heddle.constant dense<4.0> : tensor<f32>
  %epsilon = heddle.constant dense<0.25> : tensor<f32>
  %0 = heddle.reduce add %x axes [1] : (tensor<2x4xf32>) -> tensor<2xf32>
  %1 = heddle.reshape %0 : (tensor<2xf32>) -> tensor<2x1xf32>
  %2 = heddle.div %1, %count : (tensor<2x1xf32>, tensor<f32>) -> tensor<2x1xf32>
  %3 = heddle.sub %x, %2 : (tensor<2x4xf32>, tensor<2x1xf32>) -> tensor<2x4xf32>
  %4 = heddle.mul %3, %3 : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  %5 = heddle.reduce add %4 axes [1] : (tensor<2x4xf32>) -> tensor<2xf32>
  %6 = heddle.reshape %5 : (tensor<2xf32>) -> tensor<2x1xf32>
  %7 = heddle.div %6, %count : (tensor<2x1xf32>, tensor<f32>) -> tensor<2x1xf32>
  %8 = heddle.add %7, %epsilon : (tensor<2x1xf32>, tensor<f32>) -> tensor<2x1xf32>
  %9 = heddle.sqrt %8 : (tensor<2x1xf32>) -> tensor<2x1xf32>
  %10 = heddle.div %3, %9 : (tensor<2x4xf32>, tensor<2x1xf32>) -> tensor<2x4xf32>
  return %10, %2 : tensor<2x4xf32>, tensor<2x1xf32>
}

// -----

// The sum of squares is not over as many elements as it is divided by; the sum is along a leading dimension; half precision.
// CHECK-LABEL: func.func @no_rms_norm
// CHECK-NOT: heddle.layer_norm
func.func @no_rms_norm(%x: tensor<4x4xf32>, %h: tensor<4x4xf16>) -> (tensor<4x4xf32>, tensor<4x4xf32>, tensor<4x4xf16>) {
  %three = heddle.constant dense<3.0> : tensor<f32>
  %four = heddle.constant dense<4.0> : tensor<f32>
  %epsilon = heddle.constant dense<0.25> : tensor<f32>
  %half_four = heddle.constant dense<4.0> : tensor<f16>
  %half_epsilon = heddle.constant dense<0.25> : tensor<f16>
  %0 = heddle.mul %x, %x : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  %1 = heddle.reduce add %0 axes [1] : (tensor<4x4xf32>) -> tensor<4xf32>
  %2 = heddle.reshape %1 : (tensor<4xf32>) -> tensor<4x1xf32>
  %3 = heddle.div %2, %three : (tensor<4x1xf32>, tensor<f32>) -> tensor<4x1xf32>
  %4 = heddle.add %3, %epsilon : (tensor<4x1xf32>, tensor<f32>) -> tensor<4x1xf32>
  %5 = heddle.sqrt %4 : (tensor<4x1xf32>) -> tensor<4x1xf32>
  %6 = heddle.div %x, %5 : (tensor<4x4xf32>, tensor<4x1xf32>) -> tensor<4x4xf32>
  %10 = heddle.mul %x, %x : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  %11 = heddle.reduce add %10 axes [0] : (tensor<4x4xf32>) -> tensor<4xf32>
  %12 = heddle.reshape %11 : (tensor<4xf32>) -> tensor<1x4xf32>
  %13 = heddle.div %12, %four : (tensor<1x4xf32>, tensor<f32>) -> tensor<1x4xf32>
  %14 = heddle.add %13, %epsilon : (tensor<1x4xf32>, tensor<f32>) -> tensor<1x4xf32>
  %15 = heddle.sqrt %14 : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %16 = heddle.div %x, %15 : (tensor<4x4xf32>, tensor<1x4xf32>) -> tensor<4x4xf32>
  %20 = heddle.mul %h, %h : (tensor<4x4xf16>, tensor<4x4xf16>) -> tensor<4x4xf16>
  %21 = heddle.reduce add %20 axes [1] : (tensor<4x4xf16>) -> tensor<4xf16>
  %22 = heddle.reshape %21 : (tensor<4xf16>) -> tensor<4x1xf16>
  %23 = heddle.div %22, %half_four : (tensor<4x1xf16>, tensor<f16>) -> tensor<4x1xf16>
  %24 = heddle.add %23, %half_epsilon : (tensor<4x1xf16>, tensor<f16>) -> tensor<4x1xf16>
  %25 = heddle.sqrt %24 : (tensor<4x1xf16>) -> tensor<4x1xf16>
  %26 = heddle.div %h, %25 : (tensor<4x4xf16>, tensor<4x1xf16>) -> tensor<4x4xf16>
  return %6, %16, %26 : tensor<4x4xf32>, tensor<4x4xf32>, tensor<4x4xf16>
}

// -----

// The scale is per channel: an instance normalization.
// CHECK-LABEL: func.func @instance_norm
// CHECK-NOT: heddle.layer_norm
func.func @instance_norm(%x: tensor<2x3x4xf32>, %g: tensor<3x1xf32>) -> tensor<2x3x4xf32> {
  %count = heddle.constant dense<4.0> : tensor<f32>
  %epsilon = heddle.constant dense<0.25> : tensor<f32>
  %0 = heddle.reduce add %x axes [2] : (tensor<2x3x4xf32>) -> tensor<2x3xf32>
  %1 = heddle.reshape %0 : (tensor<2x3xf32>) -> tensor<2x3x1xf32>
  %2 = heddle.div %1, %count : (tensor<2x3x1xf32>, tensor<f32>) -> tensor<2x3x1xf32>
  %3 = heddle.sub %x, %2 : (tensor<2x3x4xf32>, tensor<2x3x1xf32>) -> tensor<2x3x4xf32>
  %4 = heddle.mul %3, %3 : (tensor<2x3x4xf32>, tensor<2x3x4xf32>) -> tensor<2x3x4xf32>
  %5 = heddle.reduce add %4 axes [2] : (tensor<2x3x4xf32>) -> tensor<2x3xf32>
  %6 = heddle.reshape %5 : (tensor<2x3xf32>) -> tensor<2x3x1xf32>
  %7 = heddle.div %6, %count : (tensor<2x3x1xf32>, tensor<f32>) -> tensor<2x3x1xf32>
  %8 = heddle.add %7, %epsilon : (tensor<2x3x1xf32>, tensor<f32>) -> tensor<2x3x1xf32>
  %9 = heddle.sqrt %8 : (tensor<2x3x1xf32>) -> tensor<2x3x1xf32>
  %10 = heddle.div %3, %9 : (tensor<2x3x4xf32>, tensor<2x3x1xf32>) -> tensor<2x3x4xf32>
  %11 = heddle.mul %10, %g : (tensor<2x3x4xf32>, tensor<3x1xf32>) -> tensor<2x3x4xf32>
  return %11 : tensor<2x3x4xf32>
}

// -----

// Without the largest element an exponential may overflow; the sum is along another dimension than the maximum.
// CHECK-LABEL: func.func @no_softmax
// CHECK-NOT: heddle.softmax
func.func @no_softmax(%x: tensor<4x4xf32>, %z: tensor<4x4xf32>) -> (tensor<4x4xf32>, tensor<4x4xf32>) {
  %0 = heddle.exp %x : (tensor<4x4xf32>) -> tensor<4x4xf32>
  %1 = heddle.reduce add %0 axes [1] : (tensor<4x4xf32>) -> tensor<4xf32>
  %2 = heddle.reshape %1 : (tensor<4xf32>) -> tensor<4x1xf32>
  %3 = heddle.div %0, %2 : (tensor<4x4xf32>, tensor<4x1xf32>) -> tensor<4x4xf32>
  %10 = heddle.reduce max %z axes [0] : (tensor<4x4xf32>) -> tensor<4xf32>
  %11 = heddle.reshape %10 : (tensor<4xf32>) -> tensor<1x4xf32>
  %12 = heddle.sub %z, %11 : (tensor<4x4xf32>, tensor<1x4xf32>) -> tensor<4x4xf32>
  %13 = heddle.exp %12 : (tensor<4x4xf32>) -> tensor<4x4xf32>
  %14 = heddle.reduce add %13 axes [1] : (tensor<4x4xf32>) -> tensor<4xf32>
  %15 = heddle.reshape %14 : (tensor<4xf32>) -> tensor<4x1xf32>
  %16 = heddle.div %13, %15 : (tensor<4x4xf32>, tensor<4x1xf32>) -> tensor<4x4xf32>
  return %3, %16 : tensor<4x4xf32>, tensor<4x4xf32>
}
