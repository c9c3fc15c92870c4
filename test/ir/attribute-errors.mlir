// RUN: heddle-opt %s --split-input-file --verify-diagnostics
// Constraints of the dialect's attributes.

// expected-error @below {{size expression "n +"}}
func.func private @dims_c1(tensor<?xf32, #heddle.dims<["n +"]>>)
// -----
// Equal sizes must be equal text, or types that are the same would differ.
// expected-error @below {{size expression "n + 1 + n" is not in normal form, expected "2 * n + 1"}}
func.func private @dims_c1_normal(tensor<?xf32, #heddle.dims<["n + 1 + n"]>>)
// -----
// expected-error @below {{dims list 2 sizes, expected 1}}
func.func private @dims_c2(tensor<?xf32, #heddle.dims<["n", "2"]>>)
// -----
// expected-error @below {{dims give dimension 0 as "n", expected 8}}
func.func private @dims_c2_literal(tensor<8xf32, #heddle.dims<["n"]>>)
// -----
// expected-error @below {{dims give dimension 0 as "8", expected an expression with a symbol}}
func.func private @dims_c2_symbol(tensor<?xf32, #heddle.dims<["8"]>>)
// -----
func.func @weight_c1() {
  // expected-error @below {{transform "[turn<1>]"}}
  %0 = heddle.constant #heddle.weight<"9f2c", "[turn<1>]"> : tensor<4xf32>
  return
}
// -----
// expected-error @below {{threads is 0, expected a positive number}}
func.func private @elementwise_c1() attributes {schedule = #heddle.elementwise<vector = 8, threads = 0, per_thread = 1>}
// -----
// expected-error @below {{unroll is -1, expected a positive number}}
func.func private @rows_c1() attributes {schedule = #heddle.rows<vector = 8, unroll = -1, threads = 256>}
// -----
// expected-error @below {{bk is 0, expected a positive number}}
func.func private @gemm_c1() attributes {schedule = #heddle.gemm<mr = 6, nr = 16, bm = 64, bn = 64, bk = 0, tm = 4, tn = 4>}
// -----
// A GPU has no register rows, but half a CPU tile is none.
// expected-error @below {{nr is 0, expected a positive number}}
func.func private @gemm_c1_half() attributes {schedule = #heddle.gemm<mr = 6, nr = 0, bm = 64, bn = 64, bk = 16, tm = 4, tn = 4>}
