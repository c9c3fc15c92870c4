// RUN: heddle-opt %s --pass-pipeline='builtin.module(heddle.plan(heddle-plan-memory,heddle-verify-plan))' | FileCheck %s

// Half-open: the place dies behind its last reader, a view counts as a reader.
// CHECK-LABEL: heddle.plan @chain
// CHECK: heddle.place arena bytes "16" interval [0, 3] : tensor<4xf32>
// CHECK: heddle.place arena bytes "16" interval [1, 2] : tensor<4xf32>
// CHECK-NOT: heddle.place arena
heddle.plan @chain guards <[]> {
  %x = heddle.place input name "x" : tensor<4xf32>
  %a = heddle.place arena bytes "16" interval [0, 0] : tensor<4xf32>
  %b = heddle.place arena bytes "16" interval [0, 0] : tensor<4xf32>
  %unused = heddle.place arena bytes "16" interval [0, 0] : tensor<4xf32>
  heddle.run @k sizes <[]> ins(%x) outs(%a) : (tensor<4xf32>) -> (tensor<4xf32>)
  heddle.run @k sizes <[]> ins(%x) outs(%b) : (tensor<4xf32>) -> (tensor<4xf32>)
  %v = heddle.view %a : (tensor<4xf32>) -> tensor<2x2xf32>
  heddle.run @k sizes <[]> ins(%v) outs(%x) : (tensor<2x2xf32>) -> (tensor<4xf32>)
}

// What a branch reads from outside lives until the branch ends (positions 1 to 3), for either side may run.
// CHECK-LABEL: heddle.plan @branch
// CHECK: interval [0, 4]
heddle.plan @branch guards <[]> {
  %c = heddle.place input name "c" : tensor<i1>
  %a = heddle.place arena bytes "16" interval [0, 0] : tensor<4xf32>
  heddle.run @k sizes <[]> ins(%c) outs(%a) : (tensor<i1>) -> (tensor<4xf32>)
  heddle.branch %c {
    heddle.run @k sizes <[]> ins(%a) outs(%c) : (tensor<4xf32>) -> (tensor<i1>)
  } else {
    heddle.run @k sizes <[]> ins(%c) outs(%c) : (tensor<i1>) -> (tensor<i1>)
  } : tensor<i1>
}

// A place that is written behind a symbol's definition is packed when that symbol is known.
// CHECK-LABEL: heddle.plan @epochs
// CHECK: interval [0, 2] : tensor<1xi64>
// CHECK: interval [2, 3] epoch 1 : tensor<?xf32, #heddle.dims<["n"]>>
heddle.plan @epochs guards <[]> {
  %x = heddle.place input name "x" : tensor<4xf32>
  %s = heddle.place arena bytes "8" interval [0, 0] : tensor<1xi64>
  %a = heddle.place arena bytes "4 * n" interval [0, 0] : tensor<?xf32, #heddle.dims<["n"]>>
  heddle.run @k sizes <[]> ins(%x) outs(%s) : (tensor<4xf32>) -> (tensor<1xi64>)
  heddle.define_symbol "n" element index 0 of %s : tensor<1xi64>
  heddle.run @k sizes <[]> ins(%x) outs(%a) : (tensor<4xf32>) -> (tensor<?xf32, #heddle.dims<["n"]>>)
}

// A concatenation lives from its first part's write to its last reader.
// CHECK-LABEL: heddle.plan @parts
// CHECK: heddle.place arena bytes "32" interval [0, 4] : tensor<8xf32>
heddle.plan @parts guards <[]> {
  %x = heddle.place input name "x" : tensor<4xf32>
  %y = heddle.place output name "y" : tensor<8xf32>
  %w = heddle.place arena bytes "32" interval [0, 0] : tensor<8xf32>
  %a = heddle.part %w offset "0" strides <["1"]> : (tensor<8xf32>) -> tensor<4xf32>
  %b = heddle.part %w offset "4" strides <["1"]> : (tensor<8xf32>) -> tensor<4xf32>
  heddle.run @k sizes <[]> ins(%x) outs(%a) : (tensor<4xf32>) -> (tensor<4xf32>)
  heddle.run @k sizes <[]> ins(%x) outs(%x) : (tensor<4xf32>) -> (tensor<4xf32>)
  heddle.run @k sizes <[]> ins(%x) outs(%b) : (tensor<4xf32>) -> (tensor<4xf32>)
  heddle.run @k sizes <[]> ins(%w) outs(%y) : (tensor<8xf32>) -> (tensor<8xf32>)
}
