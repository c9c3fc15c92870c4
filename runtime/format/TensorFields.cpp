// Implements the conversions from TensorProto's storage to elements in memory.
#include "runtime/format/TensorFields.h"
#include "runtime/format/CheckedMath.h"
#include <bit>
#include <cassert>
#include <cstring>
#include <string>

namespace heddle {
namespace {

static_assert(std::endian::native == std::endian::little, "raw_data is little-endian and is copied as it is");

Status wrongLength(const char *field, size_t got, int64_t expected) {
  return {Code::Malformed,
          std::string(field) + " has " + std::to_string(got) + " values, expected " + std::to_string(expected)};
}

/// One element of a packed pair, widened to a byte.
std::byte halfOf(DType type, uint8_t pair, bool high) {
  const uint8_t code = high ? pair >> 4 : pair & 15;
  return std::byte(type == DType::I4 && code >= 8 ? code | 0xf0 : code);
}

template <typename Stored, typename T> void copyAs(std::span<const T> values, std::span<std::byte> out) {
  for (size_t i = 0; i < values.size(); ++i) {
    const Stored element = static_cast<Stored>(values[i]);
    std::memcpy(out.data() + i * sizeof(Stored), &element, sizeof(Stored));
  }
}

void unpackInt32Data(DType type, std::span<const int32_t> values, int64_t elements, std::span<std::byte> out) {
  if (isPackedPair(type)) {
    for (int64_t i = 0; i < elements; ++i)
      out[i] = halfOf(type, static_cast<uint8_t>(values[i / 2]), i % 2 != 0);
    return;
  }
  if (type == DType::Bool) {
    for (size_t i = 0; i < values.size(); ++i)
      out[i] = std::byte(values[i] != 0);
    return;
  }
  switch (byteWidth(type)) {
  case 1:
    return copyAs<uint8_t>(values, out);
  case 2:
    return copyAs<uint16_t>(values, out);
  default:
    return copyAs<int32_t>(values, out);
  }
}

template <typename T> Status checkLength(const char *name, std::span<const T> values, DType type, int64_t elements) {
  const int64_t expected = fieldLength(type, elements);
  if (values.size() != static_cast<uint64_t>(expected))
    return wrongLength(name, values.size(), expected);
  return Status::ok();
}

} // namespace

TensorField tensorFieldOf(DType type) {
  switch (type) {
  case DType::F32:
    return TensorField::Float;
  case DType::F64:
    return TensorField::Double;
  case DType::I64:
    return TensorField::Int64;
  case DType::U64:
  case DType::U32:
    return TensorField::Uint64;
  case DType::String:
    return TensorField::String;
  default:
    return TensorField::Int32;
  }
}

bool isPackedPair(DType type) { return type == DType::I4 || type == DType::U4 || type == DType::F4E2M1; }

int64_t fieldLength(DType type, int64_t elements) {
  return isPackedPair(type) ? elements / 2 + elements % 2 : elements;
}

std::optional<int64_t> rawLength(DType type, int64_t elements) {
  if (type == DType::String)
    return std::nullopt;
  if (isPackedPair(type))
    return elements / 2 + elements % 2;
  return checkedMul(elements, byteWidth(type));
}

Status unpackRaw(DType type, int64_t elements, std::span<const std::byte> raw, std::span<std::byte> out) {
  const std::optional<int64_t> expected = rawLength(type, elements);
  if (!expected || raw.size() != static_cast<uint64_t>(*expected))
    return {Code::Malformed, "raw_data has " + std::to_string(raw.size()) + " bytes, expected " +
                                 (expected ? std::to_string(*expected) : "none for strings")};
  assert(out.size() == static_cast<uint64_t>(elements * byteWidth(type)) && "the buffer fits the tensor");
  if (isPackedPair(type)) {
    for (int64_t i = 0; i < elements; ++i)
      out[i] = halfOf(type, std::to_integer<uint8_t>(raw[i / 2]), i % 2 != 0);
  } else if (type == DType::Bool) {
    for (size_t i = 0; i < raw.size(); ++i)
      out[i] = std::byte(raw[i] != std::byte(0));
  } else if (!raw.empty()) {
    std::memcpy(out.data(), raw.data(), raw.size());
  }
  return Status::ok();
}

Status unpackFields(DType type, int64_t elements, const TensorFields &fields, std::span<std::byte> out) {
  assert(out.size() == static_cast<uint64_t>(elements * byteWidth(type)) && "the buffer fits the tensor");
  switch (tensorFieldOf(type)) {
  case TensorField::Float:
    HEDDLE_RETURN_IF_ERROR(checkLength("float_data", fields.floatData, type, elements));
    copyAs<float>(fields.floatData, out);
    return Status::ok();
  case TensorField::Double:
    HEDDLE_RETURN_IF_ERROR(checkLength("double_data", fields.doubleData, type, elements));
    copyAs<double>(fields.doubleData, out);
    return Status::ok();
  case TensorField::Int64:
    HEDDLE_RETURN_IF_ERROR(checkLength("int64_data", fields.int64Data, type, elements));
    copyAs<int64_t>(fields.int64Data, out);
    return Status::ok();
  case TensorField::Uint64:
    HEDDLE_RETURN_IF_ERROR(checkLength("uint64_data", fields.uint64Data, type, elements));
    if (type == DType::U32)
      copyAs<uint32_t>(fields.uint64Data, out);
    else
      copyAs<uint64_t>(fields.uint64Data, out);
    return Status::ok();
  case TensorField::Int32:
    HEDDLE_RETURN_IF_ERROR(checkLength("int32_data", fields.int32Data, type, elements));
    unpackInt32Data(type, fields.int32Data, elements, out);
    return Status::ok();
  case TensorField::String:
    break;
  }
  assert(false && "strings are not unpacked into bytes");
  return Status::ok();
}

} // namespace heddle
