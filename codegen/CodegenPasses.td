// Passes that print what both code generators do first.
#ifndef HEDDLE_CODEGEN_CODEGENPASSES_TD
#define HEDDLE_CODEGEN_CODEGENPASSES_TD

include "mlir/Pass/PassBase.td"

def ExpandStructured : Pass<"heddle-expand-structured", "::heddle::KernelOp"> {
  let summary = "Replace structured ops by their expansion";
  let description = [{
    What the code generators pull elements from, but for the anchor that a schedule keeps. No pipeline runs it: a code generator expands
    a clone of its kernel.
    Requires: nothing.
    Ensures:  kernels hold generics, movement, elementwise ops and constants only.
    Leaves:   signature, symbols and schedule.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::math::MathDialect"];
}

#endif // HEDDLE_CODEGEN_CODEGENPASSES_TD
