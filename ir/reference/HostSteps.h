// What host steps of functions and of plans have in common.
#ifndef HEDDLE_IR_REFERENCE_HOSTSTEPS_H
#define HEDDLE_IR_REFERENCE_HOSTSTEPS_H

#include "ir/reference/TensorValue.h"
#include "runtime/format/Expr.h"

namespace heddle {

/// Calls a function of the host registry. \param types of the results; sizes are those that the function gives.
/// Code::Unsupported for a function that is not there, and for strings.
Result<std::vector<TensorValue>> callHostFunction(llvm::StringRef name, int64_t version,
                                                  mlir::DictionaryAttr attributes, llvm::ArrayRef<TensorValue> operands,
                                                  mlir::TypeRange types);

/// The values of a loop's iterations behind each other along a new leading dimension. Without an iteration the other
/// sizes are those of `type`, 0 where they are not known.
Result<TensorValue> stackOf(llvm::ArrayRef<TensorValue> parts, mlir::Type type, const SymbolValues &symbols);

/// Element `position` of an integer or bool tensor.
int64_t integerElement(const TensorValue &tensor, int64_t position);
/// An i64 tensor of rank 0.
TensorValue integerScalar(int64_t value);

} // namespace heddle

#endif // HEDDLE_IR_REFERENCE_HOSTSTEPS_H
