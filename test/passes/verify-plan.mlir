// RUN: heddle-opt %s --pass-pipeline='builtin.module(heddle.plan(heddle-verify-plan))' --verify-diagnostics

// An interval may be longer than needed, never shorter.
heddle.plan @long_enough guards <[]> {
  %x = heddle.place input name "x" : tensor<4xf32>
  %a = heddle.place arena bytes "16" interval [0, 9] : tensor<4xf32>
  heddle.run @k sizes <[]> ins(%x) outs(%a) : (tensor<4xf32>) -> (tensor<4xf32>)
  heddle.run @k sizes <[]> ins(%a) outs(%x) : (tensor<4xf32>) -> (tensor<4xf32>)
}
