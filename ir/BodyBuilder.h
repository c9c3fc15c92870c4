// Helpers to build structured expansions.
#ifndef HEDDLE_IR_BODYBUILDER_H
#define HEDDLE_IR_BODYBUILDER_H

#include "ir/HeddleOps.h"
#include "ir/Scalars.h"
#include "ir/Shapes.h"

namespace heddle {

/// Makes structured ops at one location.
class BodyBuilder {
public:
  BodyBuilder(mlir::OpBuilder &builder, mlir::Location loc) : b(builder), loc(loc) {}

  using ScalarBody = llvm::function_ref<llvm::SmallVector<mlir::Value>(Scalars &, mlir::ValueRange)>;

  /// A `heddle.generic` over the dimensions of `type` and `reduce`; `signedness` is the graph element type whose
  /// signedness the body has.
  mlir::Value generic(mlir::Type type, mlir::ValueRange inputs, llvm::ArrayRef<mlir::AffineMap> maps,
                      const Shape &reduce, llvm::StringRef combiner, mlir::Type signedness, ScalarBody body,
                      llvm::StringRef name = "", bool last = false);
  /// A rank-0 constant.
  mlir::Value scalar(double value, mlir::Type element);
  /// A rank-0 tensor with the value of a size expression, as a float.
  mlir::Value sizeAsFloat(const Expr &size, mlir::Type element);
  /// `x` in f32 if its element type is a narrower float, else `x`.
  mlir::Value widen(mlir::Value x);
  mlir::Value cast(mlir::Value x, mlir::Type element);
  /// Reduces `axes` and keeps them with size 1.
  mlir::Value reduceKeep(ReductionKind kind, mlir::Value x, llvm::ArrayRef<int64_t> axes);
  mlir::Value reshape(mlir::Value x, const Shape &shape);
  /// Pads with the scalar `fill`, low and high per dimension.
  mlir::Value pad(mlir::Value x, llvm::ArrayRef<int64_t> low, llvm::ArrayRef<int64_t> high, mlir::Attribute fill);

  template <typename Op, typename... Args> mlir::Value make(Args &&...args) {
    return Op::create(b, loc, std::forward<Args>(args)...);
  }

  mlir::AffineExpr dim(unsigned position) { return b.getAffineDimExpr(position); }
  mlir::OpBuilder &builder() { return b; }

private:
  mlir::OpBuilder &b;
  mlir::Location loc;
};

/// The value that leaves every element as it is when combined with it, as a scalar of the compute type.
mlir::TypedAttr neutralElement(ReductionKind kind, mlir::Type element);

} // namespace heddle

#endif // HEDDLE_IR_BODYBUILDER_H
