// Implements scalar expressions over arith and math ops.
#include "ir/Scalars.h"
#include <cmath>

using namespace mlir;
using namespace heddle;

Type heddle::computeType(Type element) {
  if (auto integer = dyn_cast<IntegerType>(element)) {
    if (integer.getWidth() == 4)
      return IntegerType::get(element.getContext(), 8);
    return integer.isSignless() ? integer : IntegerType::get(element.getContext(), integer.getWidth());
  }
  if (isa<FloatType>(element) && element.getIntOrFloatBitWidth() < 32)
    return Float32Type::get(element.getContext());
  return element;
}

static bool isUnsignedOrBool(Type element) { return element.isUnsignedInteger() || element.isInteger(1); }

Scalars::Scalars(OpBuilder &builder, Location loc, Type element)
    : b(builder), location(loc), isUnsignedElement(isUnsignedOrBool(element)) {}

Value Scalars::cst(double value, Type type) {
  if (isa<FloatType>(type))
    return arith::ConstantOp::create(b, location, b.getFloatAttr(type, value));
  return cstInt(static_cast<int64_t>(value), type);
}

Value Scalars::cstInt(int64_t value, Type type) {
  APInt bits(type.getIntOrFloatBitWidth(), static_cast<uint64_t>(value), /*isSigned=*/true, /*implicitTrunc=*/true);
  return arith::ConstantOp::create(b, location, b.getIntegerAttr(type, bits));
}

static bool isFloat(Value x) { return isa<FloatType>(x.getType()); }

Value Scalars::add(Value x, Value y) {
  if (isFloat(x))
    return arith::AddFOp::create(b, location, x, y);
  return arith::AddIOp::create(b, location, x, y);
}

Value Scalars::sub(Value x, Value y) {
  if (isFloat(x))
    return arith::SubFOp::create(b, location, x, y);
  return arith::SubIOp::create(b, location, x, y);
}

Value Scalars::mul(Value x, Value y) {
  if (isFloat(x))
    return arith::MulFOp::create(b, location, x, y);
  return arith::MulIOp::create(b, location, x, y);
}

Value Scalars::div(Value x, Value y) {
  if (isFloat(x))
    return arith::DivFOp::create(b, location, x, y);
  Value zero = cstInt(0, x.getType()), one = cstInt(1, x.getType());
  Value byZero = eq(y, zero);
  if (isUnsignedElement)
    return select(byZero, zero, arith::DivUIOp::create(b, location, x, select(byZero, one, y)));
  // The divisor -1 is taken out too: the smallest value / -1 traps on x86, and -x wraps as defined.
  Value byMinusOne = eq(y, cstInt(-1, x.getType()));
  Value safe = select(logicalOr(byZero, byMinusOne), one, y);
  Value quotient = arith::DivSIOp::create(b, location, x, safe);
  return select(byZero, zero, select(byMinusOne, sub(zero, x), quotient));
}

Value Scalars::rem(Value x, Value y) {
  if (isFloat(x))
    return arith::RemFOp::create(b, location, x, y);
  Value zero = cstInt(0, y.getType());
  return select(eq(y, zero), zero, sub(x, mul(div(x, y), y)));
}

Value Scalars::min(Value x, Value y) {
  if (isFloat(x))
    return arith::MinimumFOp::create(b, location, x, y);
  if (isUnsignedElement)
    return arith::MinUIOp::create(b, location, x, y);
  return arith::MinSIOp::create(b, location, x, y);
}

Value Scalars::max(Value x, Value y) {
  if (isFloat(x))
    return arith::MaximumFOp::create(b, location, x, y);
  if (isUnsignedElement)
    return arith::MaxUIOp::create(b, location, x, y);
  return arith::MaxSIOp::create(b, location, x, y);
}

Value Scalars::neg(Value x) {
  if (isFloat(x))
    return arith::NegFOp::create(b, location, x);
  return sub(cstInt(0, x.getType()), x);
}

Value Scalars::abs(Value x) {
  if (isFloat(x))
    return math::AbsFOp::create(b, location, x);
  if (isUnsignedElement)
    return x;
  return select(lt(x, cstInt(0, x.getType())), neg(x), x);
}

Value Scalars::lt(Value x, Value y) {
  if (isFloat(x))
    return arith::CmpFOp::create(b, location, arith::CmpFPredicate::OLT, x, y);
  auto predicate = isUnsignedElement ? arith::CmpIPredicate::ult : arith::CmpIPredicate::slt;
  return arith::CmpIOp::create(b, location, predicate, x, y);
}

Value Scalars::le(Value x, Value y) {
  if (isFloat(x))
    return arith::CmpFOp::create(b, location, arith::CmpFPredicate::OLE, x, y);
  auto predicate = isUnsignedElement ? arith::CmpIPredicate::ule : arith::CmpIPredicate::sle;
  return arith::CmpIOp::create(b, location, predicate, x, y);
}

Value Scalars::eq(Value x, Value y) {
  if (isFloat(x))
    return arith::CmpFOp::create(b, location, arith::CmpFPredicate::OEQ, x, y);
  return arith::CmpIOp::create(b, location, arith::CmpIPredicate::eq, x, y);
}

Value Scalars::isNaN(Value x) { return arith::CmpFOp::create(b, location, arith::CmpFPredicate::UNO, x, x); }

Value Scalars::logicalNot(Value x) { return arith::XOrIOp::create(b, location, x, cstInt(1, x.getType())); }

Value Scalars::select(Value condition, Value x, Value y) {
  return arith::SelectOp::create(b, location, condition, x, y);
}

Value Scalars::pow(Value x, Value y) {
  if (isFloat(x))
    return math::PowFOp::create(b, location, x, y);
  return integerPow(x, y);
}

/// Square and multiply over all bits of the exponent; a negative exponent gives 1 / x^|y| truncated, which is 0 but for
/// x = 1 and -1.
Value Scalars::integerPow(Value x, Value y) {
  Type type = x.getType();
  Value zero = cstInt(0, type), one = cstInt(1, type);
  Value result = one, power = x, exponent = y;
  for (unsigned bit = 0; bit < type.getIntOrFloatBitWidth(); ++bit) {
    Value odd = eq(arith::AndIOp::create(b, location, exponent, one), one);
    result = select(odd, mul(result, power), result);
    power = mul(power, power);
    exponent = arith::ShRUIOp::create(b, location, exponent, one);
  }
  if (isUnsignedElement)
    return result;
  Value minusOne = cstInt(-1, type);
  Value isEven = eq(arith::AndIOp::create(b, location, y, one), zero);
  Value inverse = select(eq(x, one), one, select(eq(x, minusOne), select(isEven, one, minusOne), zero));
  return select(lt(y, zero), inverse, result);
}

/// Truncates and saturates; NaN gives 0.
Value Scalars::floatToInteger(Value x, Type to) {
  auto integer = cast<IntegerType>(computeType(to));
  bool toUnsigned = to.isUnsignedInteger();
  unsigned width = cast<IntegerType>(to).getWidth();
  double low = toUnsigned ? 0.0 : -std::ldexp(1.0, width - 1);
  double high = std::ldexp(1.0, toUnsigned ? width : width - 1); // first value that does not fit
  APInt lowBits = toUnsigned ? APInt::getMinValue(width) : APInt::getSignedMinValue(width);
  APInt highBits = toUnsigned ? APInt::getMaxValue(width) : APInt::getSignedMaxValue(width);
  auto constant = [&](const APInt &bits) -> Value {
    APInt wide = toUnsigned ? bits.zext(integer.getWidth()) : bits.sext(integer.getWidth());
    return arith::ConstantOp::create(b, location, b.getIntegerAttr(integer, wide));
  };
  Value aboveLow = arith::CmpFOp::create(b, location, arith::CmpFPredicate::OGE, x, cst(low, x));
  Value belowHigh = arith::CmpFOp::create(b, location, arith::CmpFPredicate::OLT, x, cst(high, x));
  Value fits = logicalAnd(aboveLow, belowHigh);
  Value safe = select(fits, x, cst(0, x));
  Value truncated;
  if (toUnsigned)
    truncated = arith::FPToUIOp::create(b, location, integer, safe);
  else
    truncated = arith::FPToSIOp::create(b, location, integer, safe);
  Value saturated = select(belowHigh, constant(lowBits), constant(highBits));
  return select(fits, truncated, select(isNaN(x), cstInt(0, integer), saturated));
}

Value Scalars::roundToNarrow(Value x, Type narrow) {
  Value rounded = arith::TruncFOp::create(b, location, narrow, x);
  return arith::ExtFOp::create(b, location, computeType(narrow), rounded);
}

Value Scalars::convert(Value x, Type from, Type to) {
  if (from == to)
    return x;
  Type target = computeType(to);
  if (to.isInteger(1)) {
    if (isFloat(x))
      return arith::CmpFOp::create(b, location, arith::CmpFPredicate::UNE, x, cst(0, x));
    return arith::CmpIOp::create(b, location, arith::CmpIPredicate::ne, x, cstInt(0, x.getType()));
  }
  if (isFloat(x) && isa<IntegerType>(to) && cast<IntegerType>(to).getWidth() == 4) {
    // ONNX keeps the low bits of the truncated value here, as from a wider integer.
    Type wide = b.getI32Type();
    return convert(floatToInteger(x, wide), wide, to);
  }
  if (isFloat(x) && isa<IntegerType>(to))
    return floatToInteger(x, to);
  if (isFloat(x)) {
    bool narrows = to.getIntOrFloatBitWidth() < 32;
    if (narrows)
      return roundToNarrow(x, to);
    unsigned fromWidth = x.getType().getIntOrFloatBitWidth(), toWidth = target.getIntOrFloatBitWidth();
    if (fromWidth == toWidth)
      return x;
    if (fromWidth < toWidth)
      return arith::ExtFOp::create(b, location, target, x);
    return arith::TruncFOp::create(b, location, target, x);
  }
  if (isa<FloatType>(to)) {
    Value wide = isUnsignedOrBool(from) ? Value(arith::UIToFPOp::create(b, location, target, x))
                                        : Value(arith::SIToFPOp::create(b, location, target, x));
    return to.getIntOrFloatBitWidth() < 32 ? roundToNarrow(wide, to) : wide;
  }
  unsigned fromWidth = x.getType().getIntOrFloatBitWidth(), toWidth = target.getIntOrFloatBitWidth();
  Value resized = x;
  if (fromWidth > toWidth)
    resized = arith::TruncIOp::create(b, location, target, x);
  else if (fromWidth < toWidth && isUnsignedOrBool(from))
    resized = arith::ExtUIOp::create(b, location, target, x);
  else if (fromWidth < toWidth)
    resized = arith::ExtSIOp::create(b, location, target, x);
  if (cast<IntegerType>(to).getWidth() != 4)
    return resized;
  // Sub-byte integers are kept in i8: the low 4 bits, sign- or zero-extended.
  Value four = cstInt(4, target), shifted = arith::ShLIOp::create(b, location, resized, four);
  if (to.isUnsignedInteger())
    return arith::ShRUIOp::create(b, location, shifted, four);
  return arith::ShRSIOp::create(b, location, shifted, four);
}
