// Distance of a float from an exact value, in units in the last place.
#ifndef HEDDLE_TEST_UNIT_FORMAT_ULPS_H
#define HEDDLE_TEST_UNIT_FORMAT_ULPS_H

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

namespace heddle {

/// 0 where both are NaN or the same infinity; infinite where only one is. The unit is that of the rounded exact value.
template <class T> double ulpsBetween(T got, long double exact) {
  using Limits = std::numeric_limits<T>;
  T rounded = static_cast<T>(exact);
  if (std::isnan(exact) || std::isnan(got) || std::isinf(rounded) || std::isinf(got)) {
    bool isSame = (std::isnan(exact) && std::isnan(got)) || got == rounded;
    // A finite result just below the overflow threshold is a matter of rounding.
    bool isEdge = std::isinf(rounded) != std::isinf(got) && std::fabs(static_cast<double>(got)) >= Limits::max() &&
                  std::fabs(exact) < static_cast<long double>(Limits::max()) * (1 + 4 * Limits::epsilon());
    return isSame || isEdge ? 0 : std::numeric_limits<double>::infinity();
  }
  int exponent = 0;
  std::frexp(static_cast<long double>(rounded), &exponent);
  long double unit = std::ldexp(1.0L, exponent - Limits::digits);
  unit = std::max(unit, static_cast<long double>(Limits::denorm_min()));
  return static_cast<double>(std::fabs(static_cast<long double>(got) - exact) / unit);
}

inline float floatOfBits(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

inline double doubleOfBits(uint64_t bits) {
  double value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

inline uint32_t bitsOfFloat(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

inline uint64_t bitsOfDouble(double value) {
  uint64_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

/// Every pattern of the upper 16 bits, with zero and with random lower bits; and values of the usual ranges.
template <class T> std::vector<T> spreadValues(uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<T> values;
  for (uint64_t upper = 0; upper < 65536; ++upper) {
    uint64_t lower = random();
    if constexpr (sizeof(T) == 4) {
      values.push_back(floatOfBits(static_cast<uint32_t>(upper << 16)));
      values.push_back(floatOfBits(static_cast<uint32_t>(upper << 16 | (lower & 0xffff))));
    } else {
      values.push_back(doubleOfBits(upper << 48));
      values.push_back(doubleOfBits(upper << 48 | (lower & 0xffffffffffff)));
    }
  }
  for (double range : {1.0, 10.0, 100.0, 1e5}) {
    std::uniform_real_distribution<double> uniform(-range, range);
    for (int i = 0; i < 30000; ++i)
      values.push_back(static_cast<T>(uniform(random)));
  }
  return values;
}

} // namespace heddle

#endif // HEDDLE_TEST_UNIT_FORMAT_ULPS_H
