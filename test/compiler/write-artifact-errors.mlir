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

// -----

// expected-error @below {{the bytes of object 'k' are not there}}
module {
  heddle.plan @main guards <[]> {
  }
  heddle.object @k target "x86-64-v3" entry "k" digest "9f2c" checks []
}
