// Conversions of ScalarMath: the small float formats, and saturating conversions to integers.
#ifndef HEDDLE_RUNTIME_FORMAT_SCALARCONVERT_H
#define HEDDLE_RUNTIME_FORMAT_SCALARCONVERT_H

#if !defined(__CUDACC__) && !defined(__CUDA__)
#include "runtime/format/ScalarBasics.h"
#endif

namespace heddle::scalar {

/// How a small float format spends its last codes.
enum class SmallFloatKind {
  Ieee,   ///< Infinities and NaNs with the largest exponent.
  OneNan, ///< No infinity; the code of all ones is NaN.
  Fnuz,   ///< No infinity, no negative zero: its code is the only NaN.
  Finite, ///< Neither infinities nor NaNs: a NaN becomes -0 like in ml_dtypes.
};

/// A float format of at most 16 bits. `largest` is the code of the largest finite value.
template <int ExponentBits, int FractionBits, int Bias, SmallFloatKind Kind, Bits32 Largest, Bits32 Nan>
struct SmallFloat {
  static constexpr int exponentBits = ExponentBits, fractionBits = FractionBits, bias = Bias;
  static constexpr SmallFloatKind kind = Kind;
  static constexpr Bits32 largest = Largest, nan = Nan;
  static constexpr Bits32 signCode = 1u << (ExponentBits + FractionBits);
};
using F16 = SmallFloat<5, 10, 15, SmallFloatKind::Ieee, 0x7bff, 0x7e00>;
using BF16 = SmallFloat<8, 7, 127, SmallFloatKind::Ieee, 0x7f7f, 0x7fc0>;
using F8E4M3FN = SmallFloat<4, 3, 7, SmallFloatKind::OneNan, 0x7e, 0x7f>;
using F8E4M3FNUZ = SmallFloat<4, 3, 8, SmallFloatKind::Fnuz, 0x7f, 0x80>;
using F8E5M2 = SmallFloat<5, 2, 15, SmallFloatKind::Ieee, 0x7b, 0x7e>;
using F8E5M2FNUZ = SmallFloat<5, 2, 16, SmallFloatKind::Fnuz, 0x7f, 0x80>;
using F4E2M1 = SmallFloat<2, 1, 1, SmallFloatKind::Finite, 0x7, 0x8>;

/// The code of an f32, rounded to the nearest with ties to even. What is too large, infinities included, becomes the
/// largest finite value if `saturate` (or if the format has nothing beyond it), else infinity or NaN.
template <class Format, class T> HEDDLE_FN auto encodeSmallFloat(T x, bool saturate) {
  constexpr int shift = 23 - Format::fractionBits;
  auto all = bitsOf(x);
  auto word = [&](Bits32 value) { return constant(all, value); };
  auto magnitude = all & word(0x7fffffffu);
  auto halfUp = word((1u << (shift - 1)) - 1) + (shiftRight(magnitude, shift) & word(1));
  auto code =
      shiftRight(magnitude + halfUp, shift) - word(static_cast<Bits32>(127 - Format::bias) << Format::fractionBits);
  if constexpr (Format::exponentBits < 8) {
    // Adding a power of two moves the last bit of a subnormal to the last bit of an f32, so that the sum rounds it.
    constexpr Bits32 magicBits = static_cast<Bits32>(1 - Format::bias - Format::fractionBits + 23 + 127) << 23;
    auto subnormal = bitsOf(fromBits(magnitude) + fromBits(word(magicBits))) - word(magicBits);
    constexpr Bits32 leastNormal = static_cast<Bits32>(128 - Format::bias) << 23;
    code = select(signedLess(magnitude, word(leastNormal)), subnormal, code);
  }
  constexpr bool hasInfinity = Format::kind == SmallFloatKind::Ieee;
  constexpr bool isFinite = Format::kind == SmallFloatKind::Finite;
  Bits32 beyond = saturate || isFinite ? Format::largest : hasInfinity ? Format::largest + 1 : Format::nan;
  auto isTooLarge = signedLess(word(Format::largest), code);
  auto isNan = signedLess(word(0x7f800000u), magnitude);
  auto sign = select(signedLess(all, word(0)), word(Format::signCode), word(0));
  code = select(isTooLarge, word(beyond), code);
  if constexpr (Format::kind == SmallFloatKind::Fnuz)
    sign = select(either(code == word(0), code == word(Format::nan)), word(0), sign);
  code = code | sign;
  constexpr bool nanHasSign = Format::kind == SmallFloatKind::Ieee || Format::kind == SmallFloatKind::OneNan;
  return select(isNan, nanHasSign ? word(Format::nan) | sign : word(Format::nan), code);
}

/// The f32 of a code; bits above the format's width must be 0. Exact. `like` is any f32 value.
template <class Format, class T, class Bits> HEDDLE_FN T decodeSmallFloat(T like, Bits code) {
  constexpr int shift = 23 - Format::fractionBits;
  auto word = [&](Bits32 value) { return constant(code, value); };
  auto magnitude = code & word(Format::signCode - 1);
  auto sign = select((code & word(Format::signCode)) == word(0), word(0), word(0x80000000u));
  auto bits = shiftLeft(magnitude, shift);
  if constexpr (Format::exponentBits == 8) {
    return fromBits(bits | sign);
  } else {
    T normal = fromBits(bits + word(static_cast<Bits32>(127 - Format::bias) << 23));
    constexpr Bits32 unitBits = static_cast<Bits32>(128 - Format::bias - Format::fractionBits) << 23;
    T subnormal = toFloat(magnitude) * fromBits(word(unitBits));
    T value = select(signedLess(magnitude, word(1u << Format::fractionBits)), subnormal, normal);
    if constexpr (Format::kind == SmallFloatKind::Ieee)
      value = select(signedLess(word(Format::largest), magnitude), fromBits(bits | word(0x7f800000u)), value);
    if constexpr (Format::kind == SmallFloatKind::OneNan)
      value = select(magnitude == word(Format::nan), nanLike(like), value);
    value = fromBits(bitsOf(value) | sign);
    if constexpr (Format::kind == SmallFloatKind::Fnuz)
      value = select(code == word(Format::nan), nanLike(like), value);
    return value;
  }
}

/// f64 to f32 with the last bit set if the result is inexact (round to odd): a further rounding to a format of at most
/// 22 bits then equals one rounding of the f64.
template <class T> HEDDLE_FN auto narrowToOdd(T x) {
  auto nearest = narrow(x);
  auto bits = bitsOf(nearest);
  auto one = constant(bits, 1);
  auto towardZero = select(abs(widen(nearest)) > abs(x), bits - one, bits);
  return select(either(widen(nearest) == x, isNaN(x)), nearest, fromBits(towardZero | one));
}

/// How a value between two powers of two becomes an f8e8m0.
enum class PowerRounding { Nearest, Up, Down };

/// The f8e8m0 code of an f32's magnitude: a biased exponent. Infinities and NaNs give NaN (255), and so does what
/// rounds beyond 2^127 unless `saturate`. Source: ONNX 1.22, reference implementation of Cast.
template <class T> HEDDLE_FN auto encodePowerOfTwo(T x, PowerRounding rounding, bool saturate) {
  auto bits = bitsOf(x);
  auto word = [&](Bits32 value) { return constant(bits, value); };
  auto exponent = shiftRight(bits, 23) & word(0xff), fraction = bits & word(0x7fffff);
  auto limit = word(0x400000);
  // Nearest rounds a tie up, but for a tie of the smallest exponent.
  auto isUpper = either(signedLess(limit, fraction), both(fraction == limit, exponent != word(0)));
  auto increment = word(0);
  if (rounding == PowerRounding::Nearest)
    increment = select(isUpper, word(1), word(0));
  if (rounding == PowerRounding::Up)
    increment = select(fraction == word(0), word(0), word(1));
  if (saturate)
    increment = select(exponent == word(0xfe), word(0), increment);
  return select(exponent == word(0xff), word(0xff), exponent + increment);
}

template <class T, class Bits> HEDDLE_FN T decodePowerOfTwo(T like, Bits code) {
  auto word = [&](Bits32 value) { return constant(code, value); };
  T normal = fromBits(select(code == word(0), word(0x00400000u), shiftLeft(code, 23)));
  return select(code == word(0xff), nanLike(like), normal);
}

/// The low `width` bits as a signed integer, such as an i4 in a byte.
template <class Bits> HEDDLE_FN Bits signExtend(Bits bits, int width) {
  constexpr int total = static_cast<int>(8 * sizeof(Bits32));
  return shiftRightSigned(shiftLeft(bits, total - width), total - width);
}

HEDDLE_FN constexpr double constantPowerOfTwo(int exponent) {
  return exponent == 0 ? 1.0 : 2.0 * constantPowerOfTwo(exponent - 1);
}

/// The integer nearest to zero side of x (truncation), saturated to the type's range; NaN gives 0. The result is a bit
/// pattern of 64 bits if Width is 64, else of 32 (sign- or zero-extended).
template <int Width, bool IsSigned, class T> HEDDLE_FN auto toIntegerSaturated(T x) {
  constexpr double low = IsSigned ? -constantPowerOfTwo(Width - 1) : 0.0;
  constexpr double high = constantPowerOfTwo(IsSigned ? Width - 1 : Width);
  auto convert = [](T value) {
    if constexpr (Width == 64)
      return toInt64(value);
    else
      return toInt32(value);
  };
  T zero = constant(x, 0.0), bound = constant(x, high);
  T inside = select(both(x >= constant(x, low), x < bound), x, zero);
  auto bits = convert(zero);
  if constexpr (!IsSigned && Width >= 32) {
    // Only signed conversions are primitive: the upper half is converted less its lower bound.
    constexpr double half = constantPowerOfTwo(Width - 1);
    T middle = constant(x, half);
    auto isUpper = inside >= middle;
    bits = convert(select(isUpper, inside - middle, inside));
    bits = bits ^ select(isUpper, constant(bits, 1ull << (Width - 1)), constant(bits, 0));
  } else {
    bits = convert(inside);
  }
  constexpr Bits64 most = ~0ull >> (64 - Width + IsSigned), least = IsSigned ? ~most : 0;
  bits = select(x < constant(x, low), constant(bits, least), bits);
  return select(x >= bound, constant(bits, most), bits);
}

} // namespace heddle::scalar

#endif // HEDDLE_RUNTIME_FORMAT_SCALARCONVERT_H
