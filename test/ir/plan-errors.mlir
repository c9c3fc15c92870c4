// RUN: heddle-opt %s --split-input-file --verify-diagnostics
// Constraints of the plan: places, steps, compiled objects.

heddle.plan @plan_c1 guards <[]> {
  %c = heddle.place input name "c" : tensor<i1>
  heddle.branch %c {
    // expected-error @below {{is in a plan, expected a place, a view or a step}}
    %0 = heddle.not %c : (tensor<i1>) -> tensor<i1>
  } else {
  } : tensor<i1>
}
// -----
heddle.plan @place_c1 guards <[]> {
  // expected-error @below {{has no name, expected one with kind input}}
  %x = heddle.place input : tensor<4xf32>
}
// -----
heddle.plan @place_c1_arena guards <[]> {
  // expected-error @below {{has name, expected none with kind arena}}
  %x = heddle.place arena name "x" bytes "16" interval [0, 1] : tensor<4xf32>
}
// -----
heddle.plan @place_c2 guards <[]> {
  // expected-error @below {{has no value, expected one with kind weight}}
  %x = heddle.place weight : tensor<4xf32>
}
// -----
heddle.plan @place_c3 guards <[]> {
  // expected-error @below {{has no size in bytes, expected one with kind arena}}
  %x = heddle.place arena interval [0, 1] : tensor<4xf32>
}
// -----
heddle.plan @place_c3_interval guards <[]> {
  // expected-error @below {{has no interval of two positions, expected one with kind arena}}
  %x = heddle.place arena bytes "16" interval [0] : tensor<4xf32>
}
// -----
heddle.plan @place_c3_runtime guards <[]> {
  // expected-error @below {{has interval of two positions, expected none with kind runtime}}
  %x = heddle.place runtime interval [0, 1] : tensor<4xf32>
}
// -----
heddle.plan @place_c4 guards <[]> {
  // expected-error @below {{size in bytes is "4 *", expected a size expression}}
  %x = heddle.place arena bytes "4 *" interval [0, 1] : tensor<4xf32>
}
// -----
heddle.plan @view_c1 guards <[]> {
  %x = heddle.place input name "x" : tensor<4xf32>
  // expected-error @below {{result has element type 'i32', expected 'f32'}}
  %v = heddle.view %x : (tensor<4xf32>) -> tensor<2x2xi32>
}
// -----
heddle.plan @view_c2 guards <[]> {
  %x = heddle.place input name "x" : tensor<4xf32>
  // expected-error @below {{result has 6 elements, expected 4}}
  %v = heddle.view %x : (tensor<4xf32>) -> tensor<2x3xf32>
}
// -----
heddle.plan @part_c1 guards <[]> {
  %x = heddle.place input name "x" : tensor<4xf32>
  // expected-error @below {{result has element type 'i32', expected 'f32'}}
  %p = heddle.part %x offset "0" strides <["1"]> : (tensor<4xf32>) -> tensor<2xi32>
}
// -----
heddle.plan @part_c2 guards <[]> {
  %x = heddle.place input name "x" : tensor<4xf32>
  // expected-error @below {{offset is "4 *", expected a size expression}}
  %p = heddle.part %x offset "4 *" strides <["1"]> : (tensor<4xf32>) -> tensor<2xf32>
}
// -----
heddle.plan @part_c3 guards <[]> {
  %x = heddle.place input name "x" : tensor<4xf32>
  // expected-error @below {{has 2 strides, expected 1}}
  %p = heddle.part %x offset "0" strides <["1", "1"]> : (tensor<4xf32>) -> tensor<2xf32>
}
// -----
// Rows of 2 that begin 3 apart: the last element is number 1 + 3 + 1.
heddle.plan @part_c4 guards <[]> {
  %x = heddle.place input name "x" : tensor<5xf32>
  // expected-error @below {{has elements from 1 to 5, expected them in [0, 5)}}
  %p = heddle.part %x offset "1" strides <["3", "1"]> : (tensor<5xf32>) -> tensor<2x2xf32>
}
// -----
heddle.plan @part_c4_before guards <[]> {
  %x = heddle.place input name "x" : tensor<4xf32>
  // expected-error @below {{has elements from -1 to 0, expected them in [0, 4)}}
  %p = heddle.part %x offset "-1" strides <["1"]> : (tensor<4xf32>) -> tensor<2xf32>
}
// -----
heddle.plan @part_c5 guards <[]> {
  %x = heddle.place input name "x" : tensor<6xf32>
  %p = heddle.part %x offset "0" strides <["3", "1"]> : (tensor<6xf32>) -> tensor<2x2xf32>
  // expected-error @below {{is a part of a part with gaps}}
  %q = heddle.part %p offset "0" strides <["1"]> : (tensor<2x2xf32>) -> tensor<2xf32>
}
// -----
// A kernel without strides would write through the gaps.
heddle.kernel @k(%x: tensor<2x2xf32>) -> tensor<2x2xf32> attributes {symbols = []} {
  heddle.return %x : tensor<2x2xf32>
}
heddle.plan @run_c3 guards <[]> {
  %x = heddle.place input name "x" : tensor<2x2xf32>
  %y = heddle.place output name "y" : tensor<2x3xf32>
  %p = heddle.part %y offset "0" strides <["3", "1"]> : (tensor<2x3xf32>) -> tensor<2x2xf32>
  // expected-error @below {{output 0 has a stride of 3, expected 2}}
  heddle.run @k sizes <[]> ins(%x) outs(%p) : (tensor<2x2xf32>) -> tensor<2x2xf32>
}
// -----
heddle.kernel @k(%x: tensor<2x2xf32>) -> tensor<2x2xf32> attributes {symbols = []} {
  heddle.return %x : tensor<2x2xf32>
}
heddle.plan @run_c3_input guards <[]> {
  %x = heddle.place input name "x" : tensor<2x3xf32>
  %y = heddle.place output name "y" : tensor<2x2xf32>
  %p = heddle.part %x offset "0" strides <["3", "1"]> : (tensor<2x3xf32>) -> tensor<2x2xf32>
  // expected-error @below {{reads a part with gaps}}
  heddle.run @k sizes <[]> ins(%p) outs(%y) : (tensor<2x2xf32>) -> tensor<2x2xf32>
}
// -----
heddle.kernel @k(%x: tensor<2xf32>) -> tensor<2xf32> attributes {symbols = []} {
  heddle.return %x : tensor<2xf32>
}
heddle.plan @run_c1 guards <[]> {
  %x = heddle.place input name "x" : tensor<2xf32>
  // expected-error @below {{gives 1 sizes, expected 0}}
  heddle.run @k sizes <["n"]> ins(%x) outs(%x) : (tensor<2xf32>) -> tensor<2xf32>
}
// -----
// A kernel reads as many bytes as its own types say, whatever the plan hands to it.
heddle.kernel @k(%x: tensor<2xf32>) -> tensor<2xf32> attributes {symbols = []} {
  heddle.return %x : tensor<2xf32>
}
heddle.plan @run_c2 guards <[]> {
  %x = heddle.place input name "x" : tensor<1xf32>
  %y = heddle.place output name "y" : tensor<2xf32>
  // expected-error @below {{operand 0 has type 'tensor<1xf32>', expected 'tensor<2xf32>'}}
  heddle.run @k sizes <[]> ins(%x) outs(%y) : (tensor<1xf32>) -> tensor<2xf32>
}
// -----
heddle.plan @define_symbol_c1 guards <[]> {
  // expected-error @below {{reads no tensor, expected one with source element}}
  heddle.define_symbol "n" element
}
// -----
heddle.plan @define_symbol_c1_value guards <[]> {
  %x = heddle.place input name "x" : tensor<2xi64>
  // expected-error @below {{reads a tensor, expected none with source value}}
  heddle.define_symbol "n" value value "2" of %x : tensor<2xi64>
}
// -----
heddle.plan @define_symbol_c2 guards <[]> {
  %x = heddle.place input name "x" : tensor<2xi64>
  // expected-error @below {{index is 2, expected it in [0, 2)}}
  heddle.define_symbol "n" element index 2 of %x : tensor<2xi64>
}
// -----
heddle.plan @define_symbol_c2_dimension guards <[]> {
  %x = heddle.place runtime : tensor<?xi64, #heddle.dims<["n"]>>
  // expected-error @below {{index is 1, expected it in [0, 1)}}
  heddle.define_symbol "n" dimension index 1 of %x : tensor<?xi64, #heddle.dims<["n"]>>
}
// -----
heddle.plan @define_symbol_c3 guards <[]> {
  %x = heddle.place input name "x" : tensor<2xf32>
  // expected-error @below {{element type is 'f32', expected an integer}}
  heddle.define_symbol "n" element of %x : tensor<2xf32>
}
// -----
heddle.plan @define_symbol_c4 guards <[]> {
  // expected-error @below {{value is "(", expected a size expression}}
  heddle.define_symbol "n" value value "("
}
// -----
heddle.plan @branch_c1 guards <[]> {
  %c = heddle.place input name "c" : tensor<1xi1>
  // expected-error @below {{condition has rank 1, expected 0}}
  heddle.branch %c {
  } else {
  } : tensor<1xi1>
}
// -----
heddle.plan @repeat_c1 guards <[]> {
  %n = heddle.place input name "n" : tensor<i64>
  %c = heddle.place input name "c" : tensor<i1>
  // expected-error @below {{carries 1, 0 and 1 values, expected 1}}
  heddle.repeat trip_count %n condition %c iteration %n next_condition %c
      initial(%n) current(%n) next() finals(%n) elements() stacked() {
  } : tensor<i64>, tensor<i1>, tensor<i64>, tensor<i1>, (tensor<i64>) -> tensor<i64>, () -> tensor<i64>, () -> ()
}
// -----
heddle.plan @repeat_c2 guards <[]> {
  %n = heddle.place input name "n" : tensor<i64>
  %c = heddle.place input name "c" : tensor<i1>
  // expected-error @below {{stacks 1 elements, expected 0}}
  heddle.repeat trip_count %n condition %c iteration %n next_condition %c
      initial() current() next() finals() elements(%n) stacked() {
  } : tensor<i64>, tensor<i1>, tensor<i64>, tensor<i1>, () -> (), () -> (), (tensor<i64>) -> ()
}
// -----
func.func private @object_c1()
// expected-error @below {{tasks is "s0 +", expected a size expression}}
heddle.object @k target "x86-64-v3" entry "k" digest "9f2c" tasks "s0 +" checks []
// -----
func.func private @object_c2()
// expected-error @below {{has 3 grid and 0 block sizes, expected 3 of each}}
heddle.object @k target "sm_80" entry "k" digest "9f2c" grid <["1", "1", "1"]> checks []
