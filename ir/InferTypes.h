// Result types that several ops infer in the same way.
#ifndef HEDDLE_IR_INFERTYPES_H
#define HEDDLE_IR_INFERTYPES_H

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/ValueRange.h"
#include <optional>

namespace heddle {

using InferredTypes = llvm::SmallVectorImpl<mlir::Type>;

/// The broadcast shape of all operands with the element type of the first. Fails with a message if the shapes do not
/// broadcast.
llvm::LogicalResult inferLikeFirst(std::optional<mlir::Location> loc, mlir::ValueRange operands, InferredTypes &types);
/// The broadcast shape of all operands, of bool.
llvm::LogicalResult inferBool(std::optional<mlir::Location> loc, mlir::ValueRange operands, InferredTypes &types);
/// The broadcast shape of all operands with the element type of the second.
llvm::LogicalResult inferWhere(std::optional<mlir::Location> loc, mlir::ValueRange operands, InferredTypes &types);

/// Fails with a message unless `axis` is in [0, rank).
llvm::LogicalResult checkAxis(std::optional<mlir::Location> loc, int64_t axis, size_t rank);

} // namespace heddle

#endif // HEDDLE_IR_INFERTYPES_H
