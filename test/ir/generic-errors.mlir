// RUN: heddle-opt %s --split-input-file --verify-diagnostics
// Constraints of the structured form and of what its bodies hold.

func.func @generic_c1(%x: tensor<4xf32>) {
  // expected-error @below {{has 0 maps, expected 1}}
  %0 = heddle.generic maps [] reduce <[]> ins %x {
  ^bb0(%v: f32):
    heddle.yield %v : f32
  } : (tensor<4xf32>) -> tensor<4xf32>
  return
}
// -----
func.func @generic_c1_map(%x: tensor<4xf32>) {
  // expected-error @below {{map 0 is affine_map<(d0, d1) -> (d0)>, expected one from 1 dimensions to 1}}
  %0 = heddle.generic maps [affine_map<(d0, d1) -> (d0)>] reduce <[]> ins %x {
  ^bb0(%v: f32):
    heddle.yield %v : f32
  } : (tensor<4xf32>) -> tensor<4xf32>
  return
}
// -----
func.func @generic_c2(%x: tensor<4xf32>) {
  // expected-error @below {{body has 0 arguments, expected 1}}
  %0 = heddle.generic maps [affine_map<(d0) -> (d0)>] reduce <[]> ins %x {
    %v = arith.constant 1.0 : f32
    heddle.yield %v : f32
  } : (tensor<4xf32>) -> tensor<4xf32>
  return
}
// -----
// Bodies compute f16 in f32: a body that sees the storage type would round after every step.
func.func @generic_c2_type(%x: tensor<4xf16>) {
  // expected-error @below {{body argument has type 'f16', expected 'f32'}}
  %0 = heddle.generic maps [affine_map<(d0) -> (d0)>] reduce <[]> ins %x {
  ^bb0(%v: f16):
    heddle.yield %v : f16
  } : (tensor<4xf16>) -> tensor<4xf16>
  return
}
// -----
func.func @generic_c3(%x: tensor<4xf32>) {
  // expected-error @below {{body yields 'f32', expected 'f64'}}
  %0 = heddle.generic maps [affine_map<(d0) -> (d0)>] reduce <[]> ins %x {
  ^bb0(%v: f32):
    heddle.yield %v : f32
  } : (tensor<4xf32>) -> tensor<4xf64>
  return
}
// -----
// A position without the value that it belongs to cannot be compared.
func.func @generic_c3_position(%x: tensor<4x8xf32>) {
  // expected-error @below {{body yields 1 values, expected 2}}
  %0 = heddle.generic maps [affine_map<(d0, d1) -> (d0, d1)>] reduce <["8"]> combiner "arg_max" ins %x {
  ^bb0(%v: f32):
    %i = heddle.coordinate 1
    heddle.yield %i : i64
  } : (tensor<4x8xf32>) -> tensor<4xi64>
  return
}
// -----
func.func @generic_c4(%x: tensor<4x8xf32>) {
  // expected-error @below {{combiner is "avg", expected none, add, mul, min, max, arg_min or arg_max}}
  %0 = heddle.generic maps [affine_map<(d0, d1) -> (d0, d1)>] reduce <["8"]> combiner "avg" ins %x {
  ^bb0(%v: f32):
    heddle.yield %v : f32
  } : (tensor<4x8xf32>) -> tensor<4xf32>
  return
}
// -----
func.func @generic_c4_reduce(%x: tensor<4xf32>) {
  // expected-error @below {{has combiner "add" and 0 reduction dimensions, expected a combiner exactly with such dimensions}}
  %0 = heddle.generic maps [affine_map<(d0) -> (d0)>] reduce <[]> combiner "add" init 0.0 : f32 ins %x {
  ^bb0(%v: f32):
    heddle.yield %v : f32
  } : (tensor<4xf32>) -> tensor<4xf32>
  return
}
// -----
func.func @generic_c5(%x: tensor<4x8xf32>) {
  // expected-error @below {{has no init, expected one with combiner "add"}}
  %0 = heddle.generic maps [affine_map<(d0, d1) -> (d0, d1)>] reduce <["8"]> combiner "add" ins %x {
  ^bb0(%v: f32):
    heddle.yield %v : f32
  } : (tensor<4x8xf32>) -> tensor<4xf32>
  return
}
// -----
func.func @generic_c5_init(%x: tensor<4xf32>) {
  // expected-error @below {{has an init, expected none with combiner "none"}}
  %0 = heddle.generic maps [affine_map<(d0) -> (d0)>] reduce <[]> init 0.0 : f32 ins %x {
  ^bb0(%v: f32):
    heddle.yield %v : f32
  } : (tensor<4xf32>) -> tensor<4xf32>
  return
}
// -----
func.func @yield_c1(%x: f32) {
  // expected-error @below {{expects parent op 'heddle.generic'}}
  heddle.yield %x : f32
}
// -----
func.func @coordinate_c1() {
  %0 = heddle.generic maps [] reduce <[]> ins {
    // expected-error @below {{dimension is 1, expected it in [0, 1)}}
    %i = heddle.coordinate 1
    heddle.yield %i : i64
  } : () -> tensor<4xi64>
  return
}
// -----
func.func @coordinate_c1_outside() {
  // expected-error @below {{dimension is 0, expected it in [0, 0)}}
  %i = heddle.coordinate 0
  return
}
// -----
func.func @extract_c1(%x: tensor<9x4xf32>, %i: i64) {
  // expected-error @below {{has 1 coordinates, expected 2}}
  %v = heddle.extract %x[%i] : tensor<9x4xf32> -> f32
  return
}
// -----
func.func @extract_c2(%x: tensor<9x4xf32>, %i: i64) {
  // expected-error @below {{checks dimension 2, expected it in [0, 2)}}
  %v = heddle.extract %x[%i, %i] checked [2] : tensor<9x4xf32> -> f32
  return
}
// -----
func.func @extract_c3(%x: tensor<9xbf16>, %i: i64) {
  // expected-error @below {{result has type 'bf16', expected 'f32'}}
  %v = heddle.extract %x[%i] : tensor<9xbf16> -> bf16
  return
}
