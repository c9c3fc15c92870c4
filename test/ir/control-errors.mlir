// RUN: heddle-opt %s --split-input-file --verify-diagnostics
// Constraints of host steps, control flow, kernels and launches.

func.func @set_symbols_c1(%x: tensor<2xi64>) {
  // expected-error @below {{names 1 symbols, expected one per element of 'tensor<2xi64>'}}
  heddle.set_symbols %x ["n"] : tensor<2xi64>
  return
}
// -----
func.func @set_symbols_c2(%x: tensor<1xf32>) {
  // expected-error @below {{element type is 'f32', expected an integer}}
  heddle.set_symbols %x ["n"] : tensor<1xf32>
  return
}
// -----
// A symbol that no result carries would never get a value.
func.func @host_call_c1(%x: tensor<3x4xf32>) {
  // expected-error @below {{defines "m", expected a dimension of a result}}
  %0 = heddle.host_call "nonzero" version 1 attrs {} defines ["m"] (%x) : (tensor<3x4xf32>) -> tensor<2x?xi64, #heddle.dims<["2", "n"]>>
  return
}
// -----
func.func @if_c1(%c: tensor<i1>, %a: tensor<2xf32>) {
  // expected-error @below {{branch yields 0 values, expected 1}}
  %0 = heddle.if %c defines [] {
    heddle.result %a : tensor<2xf32>
  } else {
    heddle.result
  } : (tensor<i1>) -> tensor<2xf32>
  return
}
// -----
func.func @if_c1_type(%c: tensor<i1>, %a: tensor<2xf32>, %b: tensor<3xf32>) {
  // expected-error @below {{branch yields 'tensor<3xf32>', expected 'tensor<2xf32>'}}
  %0 = heddle.if %c defines [] {
    heddle.result %a : tensor<2xf32>
  } else {
    heddle.result %b : tensor<3xf32>
  } : (tensor<i1>) -> tensor<2xf32>
  return
}
// -----
// A sum is no name that a branch's value could give a number.
func.func @if_c2(%c: tensor<i1>, %a: tensor<2xf32>, %b: tensor<3xf32>) {
  // expected-error @below {{defines "n", expected a dimension of a result}}
  %0 = heddle.if %c defines ["n"] {
    heddle.result %a : tensor<2xf32>
  } else {
    heddle.result %b : tensor<3xf32>
  } : (tensor<i1>) -> tensor<?xf32, #heddle.dims<["n + 1"]>>
  return
}
// -----
func.func @if_c3(%c: tensor<1xi1>) {
  // expected-error @below {{condition has rank 1, expected 0}}
  heddle.if %c defines [] {
    heddle.result
  } else {
    heddle.result
  } : (tensor<1xi1>) -> ()
  return
}
// -----
func.func @loop_c1(%n: tensor<i64>, %go: tensor<i1>, %x: tensor<2xf32>, %y: tensor<3xf32>) {
  // expected-error @below {{carried value 0 changes its type, expected 'tensor<2xf32>'}}
  %0 = heddle.loop %n, %go, %x defines [] {
  ^bb0(%i: tensor<i64>, %c: tensor<i1>, %v: tensor<2xf32>):
    heddle.result %c, %y : tensor<i1>, tensor<3xf32>
  } : (tensor<i64>, tensor<i1>, tensor<2xf32>) -> tensor<2xf32>
  return
}
// -----
func.func @loop_c1_size_without_name_behind(%n: tensor<i64>, %go: tensor<i1>, %x: tensor<2xf32>) {
  // expected-error @below {{carried value 0 changes its type, expected 'tensor<2xf32>'}}
  %0 = heddle.loop %n, %go, %x defines ["m"] {
  ^bb0(%i: tensor<i64>, %c: tensor<i1>, %v: tensor<?xf32, #heddle.dims<["m"]>>):
    %w = heddle.concat %v, %v axis 0
      : (tensor<?xf32, #heddle.dims<["m"]>>, tensor<?xf32, #heddle.dims<["m"]>>) -> tensor<?xf32, #heddle.dims<["2 * m"]>>
    heddle.result %c, %w : tensor<i1>, tensor<?xf32, #heddle.dims<["2 * m"]>>
  } : (tensor<i64>, tensor<i1>, tensor<2xf32>) -> tensor<?xf32, #heddle.dims<["m"]>>
  return
}
// -----
func.func @loop_c1_results(%n: tensor<i64>, %go: tensor<i1>, %x: tensor<2xf32>) {
  // expected-error @below {{has 0 results, expected at least 1}}
  heddle.loop %n, %go, %x defines [] {
  ^bb0(%i: tensor<i64>, %c: tensor<i1>, %v: tensor<2xf32>):
    heddle.result %c, %v : tensor<i1>, tensor<2xf32>
  } : (tensor<i64>, tensor<i1>, tensor<2xf32>) -> ()
  return
}
// -----
func.func @loop_c2(%n: tensor<i64>, %go: tensor<i1>, %x: tensor<2xf32>) {
  // expected-error @below {{body yields 3 values, expected 2}}
  %0 = heddle.loop %n, %go, %x defines [] {
  ^bb0(%i: tensor<i64>, %c: tensor<i1>, %v: tensor<2xf32>):
    heddle.result %c, %v, %v : tensor<i1>, tensor<2xf32>, tensor<2xf32>
  } : (tensor<i64>, tensor<i1>, tensor<2xf32>) -> tensor<2xf32>
  return
}
// -----
func.func @loop_c3(%n: tensor<i64>, %go: tensor<i1>, %x: tensor<2xf32>) {
  // expected-error @below {{body has 2 arguments, expected 3}}
  %0 = heddle.loop %n, %go, %x defines [] {
  ^bb0(%i: tensor<i64>, %c: tensor<i1>):
    heddle.result %c, %x : tensor<i1>, tensor<2xf32>
  } : (tensor<i64>, tensor<i1>, tensor<2xf32>) -> tensor<2xf32>
  return
}
// -----
func.func @loop_c3_iteration(%n: tensor<i64>, %go: tensor<i1>) {
  // expected-error @below {{iteration number has type 'tensor<i32>', expected 'tensor<i64>'}}
  heddle.loop %n, %go defines [] {
  ^bb0(%i: tensor<i32>, %c: tensor<i1>):
    heddle.result %c : tensor<i1>
  } : (tensor<i64>, tensor<i1>) -> ()
  return
}
// -----
func.func @loop_c3_condition(%n: tensor<i64>, %go: tensor<1xi1>) {
  // expected-error @below {{condition has type 'tensor<1xi1>', expected 'tensor<i1>'}}
  heddle.loop %n, %go defines [] {
  ^bb0(%i: tensor<i64>, %c: tensor<i1>):
    heddle.result %c : tensor<i1>
  } : (tensor<i64>, tensor<1xi1>) -> ()
  return
}
// -----
func.func @loop_c4(%n: tensor<i64>, %go: tensor<i1>, %x: tensor<2xf32>) {
  // expected-error @below {{defines "m", expected a dimension of a result}}
  %0 = heddle.loop %n, %go defines ["m"] {
  ^bb0(%i: tensor<i64>, %c: tensor<i1>):
    heddle.result %c, %x : tensor<i1>, tensor<2xf32>
  } : (tensor<i64>, tensor<i1>) -> tensor<?x2xf32, #heddle.dims<["trips", "2"]>>
  return
}
// -----
func.func @result_c1(%x: tensor<2xf32>) {
  // expected-error @below {{expects parent op to be one of 'heddle.if, heddle.loop'}}
  heddle.result %x : tensor<2xf32>
}
// -----
// expected-error @below {{uses symbol "n", which it does not list}}
heddle.kernel @kernel_c1(%x: tensor<?xf32, #heddle.dims<["n"]>>) -> tensor<?xf32, #heddle.dims<["n"]>> attributes {symbols = []} {
  heddle.return %x : tensor<?xf32, #heddle.dims<["n"]>>
}
// -----
// expected-error @below {{result 0 has strides #heddle.dims<["4"]>, expected 2 of them, the last one 1}}
heddle.kernel @kernel_c2(%x: tensor<2x3xf32>) -> (tensor<2x3xf32> {heddle.strides = #heddle.dims<["4"]>}) attributes {symbols = []} {
  heddle.return %x : tensor<2x3xf32>
}
// -----
// Vectors are stored along the last dimension.
// expected-error @below {{expected 2 of them, the last one 1}}
heddle.kernel @kernel_c2_last(%x: tensor<2x3xf32>) -> (tensor<2x3xf32> {heddle.strides = #heddle.dims<["1", "2"]>}) attributes {symbols = []} {
  heddle.return %x : tensor<2x3xf32>
}
// -----
// expected-error @below {{uses symbol "n" in strides, which it does not list}}
heddle.kernel @kernel_c2_symbol(%x: tensor<2x3xf32>) -> (tensor<2x3xf32> {heddle.strides = #heddle.dims<["n", "1"]>}) attributes {symbols = []} {
  heddle.return %x : tensor<2x3xf32>
}
// -----
func.func @return_c1(%x: tensor<2xf32>) {
  // expected-error @below {{expects parent op 'heddle.kernel'}}
  heddle.return %x : tensor<2xf32>
}
// -----
heddle.kernel @return_c2(%x: tensor<2xf32>) -> tensor<3xf32> attributes {symbols = []} {
  // expected-error @below {{has the types 'tensor<2xf32>', expected 'tensor<3xf32>'}}
  heddle.return %x : tensor<2xf32>
}
// -----
func.func @launch_c1(%x: tensor<2xf32>) {
  // expected-error @below {{there is no kernel @missing}}
  %0 = heddle.launch @missing sizes <[]> (%x) : (tensor<2xf32>) -> tensor<2xf32>
  return
}
// -----
heddle.kernel @k(%x: tensor<2xf32>) -> tensor<2xf32> attributes {symbols = []} {
  heddle.return %x : tensor<2xf32>
}
func.func @launch_c2(%x: tensor<2xf32>) {
  // expected-error @below {{gives 1 sizes, expected 0}}
  %0 = heddle.launch @k sizes <["n"]> (%x) : (tensor<2xf32>) -> tensor<2xf32>
  return
}
// -----
heddle.kernel @k(%x: tensor<?xf32, #heddle.dims<["s0"]>>) -> tensor<?xf32, #heddle.dims<["s0"]>> attributes {symbols = ["s0"]} {
  heddle.return %x : tensor<?xf32, #heddle.dims<["s0"]>>
}
func.func @launch_c3(%x: tensor<2xf32>) {
  // expected-error @below {{operand 0 has type 'tensor<2xf32>', expected 'tensor<3xf32>'}}
  %0 = heddle.launch @k sizes <["3"]> (%x) : (tensor<2xf32>) -> tensor<3xf32>
  return
}
// -----
heddle.kernel @k(%x: tensor<2xf32>) -> tensor<2xf32> attributes {symbols = []} {
  heddle.return %x : tensor<2xf32>
}
func.func @launch_c3_operands(%x: tensor<2xf32>) {
  // expected-error @below {{has 2 operands, expected 1}}
  %0 = heddle.launch @k sizes <[]> (%x, %x) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  return
}
// -----
heddle.kernel @k(%x: tensor<2xf32>) -> tensor<2xf32> attributes {symbols = []} {
  heddle.return %x : tensor<2xf32>
}
func.func @launch_c3_result(%x: tensor<2xf32>) {
  // expected-error @below {{result 0 has type 'tensor<2xi32>', expected 'tensor<2xf32>'}}
  %0 = heddle.launch @k sizes <[]> (%x) : (tensor<2xf32>) -> tensor<2xi32>
  return
}
