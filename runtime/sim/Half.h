// f16 and bf16 values as handlers see them: 16 bits in a register, floats in arithmetic.
#ifndef HEDDLE_RUNTIME_SIM_HALF_H
#define HEDDLE_RUNTIME_SIM_HALF_H

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace heddle::sim {

/// What an arithmetic operation gives instead of any NaN, as the hardware does.
constexpr uint32_t canonicalNaN32 = 0x7fffffff;
constexpr uint16_t canonicalNaN16 = 0x7fff;

struct F16 {
  static constexpr int mantissaBits = 10;
  static constexpr int lowestExponent = -14;
  static constexpr double largest = 65504;
  static float load(uint16_t bits) { return static_cast<float>(std::bit_cast<_Float16>(bits)); }
  static uint16_t store(float value) {
    uint16_t bits = std::bit_cast<uint16_t>(static_cast<_Float16>(value));
    return (std::bit_cast<uint32_t>(value) & 0x7fffffff) > 0x7f800000 ? canonicalNaN16 : bits;
  }
};

struct BF16 {
  static constexpr int mantissaBits = 7;
  static constexpr int lowestExponent = -126;
  static constexpr double largest = 0x1.fep127;
  static float load(uint16_t bits) { return std::bit_cast<float>(uint32_t(bits) << 16); }
  static uint16_t store(float value) {
    uint32_t bits = std::bit_cast<uint32_t>(value);
    uint32_t rounded = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
    return value != value ? canonicalNaN16 : static_cast<uint16_t>(rounded);
  }
};

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
