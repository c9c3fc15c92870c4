// Transcendental functions and small floats in CPU code: ScalarMath's formulas as MLIR ops.
#ifndef HEDDLE_CODEGEN_CPU_SCALARFUNCTIONS_H
#define HEDDLE_CODEGEN_CPU_SCALARFUNCTIONS_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"

namespace heddle {

/// Replaces every `math` op that would become a library call, and `arith.remf`, on f32 and f64 scalars and vectors, by
/// the formula of `runtime/format/ScalarMath.h`.
void expandMath(mlir::Operation *root);

/// The f32 of a small float's bits in memory, and back from f32 or f64: rounded once, to nearest even. 8-bit floats
/// saturate.
mlir::Value widenFloat(mlir::OpBuilder &b, mlir::Location loc, mlir::Value bits, mlir::FloatType format);
mlir::Value narrowFloat(mlir::OpBuilder &b, mlir::Location loc, mlir::Value value, mlir::FloatType format);

} // namespace heddle

#endif // HEDDLE_CODEGEN_CPU_SCALARFUNCTIONS_H
