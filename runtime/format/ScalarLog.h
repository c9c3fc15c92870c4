// Logarithms, inverse hyperbolic functions and powers of ScalarMath.
#ifndef HEDDLE_RUNTIME_FORMAT_SCALARLOG_H
#define HEDDLE_RUNTIME_FORMAT_SCALARLOG_H

#if !defined(__CUDACC__) && !defined(__CUDA__)
#include "runtime/format/ScalarExp.h"
#endif

namespace heddle::scalar {

/// x = fraction * 2^exponent with fraction in [sqrt(1/2), sqrt(2)), for a positive finite x.
template <class T> struct Split {
  T fraction;
  T exponent;
  typename FloatTraits<T>::Bits exponentBits; ///< `exponent` as an integer, if x is normal.
};
template <class T> HEDDLE_FN Split<T> splitExponent(T x) {
  constexpr int fractionBits = FloatTraits<T>::fractionBits;
  auto isSubnormal = x < constant(x, isSingle<T> ? 0x1p-126 : 0x1p-1022);
  auto bits = bitsOf(select(isSubnormal, x * constant(x, 0x1p54), x));
  auto exponent =
      shiftRightSigned(bits - constant(bits, isSingle<T> ? 0x3f3504f3ull : 0x3fe6a09e667f3bcdull), fractionBits);
  T fraction = fromBits(bits - shiftLeft(exponent, fractionBits));
  return {fraction, toFloat(exponent) - select(isSubnormal, constant(x, 54.0), constant(x, 0.0)), exponent};
}

/// log(1 + f) + exponent * ln 2 for 1 + f in [sqrt(1/2), sqrt(2)).
template <class T> HEDDLE_FN T logOfParts(T f, T exponent) {
  if constexpr (isSingle<T>) {
    // (log(1 + f) - f + f^2 / 2) / f^3: 29.7 bits.
    T tail = horner(f, 0x1.1de18ap-4, -0x1.e05a7ep-4, 0x1.e3a762p-4, -0x1.fb97fp-4, 0x1.236c44p-3, -0x1.5561ccp-3,
                    0x1.99a1eep-3, -0x1.ffffecp-3, 0x1.55554ep-2);
    T result = fma(fma(tail, f, constant(f, -0.5)), f * f, f);
    return fma(exponent, constant(f, 0x1.62e43p-1), result);
  } else {
    // Source: fdlibm, e_log.c, with coefficients of our own (58.1 bits): s = f / (2 + f), log(1 + f) = f - s (f - R).
    T s = f / (constant(f, 2.0) + f), z = s * s, half = constant(f, 0.5) * f * f;
    T tail = z * horner(z, 0x1.2f3fefade15e8p-3, 0x1.399d88ced47d8p-3, 0x1.7466559aa6acap-3, 0x1.c71c520b5229ap-3,
                        0x1.249249413d38bp-2, 0x1.9999999981bc1p-2, 0x1.5555555555588p-1);
    T low = fma(s, half + tail, exponent * constant(f, 0x1.ef35793c7673p-45));
    return fma(exponent, constant(f, 0x1.62e42fefa38p-1), f - (half - low));
  }
}

/// The logarithm's values at the ends of its domain; `inner` is used for 0 < argument < infinity.
template <class T> HEDDLE_FN T logSpecials(T argument, T inner) {
  T zero = constant(argument, 0.0), infinity = infinityLike(argument);
  T outer = select(argument > zero, argument, nanLike(argument));
  outer = select(argument == zero, -infinity, outer);
  return select(both(argument > zero, argument < infinity), inner, outer);
}

template <class T> HEDDLE_FN T log(T x) {
  Split<T> split = splitExponent(x);
  return logSpecials(x, logOfParts(split.fraction - constant(x, 1.0), split.exponent));
}

/// log(1 + x), accurate near 0.
template <class T> HEDDLE_FN T log1p(T x) {
  T one = constant(x, 1.0);
  T sum = one + x;
  Split<T> split = splitExponent(sum);
  // (1 + x) * 2^-k - 1 without the rounding error of the sum; far above 1 the sum is exact enough, and 2^-k may
  // underflow.
  T factor = powerOfTwo(x, constant(split.exponentBits, 0) - split.exponentBits);
  T f = select(x > constant(x, 0x1p60), split.fraction - one, fma(x, factor, factor - one));
  return select(x == constant(x, 0.0), x, logSpecials(sum, logOfParts(f, split.exponent)));
}

template <class T> HEDDLE_FN T asinh(T x) {
  if constexpr (isSingle<T>) {
    return narrow(asinh(widen(x)));
  } else {
    T a = abs(x), s = a * a, one = constant(x, 1.0);
    T small = log1p(a + s / (one + sqrt(one + s)));
    T large = log(a) + constant(x, 0x1.62e42fefa39efp-1);
    return withSign(select(a < constant(x, 0x1p28), small, large), x);
  }
}

/// NaN below 1.
template <class T> HEDDLE_FN T acosh(T x) {
  if constexpr (isSingle<T>) {
    return narrow(acosh(widen(x)));
  } else {
    T t = x - constant(x, 1.0);
    T small = log1p(t + sqrt(fma(t, t, t + t)));
    T large = log(x) + constant(x, 0x1.62e42fefa39efp-1);
    T inner = select(x < constant(x, 0x1p28), small, large);
    return select(x < constant(x, 1.0), nanLike(x), inner);
  }
}

template <class T> HEDDLE_FN T atanh(T x) {
  if constexpr (isSingle<T>) {
    return narrow(atanh(widen(x)));
  } else {
    T a = abs(x);
    return withSign(constant(x, 0.5) * log1p((a + a) / (constant(x, 1.0) - a)), x);
  }
}

/// The natural logarithm of a positive finite x to about 68 bits. Source: log((1 + s) / (1 - s)) = 2 s (1 + s^2 / 3 +
/// ...).
template <class T> HEDDLE_FN Pair<T> logPair(T x) {
  Split<T> split = splitExponent(x);
  T one = constant(x, 1.0);
  T f = split.fraction - one;
  Pair<T> denominator = exactSumOrdered(constant(x, 2.0), f);
  T s = f / denominator.high;
  T sLow = (fma(-s, denominator.high, f) - s * denominator.low) / denominator.high;
  Pair<T> square = exactProduct(s, s);
  square.low = fma(s + s, sLow, square.low);
  // z / 3 in two parts; the rest of the series, 59.7 bits, is small enough for one.
  Pair<T> third = exactProduct(square.high, constant(x, 0x1.5555555555555p-2));
  third.low =
      third.low + fma(square.high, constant(x, 0x1.5555555555555p-56), square.low * constant(x, 0x1.5555555555555p-2));
  T z = square.high;
  T rest = z * z *
           horner(z, 0x1.e144d9f39c45bp-5, 0x1.df61cb8d9382cp-5, 0x1.11194ac0f4734p-4, 0x1.3b139360cd1e5p-4,
                  0x1.745d17808873dp-4, 0x1.c71c71c6e3cb9p-4, 0x1.2492492492539p-3, 0x1.999999999999ap-3);
  Pair<T> series = exactSumOrdered(third.high, rest);
  series.low = series.low + third.low;
  // 2 s * (1 + series) + exponent * ln 2
  Pair<T> product = exactProduct(s + s, series.high);
  product.low = product.low + fma(s + s, series.low, (sLow + sLow) * series.high);
  Pair<T> result = exactSumOrdered(s + s, product.high);
  result.low = result.low + product.low + (sLow + sLow);
  Pair<T> scaled = exactProduct(split.exponent, constant(x, 0x1.62e42fefa39efp-1));
  scaled.low = fma(split.exponent, constant(x, 0x1.abc9e3b39803fp-56), scaled.low);
  Pair<T> sum = exactSum(scaled.high, result.high);
  return exactSumOrdered(sum.high, sum.low + scaled.low + result.low);
}

/// e^(y * log a) for 0 < a < infinity and a finite y.
template <class T> HEDDLE_FN T powPositive(T a, T y) {
  Pair<T> logarithm = logPair(a);
  Pair<T> exponent = exactProduct(y, logarithm.high);
  T low = fma(y, logarithm.low, exponent.low);
  T high = clampTo(exponent.high, -750.0, 715.0);
  low = select(high == exponent.high, low, constant(a, 0.0));
  ExpArgument<T> argument = reduceExp(high);
  T r = argument.r + low;
  return scale(fma(r * r, expTail(r), r) + constant(a, 1.0), argument.k);
}

/// x^y with the special values of C's pow.
template <class T> HEDDLE_FN T powSpecials(T x, T y, T inner) {
  T a = abs(x), zero = constant(x, 0.0), one = constant(x, 1.0), infinity = infinityLike(x),
    half = y * constant(x, 0.5);
  auto isInteger = y == roundEven(y);
  auto isOdd = both(isInteger, half != roundEven(half));
  // At the ends the magnitude is 0, 1 or infinite.
  auto grows = either(both(a > one, y > zero), both(a < one, y < zero));
  T end = select(a == one, one, select(grows, infinity, zero));
  auto isEnd = either(either(a == zero, a == infinity), abs(y) == infinity);
  T magnitude = select(isEnd, end, inner);
  T result = select(isOdd, withSign(magnitude, x), magnitude);
  result = select(both(both(x < zero, a < infinity), inverse(isInteger)), nanLike(x), result);
  result = select(either(isNaN(x), isNaN(y)), nanLike(x), result);
  return select(either(y == zero, x == one), one, result);
}

template <class T> HEDDLE_FN T pow(T x, T y) {
  if constexpr (isSingle<T>) {
    // The error of f64's log times |y log x| < 150 is far below half an ulp of f32.
    auto wideLog = log(widen(abs(x)));
    return powSpecials(x, y, narrow(exp(widen(y) * wideLog)));
  } else {
    return powSpecials(x, y, powPositive(abs(x), y));
  }
}

} // namespace heddle::scalar

#endif // HEDDLE_RUNTIME_FORMAT_SCALARLOG_H
