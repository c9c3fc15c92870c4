// The meaning of every elementwise op, one scalar expression each, and how their types follow.
#include "ir/HeddleOps.h"
#include "ir/InferTypes.h"
#include "ir/Scalars.h"
#include "ir/Shapes.h"

using namespace mlir;
using namespace heddle;

bool heddle::agreeingTypes(TypeRange inferred, TypeRange declared) {
  auto agree = [](Type a, Type b) {
    return getElementTypeOrSelf(a) == getElementTypeOrSelf(b) &&
           cast<RankedTensorType>(a).getShape() == cast<RankedTensorType>(b).getShape();
  };
  return inferred.size() == declared.size() && llvm::all_of_zip(inferred, declared, agree);
}

static LogicalResult inferBroadcast(std::optional<Location> loc, ValueRange operands, Type element,
                                    InferredTypes &types) {
  SmallVector<Shape> shapes;
  for (Value operand : operands)
    shapes.push_back(shapeOf(operand.getType()));
  std::string error;
  FailureOr<Shape> shape = broadcastShapes(shapes, &error);
  if (failed(shape))
    return emitOptionalError(loc, error);
  types.push_back(tensorType(*shape, element));
  return success();
}

/// Fails if operands `first` to the last differ in element type.
static LogicalResult sameElements(std::optional<Location> loc, ValueRange operands, size_t first) {
  Type expected = getElementTypeOrSelf(operands[first]);
  for (Value operand : operands.drop_front(first + 1))
    if (Type got = getElementTypeOrSelf(operand); got != expected)
      return emitOptionalError(loc, "element types differ: got ", got, ", expected ", expected);
  return success();
}

LogicalResult heddle::inferLikeFirst(std::optional<Location> loc, ValueRange operands, InferredTypes &types) {
  return inferBroadcast(loc, operands, getElementTypeOrSelf(operands[0]), types);
}

LogicalResult heddle::inferSameElement(std::optional<Location> loc, ValueRange operands, InferredTypes &types) {
  if (failed(sameElements(loc, operands, 0)))
    return failure();
  return inferLikeFirst(loc, operands, types);
}

LogicalResult heddle::inferBool(std::optional<Location> loc, ValueRange operands, InferredTypes &types) {
  if (failed(sameElements(loc, operands, 0)))
    return failure();
  return inferBroadcast(loc, operands, IntegerType::get(operands[0].getContext(), 1), types);
}

LogicalResult heddle::inferWhere(std::optional<Location> loc, ValueRange operands, InferredTypes &types) {
  if (failed(sameElements(loc, operands, 1)))
    return failure();
  return inferBroadcast(loc, operands, getElementTypeOrSelf(operands[1]), types);
}

using VR = ValueRange;

Value AbsOp::buildScalar(Scalars &s, VR x) { return s.abs(x[0]); }
Value NegOp::buildScalar(Scalars &s, VR x) { return s.neg(x[0]); }
Value ReluOp::buildScalar(Scalars &s, VR x) { return s.max(x[0], s.cst(0, x[0])); }
Value FloorOp::buildScalar(Scalars &s, VR x) { return s.floor(x[0]); }
Value CeilOp::buildScalar(Scalars &s, VR x) { return math::CeilOp::create(s.builder(), s.loc(), x[0]); }
Value RoundOp::buildScalar(Scalars &s, VR x) { return math::RoundEvenOp::create(s.builder(), s.loc(), x[0]); }
Value SqrtOp::buildScalar(Scalars &s, VR x) { return s.sqrt(x[0]); }
Value ReciprocalOp::buildScalar(Scalars &s, VR x) { return s.div(s.cst(1, x[0]), x[0]); }
Value ExpOp::buildScalar(Scalars &s, VR x) { return s.exp(x[0]); }
Value LogOp::buildScalar(Scalars &s, VR x) { return s.log(x[0]); }
Value SinOp::buildScalar(Scalars &s, VR x) { return math::SinOp::create(s.builder(), s.loc(), x[0]); }
Value CosOp::buildScalar(Scalars &s, VR x) { return math::CosOp::create(s.builder(), s.loc(), x[0]); }
Value TanOp::buildScalar(Scalars &s, VR x) { return math::TanOp::create(s.builder(), s.loc(), x[0]); }
Value AsinOp::buildScalar(Scalars &s, VR x) { return math::AsinOp::create(s.builder(), s.loc(), x[0]); }
Value AcosOp::buildScalar(Scalars &s, VR x) { return math::AcosOp::create(s.builder(), s.loc(), x[0]); }
Value AtanOp::buildScalar(Scalars &s, VR x) { return math::AtanOp::create(s.builder(), s.loc(), x[0]); }
Value SinhOp::buildScalar(Scalars &s, VR x) { return math::SinhOp::create(s.builder(), s.loc(), x[0]); }
Value CoshOp::buildScalar(Scalars &s, VR x) { return math::CoshOp::create(s.builder(), s.loc(), x[0]); }
Value TanhOp::buildScalar(Scalars &s, VR x) { return s.tanh(x[0]); }
Value AsinhOp::buildScalar(Scalars &s, VR x) { return math::AsinhOp::create(s.builder(), s.loc(), x[0]); }
Value AcoshOp::buildScalar(Scalars &s, VR x) { return math::AcoshOp::create(s.builder(), s.loc(), x[0]); }
Value AtanhOp::buildScalar(Scalars &s, VR x) { return math::AtanhOp::create(s.builder(), s.loc(), x[0]); }
Value ErfOp::buildScalar(Scalars &s, VR x) { return s.erf(x[0]); }
Value NotOp::buildScalar(Scalars &s, VR x) { return s.logicalNot(x[0]); }
Value BitwiseNotOp::buildScalar(Scalars &s, VR x) { return s.sub(s.cstInt(-1, x[0].getType()), x[0]); }
Value IsNaNOp::buildScalar(Scalars &s, VR x) { return s.isNaN(x[0]); }

Value SignOp::buildScalar(Scalars &s, VR x) {
  Value zero = s.cst(0, x[0]);
  Value signOrZero = s.select(s.lt(zero, x[0]), s.cst(1, x[0]),
                              s.isUnsigned() ? zero : s.select(s.lt(x[0], zero), s.cst(-1, x[0]), zero));
  return isa<FloatType>(x[0].getType()) ? s.select(s.isNaN(x[0]), x[0], signOrZero) : signOrZero;
}

Value IsInfOp::buildScalar(Scalars &s, VR x) {
  double infinity = std::numeric_limits<double>::infinity();
  Value none = s.cstInt(0, s.builder().getI1Type());
  Value above = getPositive() ? s.eq(x[0], s.cst(infinity, x[0])) : none;
  Value below = getNegative() ? s.eq(x[0], s.cst(-infinity, x[0])) : none;
  return s.logicalOr(above, below);
}

/// log(1 + exp x), without overflow for large x.
static Value softplus(Scalars &s, Value x) { return s.add(s.max(x, s.cst(0, x)), s.log1p(s.exp(s.neg(s.abs(x))))); }

/// 1 + exp(-x)
static Value logisticDivisor(Scalars &s, Value x) { return s.add(s.cst(1, x), s.exp(s.neg(x))); }

Value SigmoidOp::buildScalar(Scalars &s, VR x) { return s.div(s.cst(1, x[0]), logisticDivisor(s, x[0])); }
Value SwishOp::buildScalar(Scalars &s, VR x) {
  double alpha = getAlpha().convertToDouble();
  return s.div(x[0], logisticDivisor(s, alpha == 1 ? x[0] : s.mul(s.cst(alpha, x[0]), x[0])));
}
Value SoftplusOp::buildScalar(Scalars &s, VR x) { return softplus(s, x[0]); }
Value SoftsignOp::buildScalar(Scalars &s, VR x) { return s.div(x[0], s.add(s.cst(1, x[0]), s.abs(x[0]))); }
Value MishOp::buildScalar(Scalars &s, VR x) { return s.mul(x[0], s.tanh(softplus(s, x[0]))); }

/// max(0, min(1, alpha * x + beta))
static Value hardSigmoid(Scalars &s, Value x, double alpha, double beta) {
  Value line = s.add(s.mul(x, s.cst(alpha, x)), s.cst(beta, x));
  return s.max(s.cst(0, x), s.min(s.cst(1, x), line));
}

Value HardSigmoidOp::buildScalar(Scalars &s, VR x) {
  return hardSigmoid(s, x[0], getAlpha().convertToDouble(), getBeta().convertToDouble());
}
Value HardSwishOp::buildScalar(Scalars &s, VR x) { return s.mul(x[0], hardSigmoid(s, x[0], 1.0 / 6.0, 0.5)); }

Value EluOp::buildScalar(Scalars &s, VR x) {
  Value below = s.mul(s.cst(getAlpha().convertToDouble(), x[0]), s.expm1(x[0]));
  return s.select(s.lt(s.cst(0, x[0]), x[0]), x[0], below);
}

Value CeluOp::buildScalar(Scalars &s, VR x) {
  Value zero = s.cst(0, x[0]), alpha = s.cst(getAlpha().convertToDouble(), x[0]);
  Value below = s.mul(alpha, s.expm1(s.div(x[0], alpha)));
  return s.add(s.max(zero, x[0]), s.min(zero, below));
}

Value SeluOp::buildScalar(Scalars &s, VR x) {
  Value below = s.mul(s.cst(getAlpha().convertToDouble(), x[0]), s.expm1(x[0]));
  Value unscaled = s.select(s.lt(s.cst(0, x[0]), x[0]), x[0], below);
  return s.mul(s.cst(getGamma().convertToDouble(), x[0]), unscaled);
}

Value LeakyReluOp::buildScalar(Scalars &s, VR x) {
  Value scaled = s.mul(x[0], s.cst(getAlpha().convertToDouble(), x[0]));
  return s.select(s.lt(x[0], s.cst(0, x[0])), scaled, x[0]);
}

Value ThresholdedReluOp::buildScalar(Scalars &s, VR x) {
  return s.select(s.lt(s.cst(getAlpha().convertToDouble(), x[0]), x[0]), x[0], s.cst(0, x[0]));
}

Value ShrinkOp::buildScalar(Scalars &s, VR x) {
  double lambda = getLambd().convertToDouble(), bias = getBias().convertToDouble();
  Value above = s.select(s.lt(s.cst(lambda, x[0]), x[0]), s.sub(x[0], s.cst(bias, x[0])), s.cst(0, x[0]));
  return s.select(s.lt(x[0], s.cst(-lambda, x[0])), s.add(x[0], s.cst(bias, x[0])), above);
}

Value GeluOp::buildScalar(Scalars &s, VR x) {
  Value half = s.cst(0.5, x[0]), one = s.cst(1, x[0]);
  if (!getTanh())
    return s.mul(s.mul(half, x[0]), s.add(one, s.erf(s.mul(x[0], s.cst(0.70710678118654752440, x[0])))));
  Value cube = s.mul(s.mul(x[0], x[0]), x[0]);
  Value inner = s.mul(s.cst(0.79788456080286535588, x[0]), s.add(x[0], s.mul(s.cst(0.044715, x[0]), cube)));
  return s.mul(s.mul(half, x[0]), s.add(one, s.tanh(inner)));
}

Value AddOp::buildScalar(Scalars &s, VR x) { return s.add(x[0], x[1]); }
Value SubOp::buildScalar(Scalars &s, VR x) { return s.sub(x[0], x[1]); }
Value MulOp::buildScalar(Scalars &s, VR x) { return s.mul(x[0], x[1]); }
Value DivOp::buildScalar(Scalars &s, VR x) { return s.div(x[0], x[1]); }
Value MinOp::buildScalar(Scalars &s, VR x) { return s.min(x[0], x[1]); }
Value MaxOp::buildScalar(Scalars &s, VR x) { return s.max(x[0], x[1]); }
Value FmodOp::buildScalar(Scalars &s, VR x) { return s.rem(x[0], x[1]); }
Value AndOp::buildScalar(Scalars &s, VR x) { return s.logicalAnd(x[0], x[1]); }
Value OrOp::buildScalar(Scalars &s, VR x) { return s.logicalOr(x[0], x[1]); }
Value XorOp::buildScalar(Scalars &s, VR x) { return arith::XOrIOp::create(s.builder(), s.loc(), x[0], x[1]); }
Value BitwiseAndOp::buildScalar(Scalars &s, VR x) { return s.logicalAnd(x[0], x[1]); }
Value BitwiseOrOp::buildScalar(Scalars &s, VR x) { return s.logicalOr(x[0], x[1]); }
Value BitwiseXorOp::buildScalar(Scalars &s, VR x) { return arith::XOrIOp::create(s.builder(), s.loc(), x[0], x[1]); }
Value EqualOp::buildScalar(Scalars &s, VR x) { return s.eq(x[0], x[1]); }
Value LessOp::buildScalar(Scalars &s, VR x) { return s.lt(x[0], x[1]); }
Value LessEqualOp::buildScalar(Scalars &s, VR x) { return s.le(x[0], x[1]); }
Value WhereOp::buildScalar(Scalars &s, VR x) { return s.select(x[0], x[1], x[2]); }

/// The remainder moved to the sign of the divisor.
Value ModOp::buildScalar(Scalars &s, VR x) {
  Value remainder = s.rem(x[0], x[1]);
  if (s.isUnsigned())
    return remainder;
  Value zero = s.cst(0, x[0]);
  Value signsDiffer = arith::XOrIOp::create(s.builder(), s.loc(), s.lt(remainder, zero), s.lt(x[1], zero));
  Value adjust = s.logicalAnd(s.logicalNot(s.eq(remainder, zero)), signsDiffer);
  return s.select(adjust, s.add(remainder, x[1]), remainder);
}

/// A shift whose amount is kept below the width: beyond it the result is defined as 0.
template <typename ShiftOp> static Value shift(Scalars &s, Value x, Value amount) {
  Value width = s.cstInt(x.getType().getIntOrFloatBitWidth(), x.getType()), zero = s.cst(0, x);
  Value fits = arith::CmpIOp::create(s.builder(), s.loc(), arith::CmpIPredicate::ult, amount, width);
  return s.select(fits, ShiftOp::create(s.builder(), s.loc(), x, s.select(fits, amount, zero)), zero);
}

Value ShiftLeftOp::buildScalar(Scalars &s, VR x) { return shift<arith::ShLIOp>(s, x[0], x[1]); }
Value ShiftRightOp::buildScalar(Scalars &s, VR x) {
  return s.isUnsigned() ? shift<arith::ShRUIOp>(s, x[0], x[1]) : shift<arith::ShRSIOp>(s, x[0], x[1]);
}

Value PReluOp::buildScalar(Scalars &s, VR x) { return s.select(s.lt(x[0], s.cst(0, x[0])), s.mul(x[0], x[1]), x[0]); }

Value PowOp::buildScalar(Scalars &s, VR x) {
  Type base = getElementTypeOrSelf(getA()), exponent = getElementTypeOrSelf(getB());
  auto inType = [&](Type type) {
    Scalars wide(s.builder(), s.loc(), type);
    Value power = wide.pow(s.convert(x[0], base, type), s.convert(x[1], exponent, type));
    return s.convert(power, type, base);
  };
  if (isa<FloatType>(base))
    return s.pow(x[0], s.convert(x[1], exponent, computeType(base)));
  // A float exponent of an integer base: in f64, then converted as Cast does.
  if (isa<FloatType>(exponent))
    return inType(s.builder().getF64Type());
  bool exponentIsWider = exponent.getIntOrFloatBitWidth() > base.getIntOrFloatBitWidth();
  return inType(exponentIsWider ? exponent : base);
}

Value CastOp::buildScalar(Scalars &s, VR x) {
  return s.convert(x[0], getElementTypeOrSelf(getX()), getElementTypeOrSelf(getY()));
}

LogicalResult CastOp::verify() {
  if (shapeOf(getX().getType()) != shapeOf(getY().getType())) // (C1)
    return emitOpError() << "result has type " << getY().getType() << ", expected the shape of " << getX().getType();
  return success();
}

OpFoldResult CastOp::fold(FoldAdaptor) { return getX().getType() == getY().getType() ? OpFoldResult(getX()) : nullptr; }
