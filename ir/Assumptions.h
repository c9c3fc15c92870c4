// The size equalities that type inference assumes of an op's operands.
#ifndef HEDDLE_IR_ASSUMPTIONS_H
#define HEDDLE_IR_ASSUMPTIONS_H

#include "ir/HeddleDialect.h"

namespace heddle {

/// Predicates over sizes that must hold where `op` runs, since its result type has been inferred as if they did: sizes
/// that broadcast, the inner sizes of a matrix product, the sides of a concatenation. Equalities that hold by
/// themselves are left out, so an op whose operands agree in their expressions assumes nothing.
std::vector<Expr> assumedEqualities(mlir::Operation *op);

} // namespace heddle

#endif // HEDDLE_IR_ASSUMPTIONS_H
