// Value types that record arithmetic as MLIR ops, so that ScalarMath's templates build vector code.
#ifndef HEDDLE_CODEGEN_CPU_MATHVALUE_H
#define HEDDLE_CODEGEN_CPU_MATHVALUE_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "runtime/format/ScalarMathPrimitives.h"

namespace heddle::recorded {

/// Where ops go.
struct Recording {
  mlir::OpBuilder &b;
  mlir::Location loc;

  template <typename Op, typename... Args> mlir::Value make(Args &&...args) {
    return Op::create(b, loc, std::forward<Args>(args)...);
  }
  /// `scalar`, or a vector of it with the shape of `like`.
  static mlir::Type typeLike(mlir::Type scalar, mlir::Value like) {
    auto vector = mlir::dyn_cast<mlir::VectorType>(like.getType());
    return vector ? mlir::Type(mlir::VectorType::get(vector.getShape(), scalar)) : scalar;
  }
  mlir::Value constantLike(mlir::TypedAttr scalar, mlir::Value like) {
    auto vector = mlir::dyn_cast<mlir::VectorType>(typeLike(scalar.getType(), like));
    return make<mlir::arith::ConstantOp>(vector ? mlir::TypedAttr(mlir::DenseElementsAttr::get(vector, scalar))
                                                : scalar);
  }
};

/// A float, its bit pattern, a condition: a scalar or a vector register.
template <int Width> struct Float {
  Recording *at;
  mlir::Value value;
};
template <int Width> struct Bits {
  Recording *at;
  mlir::Value value;
};
struct Condition {
  Recording *at;
  mlir::Value value;
};

template <int W> mlir::Type floatType(const Recording &at) {
  return W == 32 ? mlir::Type(at.b.getF32Type()) : mlir::Type(at.b.getF64Type());
}

template <int W> Float<W> constant(Float<W> like, double value) {
  return {like.at, like.at->constantLike(like.at->b.getFloatAttr(floatType<W>(*like.at), value), like.value)};
}
template <int W> Bits<W> constant(Bits<W> like, unsigned long long value) {
  mlir::Type type = like.at->b.getIntegerType(W);
  llvm::APInt bits(W, value, /*isSigned=*/false, /*implicitTrunc=*/true);
  return {like.at, like.at->constantLike(like.at->b.getIntegerAttr(type, bits), like.value)};
}

template <typename OpT, typename Number> Number unary(Number x) { return {x.at, x.at->template make<OpT>(x.value)}; }
template <typename OpT, typename Number> Number binary(Number x, Number y) {
  return {x.at, x.at->template make<OpT>(x.value, y.value)};
}
template <typename OpT, typename Predicate, typename Number> Condition compare(Predicate how, Number x, Number y) {
  return {x.at, x.at->template make<OpT>(how, x.value, y.value)};
}

template <int W> Float<W> operator-(Float<W> x) { return unary<mlir::arith::NegFOp>(x); }
template <int W> Float<W> sqrt(Float<W> x) { return unary<mlir::math::SqrtOp>(x); }
template <int W> Float<W> abs(Float<W> x) { return unary<mlir::math::AbsFOp>(x); }
template <int W> Float<W> roundEven(Float<W> x) { return unary<mlir::math::RoundEvenOp>(x); }
template <int W> Float<W> trunc(Float<W> x) { return unary<mlir::math::TruncOp>(x); }

template <int W> Float<W> operator+(Float<W> x, Float<W> y) { return binary<mlir::arith::AddFOp>(x, y); }
template <int W> Float<W> operator-(Float<W> x, Float<W> y) { return binary<mlir::arith::SubFOp>(x, y); }
template <int W> Float<W> operator*(Float<W> x, Float<W> y) { return binary<mlir::arith::MulFOp>(x, y); }
template <int W> Float<W> operator/(Float<W> x, Float<W> y) { return binary<mlir::arith::DivFOp>(x, y); }
template <int W> Bits<W> operator+(Bits<W> x, Bits<W> y) { return binary<mlir::arith::AddIOp>(x, y); }
template <int W> Bits<W> operator-(Bits<W> x, Bits<W> y) { return binary<mlir::arith::SubIOp>(x, y); }
template <int W> Bits<W> operator&(Bits<W> x, Bits<W> y) { return binary<mlir::arith::AndIOp>(x, y); }
template <int W> Bits<W> operator|(Bits<W> x, Bits<W> y) { return binary<mlir::arith::OrIOp>(x, y); }
template <int W> Bits<W> operator^(Bits<W> x, Bits<W> y) { return binary<mlir::arith::XOrIOp>(x, y); }

template <int W> Condition operator<(Float<W> x, Float<W> y) {
  return compare<mlir::arith::CmpFOp>(mlir::arith::CmpFPredicate::OLT, x, y);
}
template <int W> Condition operator<=(Float<W> x, Float<W> y) {
  return compare<mlir::arith::CmpFOp>(mlir::arith::CmpFPredicate::OLE, x, y);
}
template <int W> Condition operator>(Float<W> x, Float<W> y) {
  return compare<mlir::arith::CmpFOp>(mlir::arith::CmpFPredicate::OGT, x, y);
}
template <int W> Condition operator>=(Float<W> x, Float<W> y) {
  return compare<mlir::arith::CmpFOp>(mlir::arith::CmpFPredicate::OGE, x, y);
}
template <int W> Condition operator==(Float<W> x, Float<W> y) {
  return compare<mlir::arith::CmpFOp>(mlir::arith::CmpFPredicate::OEQ, x, y);
}
template <int W> Condition operator!=(Float<W> x, Float<W> y) {
  return compare<mlir::arith::CmpFOp>(mlir::arith::CmpFPredicate::UNE, x, y);
}
template <int W> Condition operator==(Bits<W> x, Bits<W> y) {
  return compare<mlir::arith::CmpIOp>(mlir::arith::CmpIPredicate::eq, x, y);
}
template <int W> Condition operator!=(Bits<W> x, Bits<W> y) {
  return compare<mlir::arith::CmpIOp>(mlir::arith::CmpIPredicate::ne, x, y);
}
template <int W> Condition signedLess(Bits<W> x, Bits<W> y) {
  return compare<mlir::arith::CmpIOp>(mlir::arith::CmpIPredicate::slt, x, y);
}

#define HEDDLE_RECORD_SHIFT(NAME, OP)                                                                                  \
  template <int W> Bits<W> NAME(Bits<W> x, int count) {                                                                \
    return {x.at, x.at->template make<OP>(x.value, constant(x, static_cast<unsigned long long>(count)).value)};        \
  }
HEDDLE_RECORD_SHIFT(shiftLeft, mlir::arith::ShLIOp)
HEDDLE_RECORD_SHIFT(shiftRight, mlir::arith::ShRUIOp)
HEDDLE_RECORD_SHIFT(shiftRightSigned, mlir::arith::ShRSIOp)
#undef HEDDLE_RECORD_SHIFT

inline Condition both(Condition x, Condition y) { return {x.at, x.at->make<mlir::arith::AndIOp>(x.value, y.value)}; }
inline Condition either(Condition x, Condition y) { return {x.at, x.at->make<mlir::arith::OrIOp>(x.value, y.value)}; }
inline Condition inverse(Condition x) {
  return {x.at, x.at->make<mlir::arith::XOrIOp>(x.value, x.at->constantLike(x.at->b.getBoolAttr(true), x.value))};
}

template <template <int> class T, int W> T<W> select(Condition condition, T<W> x, T<W> y) {
  return {x.at, x.at->template make<mlir::arith::SelectOp>(condition.value, x.value, y.value)};
}
template <int W> Float<W> fma(Float<W> x, Float<W> y, Float<W> z) {
  return {x.at, x.at->template make<mlir::math::FmaOp>(x.value, y.value, z.value)};
}

template <int W> Bits<W> bitsOf(Float<W> x) {
  mlir::Type type = Recording::typeLike(x.at->b.getIntegerType(W), x.value);
  return {x.at, x.at->template make<mlir::arith::BitcastOp>(type, x.value)};
}
template <int W> Float<W> fromBits(Bits<W> x) {
  mlir::Type type = Recording::typeLike(floatType<W>(*x.at), x.value);
  return {x.at, x.at->template make<mlir::arith::BitcastOp>(type, x.value)};
}
template <int W> Float<W> toFloat(Bits<W> x) {
  mlir::Type type = Recording::typeLike(floatType<W>(*x.at), x.value);
  return {x.at, x.at->template make<mlir::arith::SIToFPOp>(type, x.value)};
}
template <int W> Bits<32> toInt32(Float<W> x) {
  return {x.at,
          x.at->template make<mlir::arith::FPToSIOp>(Recording::typeLike(x.at->b.getI32Type(), x.value), x.value)};
}
template <int W> Bits<64> toInt64(Float<W> x) {
  return {x.at,
          x.at->template make<mlir::arith::FPToSIOp>(Recording::typeLike(x.at->b.getI64Type(), x.value), x.value)};
}
inline Float<64> widen(Float<32> x) {
  return {x.at, x.at->make<mlir::arith::ExtFOp>(Recording::typeLike(x.at->b.getF64Type(), x.value), x.value)};
}
inline Float<32> narrow(Float<64> x) {
  return {x.at, x.at->make<mlir::arith::TruncFOp>(Recording::typeLike(x.at->b.getF32Type(), x.value), x.value)};
}

/// A branch that is taken where any lane needs the other value.
template <int W, typename Slow> Float<W> rarely(Condition condition, Float<W> usual, Slow slow) {
  Recording &at = *condition.at;
  mlir::Value any = condition.value;
  if (mlir::isa<mlir::VectorType>(any.getType()))
    any = at.make<mlir::vector::ReductionOp>(mlir::vector::CombiningKind::OR, any);
  auto branch = mlir::scf::IfOp::create(at.b, at.loc, usual.value.getType(), any, /*addThenBlock=*/true,
                                        /*addElseBlock=*/true);
  {
    mlir::OpBuilder::InsertionGuard guard(at.b);
    at.b.setInsertionPointToEnd(branch.thenBlock());
    mlir::scf::YieldOp::create(at.b, at.loc, select(condition, slow(), usual).value);
    at.b.setInsertionPointToEnd(branch.elseBlock());
    mlir::scf::YieldOp::create(at.b, at.loc, usual.value);
  }
  return {&at, branch.getResult(0)};
}

} // namespace heddle::recorded

namespace heddle::scalar {

template <int W> struct FloatTraits<recorded::Float<W>> {
  using Bits = recorded::Bits<W>;
  static constexpr int width = W;
  static constexpr int fractionBits = W == 32 ? 23 : 52;
  static constexpr int bias = W == 32 ? 127 : 1023;
};

} // namespace heddle::scalar

#endif // HEDDLE_CODEGEN_CPU_MATHVALUE_H
