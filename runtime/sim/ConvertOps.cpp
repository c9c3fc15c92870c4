// cvt: conversions between all scalar types.
#include "runtime/sim/Half.h"
#include "runtime/sim/Lanes.h"
#include "runtime/sim/NarrowFloat.h"
#include <cmath>
#include <limits>

namespace heddle::sim {
namespace {

/// 32 values between the two halves of a conversion. Every integer fits in 64 bits, every float in a double.
union Values {
  int64_t integer[32];
  double real[32];
};

bool isFloat(PtxType type) { return classOf(type) == 'f'; }

template <typename T, typename Container> void loadIntegers(const void *from, Values &values) {
  const auto *lanes = static_cast<const Container *>(from);
  HEDDLE_LANES(i) values.integer[i] = static_cast<int64_t>(static_cast<T>(lanes[i]));
}

template <typename T> void loadIntegers(const void *from, unsigned registerBytes, Values &values) {
  if (registerBytes == 2)
    loadIntegers<T, uint16_t>(from, values);
  else if (registerBytes == 4)
    loadIntegers<T, uint32_t>(from, values);
  else
    loadIntegers<T, uint64_t>(from, values);
}

template <typename T> void loadFloats(const void *from, Values &values) {
  const auto *lanes = static_cast<const T *>(from);
  HEDDLE_LANES(i) values.real[i] = static_cast<double>(lanes[i]);
}

template <typename H> void loadHalves(const void *from, Values &values) {
  const auto *lanes = static_cast<const uint16_t *>(from);
  HEDDLE_LANES(i) values.real[i] = static_cast<double>(H::load(lanes[i]));
}

void loadValues(PtxType type, unsigned registerBytes, const void *from, Values &values) {
  switch (type) {
  case PtxType::U8:
    return loadIntegers<uint8_t>(from, registerBytes, values);
  case PtxType::U16:
    return loadIntegers<uint16_t>(from, registerBytes, values);
  case PtxType::U32:
    return loadIntegers<uint32_t>(from, registerBytes, values);
  case PtxType::S8:
    return loadIntegers<int8_t>(from, registerBytes, values);
  case PtxType::S16:
    return loadIntegers<int16_t>(from, registerBytes, values);
  case PtxType::S32:
    return loadIntegers<int32_t>(from, registerBytes, values);
  case PtxType::F16:
    return loadHalves<F16>(from, values);
  case PtxType::BF16:
    return loadHalves<BF16>(from, values);
  case PtxType::F32:
    return loadFloats<float>(from, values);
  case PtxType::F64:
    return loadFloats<double>(from, values);
  default:
    return loadIntegers<uint64_t>(from, registerBytes, values);
  }
}

/// Stores the low bits that make up a D, extended to the register as D is signed or not.
template <typename D, typename Container> void storeIntegers(const Values &values, void *to, uint32_t mask) {
  auto *lanes = static_cast<Container *>(to);
  HEDDLE_LANES(i) {
    auto value = static_cast<Container>(static_cast<D>(values.integer[i]));
    lanes[i] = isActive(mask, i) ? value : lanes[i];
  }
}

template <typename D> void storeIntegers(const Values &values, unsigned registerBytes, void *to, uint32_t mask) {
  if (registerBytes == 2)
    storeIntegers<D, uint16_t>(values, to, mask);
  else if (registerBytes == 4)
    storeIntegers<D, uint32_t>(values, to, mask);
  else
    storeIntegers<D, uint64_t>(values, to, mask);
}

void storeIntegers(PtxType type, unsigned registerBytes, const Values &values, void *to, uint32_t mask) {
  switch (type) {
  case PtxType::U8:
    return storeIntegers<uint8_t>(values, registerBytes, to, mask);
  case PtxType::U16:
    return storeIntegers<uint16_t>(values, registerBytes, to, mask);
  case PtxType::U32:
    return storeIntegers<uint32_t>(values, registerBytes, to, mask);
  case PtxType::S8:
    return storeIntegers<int8_t>(values, registerBytes, to, mask);
  case PtxType::S16:
    return storeIntegers<int16_t>(values, registerBytes, to, mask);
  case PtxType::S32:
    return storeIntegers<int32_t>(values, registerBytes, to, mask);
  default:
    return storeIntegers<uint64_t>(values, registerBytes, to, mask);
  }
}

/// Least and greatest value of an integer type, as signed and as unsigned 64-bit numbers.
int64_t leastOf(PtxType type) { return classOf(type) == 's' ? -(int64_t(1) << (8 * byteWidth(type) - 2)) * 2 : 0; }
uint64_t greatestOf(PtxType type) {
  uint64_t all = ~0ull >> (64 - 8 * byteWidth(type));
  return classOf(type) == 's' ? all >> 1 : all;
}

/// Clamps a 64-bit integer, signed or not, to the destination's range.
int64_t saturateInteger(int64_t value, bool isSourceSigned, PtxType to) {
  if (isSourceSigned && value < 0)
    return std::max(value, leastOf(to));
  return static_cast<int64_t>(std::min(static_cast<uint64_t>(value), greatestOf(to)));
}

/// PTX ISA, cvt: out of range saturates; a NaN gives 0, or 1 << 63 where source or destination has 64 bits.
int64_t floatToInteger(double value, PtxType from, PtxType to, Rounding rounding) {
  if (std::isnan(value))
    return byteWidth(from) == 8 || byteWidth(to) == 8 ? static_cast<int64_t>(1ull << (8 * byteWidth(to) - 1)) : 0;
  double rounded = roundToIntegral(value, rounding);
  if (rounded <= static_cast<double>(leastOf(to)))
    return leastOf(to);
  if (rounded >= static_cast<double>(greatestOf(to)))
    return static_cast<int64_t>(greatestOf(to));
  return rounded < 0x1p63 ? static_cast<int64_t>(rounded) : static_cast<int64_t>(static_cast<uint64_t>(rounded));
}

/// A double that rounds to any shorter format as the integer does: bits beyond 53 are kept as one sticky bit.
double integerToOdd(int64_t value, bool isSigned) {
  bool isNegative = isSigned && value < 0;
  uint64_t magnitude = isNegative ? -static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
  if (magnitude >> 53)
    magnitude = (magnitude | ((magnitude & 0x7ff) ? 0x800 : 0)) & ~uint64_t(0x7ff);
  auto real = static_cast<double>(magnitude);
  return isNegative ? -real : real;
}

double saturateReal(double value) { return value > 0 ? std::min(value, 1.0) : 0; }

/// Stores doubles as a float type, rounding once.
void storeFloats(const Inst &inst, PtxType type, const Values &values, void *to, uint32_t mask) {
  RoundingScope scope(inst.rounding);
  for (unsigned i = 0; i < 32; ++i) {
    if (!isActive(mask, i))
      continue;
    double value = inst.saturate ? saturateReal(values.real[i]) : values.real[i];
    if (inst.relu && value < 0)
      value = 0;
    if (type == PtxType::F64) {
      static_cast<double *>(to)[i] = value;
    } else if (type == PtxType::F32) {
      auto narrow = static_cast<float>(value);
      static_cast<uint32_t *>(to)[i] = std::isnan(narrow) ? canonicalNaN32 : std::bit_cast<uint32_t>(narrow);
    } else {
      static_cast<uint16_t *>(to)[i] =
          type == PtxType::F16 ? roundToHalf<F16>(value, inst.rounding) : roundToHalf<BF16>(value, inst.rounding);
    }
  }
}

void flushSubnormals(Values &values) {
  for (double &value : values.real)
    if (std::fabs(value) < 0x1p-126)
      value = std::copysign(0.0, value);
}

/// Integers between 64-bit and float: u64 and s64 to f64 round by the mode, which integerToOdd would forestall.
void integersToFloats(const Inst &inst, Values &values) {
  bool isSigned = classOf(inst.types[1]) == 's';
  RoundingScope scope(inst.rounding);
  for (unsigned i = 0; i < 32; ++i) {
    int64_t value = values.integer[i];
    if (inst.types[0] == PtxType::F64)
      values.real[i] = isSigned ? static_cast<double>(value) : static_cast<double>(static_cast<uint64_t>(value));
    else
      values.real[i] = integerToOdd(value, isSigned);
  }
}

void floatsToIntegers(const Inst &inst, Values &values) {
  for (unsigned i = 0; i < 32; ++i)
    values.integer[i] = floatToInteger(values.real[i], inst.types[1], inst.types[0], inst.rounding);
}

/// Any conversion: source values to 64 bits, their conversion, to the destination's bits.
void convert(Warp &warp, const Inst &inst, uint32_t mask) {
  Values values;
  PtxType to = inst.types[0], from = inst.types[1];
  loadValues(from, inst.registerBytes[1], warp.lanes<uint8_t>(inst.op[1]), values);
  if (inst.flushToZero && from == PtxType::F32)
    flushSubnormals(values);
  void *d = warp.lanes<uint8_t>(inst.op[0]);
  if (isFloat(to)) {
    if (!isFloat(from))
      integersToFloats(inst, values);
    else if (inst.toInteger)
      for (double &value : values.real)
        value = roundToIntegral(value, inst.rounding);
    return storeFloats(inst, to, values, d, mask);
  }
  if (isFloat(from))
    floatsToIntegers(inst, values);
  else if (inst.saturate)
    for (int64_t &value : values.integer)
      value = saturateInteger(value, classOf(from) == 's', to);
  storeIntegers(to, inst.registerBytes[0], values, d, mask);
}

/// The frequent conversions, where both registers have their type's width.
template <typename S, typename D> struct Cast {
  static D apply(S value) { return static_cast<D>(value); }
};
struct F16ToF32 {
  static float apply(uint16_t value) { return F16::load(value); }
};
struct BF16ToF32 {
  static float apply(uint16_t value) { return BF16::load(value); }
};
template <typename H> struct F32ToHalf {
  static uint16_t apply(float value) { return H::store(value); }
};
/// cvt.rzi.s32.f32: the processor gives INT_MIN for whatever does not fit.
struct F32ToS32 {
  static int32_t apply(float value) {
    float clamped = value < 0x1p31f ? value : 0x1.fffffep30f;
    auto result = static_cast<int32_t>(clamped > -0x1p31f ? clamped : -0x1p31f);
    result = value >= 0x1p31f ? INT32_MAX : result;
    return value == value ? result : 0;
  }
};

template <typename S> Handler castFrom(PtxType to) {
  switch (to) {
  case PtxType::U32:
  case PtxType::S32:
    return &lanes1<Cast<S, uint32_t>, uint32_t, S>;
  case PtxType::U64:
  case PtxType::S64:
    return &lanes1<Cast<S, uint64_t>, uint64_t, S>;
  case PtxType::F32:
    return sizeof(S) == 4 ? &lanes1<Cast<S, float>, float, S> : nullptr;
  default:
    return nullptr;
  }
}

/// Null if the general conversion has to do it.
Handler findFastConversion(PtxType to, PtxType from) {
  switch (from) {
  case PtxType::U32:
    return castFrom<uint32_t>(to);
  case PtxType::S32:
    return castFrom<int32_t>(to);
  case PtxType::U64:
    return castFrom<uint64_t>(to);
  case PtxType::S64:
    return castFrom<int64_t>(to);
  case PtxType::F16:
    return to == PtxType::F32 ? &lanes1<F16ToF32, float, uint16_t> : nullptr;
  case PtxType::BF16:
    return to == PtxType::F32 ? &lanes1<BF16ToF32, float, uint16_t> : nullptr;
  case PtxType::F32:
    if (to == PtxType::F16)
      return &lanes1<F32ToHalf<F16>, uint16_t, float>;
    return to == PtxType::BF16 ? &lanes1<F32ToHalf<BF16>, uint16_t, float> : nullptr;
  default:
    return nullptr;
  }
}

/// Registers wider than their types are rare: they take the general way, found once they are bound.
void convertChoosing(Warp &warp, const Inst &inst, uint32_t mask) {
  bool isExactWidth =
      inst.registerBytes[0] == byteWidth(inst.types[0]) && inst.registerBytes[1] == byteWidth(inst.types[1]);
  (isExactWidth ? inst.fast : &convert)(warp, inst, mask);
}

void packHalves(Warp &warp, const Inst &inst, uint32_t mask) {
  uint32_t *d = warp.lanes<uint32_t>(inst.op[0]);
  const float *a = warp.lanes<float>(inst.op[1]), *b = warp.lanes<float>(inst.op[2]);
  bool isF16 = inst.types[0] == PtxType::F16x2;
  auto narrow = [&](float value) -> uint32_t {
    if (inst.relu && value < 0)
      value = 0;
    return isF16 ? roundToHalf<F16>(value, inst.rounding) : roundToHalf<BF16>(value, inst.rounding);
  };
  for (unsigned i = 0; i < 32; ++i)
    if (isActive(mask, i))
      d[i] = narrow(a[i]) << 16 | narrow(b[i]);
}

/// Reads the rounding modifier. \returns whether there is one.
bool readRounding(const Modifiers &modifiers, Inst &inst) {
  constexpr std::pair<std::string_view, Rounding> names[] = {
      {".rn", Rounding::Nearest}, {".rz", Rounding::Zero}, {".rm", Rounding::Down}, {".rp", Rounding::Up}};
  std::string_view word = modifiers.words[0];
  inst.toInteger = word.size() == 4 && word.ends_with('i');
  for (auto [name, rounding] : names)
    if (word == name || (inst.toInteger && word.substr(0, 3) == name))
      inst.rounding = rounding;
  return !word.empty();
}

/// PTX ISA, cvt: which conversions take which rounding.
bool isRoundingValid(const Inst &inst, bool hasRounding) {
  bool fromFloat = isFloat(inst.types[1]), toFloat = isFloat(inst.types[0]);
  unsigned fromBytes = byteWidth(inst.types[1]), toBytes = byteWidth(inst.types[0]);
  if (!fromFloat && !toFloat)
    return !hasRounding;
  if (!toFloat)
    return inst.toInteger;
  if (!fromFloat || toBytes < fromBytes)
    return hasRounding && !inst.toInteger;
  if (inst.types[0] == inst.types[1])
    return !hasRounding || inst.toInteger;
  return !hasRounding || !inst.toInteger;
}

} // namespace

Handler selectCvt(const Modifiers &modifiers, Inst &inst) {
  if (modifiers.types.size() != 2)
    return nullptr;
  inst.types[0] = modifiers.types[0];
  inst.types[1] = modifiers.types[1];
  inst.saturate = modifiers.has(".sat");
  inst.flushToZero = modifiers.has(".ftz");
  inst.relu = modifiers.has(".relu");
  bool hasRounding = readRounding(modifiers, inst);
  if (!isRoundingValid(inst, hasRounding) || (inst.relu && byteWidth(inst.types[0]) != 2))
    return nullptr;
  bool involvesF32 = inst.types[0] == PtxType::F32 || inst.types[1] == PtxType::F32;
  if (inst.flushToZero && !involvesF32)
    return nullptr;
  bool isPlain = !inst.saturate && !inst.flushToZero && !inst.relu && inst.rounding == Rounding::Nearest;
  if (isPlain && !inst.toInteger)
    inst.fast = findFastConversion(inst.types[0], inst.types[1]);
  if (inst.types[0] == PtxType::S32 && inst.types[1] == PtxType::F32 && inst.rounding == Rounding::Zero &&
      !inst.flushToZero)
    inst.fast = &lanes1<F32ToS32, int32_t, float>;
  return inst.fast ? &convertChoosing : &convert;
}

Handler selectCvtPacked(const Modifiers &modifiers, Inst &inst) {
  inst.types[0] = modifiers.types[0];
  inst.relu = modifiers.has(".relu");
  readRounding(modifiers, inst);
  return &packHalves;
}

} // namespace heddle::sim
