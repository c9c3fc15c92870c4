// The size equalities that type inference assumes of an op's operands.
#ifndef HEDDLE_IR_ASSUMPTIONS_H
#define HEDDLE_IR_ASSUMPTIONS_H

#include "ir/HeddleDialect.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

namespace heddle {

/// Predicates over sizes that must hold where `op` runs, since its result type has been inferred as if they did: sizes
/// that broadcast, the inner sizes of a matrix product, the sides of a concatenation. Equalities that hold by
/// themselves are left out, so an op whose operands agree in their expressions assumes nothing.
std::vector<Expr> assumedEqualities(mlir::Operation *op);

/// Those of all ops in the function's own block that can be checked before it runs, each once, in order: predicates
/// over the symbols of argument types and named reads such as `in3[0]`. What a branch or loop holds assumes nothing
/// here, since it may not run.
std::vector<Expr> assumedAtEntry(mlir::FunctionOpInterface function);
/// True if a guard can be checked before the function runs.
bool isKnownAtEntry(const Expr &guard, mlir::FunctionOpInterface function);

} // namespace heddle

#endif // HEDDLE_IR_ASSUMPTIONS_H
