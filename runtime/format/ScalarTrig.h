// Trigonometric functions of ScalarMath and their inverses.
#ifndef HEDDLE_RUNTIME_FORMAT_SCALARTRIG_H
#define HEDDLE_RUNTIME_FORMAT_SCALARTRIG_H

#if !defined(__CUDACC__) && !defined(__CUDA__)
#include "runtime/format/ScalarBasics.h"
#endif

namespace heddle::scalar {

/// x = quarter * pi/2 + r + tail, |r| <= pi/4, modulo whole turns.
template <class T> struct QuarterTurns {
  typename FloatTraits<T>::Bits quarter; ///< Correct in its two low bits.
  T r;
  T tail; ///< Below half an ulp of r.
};

inline constexpr double twoOverPi = 0x1.45f306dc9c883p-1;

/// For |x| <= 2^15 (f32) or 2^20 (f64). Source: Cody and Waite; with fma the first difference is exact.
template <class T> HEDDLE_FN QuarterTurns<T> reduceModerate(T x) {
  Rounded<T> quarter = roundScaled(x, twoOverPi);
  if constexpr (isSingle<T>) {
    T r = fma(quarter.value, constant(x, -0x1.921fb6p+0), x);
    r = fma(quarter.value, constant(x, 0x1.777a5cp-25), r);
    r = fma(quarter.value, constant(x, 0x1.ee59dap-50), r);
    return {quarter.integer, r, constant(x, 0.0)};
  } else {
    T first = fma(quarter.value, constant(x, -0x1.921fb54442d18p+0), x);
    Pair<T> second = exactProduct(quarter.value, constant(x, 0x1.1a62633145c07p-54));
    Pair<T> difference = exactSum(first, -second.high);
    T tail = fma(quarter.value, constant(x, 0x1.f1976b7ed8fbcp-110), difference.low - second.low);
    Pair<T> reduced = exactSumOrdered(difference.high, tail);
    return {quarter.integer, reduced.high, reduced.low};
  }
}

/// The part of a number of quarter turns that is below two whole turns of them: x - 4 * round(x / 4), exact.
template <class T> HEDDLE_FN T belowTurn(T quarters) {
  return fma(roundEven(quarters * constant(quarters, 0.25)), constant(quarters, -4.0), quarters);
}

/// For an f32 value in f64: each product with 29 bits of 2/pi is exact. Source: after Payne and Hanek.
template <class T> HEDDLE_FN QuarterTurns<T> reduceHugeSingle(T x) {
  constexpr double chunks[] = {0x1.45f306dp-1,   0x1.9391054p-30, 0x1.4fe13abp-59, 0x1.d1f534dp-88,
                               0x1.b81b6c5p-117, 0x1.5993c4p-148, 0x1.c820ff2p-175};
  T sum = constant(x, 0.0), whole = constant(x, 0.0);
  for (double chunk : chunks) {
    sum = sum + belowTurn(x * constant(x, chunk));
    T nearest = roundEven(sum);
    // What is left is small wherever it matters, so the next sum rounds only far below.
    sum = sum - nearest;
    whole = whole + nearest;
  }
  return {roundScaled(whole, 1.0).integer, sum * constant(x, 0x1.921fb54442d18p+0), constant(x, 0.0)};
}

/// For any finite f64: products with 53 bits of 2/pi are exact as pairs; their sum is kept as a pair.
template <class T> HEDDLE_FN QuarterTurns<T> reduceHuge(T x) {
  // The bits of 2/pi; and those of 2^512 * 2/pi below 4, for an integer argument in units of 2^512.
  constexpr double chunks[][2] = {
      {0x1.45f306dc9c882p-1, 0x1.d338e04d68becp-1},     {0x1.4a7f09d5f47d4p-54, 0x1.e413991d63983p-52},
      {0x1.a6ee06db14accp-107, 0x1.4ce7d272117e2p-106}, {0x1.3c439041fe516p-160, 0x1.defc941d8ffc4p-159},
      {0x1.d5ef5de2b0db8p-215, 0x1.7ffde05980feep-212}, {0x1.2371d2126e970p-267, 0x1.2f118b5a0a6d1p-264},
      {0x1.924bba8274600p-326, 0x1.eda6cfd9e4f96p-317}, {0x1.21cfe1deb1cb1p-372, 0x1.36e9e8c7ecd38p-373},
      {0x1.4d39f74411af8p-427, 0x1.2ff516ba93dd6p-423}, {0x1.4baed1213a671p-478, 0x1.faf97c5ecf41cp-478},
      {0x1.8135a2fbf209cp-531, 0x1.cfbc529497534p-531}, {0x1.91d639835339fp-584, 0x1.fdafd88fc6ae8p-583},
      {0x1.272117e2ef7e4p-638, 0x1.0ac06608df8f4p-637}, {0x1.41d8ffc4bffeep-691, 0x1.6babf0cfbc209p-688}};
  auto isLarge = abs(x) >= constant(x, 0x1p565);
  T scaled = select(isLarge, x * constant(x, 0x1p-512), x);
  Pair<T> sum = {constant(x, 0.0), constant(x, 0.0)};
  T whole = constant(x, 0.0);
  for (const auto &chunk : chunks) {
    Pair<T> product = exactProduct(scaled, select(isLarge, constant(x, chunk[1]), constant(x, chunk[0])));
    Pair<T> first = exactSum(sum.high, belowTurn(product.high));
    Pair<T> second = exactSum(first.high, belowTurn(product.low));
    T nearest = roundEven(second.high);
    sum = exactSum(second.high - nearest, sum.low + first.low + second.low);
    whole = whole + nearest;
  }
  Pair<T> angle = exactProduct(sum.high, constant(x, 0x1.921fb54442d18p+0));
  angle.low =
      fma(sum.high, constant(x, 0x1.1a62633145c07p-54), fma(sum.low, constant(x, 0x1.921fb54442d18p+0), angle.low));
  Pair<T> reduced = exactSumOrdered(angle.high, angle.low);
  return {roundScaled(whole, 1.0).integer, reduced.high, reduced.low};
}

/// Sine and cosine of r + tail for |r| <= pi/4, unrounded. Coefficients: (sin r - r) / r^3 (37.3 and 57.7 bits), (cos r
/// - 1 + r^2 / 2) / r^4 (42.2 and 62.9 bits).
template <class T> HEDDLE_FN Pair<T> sinReduced(T r, T tail) {
  T s = r * r, cube = r * s;
  if constexpr (isSingle<T>) {
    return {r, cube * horner(s, 0x1.6ccc24p-19, -0x1.a00f78p-13, 0x1.111108p-7, -0x1.555556p-3)};
  } else {
    T series = horner(s, 0x1.5d8bcaae5a0d3p-33, -0x1.ae5e53d2b6765p-26, 0x1.71de356abce78p-19, -0x1.a01a019c12eb4p-13,
                      0x1.111111110f942p-7, -0x1.555555555554ap-3);
    // sin(r + tail) = sin r + tail * (1 - r^2 / 2)
    return {r, fma(cube, series, fma(s * constant(r, -0.5), tail, tail))};
  }
}
template <class T> HEDDLE_FN Pair<T> cosReduced(T r, T tail) {
  T s = r * r, half = s * constant(r, 0.5), one = constant(r, 1.0), lead = one - half;
  if constexpr (isSingle<T>) {
    return {lead, s * s * horner(s, -0x1.246c82p-22, 0x1.a0129ep-16, -0x1.6c16bcp-10, 0x1.555556p-5)};
  } else {
    T series = horner(s, -0x1.8fee0e7bd710bp-37, 0x1.1eea73db77e0cp-29, -0x1.27e4f8e896470p-22, 0x1.a01a019e0a3aap-16,
                      -0x1.6c16c16c160f7p-10, 0x1.5555555555554p-5);
    return {lead, ((one - lead) - half) + fma(s * s, series, -(r * tail))};
  }
}
template <class T> HEDDLE_FN T rounded(Pair<T> pair) { return pair.high + pair.low; }

template <class T, class Bits> HEDDLE_FN auto isOdd(T, Bits quarter) {
  return (quarter & constant(quarter, 1)) != constant(quarter, 0);
}

/// The sine `phase` quarter turns further on.
template <class T> HEDDLE_FN T sinOfQuarters(QuarterTurns<T> turns, int phase) {
  auto quarter = turns.quarter + constant(turns.quarter, phase);
  T magnitude = select(isOdd(turns.r, quarter), rounded(cosReduced(turns.r, turns.tail)),
                       rounded(sinReduced(turns.r, turns.tail)));
  auto sign = shiftLeft(quarter & constant(quarter, 2), FloatTraits<T>::width - 2);
  return fromBits(bitsOf(magnitude) ^ sign);
}

template <class T> HEDDLE_FN T tanOfQuarters(QuarterTurns<T> turns) {
  Pair<T> sine = sinReduced(turns.r, turns.tail), cosine = cosReduced(turns.r, turns.tail);
  auto swap = isOdd(turns.r, turns.quarter);
  Pair<T> numerator = exactSumOrdered(select(swap, -cosine.high, sine.high), select(swap, -cosine.low, sine.low));
  Pair<T> denominator = exactSumOrdered(select(swap, sine.high, cosine.high), select(swap, sine.low, cosine.low));
  T quotient = numerator.high / denominator.high;
  T rest = fma(-quotient, denominator.high, numerator.high) + fma(-quotient, denominator.low, numerator.low);
  return quotient + rest / denominator.high;
}

template <class T> HEDDLE_FN T sinShifted(T x, int phase) {
  T usual = sinOfQuarters(reduceModerate(x), phase);
  if constexpr (isSingle<T>)
    return rarely(abs(x) > constant(x, 0x1p15), usual,
                  [&] { return narrow(sinOfQuarters(reduceHugeSingle(widen(x)), phase)); });
  else
    return rarely(abs(x) > constant(x, 0x1p20), usual, [&] { return sinOfQuarters(reduceHuge(x), phase); });
}

/// NaN for an infinite argument.
template <class T> HEDDLE_FN T sin(T x) {
  T result = select(x == constant(x, 0.0), x, sinShifted(x, 0));
  return select(abs(x) == infinityLike(x), nanLike(x), result);
}
template <class T> HEDDLE_FN T cos(T x) { return select(abs(x) == infinityLike(x), nanLike(x), sinShifted(x, 1)); }

template <class T> HEDDLE_FN T tan(T x) {
  T result = x;
  if constexpr (isSingle<T>) {
    auto wide = widen(x);
    result = rarely(abs(x) > constant(x, 0x1p20), narrow(tanOfQuarters(reduceModerate(wide))),
                    [&] { return narrow(tanOfQuarters(reduceHugeSingle(wide))); });
  } else {
    result = rarely(abs(x) > constant(x, 0x1p20), tanOfQuarters(reduceModerate(x)),
                    [&] { return tanOfQuarters(reduceHuge(x)); });
  }
  result = select(x == constant(x, 0.0), x, result);
  return select(abs(x) == infinityLike(x), nanLike(x), result);
}

/// f64: asin a - a for 0 <= a <= 1/2; (asin a - a) / a^3 to 55.4 bits.
template <class T> HEDDLE_FN T asinTail(T a) {
  T s = a * a;
  T series = horner(s, 0x1.fa81e9f91b78ep-6, -0x1.e171dd7fb3adep-7, 0x1.2f0e5c1bcdb6cp-6, 0x1.c603ef2dc48bcp-8,
                    0x1.8b8829df49f71p-7, 0x1.c784c585949a7p-7, 0x1.1c64812b9bf62p-6, 0x1.6e8a7c81994e8p-6,
                    0x1.f1c725fa7337cp-6, 0x1.6db6db580ac7bp-5, 0x1.3333333348b28p-4, 0x1.555555555550ap-3);
  return a * s * series;
}

inline constexpr double halfPi = 0x1.921fb54442d18p+0;
inline constexpr double halfPiLow = 0x1.1a62633145c07p-54;

/// acos a for 1/2 < a <= 1, unrounded, as twice the asin of sqrt((1 - a) / 2); NaN above 1.
template <class T> HEDDLE_FN Pair<T> acosNearOne(T a) {
  T z = (constant(a, 1.0) - a) * constant(a, 0.5), root = sqrt(z);
  // The rounding error of the root is carried on to first order.
  T correction = fma(-root, root, z) / (root + root);
  T low = asinTail(root) + select(z > constant(a, 0.0), correction, root);
  return {root + root, low + low};
}

/// NaN outside [-1, 1].
template <class T> HEDDLE_FN T asin(T x) {
  if constexpr (isSingle<T>) {
    return narrow(asin(widen(x)));
  } else {
    T a = abs(x);
    Pair<T> acosine = acosNearOne(a);
    T large = (constant(x, halfPi) - acosine.high) - (acosine.low - constant(x, halfPiLow));
    return withSign(select(a > constant(x, 0.5), large, a + asinTail(a)), x);
  }
}

/// NaN outside [-1, 1].
template <class T> HEDDLE_FN T acos(T x) {
  if constexpr (isSingle<T>) {
    return narrow(acos(widen(x)));
  } else {
    T a = abs(x), tail = asinTail(x);
    Pair<T> near = acosNearOne(a);
    T middle = constant(x, halfPi) - (x + (tail - constant(x, halfPiLow)));
    T negative = constant(x, 2 * halfPi) - (near.high + (near.low - constant(x, 2 * halfPiLow)));
    T outer = select(x < constant(x, 0.0), negative, near.high + near.low);
    return select(a > constant(x, 0.5), outer, middle);
  }
}

/// (atan u - u) / u^3 in s = u^2, for u <= 1/2: 27.2 and 65.8 bits.
template <class T> HEDDLE_FN T atanTail(T s) {
  if constexpr (isSingle<T>)
    return horner(s, -0x1.ac0f3c0000000p-5, 0x1.a293780000000p-4, -0x1.2293120000000p-3, 0x1.9981940000000p-3,
                  -0x1.55552a0000000p-2);
  else
    return horner(s, 0x1.d57aea40db66fp-8, -0x1.559c5ae588275p-6, 0x1.114d2c630901bp-5, -0x1.5473be9916360p-5,
                  0x1.82d6448e4fd67p-5, -0x1.aeab7ef01c6acp-5, 0x1.e1d461893fd10p-5, -0x1.11108be1f4ecdp-4,
                  0x1.3b13aa168a202p-4, -0x1.745d17045a48cp-4, 0x1.c71c71c5a68ecp-4, -0x1.249249248ffb4p-3,
                  0x1.9999999999967p-3, -0x1.5555555555555p-2);
}

template <class T> HEDDLE_FN T atan(T x) {
  // atan a = base + atan u with u = a, (a - 1) / (a + 1) or -1 / a.
  T a = abs(x), one = constant(x, 1.0), zero = constant(x, 0.0);
  auto isLarge = a > constant(x, 0x1.3504f4p+1), isMiddle = a > constant(x, 0.5);
  T numerator = select(isLarge, -one, select(isMiddle, a - one, a));
  T u = numerator / select(isLarge, a, select(isMiddle, a + one, one)), s = u * u;
  constexpr double high = isSingle<T> ? 0x1.921fb6p+0 : halfPi, low = isSingle<T> ? -0x1.777a5cp-25 : halfPiLow;
  T base = select(isLarge, constant(x, high), select(isMiddle, constant(x, high / 2), zero));
  T baseLow = select(isLarge, constant(x, low), select(isMiddle, constant(x, low / 2), zero));
  return withSign(base + (baseLow + fma(u * s, atanTail(s), u)), x);
}

} // namespace heddle::scalar

#endif // HEDDLE_RUNTIME_FORMAT_SCALARTRIG_H
