// How ONNX's TensorProto stores elements, in raw_data and in the typed fields, and how Heddle has them in memory.
#ifndef HEDDLE_RUNTIME_FORMAT_TENSORFIELDS_H
#define HEDDLE_RUNTIME_FORMAT_TENSORFIELDS_H

#include "runtime/format/DType.h"
#include "runtime/format/Status.h"
#include <cstddef>
#include <optional>
#include <span>

namespace heddle {

/// The numeric typed fields of one TensorProto; strings need no conversion and are left out.
struct TensorFields {
  std::span<const float> floatData;
  std::span<const int32_t> int32Data;
  std::span<const int64_t> int64Data;
  std::span<const uint64_t> uint64Data;
  std::span<const double> doubleData;
};

/// Which typed field holds the elements of a type.
enum class TensorField : uint8_t { Float, Int32, Int64, Uint64, Double, String };
TensorField tensorFieldOf(DType type);

/// True for i4, u4 and f4e2m1: two elements share a byte in raw_data and a value in int32_data, the first in the low
/// half.
bool isPackedPair(DType type);

/// Values that the typed field of `elements` elements holds.
int64_t fieldLength(DType type, int64_t elements);
/// Bytes that raw_data of `elements` elements holds; nullopt on overflow or for strings.
std::optional<int64_t> rawLength(DType type, int64_t elements);

/// Converts raw_data to elements in memory: pairs are unpacked (i4 with its sign), a bool becomes 0 or 1.
/// \param out `elements * byteWidth(type)` bytes. Code::Malformed if `raw` has not exactly rawLength() bytes.
Status unpackRaw(DType type, int64_t elements, std::span<const std::byte> raw, std::span<std::byte> out);

/// Converts the typed field of `type` to elements in memory; the high bits that a narrow type leaves unused are
/// dropped, as ONNX's own reader does. Code::Malformed if the field has not exactly fieldLength() values.
Status unpackFields(DType type, int64_t elements, const TensorFields &fields, std::span<std::byte> out);

} // namespace heddle

#endif // HEDDLE_RUNTIME_FORMAT_TENSORFIELDS_H
