// Evaluates the ops that move elements.
#ifndef HEDDLE_IR_REFERENCE_MOVEMENT_H
#define HEDDLE_IR_REFERENCE_MOVEMENT_H

#include "ir/reference/TensorValue.h"
#include "runtime/format/Expr.h"

namespace heddle {

/// The values of size expressions.
Result<std::vector<int64_t>> evaluateSizes(const Shape &exprs, const SymbolValues &symbols);

/// The result of reshape, transpose, broadcast, slice, concat, pad or sizes; nullopt for other ops. An error says what
/// of the operands does not fit.
std::optional<Result<TensorValue>> evaluateMovement(mlir::Operation *op, llvm::ArrayRef<TensorValue> operands,
                                                    const SymbolValues &symbols);

} // namespace heddle

#endif // HEDDLE_IR_REFERENCE_MOVEMENT_H
