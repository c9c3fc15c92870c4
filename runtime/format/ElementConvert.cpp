// Conversion between element types in two halves: every type is read as f64 or as a 64-bit integer, and written from
// it.
#include "runtime/format/ElementConvert.h"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace heddle {

namespace {

constexpr int64_t stripLength = 256;

template <class T> T loadAt(const std::byte *base, int64_t index) {
  T value;
  std::memcpy(&value, base + index * static_cast<int64_t>(sizeof(T)), sizeof(T));
  return value;
}
template <class T> void storeAt(std::byte *base, int64_t index, T value) {
  std::memcpy(base + index * static_cast<int64_t>(sizeof(T)), &value, sizeof(T));
}

/// Floats of any type as f64: exact.
template <class T, class Decode> void widenStrip(const std::byte *source, double *strip, int64_t count, Decode decode) {
  for (int64_t i = 0; i < count; ++i)
    strip[i] = decode(loadAt<T>(source, i));
}

template <class Format, class Code> void decodeStrip(const std::byte *source, double *strip, int64_t count) {
  widenStrip<Code>(source, strip, count, [](Code code) {
    return static_cast<double>(scalar::decodeSmallFloat<Format>(0.0f, scalar::Bits32{code}));
  });
}

void readFloats(DType type, const std::byte *source, double *strip, int64_t count) {
  switch (type) {
  case DType::F64:
    return widenStrip<double>(source, strip, count, [](double value) { return value; });
  case DType::F32:
    return widenStrip<float>(source, strip, count, [](float value) { return static_cast<double>(value); });
  case DType::F16:
    return decodeStrip<scalar::F16, uint16_t>(source, strip, count);
  case DType::BF16:
    return decodeStrip<scalar::BF16, uint16_t>(source, strip, count);
  case DType::F8E4M3FN:
    return decodeStrip<scalar::F8E4M3FN, uint8_t>(source, strip, count);
  case DType::F8E4M3FNUZ:
    return decodeStrip<scalar::F8E4M3FNUZ, uint8_t>(source, strip, count);
  case DType::F8E5M2:
    return decodeStrip<scalar::F8E5M2, uint8_t>(source, strip, count);
  case DType::F8E5M2FNUZ:
    return decodeStrip<scalar::F8E5M2FNUZ, uint8_t>(source, strip, count);
  case DType::F4E2M1:
    return decodeStrip<scalar::F4E2M1, uint8_t>(source, strip, count);
  default:
    assert(type == DType::F8E8M0 && "a float type");
    return widenStrip<uint8_t>(source, strip, count, [](uint8_t code) {
      return static_cast<double>(scalar::decodePowerOfTwo(0.0f, scalar::Bits32{code}));
    });
  }
}

/// Integers as 64 bits: sign-extended, or zero-extended if unsigned.
template <class T> void extendStrip(const std::byte *source, int64_t *strip, int64_t count) {
  for (int64_t i = 0; i < count; ++i)
    strip[i] = static_cast<int64_t>(loadAt<T>(source, i));
}

void readIntegers(DType type, const std::byte *source, int64_t *strip, int64_t count) {
  switch (type) {
  case DType::I64:
    return extendStrip<int64_t>(source, strip, count);
  case DType::I32:
    return extendStrip<int32_t>(source, strip, count);
  case DType::I16:
    return extendStrip<int16_t>(source, strip, count);
  case DType::I8:
  case DType::I4:
    return extendStrip<int8_t>(source, strip, count);
  case DType::U64:
    return extendStrip<uint64_t>(source, strip, count);
  case DType::U32:
    return extendStrip<uint32_t>(source, strip, count);
  case DType::U16:
    return extendStrip<uint16_t>(source, strip, count);
  default:
    assert((type == DType::U8 || type == DType::U4 || type == DType::Bool) && "an integer type");
    return extendStrip<uint8_t>(source, strip, count);
  }
}

/// An f64 that rounds to every shorter format like the integer: what does not fit in 53 bits becomes an odd last bit.
double toOddDouble(int64_t value, bool isUnsigned) {
  auto bits = static_cast<uint64_t>(value);
  bool isNegative = !isUnsigned && value < 0;
  uint64_t magnitude = isNegative ? 0 - bits : bits;
  if (magnitude >> 53 != 0)
    magnitude = (magnitude >> 11 | ((magnitude & 0x7ff) != 0)) << 11;
  auto result = static_cast<double>(magnitude);
  return isNegative ? -result : result;
}

template <class Format, class Code>
void encodeStrip(const double *strip, std::byte *target, int64_t count, bool saturate) {
  for (int64_t i = 0; i < count; ++i)
    storeAt(target, i, static_cast<Code>(scalar::encodeSmallFloat<Format>(scalar::narrowToOdd(strip[i]), saturate)));
}

void writeFloats(DType type, const double *strip, std::byte *target, int64_t count, const CastOptions &options) {
  switch (type) {
  case DType::F64:
    std::memcpy(target, strip, static_cast<size_t>(count) * sizeof(double));
    return;
  case DType::F32:
    for (int64_t i = 0; i < count; ++i)
      storeAt(target, i, static_cast<float>(strip[i]));
    return;
  case DType::F16:
    return encodeStrip<scalar::F16, uint16_t>(strip, target, count, false);
  case DType::BF16:
    return encodeStrip<scalar::BF16, uint16_t>(strip, target, count, false);
  case DType::F8E4M3FN:
    return encodeStrip<scalar::F8E4M3FN, uint8_t>(strip, target, count, options.saturate);
  case DType::F8E4M3FNUZ:
    return encodeStrip<scalar::F8E4M3FNUZ, uint8_t>(strip, target, count, options.saturate);
  case DType::F8E5M2:
    return encodeStrip<scalar::F8E5M2, uint8_t>(strip, target, count, options.saturate);
  case DType::F8E5M2FNUZ:
    return encodeStrip<scalar::F8E5M2FNUZ, uint8_t>(strip, target, count, options.saturate);
  case DType::F4E2M1:
    return encodeStrip<scalar::F4E2M1, uint8_t>(strip, target, count, true);
  default:
    assert(type == DType::F8E8M0 && "a float type");
    for (int64_t i = 0; i < count; ++i)
      storeAt(target, i,
              static_cast<uint8_t>(
                  scalar::encodePowerOfTwo(scalar::narrowToOdd(strip[i]), options.rounding, options.saturate)));
  }
}

template <int Width, bool IsSigned, class T> void saturateStrip(const double *strip, std::byte *target, int64_t count) {
  for (int64_t i = 0; i < count; ++i)
    storeAt(target, i, static_cast<T>(scalar::toIntegerSaturated<Width, IsSigned>(strip[i])));
}

void writeSaturated(DType type, const double *strip, std::byte *target, int64_t count) {
  switch (type) {
  case DType::I64:
    return saturateStrip<64, true, int64_t>(strip, target, count);
  case DType::I32:
    return saturateStrip<32, true, int32_t>(strip, target, count);
  case DType::I16:
    return saturateStrip<16, true, int16_t>(strip, target, count);
  case DType::I8:
    return saturateStrip<8, true, int8_t>(strip, target, count);
  case DType::I4:
    return saturateStrip<4, true, int8_t>(strip, target, count);
  case DType::U64:
    return saturateStrip<64, false, uint64_t>(strip, target, count);
  case DType::U32:
    return saturateStrip<32, false, uint32_t>(strip, target, count);
  case DType::U16:
    return saturateStrip<16, false, uint16_t>(strip, target, count);
  case DType::U8:
    return saturateStrip<8, false, uint8_t>(strip, target, count);
  case DType::U4:
    return saturateStrip<4, false, uint8_t>(strip, target, count);
  default:
    assert(type == DType::Bool && "an integer type");
    for (int64_t i = 0; i < count; ++i)
      storeAt(target, i, static_cast<uint8_t>(strip[i] != 0));
  }
}

void writeWrapped(DType type, const int64_t *strip, std::byte *target, int64_t count) {
  auto write = [&](auto convert) {
    for (int64_t i = 0; i < count; ++i)
      storeAt(target, i, convert(strip[i]));
  };
  switch (byteWidth(type)) {
  case 8:
    return write([](int64_t value) { return value; });
  case 4:
    return write([](int64_t value) { return static_cast<int32_t>(value); });
  case 2:
    return write([](int64_t value) { return static_cast<int16_t>(value); });
  default:
    break;
  }
  if (type == DType::Bool)
    return write([](int64_t value) { return static_cast<uint8_t>(value != 0); });
  if (type == DType::U4)
    return write([](int64_t value) { return static_cast<uint8_t>(value & 15); });
  if (type == DType::I4)
    return write(
        [](int64_t value) { return static_cast<uint8_t>(scalar::signExtend(static_cast<scalar::Bits32>(value), 4)); });
  return write([](int64_t value) { return static_cast<uint8_t>(value); });
}

} // namespace

void convertElements(DType from, const std::byte *source, DType to, std::byte *target, int64_t count,
                     const CastOptions &options) {
  assert(from != DType::String && to != DType::String && "strings are no arrays of bytes");
  if (count == 0)
    return;
  if (from == to) {
    std::memcpy(target, source, static_cast<size_t>(count * byteWidth(from)));
    return;
  }
  double floats[stripLength];
  int64_t integers[stripLength];
  bool isUnsigned = !isSignedInteger(from);
  for (int64_t done = 0; done < count; done += stripLength) {
    int64_t length = std::min(stripLength, count - done);
    const std::byte *input = source + done * byteWidth(from);
    std::byte *output = target + done * byteWidth(to);
    if (!isFloat(from)) {
      readIntegers(from, input, integers, length);
      if (!isFloat(to)) {
        writeWrapped(to, integers, output, length);
        continue;
      }
      for (int64_t i = 0; i < length; ++i)
        floats[i] = to != DType::F64 ? toOddDouble(integers[i], isUnsigned)
                    : isUnsigned     ? static_cast<double>(static_cast<uint64_t>(integers[i]))
                                     : static_cast<double>(integers[i]);
    } else {
      readFloats(from, input, floats, length);
    }
    if (isFloat(to))
      writeFloats(to, floats, output, length, options);
    else
      writeSaturated(to, floats, output, length);
  }
}

} // namespace heddle
