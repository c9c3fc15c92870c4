// f16 and bf16 values as handlers see them: 16 bits in a register, floats in arithmetic.
#ifndef HEDDLE_RUNTIME_SIM_HALF_H
#define HEDDLE_RUNTIME_SIM_HALF_H

#include "runtime/format/ScalarConvert.h"
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace heddle::sim {

/// What an arithmetic operation gives instead of any NaN, as the hardware does.
constexpr uint32_t canonicalNaN32 = 0x7fffffff;
constexpr uint16_t canonicalNaN16 = 0x7fff;

/// A half format: its facts, and the conversions that all of Heddle shares. A NaN becomes the hardware's.
template <typename Format> struct Half {
  static constexpr int mantissaBits = Format::fractionBits;
  static constexpr int lowestExponent = 1 - Format::bias;
  static float load(uint16_t bits) { return scalar::decodeSmallFloat<Format>(0.0f, scalar::Bits32(bits)); }
  static double largest() { return load(static_cast<uint16_t>(Format::largest)); }
  static uint16_t store(float value) {
    auto code = static_cast<uint16_t>(scalar::encodeSmallFloat<Format>(value, false));
    return (code & (Format::signCode - 1)) > Format::largest + 1 ? canonicalNaN16 : code;
  }
};
using F16 = Half<scalar::F16>;
using BF16 = Half<scalar::BF16>;

/// a * b + c, rounded so that a second rounding to fewer bits gives what one rounding of the exact value gives: to odd
/// (Boldo and Melquiond 2008). The product of two halves is exact in double.
inline double fmaToOdd(float a, float b, float c) {
  double product = double(a) * double(b), addend = c;
  double sum = product + addend;
  if (!std::isfinite(sum))
    return sum;
  double virtualAddend = sum - product;
  double error = (product - (sum - virtualAddend)) + (addend - virtualAddend);
  uint64_t bits = std::bit_cast<uint64_t>(sum);
  if (error == 0 || (bits & 1))
    return sum;
  bool awayFromZero = (error > 0) == (sum > 0);
  return std::bit_cast<double>(awayFromZero ? bits + 1 : bits - 1);
}

} // namespace heddle::sim

#endif // HEDDLE_RUNTIME_SIM_HALF_H
