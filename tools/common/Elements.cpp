// Implements elements as doubles.
#include "tools/common/Elements.h"
#include "runtime/format/ScalarMath.h"
#include <cmath>
#include <cstring>

using namespace heddle;

template <typename T> static T read(const Tensor &tensor, int64_t index) {
  T value;
  std::memcpy(&value, tensor.bytes().data() + index * sizeof(T), sizeof(T));
  return value;
}

template <typename T> static void write(Tensor &tensor, int64_t index, T value) {
  std::memcpy(tensor.bytes().data() + index * sizeof(T), &value, sizeof(T));
}

template <typename Format> static double decode(uint32_t code) { return scalar::decodeSmallFloat<Format>(0.0f, code); }

double heddle::loadElement(const Tensor &tensor, int64_t index) {
  switch (tensor.type()) {
  case DType::F64:
    return read<double>(tensor, index);
  case DType::F32:
    return read<float>(tensor, index);
  case DType::F16:
    return decode<scalar::F16>(read<uint16_t>(tensor, index));
  case DType::BF16:
    return decode<scalar::BF16>(read<uint16_t>(tensor, index));
  case DType::F8E4M3FN:
    return decode<scalar::F8E4M3FN>(read<uint8_t>(tensor, index));
  case DType::F8E4M3FNUZ:
    return decode<scalar::F8E4M3FNUZ>(read<uint8_t>(tensor, index));
  case DType::F8E5M2:
    return decode<scalar::F8E5M2>(read<uint8_t>(tensor, index));
  case DType::F8E5M2FNUZ:
    return decode<scalar::F8E5M2FNUZ>(read<uint8_t>(tensor, index));
  case DType::F8E8M0:
    return scalar::decodePowerOfTwo(0.0f, uint32_t(read<uint8_t>(tensor, index)));
  case DType::F4E2M1:
    return decode<scalar::F4E2M1>(read<uint8_t>(tensor, index));
  case DType::I64:
    return static_cast<double>(read<int64_t>(tensor, index));
  case DType::I32:
    return read<int32_t>(tensor, index);
  case DType::I16:
    return read<int16_t>(tensor, index);
  case DType::I8:
  case DType::I4:
    return read<int8_t>(tensor, index);
  case DType::U64:
    return static_cast<double>(read<uint64_t>(tensor, index));
  case DType::U32:
    return read<uint32_t>(tensor, index);
  case DType::U16:
    return read<uint16_t>(tensor, index);
  case DType::U8:
  case DType::U4:
  case DType::Bool:
    return read<uint8_t>(tensor, index);
  case DType::String:
    break;
  }
  assert(false && "strings are no numbers");
  return 0;
}

template <typename Format> static uint32_t encode(double value) {
  return scalar::encodeSmallFloat<Format>(static_cast<float>(value), /*saturate=*/true);
}

template <int Width, bool IsSigned> static auto toInteger(double value) {
  return scalar::toIntegerSaturated<Width, IsSigned>(value);
}

void heddle::storeElement(Tensor &tensor, int64_t index, double value) {
  switch (tensor.type()) {
  case DType::F64:
    return write(tensor, index, value);
  case DType::F32:
    return write(tensor, index, static_cast<float>(value));
  case DType::F16:
    return write(tensor, index, static_cast<uint16_t>(encode<scalar::F16>(value)));
  case DType::BF16:
    return write(tensor, index, static_cast<uint16_t>(encode<scalar::BF16>(value)));
  case DType::F8E4M3FN:
    return write(tensor, index, static_cast<uint8_t>(encode<scalar::F8E4M3FN>(value)));
  case DType::F8E4M3FNUZ:
    return write(tensor, index, static_cast<uint8_t>(encode<scalar::F8E4M3FNUZ>(value)));
  case DType::F8E5M2:
    return write(tensor, index, static_cast<uint8_t>(encode<scalar::F8E5M2>(value)));
  case DType::F8E5M2FNUZ:
    return write(tensor, index, static_cast<uint8_t>(encode<scalar::F8E5M2FNUZ>(value)));
  case DType::F8E8M0:
    return write(tensor, index, static_cast<uint8_t>(127 + std::lround(std::log2(value))));
  case DType::F4E2M1:
    return write(tensor, index, static_cast<uint8_t>(encode<scalar::F4E2M1>(value)));
  case DType::I64:
    return write(tensor, index, static_cast<int64_t>(toInteger<64, true>(value)));
  case DType::I32:
    return write(tensor, index, static_cast<int32_t>(toInteger<32, true>(value)));
  case DType::I16:
    return write(tensor, index, static_cast<int16_t>(toInteger<16, true>(value)));
  case DType::I8:
    return write(tensor, index, static_cast<int8_t>(toInteger<8, true>(value)));
  case DType::I4:
    return write(tensor, index, static_cast<int8_t>(toInteger<4, true>(value)));
  case DType::U64:
    return write(tensor, index, static_cast<uint64_t>(toInteger<64, false>(value)));
  case DType::U32:
    return write(tensor, index, static_cast<uint32_t>(toInteger<32, false>(value)));
  case DType::U16:
    return write(tensor, index, static_cast<uint16_t>(toInteger<16, false>(value)));
  case DType::U8:
    return write(tensor, index, static_cast<uint8_t>(toInteger<8, false>(value)));
  case DType::U4:
    return write(tensor, index, static_cast<uint8_t>(toInteger<4, false>(value)));
  case DType::Bool:
    return write(tensor, index, static_cast<uint8_t>(value != 0));
  case DType::String:
    break;
  }
  assert(false && "strings are no numbers");
}
