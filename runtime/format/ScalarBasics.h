// Small building blocks of ScalarMath: polynomials, powers of two, signs, exact sums, minima.
#ifndef HEDDLE_RUNTIME_FORMAT_SCALARBASICS_H
#define HEDDLE_RUNTIME_FORMAT_SCALARBASICS_H

#if !defined(__CUDACC__) && !defined(__CUDA__)
#include "runtime/format/ScalarMathPrimitives.h"
#endif

namespace heddle::scalar {

/// The polynomial with the given coefficients, highest power first, by Horner's rule with fma.
template <class T, class... Rest> HEDDLE_FN T horner(T x, double lead, Rest... rest) {
  T sum = constant(x, lead);
  ((sum = fma(sum, x, constant(x, rest))), ...);
  return sum;
}

template <class T> HEDDLE_FN T infinityLike(T x) {
  auto bits = bitsOf(x);
  return fromBits(constant(bits, isSingle<T> ? 0x7f800000ull : 0x7ff0000000000000ull));
}

/// The quiet NaN with a clear sign.
template <class T> HEDDLE_FN T nanLike(T x) {
  auto bits = bitsOf(x);
  return fromBits(constant(bits, isSingle<T> ? 0x7fc00000ull : 0x7ff8000000000000ull));
}

template <class T> HEDDLE_FN auto signBit(T x) {
  auto bits = bitsOf(x);
  return bits & constant(bits, 1ull << (FloatTraits<T>::width - 1));
}

/// The magnitude, which is not negative, with the sign of `sign`.
template <class T> HEDDLE_FN T withSign(T magnitude, T sign) { return fromBits(bitsOf(magnitude) | signBit(sign)); }

/// 2^k of the type of the first argument, for a normal result.
template <class T, class Bits> HEDDLE_FN T powerOfTwo(T, Bits k) {
  return fromBits(shiftLeft(k + constant(k, FloatTraits<T>::bias), FloatTraits<T>::fractionBits));
}

/// x * 2^k for |k| up to twice the exponent range; one rounding, also into subnormals.
template <class T, class Bits> HEDDLE_FN T scale(T x, Bits k) {
  Bits half = shiftRightSigned(k, 1);
  return x * powerOfTwo(x, half) * powerOfTwo(x, k - half);
}

/// The nearest integer to `x * factor`, for |x * factor| < 2^22 (f32) or 2^51 (f64), twice: as float and as integer.
/// Adding 1.5 * 2^fraction puts the integer in the low bits, with no conversion that could trap on a NaN.
template <class T> struct Rounded {
  T value;
  typename FloatTraits<T>::Bits integer;
};
template <class T> HEDDLE_FN Rounded<T> roundScaled(T x, double factor) {
  T magic = constant(x, isSingle<T> ? 0x1.8p23 : 0x1.8p52);
  T shifted = fma(x, constant(x, factor), magic);
  return {shifted - magic, bitsOf(shifted) - bitsOf(magic)};
}

/// A sum or product and its rounding error: high + low is exact.
template <class T> struct Pair {
  T high;
  T low;
};

/// Source: Knuth, TwoSum.
template <class T> HEDDLE_FN Pair<T> exactSum(T a, T b) {
  T sum = a + b;
  T shadow = sum - a;
  return {sum, (a - (sum - shadow)) + (b - shadow)};
}

/// exactSum for |a| >= |b|. Source: Dekker, Fast2Sum.
template <class T> HEDDLE_FN Pair<T> exactSumOrdered(T a, T b) {
  T sum = a + b;
  return {sum, b - (sum - a)};
}

template <class T> HEDDLE_FN Pair<T> exactProduct(T a, T b) {
  T product = a * b;
  return {product, fma(a, b, -product)};
}

/// The one value that does not equal itself.
template <class T> HEDDLE_FN auto isNaN(T x) {
  return x != x; // NOLINT(misc-redundant-expression)
}

/// IEEE 754-2019 minimum and maximum: a NaN operand wins, and -0 is below +0.
template <class T> HEDDLE_FN T minimum(T a, T b) {
  T smaller = select(a < b, a, b);
  T ordered = select(a == b, fromBits(bitsOf(a) | bitsOf(b)), smaller);
  return select(isNaN(a), a, ordered);
}
template <class T> HEDDLE_FN T maximum(T a, T b) {
  T larger = select(a > b, a, b);
  T ordered = select(a == b, fromBits(bitsOf(a) & bitsOf(b)), larger);
  return select(isNaN(a), a, ordered);
}

} // namespace heddle::scalar

#endif // HEDDLE_RUNTIME_FORMAT_SCALARBASICS_H
