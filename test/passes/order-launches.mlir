// RUN: heddle-opt %s --heddle-order-launches | FileCheck %s
// RUN: heddle-opt %s --heddle-order-launches | heddle-opt --heddle-order-launches | FileCheck %s

// Two wide values whose narrow results are added: each should end before the next begins.
// CHECK-LABEL: func @wide_then_narrow
// CHECK: %[[A:.*]] = heddle.launch @widen
// CHECK: %[[V:.*]] = heddle.reshape %[[A]]
// CHECK: %[[C:.*]] = heddle.launch @narrow {{.*}}(%[[V]])
// CHECK: %[[B:.*]] = heddle.launch @widen
// CHECK: %[[D:.*]] = heddle.launch @narrow {{.*}}(%[[B]])
// CHECK: heddle.launch @sum {{.*}}(%[[C]], %[[D]])
func.func @wide_then_narrow(%x: tensor<4xf32>) -> tensor<4xf32> {
  %a = heddle.launch @widen_plane sizes <[]> (%x) : (tensor<4xf32>) -> tensor<32x32xf32>
  %b = heddle.launch @widen sizes <[]> (%x) : (tensor<4xf32>) -> tensor<1024xf32>
  %v = heddle.reshape %a : (tensor<32x32xf32>) -> tensor<1024xf32>
  %c = heddle.launch @narrow sizes <[]> (%v) : (tensor<1024xf32>) -> tensor<4xf32>
  %d = heddle.launch @narrow sizes <[]> (%b) : (tensor<1024xf32>) -> tensor<4xf32>
  %r = heddle.launch @sum sizes <[]> (%c, %d) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}

// Open sizes count too.
// CHECK-LABEL: func @open_sizes
// CHECK: heddle.launch @widen
// CHECK-NEXT: heddle.launch @narrow
// CHECK-NEXT: heddle.launch @widen
// CHECK-NEXT: heddle.launch @narrow
func.func @open_sizes(%x: tensor<?x4xf32, #heddle.dims<["n", "4"]>>) -> (tensor<4xf32>, tensor<4xf32>) {
  %a = heddle.launch @widen_open sizes <["n"]> (%x) : (tensor<?x4xf32, #heddle.dims<["n", "4"]>>) -> tensor<?x32xf32, #heddle.dims<["n", "32"]>>
  %b = heddle.launch @widen_open sizes <["n"]> (%x) : (tensor<?x4xf32, #heddle.dims<["n", "4"]>>) -> tensor<?x32xf32, #heddle.dims<["n", "32"]>>
  %c = heddle.launch @narrow_open sizes <["n"]> (%a) : (tensor<?x32xf32, #heddle.dims<["n", "32"]>>) -> tensor<4xf32>
  %d = heddle.launch @narrow_open sizes <["n"]> (%b) : (tensor<?x32xf32, #heddle.dims<["n", "32"]>>) -> tensor<4xf32>
  return %c, %d : tensor<4xf32>, tensor<4xf32>
}

// The wide values leave the function, so no order saves anything: it stays as it was written.
// CHECK-LABEL: func @outlives
// CHECK: heddle.launch @widen
// CHECK-NEXT: heddle.launch @widen
// CHECK-NEXT: heddle.launch @narrow
func.func @outlives(%x: tensor<4xf32>) -> (tensor<1024xf32>, tensor<1024xf32>, tensor<4xf32>) {
  %a = heddle.launch @widen sizes <[]> (%x) : (tensor<4xf32>) -> tensor<1024xf32>
  %b = heddle.launch @widen sizes <[]> (%x) : (tensor<4xf32>) -> tensor<1024xf32>
  %c = heddle.launch @narrow sizes <[]> (%a) : (tensor<1024xf32>) -> tensor<4xf32>
  return %a, %b, %c : tensor<1024xf32>, tensor<1024xf32>, tensor<4xf32>
}

// Nothing moves across a step that defines a symbol.
// CHECK-LABEL: func @symbol_between
// CHECK: heddle.launch @widen
// CHECK-NEXT: heddle.launch @widen
// CHECK-NEXT: heddle.set_symbols
// CHECK-NEXT: heddle.launch @narrow
func.func @symbol_between(%x: tensor<4xf32>, %s: tensor<1xi64>) -> (tensor<4xf32>, tensor<4xf32>) {
  %a = heddle.launch @widen sizes <[]> (%x) : (tensor<4xf32>) -> tensor<1024xf32>
  %b = heddle.launch @widen sizes <[]> (%x) : (tensor<4xf32>) -> tensor<1024xf32>
  heddle.set_symbols %s ["n"] : tensor<1xi64>
  %c = heddle.launch @narrow sizes <[]> (%a) : (tensor<1024xf32>) -> tensor<4xf32>
  %d = heddle.launch @narrow sizes <[]> (%b) : (tensor<1024xf32>) -> tensor<4xf32>
  return %c, %d : tensor<4xf32>, tensor<4xf32>
}

heddle.kernel @widen(%x: tensor<4xf32>) -> tensor<1024xf32> attributes {symbols = []} {
  %0 = heddle.reshape %x : (tensor<4xf32>) -> tensor<4x1xf32>
  %1 = heddle.broadcast %0 : (tensor<4x1xf32>) -> tensor<4x256xf32>
  %2 = heddle.reshape %1 : (tensor<4x256xf32>) -> tensor<1024xf32>
  heddle.return %2 : tensor<1024xf32>
}
heddle.kernel @widen_plane(%x: tensor<4xf32>) -> tensor<32x32xf32> attributes {symbols = []} {
  %0 = heddle.reshape %x : (tensor<4xf32>) -> tensor<4x1xf32>
  %1 = heddle.broadcast %0 : (tensor<4x1xf32>) -> tensor<4x256xf32>
  %2 = heddle.reshape %1 : (tensor<4x256xf32>) -> tensor<32x32xf32>
  heddle.return %2 : tensor<32x32xf32>
}
heddle.kernel @widen_open(%x: tensor<?x4xf32, #heddle.dims<["s0", "4"]>>) -> tensor<?x32xf32, #heddle.dims<["s0", "32"]>> attributes {symbols = ["s0"]} {
  %0 = heddle.slice %x starts <["0", "0"]> steps <["1", "1"]> : (tensor<?x4xf32, #heddle.dims<["s0", "4"]>>) -> tensor<?x1xf32, #heddle.dims<["s0", "1"]>>
  %1 = heddle.broadcast %0 : (tensor<?x1xf32, #heddle.dims<["s0", "1"]>>) -> tensor<?x32xf32, #heddle.dims<["s0", "32"]>>
  heddle.return %1 : tensor<?x32xf32, #heddle.dims<["s0", "32"]>>
}
heddle.kernel @narrow(%x: tensor<1024xf32>) -> tensor<4xf32> attributes {symbols = []} {
  %0 = heddle.slice %x starts <["0"]> steps <["1"]> : (tensor<1024xf32>) -> tensor<4xf32>
  heddle.return %0 : tensor<4xf32>
}
heddle.kernel @narrow_open(%x: tensor<?x32xf32, #heddle.dims<["s0", "32"]>>) -> tensor<4xf32> attributes {symbols = ["s0"]} {
  %0 = heddle.slice %x starts <["0", "0"]> steps <["1", "1"]> : (tensor<?x32xf32, #heddle.dims<["s0", "32"]>>) -> tensor<1x4xf32>
  %1 = heddle.reshape %0 : (tensor<1x4xf32>) -> tensor<4xf32>
  heddle.return %1 : tensor<4xf32>
}
heddle.kernel @sum(%x: tensor<4xf32>, %y: tensor<4xf32>) -> tensor<4xf32> attributes {symbols = []} {
  %0 = heddle.add %x, %y : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  heddle.return %0 : tensor<4xf32>
}
