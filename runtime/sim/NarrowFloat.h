// Rounding of doubles to f16 and bf16 in any direction.
#ifndef HEDDLE_RUNTIME_SIM_NARROWFLOAT_H
#define HEDDLE_RUNTIME_SIM_NARROWFLOAT_H

#include "runtime/sim/Half.h"
#include "runtime/sim/Kernel.h"
#include <cmath>

namespace heddle::sim {

/// An integral value next to `value` in the given direction.
inline double roundToIntegral(double value, Rounding rounding) {
  switch (rounding) {
  case Rounding::Nearest:
    return std::nearbyint(value);
  case Rounding::Zero:
    return std::trunc(value);
  case Rounding::Down:
    return std::floor(value);
  case Rounding::Up:
    return std::ceil(value);
  }
  return value;
}

/// `value` in the half format H, rounded once.
template <typename H> uint16_t roundToHalf(double value, Rounding rounding) {
  if (!std::isfinite(value) || value == 0 || rounding == Rounding::Nearest)
    return H::store(scalar::narrowToOdd(value));
  int exponent = std::max(std::ilogb(value), H::lowestExponent);
  double quantum = std::ldexp(1.0, exponent - H::mantissaBits);
  double rounded = roundToIntegral(value / quantum, rounding) * quantum;
  if (std::fabs(rounded) > H::largest()) {
    bool isToInfinity = value > 0 ? rounding == Rounding::Up : rounding == Rounding::Down;
    rounded = std::copysign(isToInfinity ? std::numeric_limits<double>::infinity() : H::largest(), value);
  }
  return H::store(static_cast<float>(std::copysign(rounded, value)));
}

} // namespace heddle::sim

#endif // HEDDLE_RUNTIME_SIM_NARROWFLOAT_H
