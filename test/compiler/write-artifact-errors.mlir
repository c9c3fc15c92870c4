// RUN: heddle-opt %s --heddle-write-artifact=output=%t.hdl --split-input-file --verify-diagnostics
// RUN: not ls %t.hdl

// expected-error @below {{the module has no heddle.plan}}
module {
}

// -----

// expected-error @below {{the module has no heddle.object}}
module {
  heddle.plan @main guards <[]> {
  }
}
