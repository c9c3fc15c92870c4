// Builds the scalar expressions of op bodies: one name per operation, whatever the element type.
#ifndef HEDDLE_IR_SCALARS_H
#define HEDDLE_IR_SCALARS_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Builders.h"

namespace heddle {

/// The type that a body computes in for tensors of this element type: f32 for f16, bf16 and smaller floats; i1 for
/// bool; the signless integer of the same width for unsigned integers (4-bit integers in i8); else the type itself.
mlir::Type computeType(mlir::Type element);

/// Scalar operations on compute types. Integer operations are signed unless made with an unsigned element type.
/// Emits arith and math ops only; division and conversion never trap and never give poison.
class Scalars {
public:
  /// \param element the graph element type that decides signedness.
  Scalars(mlir::OpBuilder &builder, mlir::Location loc, mlir::Type element);

  mlir::OpBuilder &builder() { return b; }
  mlir::Location loc() const { return location; }
  bool isUnsigned() const { return isUnsignedElement; }

  /// A constant of the type of `like`.
  mlir::Value cst(double value, mlir::Value like) { return cst(value, like.getType()); }
  mlir::Value cst(double value, mlir::Type type);
  mlir::Value cstInt(int64_t value, mlir::Type type);

  mlir::Value add(mlir::Value x, mlir::Value y);
  mlir::Value sub(mlir::Value x, mlir::Value y);
  mlir::Value mul(mlir::Value x, mlir::Value y);
  /// Integers truncate toward zero; x / 0 = 0; the smallest value / -1 wraps.
  mlir::Value div(mlir::Value x, mlir::Value y);
  /// The remainder with the sign of `x`; integers: x rem 0 = 0.
  mlir::Value rem(mlir::Value x, mlir::Value y);
  /// NaN if either is NaN.
  mlir::Value min(mlir::Value x, mlir::Value y);
  mlir::Value max(mlir::Value x, mlir::Value y);
  mlir::Value neg(mlir::Value x);
  mlir::Value abs(mlir::Value x);

  mlir::Value lt(mlir::Value x, mlir::Value y);
  mlir::Value le(mlir::Value x, mlir::Value y);
  mlir::Value eq(mlir::Value x, mlir::Value y);
  /// x != x.
  mlir::Value isNaN(mlir::Value x);
  mlir::Value logicalAnd(mlir::Value x, mlir::Value y) { return mlir::arith::AndIOp::create(b, location, x, y); }
  mlir::Value logicalOr(mlir::Value x, mlir::Value y) { return mlir::arith::OrIOp::create(b, location, x, y); }
  mlir::Value logicalNot(mlir::Value x);
  mlir::Value select(mlir::Value condition, mlir::Value x, mlir::Value y);

  mlir::Value exp(mlir::Value x) { return mlir::math::ExpOp::create(b, location, x); }
  mlir::Value log(mlir::Value x) { return mlir::math::LogOp::create(b, location, x); }
  mlir::Value log1p(mlir::Value x) { return mlir::math::Log1pOp::create(b, location, x); }
  mlir::Value expm1(mlir::Value x) { return mlir::math::ExpM1Op::create(b, location, x); }
  mlir::Value tanh(mlir::Value x) { return mlir::math::TanhOp::create(b, location, x); }
  mlir::Value erf(mlir::Value x) { return mlir::math::ErfOp::create(b, location, x); }
  mlir::Value sqrt(mlir::Value x) { return mlir::math::SqrtOp::create(b, location, x); }
  mlir::Value floor(mlir::Value x) { return mlir::math::FloorOp::create(b, location, x); }
  mlir::Value pow(mlir::Value x, mlir::Value y);

  /// `x`, in the compute type of `from`, converted to the compute type of `to`, with the value rounded to what `to` can
  /// hold.
  mlir::Value convert(mlir::Value x, mlir::Type from, mlir::Type to);

private:
  mlir::Value integerPow(mlir::Value x, mlir::Value y);
  mlir::Value floatToInteger(mlir::Value x, mlir::Type to);
  mlir::Value roundToNarrow(mlir::Value x, mlir::Type narrow);

  mlir::OpBuilder &b;
  mlir::Location location;
  bool isUnsignedElement;
};

} // namespace heddle

#endif // HEDDLE_IR_SCALARS_H
