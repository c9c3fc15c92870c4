// What every kernel includes: storage types and their conversions, scalar math, wrapping integers, checked indices.
#ifndef HEDDLE_CORE_CUH
#define HEDDLE_CORE_CUH

#define HEDDLE_FN __device__ __forceinline__
#include "heddle/math.cuh"

namespace heddle {

using scalar::abs, scalar::acos, scalar::acosh, scalar::asin, scalar::asinh, scalar::atan, scalar::atanh, scalar::cos,
    scalar::cosh, scalar::erf, scalar::exp, scalar::expm1, scalar::fmod, scalar::log, scalar::log1p, scalar::pow,
    scalar::roundEven, scalar::sin, scalar::sinh, scalar::sqrt, scalar::tan, scalar::tanh, scalar::trunc;

constexpr float inf = __builtin_bit_cast(float, 0x7f800000);
constexpr float nan = __builtin_bit_cast(float, 0x7fc00000);

/// IEEE binary16 in memory; kernels compute in float.
struct f16 {
  unsigned short bits;
};

/// The upper half of an IEEE binary32 in memory; kernels compute in float.
struct bf16 {
  unsigned short bits;
};

/// A float of 8 or 4 bits in a byte of memory; kernels compute in float.
template <class Format> struct SmallFloat {
  unsigned char bits;
};
using f8e4m3fn = SmallFloat<scalar::F8E4M3FN>;
using f8e4m3fnuz = SmallFloat<scalar::F8E4M3FNUZ>;
using f8e5m2 = SmallFloat<scalar::F8E5M2>;
using f8e5m2fnuz = SmallFloat<scalar::F8E5M2FNUZ>;
using f4e2m1 = SmallFloat<scalar::F4E2M1>;

/// A power of two, by its biased exponent.
struct f8e8m0 {
  unsigned char bits;
};

HEDDLE_FN float toFloat(f16 x) {
  float wide;
  asm("cvt.f32.f16 %0, %1;" : "=f"(wide) : "h"(x.bits));
  return wide;
}

HEDDLE_FN float toFloat(bf16 x) {
  float wide;
  asm("mov.b32 %0, {%1, %2};" : "=f"(wide) : "h"((unsigned short)0), "h"(x.bits));
  return wide;
}

HEDDLE_FN f16 toF16(float x) {
  f16 narrow;
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(narrow.bits) : "f"(x));
  return narrow;
}

HEDDLE_FN f16 toF16(double x) {
  f16 narrow;
  asm("cvt.rn.f16.f64 %0, %1;" : "=h"(narrow.bits) : "d"(x));
  return narrow;
}

HEDDLE_FN bf16 toBF16(float x) {
  bf16 narrow;
  asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(narrow.bits) : "f"(x));
  return narrow;
}

HEDDLE_FN bf16 toBF16(double x) { return toBF16(scalar::narrowToOdd(x)); }

template <class Format> HEDDLE_FN float toFloat(SmallFloat<Format> x) {
  return scalar::decodeSmallFloat<Format>(0.0f, (scalar::Bits32)x.bits);
}
HEDDLE_FN float toFloat(f8e8m0 x) { return scalar::decodePowerOfTwo(0.0f, (scalar::Bits32)x.bits); }

/// The small float nearest to x; the largest finite one if x is beyond it.
template <class Format> HEDDLE_FN SmallFloat<Format> encode(SmallFloat<Format>, float x) {
  return {(unsigned char)scalar::encodeSmallFloat<Format>(x, true)};
}
HEDDLE_FN f8e8m0 encode(f8e8m0, float x) {
  return {(unsigned char)scalar::encodePowerOfTwo(x, scalar::PowerRounding::Up, true)};
}
template <class Small> HEDDLE_FN Small toSmall(float x) { return encode(Small{}, x); }
template <class Small> HEDDLE_FN Small toSmall(double x) { return encode(Small{}, scalar::narrowToOdd(x)); }

HEDDLE_FN float floor(float x) {
  asm("cvt.rmi.f32.f32 %0, %0;" : "+f"(x));
  return x;
}
HEDDLE_FN double floor(double x) {
  asm("cvt.rmi.f64.f64 %0, %0;" : "+d"(x));
  return x;
}
HEDDLE_FN float ceil(float x) {
  asm("cvt.rpi.f32.f32 %0, %0;" : "+f"(x));
  return x;
}
HEDDLE_FN double ceil(double x) {
  asm("cvt.rpi.f64.f64 %0, %0;" : "+d"(x));
  return x;
}

/// The larger and the smaller of two values; NaN if either is, and -0 < +0. Instructions of their own, since the ones
/// of scalar:: take six.
HEDDLE_FN float maximum(float x, float y) {
  asm("max.NaN.f32 %0, %0, %1;" : "+f"(x) : "f"(y));
  return x;
}
HEDDLE_FN float minimum(float x, float y) {
  asm("min.NaN.f32 %0, %0, %1;" : "+f"(x) : "f"(y));
  return x;
}
HEDDLE_FN double maximum(double x, double y) { return scalar::maximum(x, y); }
HEDDLE_FN double minimum(double x, double y) { return scalar::minimum(x, y); }
template <typename X, typename Y> HEDDLE_FN auto maximum(X x, Y y) { return x < y ? y : x; }
template <typename X, typename Y> HEDDLE_FN auto minimum(X x, Y y) { return y < x ? y : x; }

/// Integer arithmetic modulo 2^32 and 2^64: the overflow of a signed `+` is undefined in C++.
HEDDLE_FN int wrapAdd(int x, int y) { return (int)((unsigned)x + (unsigned)y); }
HEDDLE_FN int wrapSub(int x, int y) { return (int)((unsigned)x - (unsigned)y); }
HEDDLE_FN int wrapMul(int x, int y) { return (int)((unsigned)x * (unsigned)y); }
HEDDLE_FN long long wrapAdd(long long x, long long y) {
  return (long long)((unsigned long long)x + (unsigned long long)y);
}
HEDDLE_FN long long wrapSub(long long x, long long y) {
  return (long long)((unsigned long long)x - (unsigned long long)y);
}
HEDDLE_FN long long wrapMul(long long x, long long y) {
  return (long long)((unsigned long long)x * (unsigned long long)y);
}

/// `x * y + z`: one rounding for floats, modulo 2^n for integers.
HEDDLE_FN int multiplyAdd(int x, int y, int z) { return wrapAdd(wrapMul(x, y), z); }
HEDDLE_FN long long multiplyAdd(long long x, long long y, long long z) { return wrapAdd(wrapMul(x, y), z); }
HEDDLE_FN float multiplyAdd(float x, float y, float z) { return scalar::fma(x, y, z); }
HEDDLE_FN double multiplyAdd(double x, double y, double z) { return scalar::fma(x, y, z); }

/// Division that rounds toward minus infinity, and its remainder, which has the sign of the divisor.
template <typename X, typename Y> HEDDLE_FN auto floorDiv(X x, Y y) {
  return x / y - (x % y != 0 && (x % y < 0) != (y < 0));
}
template <typename X, typename Y> HEDDLE_FN auto floorMod(X x, Y y) { return x - floorDiv(x, y) * y; }

/// The position that `index` names in a dimension of `size` elements, negative ones counted from the end. One out of
/// bounds gives 0 and raises the error word to `check`, so that of several failed checks the highest is reported.
HEDDLE_FN long long checkedIndex(long long index, long long size, unsigned check, unsigned *error) {
  const long long position = index < 0 ? index + size : index;
  if (position >= 0 && position < size)
    return position;
  asm volatile("red.max.u32 [%0], %1;" ::"l"(error), "r"(check) : "memory");
  return 0;
}

} // namespace heddle

#endif // HEDDLE_CORE_CUH
