// RUN: heddle-opt %s --split-input-file --verify-diagnostics=only-expected
// Constraints of reductions, contractions and normalizations.
// MLIR adds an error of its own, that types were not inferred, to those of type inference.

func.func @reduce_c1(%x: tensor<2x3xf32>) {
  // expected-error @below {{axes hold 0 behind 1, expected them ascending in [0, 2)}}
  %0 = heddle.reduce add %x axes [1, 0] : (tensor<2x3xf32>) -> tensor<f32>
  return
}
// -----
func.func @reduce_c2(%x: tensor<2x3xf32>) {
  // expected-error @below {{inferred type(s) 'tensor<2xf32>' are incompatible with return type(s) of operation 'tensor<2x1xf32>'}}
  %0 = heddle.reduce add %x axes [1] : (tensor<2x3xf32>) -> tensor<2x1xf32>
  return
}
// -----
func.func @arg_reduce_c1(%x: tensor<2x3xf32>) {
  // expected-error @below {{axis is 2, expected it in [0, 2)}}
  %0 = heddle.arg_reduce max %x axis 2 : (tensor<2x3xf32>) -> tensor<2xi64>
  return
}
// -----
func.func @arg_reduce_c2(%x: tensor<2x3xf32>) {
  // expected-error @below {{kind is add, expected min or max}}
  %0 = heddle.arg_reduce add %x axis 1 : (tensor<2x3xf32>) -> tensor<2xi64>
  return
}
// -----
func.func @arg_reduce_c3(%x: tensor<2x3xf32>) {
  // expected-error @below {{inferred type(s) 'tensor<2xi64>' are incompatible with return type(s) of operation 'tensor<2xf32>'}}
  %0 = heddle.arg_reduce max %x axis 1 : (tensor<2x3xf32>) -> tensor<2xf32>
  return
}
// -----
func.func @matmul_c1(%a: tensor<3xf32>, %b: tensor<3x4xf32>) {
  // expected-error @below {{operands are 'tensor<3xf32>' and 'tensor<3x4xf32>', expected the same element type and rank 2 or more}}
  %0 = heddle.matmul %a, %b : (tensor<3xf32>, tensor<3x4xf32>) -> tensor<4xf32>
  return
}
// -----
func.func @matmul_c2(%a: tensor<2x3xf32>, %b: tensor<4x5xf32>) {
  // expected-error @below {{inner sizes differ: got 4, expected 3}}
  %0 = heddle.matmul %a, %b : (tensor<2x3xf32>, tensor<4x5xf32>) -> tensor<2x5xf32>
  return
}
// -----
func.func @matmul_c2_transposed(%a: tensor<3x2xf32>, %b: tensor<5x4xf32>) {
  // expected-error @below {{inner sizes differ: got 4, expected 3}}
  %0 = heddle.matmul %a, %b transpose_a transpose_b : (tensor<3x2xf32>, tensor<5x4xf32>) -> tensor<2x5xf32>
  return
}
// -----
func.func @matmul_c3(%a: tensor<2x3x4xf32>, %b: tensor<5x4x6xf32>) {
  // expected-error @below {{batch dimensions: shapes [2] and [5] do not broadcast}}
  %0 = heddle.matmul %a, %b : (tensor<2x3x4xf32>, tensor<5x4x6xf32>) -> tensor<2x3x6xf32>
  return
}
// -----
// 20 columns in panels of 16 are two panels; a third would be read beyond the weight.
func.func @matmul_c4(%a: tensor<2x3xf32>, %b: tensor<3x3x16xf32>) {
  // expected-error @below {{panels have the shape [3, 3, 16], expected [2, K, 16]}}
  %0 = heddle.matmul %a, %b packed_nr 16 n 20 : (tensor<2x3xf32>, tensor<3x3x16xf32>) -> tensor<2x20xf32>
  return
}
// -----
func.func @matmul_c4_transposed(%a: tensor<2x3xf32>, %b: tensor<2x3x16xf32>) {
  // expected-error @below {{packed_nr is 16 and n 20 with transpose_b, expected positive numbers without it}}
  %0 = heddle.matmul %a, %b transpose_b packed_nr 16 n 20 : (tensor<2x3xf32>, tensor<2x3x16xf32>) -> tensor<2x20xf32>
  return
}
// -----
func.func @matmul_c5(%a: tensor<2x3xf32>, %b: tensor<3x4xf32>) {
  // expected-error @below {{inferred type(s) 'tensor<2x4xf32>' are incompatible with return type(s) of operation 'tensor<4x2xf32>'}}
  %0 = heddle.matmul %a, %b : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<4x2xf32>
  return
}
// -----
func.func @conv_c1(%x: tensor<1x3x8x8xf32>, %w: tensor<4x3x3xf32>) {
  // expected-error @below {{ranks are 4 and 3, expected both equal, 3 to 5}}
  %0 = heddle.conv %x, %w strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] groups 1 layout nchw
    : (tensor<1x3x8x8xf32>, tensor<4x3x3xf32>) -> tensor<1x4x6x6xf32>
  return
}
// -----
func.func @conv_c1_element(%x: tensor<1x3x8xf32>, %w: tensor<4x3x3xf16>) {
  // expected-error @below {{weight has element type 'f16', expected 'f32'}}
  %0 = heddle.conv %x, %w strides [1] pads [0, 0] dilations [1] groups 1 layout nchw
    : (tensor<1x3x8xf32>, tensor<4x3x3xf16>) -> tensor<1x4x6xf32>
  return
}
// -----
func.func @conv_c2(%x: tensor<1x3x8xf32>, %w: tensor<4x3x3xf32>) {
  // expected-error @below {{has 1 strides, 1 dilations and 1 pads, expected 1, 1 and 2}}
  %0 = heddle.conv %x, %w strides [1] pads [0] dilations [1] groups 1 layout nchw
    : (tensor<1x3x8xf32>, tensor<4x3x3xf32>) -> tensor<1x4x6xf32>
  return
}
// -----
func.func @conv_c2_sign(%x: tensor<1x3x8xf32>, %w: tensor<4x3x3xf32>) {
  // expected-error @below {{strides are [0], dilations [1], pads [0, 0], expected positive ones, and pads that are not negative}}
  %0 = heddle.conv %x, %w strides [0] pads [0, 0] dilations [1] groups 1 layout nchw
    : (tensor<1x3x8xf32>, tensor<4x3x3xf32>) -> tensor<1x4x6xf32>
  return
}
// -----
func.func @conv_c3(%x: tensor<1x3x8xf32>, %w: tensor<4x1x3xf32>) {
  // expected-error @below {{has 3 and 4 channels, expected multiples of 2 groups}}
  %0 = heddle.conv %x, %w strides [1] pads [0, 0] dilations [1] groups 2 layout nchw
    : (tensor<1x3x8xf32>, tensor<4x1x3xf32>) -> tensor<1x4x6xf32>
  return
}
// -----
func.func @conv_c3_weight(%x: tensor<1x8x4xf32>, %w: tensor<4x3x3xf32>) {
  // expected-error @below {{weight has 3 channels, expected 2}}
  %0 = heddle.conv %x, %w strides [1] pads [0, 0] dilations [1] groups 2 layout nhwc
    : (tensor<1x8x4xf32>, tensor<4x3x3xf32>) -> tensor<1x6x4xf32>
  return
}
// -----
func.func @conv_c4(%x: tensor<1x3x8xf32>, %w: tensor<4x3x3xf32>) {
  // expected-error @below {{inferred type(s) 'tensor<1x4x6xf32>' are incompatible with return type(s) of operation 'tensor<1x4x8xf32>'}}
  %0 = heddle.conv %x, %w strides [1] pads [0, 0] dilations [1] groups 1 layout nchw
    : (tensor<1x3x8xf32>, tensor<4x3x3xf32>) -> tensor<1x4x8xf32>
  return
}
// -----
func.func @conv_c5(%x: tensor<1x8x3xf32>, %w: tensor<1x8x32xf32>) {
  // expected-error @below {{packed filters do not fit a window of 3 positions and 4 outputs}}
  %0 = heddle.conv %x, %w strides [1] pads [0, 0] dilations [1] groups 1 layout nhwc packed_nr 32 window [3] outputs 4
    : (tensor<1x8x3xf32>, tensor<1x8x32xf32>) -> tensor<1x6x4xf32>
  return
}
// -----
func.func @conv_c5_window(%x: tensor<1x8x3xf32>, %w: tensor<1x9x32xf32>) {
  // expected-error @below {{packed filters have rank 3 and a window of 2 entries, expected 3 and 1 positive ones}}
  %0 = heddle.conv %x, %w strides [1] pads [0, 0] dilations [1] groups 1 layout nhwc packed_nr 32 window [3, 1] outputs 4
    : (tensor<1x8x3xf32>, tensor<1x9x32xf32>) -> tensor<1x6x4xf32>
  return
}
// -----
func.func @pool_c1(%x: tensor<1x3x8xf32>) {
  // expected-error @below {{window has 2 entries, expected 1}}
  %0 = heddle.pool max %x window [2, 2] strides [2] pads [0, 0] dilations [1] : (tensor<1x3x8xf32>) -> tensor<1x3x4xf32>
  return
}
// -----
func.func @pool_c1_sign(%x: tensor<1x3x8xf32>) {
  // expected-error @below {{window is [0], expected positive sizes}}
  %0 = heddle.pool max %x window [0] strides [2] pads [0, 0] dilations [1] : (tensor<1x3x8xf32>) -> tensor<1x3x4xf32>
  return
}
// -----
func.func @pool_c2(%x: tensor<1x3x8xf32>) {
  // expected-error @below {{has 1 strides, 2 dilations and 2 pads, expected 1, 1 and 2}}
  %0 = heddle.pool max %x window [2] strides [2] pads [0, 0] dilations [1, 1] : (tensor<1x3x8xf32>) -> tensor<1x3x4xf32>
  return
}
// -----
func.func @pool_c3(%x: tensor<1x3x8xf32>) {
  // expected-error @below {{kind is mul, expected add or max}}
  %0 = heddle.pool mul %x window [2] strides [2] pads [0, 0] dilations [1] : (tensor<1x3x8xf32>) -> tensor<1x3x4xf32>
  return
}
// -----
func.func @pool_c4(%x: tensor<1x3x8xf32>) {
  // expected-error @below {{inferred type(s) 'tensor<1x3x4xf32>' are incompatible with return type(s) of operation 'tensor<1x3x8xf32>'}}
  %0 = heddle.pool max %x window [2] strides [2] pads [0, 0] dilations [1] : (tensor<1x3x8xf32>) -> tensor<1x3x8xf32>
  return
}
// -----
func.func @softmax_c1(%x: tensor<2x3xf32>) {
  // expected-error @below {{axis is 2, expected it in [0, 2)}}
  %0 = heddle.softmax %x axis 2 : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}
// -----
func.func @softmax_c2(%x: tensor<2x3xf32>) {
  // expected-error @below {{inferred type(s) 'tensor<2x3xf32>' are incompatible with return type(s) of operation 'tensor<2xf32>'}}
  %0 = heddle.softmax %x axis 1 : (tensor<2x3xf32>) -> tensor<2xf32>
  return
}
// -----
func.func @attention_c1(%q: tensor<4x8xf32>, %k: tensor<6x8xf16>, %v: tensor<6x3xf32>) {
  // expected-error @below {{q, k and v are 'tensor<4x8xf32>', 'tensor<6x8xf16>' and 'tensor<6x3xf32>', expected one element type and rank 2 or more}}
  %0 = heddle.attention %q, %k, %v scale 0.125 : (tensor<4x8xf32>, tensor<6x8xf16>, tensor<6x3xf32>) -> tensor<4x3xf32>
  return
}
// -----
func.func @attention_c2(%q: tensor<4x8xf32>, %k: tensor<6x8xf32>, %v: tensor<5x3xf32>) {
  // expected-error @below {{q has 8 columns, k has 6 rows of 8, and v has 5 rows}}
  %0 = heddle.attention %q, %k, %v scale 0.125 : (tensor<4x8xf32>, tensor<6x8xf32>, tensor<5x3xf32>) -> tensor<4x3xf32>
  return
}
// -----
func.func @attention_c3(%q: tensor<2x4x8xf32>, %k: tensor<3x6x8xf32>, %v: tensor<6x3xf32>) {
  // expected-error @below {{leading dimensions: shapes [2] and [3] do not broadcast}}
  %0 = heddle.attention %q, %k, %v scale 0.125 : (tensor<2x4x8xf32>, tensor<3x6x8xf32>, tensor<6x3xf32>) -> tensor<2x4x3xf32>
  return
}
// -----
// The scores are of 4 rows and 6 columns.
func.func @attention_c4(%q: tensor<4x8xf32>, %k: tensor<6x8xf32>, %v: tensor<6x3xf32>, %m: tensor<2x4x6xf32>) {
  // expected-error @below {{'tensor<2x4x6xf32>' does not broadcast to the scores}}
  %0 = heddle.attention %q, %k, %v mask %m scale 0.125 : (tensor<4x8xf32>, tensor<6x8xf32>, tensor<6x3xf32>, tensor<2x4x6xf32>) -> tensor<4x3xf32>
  return
}
// -----
func.func @attention_c5(%q: tensor<4x8xf32>, %k: tensor<6x8xf32>, %v: tensor<6x3xf32>) {
  // expected-error @below {{inferred type(s) 'tensor<4x3xf32>' are incompatible with return type(s) of operation 'tensor<4x6xf32>'}}
  %0 = heddle.attention %q, %k, %v scale 0.125 : (tensor<4x8xf32>, tensor<6x8xf32>, tensor<6x3xf32>) -> tensor<4x6xf32>
  return
}
// -----
func.func @attention_c6(%q: tensor<4x8xf32>, %k: tensor<6x8xf32>, %v: tensor<6x3xf32>, %m: tensor<4x6xi1>) {
  // expected-error @below {{mask has elements of 'i1', expected 'f32'}}
  %0 = heddle.attention %q, %k, %v mask %m scale 0.125 : (tensor<4x8xf32>, tensor<6x8xf32>, tensor<6x3xf32>, tensor<4x6xi1>) -> tensor<4x3xf32>
  return
}
// -----
func.func @layer_norm_c1(%x: tensor<2x3xf32>, %g: tensor<3xf32>) {
  // expected-error @below {{axis is -1, expected it in [0, 2)}}
  %0 = heddle.layer_norm %x, %g axis -1 epsilon 1.0e-05 : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  return
}
// -----
// A scale that broadcasts, but makes the result larger than its operand.
func.func @layer_norm_c2(%x: tensor<1x3xf32>, %g: tensor<2x3xf32>) {
  // expected-error @below {{'tensor<2x3xf32>' does not broadcast to 'tensor<1x3xf32>'}}
  %0 = heddle.layer_norm %x, %g axis 1 epsilon 1.0e-05 : (tensor<1x3xf32>, tensor<2x3xf32>) -> tensor<1x3xf32>
  return
}
// -----
func.func @layer_norm_c3(%x: tensor<2x3xf32>, %g: tensor<3xf32>) {
  // expected-error @below {{inferred type(s) 'tensor<2x3xf32>' are incompatible with return type(s) of operation 'tensor<2x3xf16>'}}
  %0 = heddle.layer_norm %x, %g axis 1 epsilon 1.0e-05 : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf16>
  return
}
