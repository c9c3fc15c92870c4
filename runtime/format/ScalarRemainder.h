// Remainders of ScalarMath: C's fmod on floats, and integer division and modulo that never trap.
#ifndef HEDDLE_RUNTIME_FORMAT_SCALARREMAINDER_H
#define HEDDLE_RUNTIME_FORMAT_SCALARREMAINDER_H

#if !defined(__CUDACC__) && !defined(__CUDA__)
#include "runtime/format/ScalarBasics.h"
#endif

namespace heddle::scalar {

/// f64: a modulo b for 0 <= a < 2^52 * b, or a < b; exact: the quotient is off by one at most, which shows as a
/// negative rest.
template <class T> HEDDLE_FN T modStep(T a, T b) {
  T rest = fma(-trunc(a / b), b, a);
  return select(rest < constant(a, 0.0), rest + b, rest);
}

/// f64: a modulo b for positive finite operands, 50 bits of the quotient at a time.
template <class T> HEDDLE_FN T modHuge(T a, T b, int quotientBits) {
  auto bits = bitsOf(a);
  for (int shift = quotientBits / 50 * 50; shift >= 0; shift -= 50) {
    // Up to 2^2100 * b: in three factors, for it may overflow in any of them. An infinite divisor is skipped.
    int third = shift / 3;
    T factor = powerOfTwo(a, constant(bits, static_cast<Bits64>(third)));
    T divisor = b * factor * factor * powerOfTwo(a, constant(bits, static_cast<Bits64>(shift - 2 * third)));
    a = select(divisor <= a, modStep(a, divisor), a);
  }
  return a;
}

/// C's fmod: x - trunc(x / y) * y, exact, with the sign of x. NaN for an infinite x or a zero y.
template <class T> HEDDLE_FN T fmod(T x, T y) {
  T a = abs(x), b = abs(y), infinity = infinityLike(x), zero = constant(x, 0.0);
  auto isHuge = both(both(a >= b * constant(x, 0x1p50), b > zero), a < infinity);
  T rest = x;
  if constexpr (isSingle<T>) {
    auto wideA = widen(a), wideB = widen(b);
    rest = rarely(isHuge, narrow(modStep(wideA, wideB)), [&] { return narrow(modHuge(wideA, wideB, 300)); });
  } else {
    rest = rarely(isHuge, modStep(a, b), [&] { return modHuge(a, b, 2100); });
  }
  rest = select(a < b, a, rest);
  auto isDefined = both(a<infinity, b> zero);
  return select(isDefined, withSign(rest, x), nanLike(x));
}

/// Signed division that truncates toward zero: x / 0 is 0, and the least integer / -1 wraps to itself.
template <class I> HEDDLE_FN I divideSigned(I a, I b) {
  I zero = constant(a, 0), one = constant(a, 1), minusOne = negateWrapping(one);
  auto isZero = b == zero, isMinusOne = b == minusOne;
  I value = quotient(a, select(either(isZero, isMinusOne), one, b));
  return select(isZero, zero, select(isMinusOne, negateWrapping(a), value));
}

/// The remainder of divideSigned, with the sign of `a`; x mod 0 is 0.
template <class I> HEDDLE_FN I remainderSigned(I a, I b) {
  I zero = constant(a, 0), one = constant(a, 1);
  auto isTrivial = either(b == zero, b == negateWrapping(one));
  return select(isTrivial, zero, remainder(a, select(isTrivial, one, b)));
}

/// The remainder of a division that rounds toward minus infinity, with the sign of `b`; x mod 0 is 0.
template <class I> HEDDLE_FN I moduloSigned(I a, I b) {
  I zero = constant(a, 0), rest = remainderSigned(a, b);
  auto hasOtherSign = either(both(rest<zero, b> zero), both(rest > zero, b < zero));
  return select(hasOtherSign, addWrapping(rest, b), rest);
}

/// Unsigned division and its remainder; x / 0 and x mod 0 are 0.
template <class I> HEDDLE_FN I divideUnsigned(I a, I b) {
  I zero = constant(a, 0);
  return select(b == zero, zero, quotient(a, select(b == zero, constant(a, 1), b)));
}
template <class I> HEDDLE_FN I remainderUnsigned(I a, I b) {
  I zero = constant(a, 0);
  return select(b == zero, zero, remainder(a, select(b == zero, constant(a, 1), b)));
}

} // namespace heddle::scalar

#endif // HEDDLE_RUNTIME_FORMAT_SCALARREMAINDER_H
