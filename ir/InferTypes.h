// Result types that several ops infer in the same way.
#ifndef HEDDLE_IR_INFERTYPES_H
#define HEDDLE_IR_INFERTYPES_H

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/TypeRange.h"
#include "mlir/IR/ValueRange.h"
#include <optional>

namespace heddle {

using InferredTypes = llvm::SmallVectorImpl<mlir::Type>;

/// The broadcast shape of all operands with the element type of the first. Fails with a message if the shapes do not
/// broadcast.
llvm::LogicalResult inferLikeFirst(std::optional<mlir::Location> loc, mlir::ValueRange operands, InferredTypes &types);
/// The broadcast shape of all operands with their element type. Fails with a message if these differ.
llvm::LogicalResult inferSameElement(std::optional<mlir::Location> loc, mlir::ValueRange operands,
                                     InferredTypes &types);
/// The broadcast shape of all operands, of bool.
llvm::LogicalResult inferBool(std::optional<mlir::Location> loc, mlir::ValueRange operands, InferredTypes &types);
/// The broadcast shape of all operands with the element type of the second.
llvm::LogicalResult inferWhere(std::optional<mlir::Location> loc, mlir::ValueRange operands, InferredTypes &types);

/// True if a declared type may stand where inference gives another: element types, ranks and literal sizes are equal.
/// Sizes with symbols may differ, since of two that are assumed to be equal inference picks one by their names.
bool agreeingTypes(mlir::TypeRange inferred, mlir::TypeRange declared);

/// Fails with a message unless `axis` is in [0, rank).
llvm::LogicalResult checkAxis(std::optional<mlir::Location> loc, int64_t axis, size_t rank);

} // namespace heddle

#endif // HEDDLE_IR_INFERTYPES_H
