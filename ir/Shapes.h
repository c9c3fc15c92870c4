// Between tensor types and size expressions: every dimension of a tensor is an Expr.
#ifndef HEDDLE_IR_SHAPES_H
#define HEDDLE_IR_SHAPES_H

#include "ir/HeddleDialect.h"

namespace heddle {

/// The size of every dimension: literals, and expressions from the `#heddle.dims` encoding. A dynamic dimension of a
/// type without encoding is the symbol `?`, which nothing defines.
Shape shapeOf(mlir::Type tensorType);
/// The tensor type of a shape; encoded with `#heddle.dims` if any size is not literal.
mlir::RankedTensorType tensorType(const Shape &shape, mlir::Type element);
/// `type` with another element type.
mlir::RankedTensorType withElement(mlir::RankedTensorType type, mlir::Type element);

/// NumPy's multidirectional broadcast, aligned at the last dimension. Of two sizes a literal 1 gives way; two literals
/// must be equal; otherwise they are assumed to be equal (a guard, see `broadcastAssumptions`), and the result is the
/// literal one, or the first in Expr order. On failure `error` says which sizes clash.
llvm::FailureOr<Shape> broadcastShapes(llvm::ArrayRef<Shape> shapes, std::string *error = nullptr);
/// The equalities that `broadcastShapes` assumes: pairs of different sizes of which neither is a literal 1.
void broadcastAssumptions(llvm::ArrayRef<Shape> shapes, std::vector<std::pair<Expr, Expr>> &assumptions);

/// Reduced to what can differ at run time: true if the shapes may be equal (literals agree).
bool compatibleShapes(const Shape &a, const Shape &b);
/// Product of the sizes `shape[begin, end)`.
Expr productOf(const Shape &shape, size_t begin, size_t end);

/// The DType of a tensor's element type, or of the element type itself; nullopt for other types.
std::optional<DType> dtypeOf(mlir::Type type);
/// The MLIR element type of a DType; null for strings.
mlir::Type elementType(mlir::MLIRContext *context, DType type);

/// `type` with symbols replaced in its sizes; a type without symbols is returned as it is.
mlir::Type substituteSymbols(mlir::Type type, const std::map<std::string, Expr, std::less<>> &replacements);

} // namespace heddle

#endif // HEDDLE_IR_SHAPES_H
