// RUN: heddle-opt %s --split-input-file --verify-diagnostics=only-expected
// Constraints of the ops that hold, move or generate elements.
// MLIR adds an error of its own, that types were not inferred, to those of type inference.

// A resource blob would not be in the WeightStore, which owns all large constants.
func.func @constant_c1() {
  // expected-error @below {{value is sparse<0, 1.000000e+00> : tensor<4xf32>, expected dense elements or a #heddle.weight}}
  %0 = heddle.constant sparse<0, 1.0> : tensor<4xf32>
  return
}
// -----
func.func @constant_c2() {
  // expected-error @below {{failed to verify that all of {value, y} have same type}}
  %0 = "heddle.constant"() {value = dense<1.0> : tensor<4xf32>} : () -> tensor<2x2xf32>
  return
}
// -----
func.func @sizes_c1() {
  // expected-error @below {{result has type 'tensor<?xi64>', expected a static shape}}
  %0 = heddle.sizes <["n"]> : tensor<?xi64>
  return
}
// -----
func.func @sizes_c2() {
  // expected-error @below {{lists 1 expressions, expected 2}}
  %0 = heddle.sizes <["n"]> : tensor<2xi64>
  return
}
// -----
func.func @iota_c1() {
  // expected-error @below {{result has rank 2, expected 1}}
  %0 = heddle.iota : tensor<2x3xi64>
  return
}
// -----
func.func @reshape_c1(%x: tensor<6xf32>) {
  // expected-error @below {{result has element type 'i32', expected 'f32'}}
  %0 = heddle.reshape %x : (tensor<6xf32>) -> tensor<2x3xi32>
  return
}
// -----
func.func @reshape_c2(%x: tensor<6xf32>) {
  // expected-error @below {{result has 8 elements, expected 6}}
  %0 = heddle.reshape %x : (tensor<6xf32>) -> tensor<2x4xf32>
  return
}
// -----
func.func @transpose_c1(%x: tensor<2x3xf32>) {
  // expected-error @below {{perm holds 1, expected a permutation of 2 dimensions}}
  %0 = heddle.transpose %x perm [1, 1] : (tensor<2x3xf32>) -> tensor<3x2xf32>
  return
}
// -----
func.func @transpose_c1_length(%x: tensor<2x3xf32>) {
  // expected-error @below {{perm has 1 entries, expected 2}}
  %0 = heddle.transpose %x perm [1] : (tensor<2x3xf32>) -> tensor<3x2xf32>
  return
}
// -----
func.func @transpose_c2(%x: tensor<2x3xf32>) {
  // expected-error @below {{inferred type(s) 'tensor<3x2xf32>' are incompatible with return type(s) of operation 'tensor<2x3xf32>'}}
  %0 = heddle.transpose %x perm [1, 0] : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}
// -----
func.func @broadcast_c1(%x: tensor<1xf32>) {
  // expected-error @below {{result has element type 'f16', expected 'f32'}}
  %0 = heddle.broadcast %x : (tensor<1xf32>) -> tensor<4xf16>
  return
}
// -----
func.func @broadcast_c2(%x: tensor<1x4xf32>) {
  // expected-error @below {{result has rank 1, expected at least 2}}
  %0 = heddle.broadcast %x : (tensor<1x4xf32>) -> tensor<4xf32>
  return
}
// -----
func.func @broadcast_c3(%x: tensor<3x1xf32>) {
  // expected-error @below {{dimension 0 has size 3, expected 1 or 2}}
  %0 = heddle.broadcast %x : (tensor<3x1xf32>) -> tensor<2x4xf32>
  return
}
// -----
func.func @slice_c1(%x: tensor<8xf32>) {
  // expected-error @below {{result has element type 'f64', expected 'f32'}}
  %0 = heddle.slice %x starts <["0"]> steps <["1"]> : (tensor<8xf32>) -> tensor<4xf64>
  return
}
// -----
func.func @slice_c1_rank(%x: tensor<2x8xf32>) {
  // expected-error @below {{result has rank 1, expected 2}}
  %0 = heddle.slice %x starts <["0", "0"]> steps <["1", "1"]> : (tensor<2x8xf32>) -> tensor<4xf32>
  return
}
// -----
func.func @slice_c2(%x: tensor<2x8xf32>) {
  // expected-error @below {{has 2 starts and 1 steps, expected 2}}
  %0 = heddle.slice %x starts <["0", "0"]> steps <["1"]> : (tensor<2x8xf32>) -> tensor<2x4xf32>
  return
}
// -----
func.func @slice_c3(%x: tensor<8xf32>) {
  // expected-error @below {{reads elements 5 to 8 of dimension 0, expected them in [0, 8)}}
  %0 = heddle.slice %x starts <["5"]> steps <["1"]> : (tensor<8xf32>) -> tensor<4xf32>
  return
}
// -----
// A negative step reads downwards, so its end is what may leave the box.
func.func @slice_c3_downwards(%x: tensor<8xf32>) {
  // expected-error @below {{reads elements 2 to -1 of dimension 0, expected them in [0, 8)}}
  %0 = heddle.slice %x starts <["2"]> steps <["-1"]> : (tensor<8xf32>) -> tensor<4xf32>
  return
}
// -----
func.func @concat_c1() {
  // expected-error @below {{concat has 0 operands, expected at least 1}}
  %0 = "heddle.concat"() {axis = 0 : i64} : () -> tensor<0xf32>
  return
}
// -----
func.func @concat_c1_operands(%a: tensor<2xf32>, %b: tensor<2xf16>) {
  // expected-error @below {{an operand is 'tensor<2xf16>', expected rank 1 and element type 'f32'}}
  %0 = heddle.concat %a, %b axis 0 : (tensor<2xf32>, tensor<2xf16>) -> tensor<4xf32>
  return
}
// -----
func.func @concat_c2(%a: tensor<2xf32>) {
  // expected-error @below {{axis is 1, expected it in [0, 1)}}
  %0 = heddle.concat %a, %a axis 1 : (tensor<2xf32>, tensor<2xf32>) -> tensor<4xf32>
  return
}
// -----
func.func @concat_c3(%a: tensor<2x3xf32>, %b: tensor<4x3xf32>) {
  // expected-error @below {{dimension 0 has size 4, expected 2}}
  %0 = heddle.concat %a, %b axis 1 : (tensor<2x3xf32>, tensor<4x3xf32>) -> tensor<2x6xf32>
  return
}
// -----
func.func @concat_c4(%a: tensor<2xf32>) {
  // expected-error @below {{inferred type(s) 'tensor<4xf32>' are incompatible with return type(s) of operation 'tensor<5xf32>'}}
  %0 = heddle.concat %a, %a axis 0 : (tensor<2xf32>, tensor<2xf32>) -> tensor<5xf32>
  return
}
// -----
func.func @pad_c1(%x: tensor<8xf32>, %fill: tensor<f32>) {
  // expected-error @below {{result has element type 'f16', expected 'f32'}}
  %0 = heddle.pad %x, %fill low <["1"]> mode constant : (tensor<8xf32>, tensor<f32>) -> tensor<9xf16>
  return
}
// -----
func.func @pad_c1_fill(%x: tensor<8xf32>, %fill: tensor<1xf32>) {
  // expected-error @below {{fill is 'tensor<1xf32>', expected a tensor of rank 0 and element type 'f32'}}
  %0 = heddle.pad %x, %fill low <["1"]> mode constant : (tensor<8xf32>, tensor<1xf32>) -> tensor<9xf32>
  return
}
// -----
func.func @pad_c2(%x: tensor<8xf32>, %fill: tensor<f32>) {
  // expected-error @below {{has 2 low paddings, expected 1}}
  %0 = heddle.pad %x, %fill low <["1", "1"]> mode edge : (tensor<8xf32>, tensor<f32>) -> tensor<9xf32>
  return
}
// -----
func.func @pad_c2_rank(%x: tensor<8xf32>, %fill: tensor<f32>) {
  // expected-error @below {{result has rank 2, expected 1}}
  %0 = heddle.pad %x, %fill low <["1"]> mode edge : (tensor<8xf32>, tensor<f32>) -> tensor<1x9xf32>
  return
}
// -----
func.func @gather_c1(%x: tensor<9x4xf32>, %i: tensor<2xi64>) {
  // expected-error @below {{axis is 2, expected it in [0, 2)}}
  %0 = heddle.gather %x, %i axis 2 : (tensor<9x4xf32>, tensor<2xi64>) -> tensor<9x2xf32>
  return
}
// -----
func.func @gather_c2(%x: tensor<9x4xf32>, %i: tensor<2x3xi64>) {
  // expected-error @below {{inferred type(s) 'tensor<2x3x4xf32>' are incompatible with return type(s) of operation 'tensor<6x4xf32>'}}
  %0 = heddle.gather %x, %i axis 0 : (tensor<9x4xf32>, tensor<2x3xi64>) -> tensor<6x4xf32>
  return
}
// -----
func.func @gather_elements_c1(%x: tensor<9x4xf32>, %i: tensor<9x2xi64>) {
  // expected-error @below {{axis is -1, expected it in [0, 2)}}
  %0 = heddle.gather_elements %x, %i axis -1 : (tensor<9x4xf32>, tensor<9x2xi64>) -> tensor<9x2xf32>
  return
}
// -----
func.func @gather_elements_c2(%x: tensor<9x4xf32>, %i: tensor<2xi64>) {
  // expected-error @below {{indices have rank 1, expected 2}}
  %0 = heddle.gather_elements %x, %i axis 1 : (tensor<9x4xf32>, tensor<2xi64>) -> tensor<2xf32>
  return
}
// -----
func.func @gather_elements_c3(%x: tensor<9x4xf32>, %i: tensor<9x2xi64>) {
  // expected-error @below {{inferred type(s) 'tensor<9x2xf32>' are incompatible with return type(s) of operation 'tensor<9x4xf32>'}}
  %0 = heddle.gather_elements %x, %i axis 1 : (tensor<9x4xf32>, tensor<9x2xi64>) -> tensor<9x4xf32>
  return
}
// -----
func.func @gather_nd_c1(%x: tensor<9x4xf32>, %i: tensor<2x1xi64>) {
  // expected-error @below {{batch_dims is 2, expected it in [0, 2)}}
  %0 = heddle.gather_nd %x, %i batch_dims 2 : (tensor<9x4xf32>, tensor<2x1xi64>) -> tensor<2x4xf32>
  return
}
// -----
func.func @gather_nd_c2(%x: tensor<9x4xf32>, %i: tensor<2x3xi64>) {
  // expected-error @below {{the last size of indices is 3, expected a literal up to 2}}
  %0 = heddle.gather_nd %x, %i batch_dims 0 : (tensor<9x4xf32>, tensor<2x3xi64>) -> tensor<2xf32>
  return
}
// -----
func.func @gather_nd_c3(%x: tensor<9x4xf32>, %i: tensor<2x1xi64>) {
  // expected-error @below {{inferred type(s) 'tensor<2x4xf32>' are incompatible with return type(s) of operation 'tensor<2xf32>'}}
  %0 = heddle.gather_nd %x, %i batch_dims 0 : (tensor<9x4xf32>, tensor<2x1xi64>) -> tensor<2xf32>
  return
}
