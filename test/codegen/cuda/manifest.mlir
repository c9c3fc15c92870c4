// RUN: heddle-emit-cuda %s --manifest | FileCheck %s
// A launch needs nothing but the manifest: parameters in order, sizes over the kernel's symbols, and what may be too large.
// CHECK:      "schema_version": 1,
// CHECK-NEXT: "entry": "take",
// CHECK-NEXT: "minimum_architecture": "sm_80",
// CHECK-NEXT: "grid": [
// CHECK-NEXT:   "(7 * n + 63) floordiv 64",
// CHECK:      "block": [
// CHECK-NEXT:   64,
// CHECK:      "static_shared_bytes": 0,
// CHECK:      "name": "t",
// CHECK-NEXT: "value": "t",
// CHECK-NEXT: "type": "f32",
// CHECK-NEXT: "shape": [
// CHECK-NEXT:   "9",
// CHECK-NEXT:   "7"
// CHECK-NEXT: ],
// CHECK-NEXT: "access": "read"
// CHECK:      "access": "write"
// CHECK:      "symbol": "n",
// CHECK-NEXT: "type": "i32"
// CHECK:      "name": "error",
// CHECK:      "guards": [
// CHECK-NEXT:   "n <= 1073741823",
// CHECK-NEXT:   "n <= 153391689"
// CHECK:      "checks": [
// CHECK-NEXT:   "/Gather: index out of bounds, expected it in [-9, 9)"
// CHECK:      "source_hash": "{{[0-9a-f]+}}",
// CHECK:      "line": {{[0-9]+}},
// CHECK-NEXT: "nodes": "/Gather"
heddle.kernel @take(%t: tensor<9x7xf32> {heddle.name = "t"}, %i: tensor<?xi64, #heddle.dims<["n"]>> {heddle.name = "i"})
    -> tensor<?x7xf32, #heddle.dims<["n", "7"]>>
    attributes {symbols = ["n"], schedule = #heddle.elementwise<vector = 16, threads = 64, per_thread = 1>} {
  %0 = heddle.gather %t, %i axis 0 : (tensor<9x7xf32>, tensor<?xi64, #heddle.dims<["n"]>>)
    -> tensor<?x7xf32, #heddle.dims<["n", "7"]>> loc("/Gather")
  heddle.return %0 : tensor<?x7xf32, #heddle.dims<["n", "7"]>>
}
