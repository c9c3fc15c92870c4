// RUN: heddle-opt %s --split-input-file --verify-diagnostics=only-expected
// One op of a family stands for all that share its text and its verifier.
// MLIR adds an error of its own, that types were not inferred, to those of type inference.

func.func @sqrt_c1(%x: tensor<2xf32>) {
  // expected-error @below {{inferred type(s) 'tensor<2xf32>' are incompatible with return type(s) of operation 'tensor<3xf32>'}}
  %0 = heddle.sqrt %x : (tensor<2xf32>) -> tensor<3xf32>
  return
}
// -----
func.func @elu_c1(%x: tensor<2xf32>) {
  // expected-error @below {{inferred type(s) 'tensor<2xf32>' are incompatible with return type(s) of operation 'tensor<2xf16>'}}
  %0 = heddle.elu %x {alpha = 1.0 : f64} : (tensor<2xf32>) -> tensor<2xf16>
  return
}
// -----
// Elements are never converted silently: exporters rely on Cast nodes.
func.func @add_c1(%a: tensor<2xf32>, %b: tensor<2xi64>) {
  // expected-error @below {{element types differ: got 'i64', expected 'f32'}}
  %0 = heddle.add %a, %b : (tensor<2xf32>, tensor<2xi64>) -> tensor<2xf32>
  return
}
// -----
func.func @add_c2(%a: tensor<2xf32>, %b: tensor<3xf32>) {
  // expected-error @below {{shapes [2] and [3] do not broadcast}}
  %0 = heddle.add %a, %b : (tensor<2xf32>, tensor<3xf32>) -> tensor<2xf32>
  return
}
// -----
func.func @add_c3(%a: tensor<2x3xf32>, %b: tensor<3xf32>) {
  // expected-error @below {{inferred type(s) 'tensor<2x3xf32>' are incompatible with return type(s) of operation 'tensor<3xf32>'}}
  %0 = heddle.add %a, %b : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<3xf32>
  return
}
// -----
// A free size that is declared literal would read beyond the buffer.
func.func @add_c3_literal(%a: tensor<?xf32, #heddle.dims<["n"]>>) {
  // expected-error @below {{are incompatible with return type(s) of operation 'tensor<8xf32>'}}
  %0 = heddle.add %a, %a : (tensor<?xf32, #heddle.dims<["n"]>>, tensor<?xf32, #heddle.dims<["n"]>>) -> tensor<8xf32>
  return
}
// -----
func.func @less_c1(%a: tensor<2xi32>, %b: tensor<2xi64>) {
  // expected-error @below {{element types differ: got 'i64', expected 'i32'}}
  %0 = heddle.less %a, %b : (tensor<2xi32>, tensor<2xi64>) -> tensor<2xi1>
  return
}
// -----
func.func @less_c2(%a: tensor<2x4xf32>, %b: tensor<3x1xf32>) {
  // expected-error @below {{shapes [2, 4] and [3, 1] do not broadcast}}
  %0 = heddle.less %a, %b : (tensor<2x4xf32>, tensor<3x1xf32>) -> tensor<2x4xi1>
  return
}
// -----
func.func @less_c3(%a: tensor<2xf32>) {
  // expected-error @below {{inferred type(s) 'tensor<2xi1>' are incompatible with return type(s) of operation 'tensor<1xi1>'}}
  %0 = heddle.less %a, %a : (tensor<2xf32>, tensor<2xf32>) -> tensor<1xi1>
  return
}
// -----
func.func @is_nan_c1(%x: tensor<2xf32>) {
  // expected-error @below {{inferred type(s) 'tensor<2xi1>' are incompatible with return type(s) of operation 'tensor<i1>'}}
  %0 = heddle.is_nan %x : (tensor<2xf32>) -> tensor<i1>
  return
}
// -----
func.func @is_inf_c1(%x: tensor<2xf32>) {
  // expected-error @below {{inferred type(s) 'tensor<2xi1>' are incompatible with return type(s) of operation 'tensor<1x2xi1>'}}
  %0 = heddle.is_inf %x {negative = true, positive = true} : (tensor<2xf32>) -> tensor<1x2xi1>
  return
}
// -----
func.func @pow_c1(%a: tensor<2xf32>, %b: tensor<3xi64>) {
  // expected-error @below {{shapes [2] and [3] do not broadcast}}
  %0 = heddle.pow %a, %b : (tensor<2xf32>, tensor<3xi64>) -> tensor<2xf32>
  return
}
// -----
// The exponent has no say in the element type.
func.func @pow_c2(%a: tensor<2xi32>, %b: tensor<f32>) {
  // expected-error @below {{inferred type(s) 'tensor<2xi32>' are incompatible with return type(s) of operation 'tensor<2xf32>'}}
  %0 = heddle.pow %a, %b : (tensor<2xi32>, tensor<f32>) -> tensor<2xf32>
  return
}
// -----
func.func @where_c1(%c: tensor<2xi1>, %a: tensor<2xf32>, %b: tensor<2xf16>) {
  // expected-error @below {{element types differ: got 'f16', expected 'f32'}}
  %0 = heddle.where %c, %a, %b : (tensor<2xi1>, tensor<2xf32>, tensor<2xf16>) -> tensor<2xf32>
  return
}
// -----
func.func @where_c2(%c: tensor<3xi1>, %a: tensor<2xf32>, %b: tensor<f32>) {
  // expected-error @below {{shapes [3] and [2] do not broadcast}}
  %0 = heddle.where %c, %a, %b : (tensor<3xi1>, tensor<2xf32>, tensor<f32>) -> tensor<3xf32>
  return
}
// -----
func.func @where_c3(%c: tensor<2xi1>, %a: tensor<f32>, %b: tensor<f32>) {
  // expected-error @below {{inferred type(s) 'tensor<2xf32>' are incompatible with return type(s) of operation 'tensor<f32>'}}
  %0 = heddle.where %c, %a, %b : (tensor<2xi1>, tensor<f32>, tensor<f32>) -> tensor<f32>
  return
}
// -----
func.func @cast_c1(%x: tensor<2x3xf32>) {
  // expected-error @below {{result has type 'tensor<6xi64>', expected the shape of 'tensor<2x3xf32>'}}
  %0 = heddle.cast %x : (tensor<2x3xf32>) -> tensor<6xi64>
  return
}
// -----
// Operand types are part of each op's definition: a square root of integers has no meaning.
func.func @operand_type(%x: tensor<2xi64>) {
  // expected-error @below {{operand #0 must be ranked tensor of 64-bit float or 32-bit float or 16-bit float or bfloat16 type values, but got 'tensor<2xi64>'}}
  %0 = heddle.sqrt %x : (tensor<2xi64>) -> tensor<2xi64>
  return
}
