// Exponentials and hyperbolic functions of ScalarMath.
//
// All coefficients in these headers are minimax fits (Remez in 60-digit arithmetic, then rounded) unless a source is
// named; the stated bits are the error of the fit, relative to the result.
#ifndef HEDDLE_RUNTIME_FORMAT_SCALAREXP_H
#define HEDDLE_RUNTIME_FORMAT_SCALAREXP_H

#if !defined(__CUDACC__) && !defined(__CUDA__)
#include "runtime/format/ScalarBasics.h"
#endif

namespace heddle::scalar {

/// (e^r - 1 - r) / r^2 for |r| <= 0.35: 25.8 and 61.2 bits.
template <class T> HEDDLE_FN T expTail(T r) {
  if constexpr (isSingle<T>)
    return horner(r, 0x1.6d9a2ap-10, 0x1.1228f6p-7, 0x1.555488p-5, 0x1.5554bp-3, 0x1p-1);
  else
    return horner(r, 0x1.1f965169d7394p-29, 0x1.af5fe87b8029ap-26, 0x1.27e4c547deac6p-22, 0x1.71ddf80dab4f7p-19,
                  0x1.a01a01b0b60d9p-16, 0x1.a01a01afd2077p-13, 0x1.6c16c16c14523p-10, 0x1.111111110f76fp-7,
                  0x1.555555555555ap-5, 0x1.5555555555559p-3, 0x1p-1);
}

inline constexpr double log2E = 0x1.71547652b82fep+0;

/// x = k * ln 2 + r, |r| <= ln 2 / 2.
template <class T> struct ExpArgument {
  T r;
  typename FloatTraits<T>::Bits k;
};
template <class T> HEDDLE_FN ExpArgument<T> reduceExp(T x) {
  Rounded<T> k = roundScaled(x, log2E);
  T r = fma(k.value, constant(x, isSingle<T> ? -0x1.62e43p-1 : -0x1.62e42fefa39efp-1), x);
  r = fma(k.value, constant(x, isSingle<T> ? 0x1.05c61p-29 : -0x1.abc9e3b39803fp-56), r);
  return {r, k.integer};
}

/// x within [low, high]; a NaN stays.
template <class T> HEDDLE_FN T clampTo(T x, double low, double high) {
  x = select(x < constant(x, low), constant(x, low), x);
  return select(x > constant(x, high), constant(x, high), x);
}

/// e^x * 2^shift, also where e^x alone would overflow.
template <class T> HEDDLE_FN T expShifted(T x, int shift) {
  x = isSingle<T> ? clampTo(x, -105.0, 90.0) : clampTo(x, -747.0, 711.0);
  ExpArgument<T> argument = reduceExp(x);
  T r = argument.r;
  T power = fma(r * r, expTail(r), r) + constant(x, 1.0);
  auto k = argument.k;
  return scale(power, k + constant(k, static_cast<Bits64>(static_cast<long long>(shift))));
}

template <class T> HEDDLE_FN T exp(T x) { return expShifted(x, 0); }

/// 2^x.
template <class T> HEDDLE_FN T exp2(T x) {
  x = isSingle<T> ? clampTo(x, -151.0, 129.0) : clampTo(x, -1076.0, 1025.0);
  Rounded<T> k = roundScaled(x, 1.0);
  T r = x - k.value;
  T one = constant(x, 1.0);
  // (2^r - 1) / r for |r| <= 1/2: 34.1 and 70.3 bits.
  if constexpr (isSingle<T>) {
    T quotient = horner(r, 0x1.00f55p-16, 0x1.44637p-13, 0x1.5d871ep-10, 0x1.3b29ecp-7, 0x1.c6b08ep-5, 0x1.ebfbep-3,
                        0x1.62e43p-1);
    return scale(fma(quotient, r, one), k.integer);
  } else {
    T quotient = horner(r, 0x1.8244b8a0e680ep-40, 0x1.c4c9753526579p-36, 0x1.e8ca6bb2401c9p-32, 0x1.e4cef580e792bp-28,
                        0x1.b5253d4c2560bp-24, 0x1.62c02249ce616p-20, 0x1.ffcbfc5886efp-17, 0x1.430912f869da7p-13,
                        0x1.5d87fe78a6738p-10, 0x1.3b2ab6fba4e7ep-7, 0x1.c6b08d704a0cp-5, 0x1.ebfbdff82c58fp-3,
                        0x1.62e42fefa39efp-1);
    return scale(fma(quotient, r, one), k.integer);
  }
}

/// e^x - 1, accurate near 0.
template <class T> HEDDLE_FN T expm1(T x) {
  T clamped = isSingle<T> ? clampTo(x, -40.0, 0x1.633334p+6) : clampTo(x, -60.0, 0x1.62e6666666666p+9);
  ExpArgument<T> argument = reduceExp(clamped);
  T r = argument.r;
  T reduced = fma(r * r, expTail(r), r);
  // Twice (2^(k - 1) * (e^r - 1) + 2^(k - 1) - 1/2): 2^k itself may overflow.
  T half = powerOfTwo(x, argument.k - constant(argument.k, 1));
  T result = fma(half, reduced, half - constant(x, 0.5));
  return select(abs(x) < constant(x, isSingle<T> ? 0x1p-26 : 0x1p-55), x, result + result);
}

template <class T> HEDDLE_FN T sinh(T x) {
  T a = abs(x), s = a * a;
  T half = expShifted(a, -1);
  T large = half - constant(x, 0.25) / half;
  // (sinh a - a) / a^3 for a <= 1: 63.1 bits.
  T tail = horner(s, 0x1.b4c3034fe5317p-41, 0x1.611a67503c10ap-33, 0x1.ae6466e4e8d36p-26, 0x1.71de3a46b109p-19,
                  0x1.a01a01a0280b9p-13, 0x1.11111111110adp-7, 0x1.5555555555556p-3);
  T small = fma(a * s, tail, a);
  return withSign(select(a < constant(x, 1.0), small, large), x);
}

template <class T> HEDDLE_FN T cosh(T x) {
  T half = expShifted(abs(x), -1);
  return half + constant(x, 0.25) / half;
}

/// (tanh a - a) / a^3 in s = a^2, for a < 0.625: 27.4 bits; f64: Cephes, tanh.c.
template <class T> HEDDLE_FN T tanhTail(T s) {
  if constexpr (isSingle<T>)
    return horner(s, -0x1.75fad4p-8, 0x1.52501p-6, -0x1.b849eap-5, 0x1.1107dcp-3, -0x1.555538p-2);
  else
    return horner(s, -9.64399179425052238628e-1, -9.92877231001918586564e1, -1.61468768441708447952e3) /
           horner(s, 1.0, 1.12811678491632931402e2, 2.23548839060100448583e3, 4.84406305325125486048e3);
}

template <class T> HEDDLE_FN T tanh(T x) {
  T a = abs(x), s = a * a, one = constant(x, 1.0);
  T small = fma(a * s, tanhTail(s), a);
  T large = one - constant(x, 2.0) / (exp(a + a) + one);
  return withSign(select(a < constant(x, 0.625), small, large), x);
}

} // namespace heddle::scalar

#endif // HEDDLE_RUNTIME_FORMAT_SCALAREXP_H
