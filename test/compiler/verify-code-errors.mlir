// RUN: heddle-opt %s --heddle-verify-code --split-input-file --verify-diagnostics

// expected-error @below {{kernel has no heddle.object}}
heddle.kernel @k(%x: tensor<?xf32, #heddle.dims<["s0"]>>) -> tensor<?xf32, #heddle.dims<["s0"]>> attributes {symbols = ["s0"]} {
  heddle.return %x : tensor<?xf32, #heddle.dims<["s0"]>>
}

// -----

heddle.kernel @k(%x: tensor<?xf32, #heddle.dims<["s0"]>>) -> tensor<?xf32, #heddle.dims<["s0"]>> attributes {symbols = ["s0"]} {
  heddle.return %x : tensor<?xf32, #heddle.dims<["s0"]>>
}
// expected-error @below {{there is no kernel @q}}
heddle.object @q target "x86-64-v3" entry "k" digest "9f2c" tasks "s0" checks []

// -----

heddle.kernel @k(%x: tensor<?xf32, #heddle.dims<["s0"]>>) -> tensor<?xf32, #heddle.dims<["s0"]>> attributes {symbols = ["s0"]} {
  heddle.return %x : tensor<?xf32, #heddle.dims<["s0"]>>
}
// expected-error @below {{the bytes of digest '9f2c' are not there}}
heddle.object @k target "x86-64-v3" entry "k" digest "9f2c" tasks "s0" checks []

// -----

heddle.kernel @k(%x: tensor<?xf32, #heddle.dims<["s0"]>>) -> tensor<?xf32, #heddle.dims<["s0"]>> attributes {symbols = ["s0"]} {
  heddle.return %x : tensor<?xf32, #heddle.dims<["s0"]>>
}
// expected-error @below {{tasks 'n' mentions 'n', which is no symbol of the kernel}}
heddle.object @k target "x86-64-v3" entry "k" digest "9f2c" tasks "n" checks []

// -----

heddle.kernel @k(%x: tensor<?xf32, #heddle.dims<["s0"]>>) -> tensor<?xf32, #heddle.dims<["s0"]>> attributes {symbols = ["s0"]} {
  heddle.return %x : tensor<?xf32, #heddle.dims<["s0"]>>
}
// expected-error @below {{dynamic_shared 'n' mentions 'n', which is no symbol of the kernel}}
heddle.object @k target "x86-64-v3" entry "k" digest "9f2c" tasks "s0" dynamic_shared "n" checks []

// -----

heddle.kernel @k(%x: tensor<?xf32, #heddle.dims<["s0"]>>) -> tensor<?xf32, #heddle.dims<["s0"]>> attributes {symbols = ["s0"]} {
  heddle.return %x : tensor<?xf32, #heddle.dims<["s0"]>>
}
// expected-error @below {{scratch and static_shared are -8 and 0 bytes, expected no negative size}}
heddle.object @k target "x86-64-v3" entry "k" digest "9f2c" tasks "s0" scratch -8 checks []

// -----

heddle.kernel @k(%x: tensor<?xf32, #heddle.dims<["s0"]>>) -> tensor<?xf32, #heddle.dims<["s0"]>> attributes {symbols = ["s0"]} {
  heddle.return %x : tensor<?xf32, #heddle.dims<["s0"]>>
}
// expected-error @below {{grid 'n' mentions 'n', which is no symbol of the kernel}}
heddle.object @k target "x86-64-v3" entry "k" digest "9f2c" tasks "s0" grid <["n", "1", "1"]> block [128, 1, 1] checks []

// -----

heddle.kernel @k(%x: tensor<?xf32, #heddle.dims<["s0"]>>) -> tensor<?xf32, #heddle.dims<["s0"]>> attributes {symbols = ["s0"]} {
  heddle.return %x : tensor<?xf32, #heddle.dims<["s0"]>>
}
// expected-error @below {{a block has too many threads, expected 1 to 1024}}
heddle.object @k target "x86-64-v3" entry "k" digest "9f2c" tasks "s0" grid <["s0", "1", "1"]> block [128, 16, 1] checks []

// -----

heddle.kernel @k(%x: tensor<?xf32, #heddle.dims<["s0"]>>) -> tensor<?xf32, #heddle.dims<["s0"]>> attributes {symbols = ["s0"]} {
  heddle.return %x : tensor<?xf32, #heddle.dims<["s0"]>>
}
// expected-error @below {{a block has no threads, expected 1 to 1024}}
heddle.object @k target "x86-64-v3" entry "k" digest "9f2c" tasks "s0" grid <["s0", "1", "1"]> block [0, 1, 1] checks []
