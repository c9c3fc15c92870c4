// RUN: heddle-opt %s --pass-pipeline='builtin.module(heddle.plan(heddle-verify-plan))' --split-input-file --verify-diagnostics

heddle.plan @dies_too_early guards <[]> {
  %x = heddle.place input name "x" : tensor<4xf32>
  // expected-error @below {{place lives during [0, 1), but is used during [0, 2)}}
  %a = heddle.place arena bytes "16" interval [0, 1] : tensor<4xf32>
  heddle.run @k sizes <[]> ins(%x) outs(%a) : (tensor<4xf32>) -> (tensor<4xf32>)
  heddle.run @k sizes <[]> ins(%a) outs(%x) : (tensor<4xf32>) -> (tensor<4xf32>)
}

// -----

heddle.plan @packed_too_late guards <[]> {
  %x = heddle.place input name "x" : tensor<4xf32>
  // expected-error @below {{place is packed in epoch 1, but is written in epoch 0}}
  %a = heddle.place arena bytes "16" interval [0, 1] epoch 1 : tensor<4xf32>
  heddle.run @k sizes <[]> ins(%x) outs(%a) : (tensor<4xf32>) -> (tensor<4xf32>)
}

// -----

// The second part is written when the whole is no longer there.
heddle.plan @part_too_late guards <[]> {
  %x = heddle.place input name "x" : tensor<4xf32>
  // expected-error @below {{place lives during [0, 1), but is used during [0, 2)}}
  %w = heddle.place arena bytes "32" interval [0, 1] : tensor<8xf32>
  %a = heddle.part %w offset "0" strides <["1"]> : (tensor<8xf32>) -> tensor<4xf32>
  %b = heddle.part %w offset "4" strides <["1"]> : (tensor<8xf32>) -> tensor<4xf32>
  heddle.run @k sizes <[]> ins(%x) outs(%a) : (tensor<4xf32>) -> (tensor<4xf32>)
  heddle.run @k sizes <[]> ins(%x) outs(%b) : (tensor<4xf32>) -> (tensor<4xf32>)
}

// -----

// What a run leaves in the arena is of no use to the next one.
heddle.plan @read_first guards <[]> {
  %y = heddle.place output name "y" : tensor<4xf32>
  // expected-error @below {{place is read before a step writes it}}
  %a = heddle.place arena bytes "16" interval [0, 2] : tensor<4xf32>
  // expected-note @below {{the step that reads it}}
  heddle.run @k sizes <[]> ins(%a) outs(%y) : (tensor<4xf32>) -> (tensor<4xf32>)
  heddle.run @k sizes <[]> ins(%y) outs(%a) : (tensor<4xf32>) -> (tensor<4xf32>)
}

// -----

// Nor may one step make a value out of itself.
heddle.plan @read_and_written guards <[]> {
  // expected-error @below {{place is read before a step writes it}}
  %a = heddle.place arena bytes "16" interval [0, 1] : tensor<4xf32>
  // expected-note @below {{the step that reads it}}
  heddle.run @k sizes <[]> ins(%a) outs(%a) : (tensor<4xf32>) -> (tensor<4xf32>)
}
