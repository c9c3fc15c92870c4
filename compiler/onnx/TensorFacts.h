// What the scan learns about one tensor, and whether it holds together.
#ifndef HEDDLE_COMPILER_ONNX_TENSORFACTS_H
#define HEDDLE_COMPILER_ONNX_TENSORFACTS_H

#include "runtime/format/Status.h"
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace heddle {

/// The fields that can hold elements, in the order of TensorFacts::counts.
enum class ElementField : uint8_t { Float, Int32, String, Int64, Double, Uint64 };
constexpr size_t elementFieldCount = 6;

/// Facts of one TensorProto, collected field by field.
struct TensorFacts {
  std::string_view name;
  std::vector<int64_t> dims;
  int64_t dataType = 0;
  std::array<uint64_t, elementFieldCount> counts{}; ///< Values in each typed field.
  uint64_t rawBytes = 0;
  uint64_t stringBytes = 0; ///< In all elements of string_data.
  bool hasSegment = false;
  bool isExternal = false;
};

/// Bits of an element of ONNX's TensorProto.DataType; 0 for strings, nullopt for numbers that are no type.
std::optional<unsigned> elementBits(int64_t dataType);

/// The bytes that the elements take in raw_data; for strings, what they hold. Code::Malformed if dimensions are
/// negative or overflow, the element type is unknown, elements lie in two fields or the wrong one, or their number is
/// not exact.
Result<uint64_t> checkedTensorBytes(const TensorFacts &facts);

} // namespace heddle

#endif // HEDDLE_COMPILER_ONNX_TENSORFACTS_H
