// RUN: heddle-opt %s --heddle-verify-graph --split-input-file --verify-diagnostics

// Symbols come from arguments and from steps, a branch sees those outside, and every assumption is a guard.
func.func @clean(%x: tensor<?xf32, #heddle.dims<["a"]>>, %y: tensor<?xf32, #heddle.dims<["b"]>>, %s: tensor<1xi64>, %c: tensor<i1>) -> tensor<?xf32, #heddle.dims<["n"]>> attributes {heddle.guards = #heddle.dims<["a == b", "\"in2[0]\" == 4"]>} {
  %0 = heddle.add %x, %y : (tensor<?xf32, #heddle.dims<["a"]>>, tensor<?xf32, #heddle.dims<["b"]>>) -> tensor<?xf32, #heddle.dims<["a"]>>
  heddle.set_symbols %s ["n"] : tensor<1xi64>
  %1 = heddle.if %c defines [] {
    %2 = heddle.iota : tensor<?xf32, #heddle.dims<["n"]>>
    heddle.result %2 : tensor<?xf32, #heddle.dims<["n"]>>
  } else {
    %3 = heddle.iota : tensor<?xf32, #heddle.dims<["n"]>>
    heddle.result %3 : tensor<?xf32, #heddle.dims<["n"]>>
  } : (tensor<i1>) -> tensor<?xf32, #heddle.dims<["n"]>>
  return %1 : tensor<?xf32, #heddle.dims<["n"]>>
}

// -----

// A splat takes no room, however large it is.
func.func @splat() -> tensor<1024xf32> attributes {heddle.guards = #heddle.dims<[]>} {
  %0 = heddle.constant dense<1.0> : tensor<1024xf32>
  return %0 : tensor<1024xf32>
}
