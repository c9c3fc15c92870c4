// The first look at a model file: nothing else reads a model's bytes before this scan has bounded them.
#ifndef HEDDLE_COMPILER_ONNX_WIRESCAN_H
#define HEDDLE_COMPILER_ONNX_WIRESCAN_H

#include "compiler/onnx/Limits.h"
#include "runtime/format/Status.h"
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace heddle {

/// raw_data of this many bytes or more stays in the file.
constexpr size_t smallestCut = 4096;
/// The key of the external_data entry that stands for data outside the protobuf: its value is a decimal index. The
/// scan refuses models that use the key themselves.
constexpr std::string_view placeholderKey = "heddle.range";

/// A part of the scanned file.
struct ScannedRange {
  uint64_t offset = 0;
  uint64_t length = 0;
};

struct ScannedModel {
  /// The model for protobuf: without unknown fields and doc strings, each cut raw_data replaced by a placeholder.
  std::string protobuf;
  std::vector<ScannedRange> cuts; ///< What the placeholders' indices refer to.
  /// The first budget that the model passes; Ok if none. Reported only once nothing malformed can be found any more.
  Status overLimit;
  /// False if a budget was passed that protects protobuf itself: `protobuf` is then incomplete.
  bool complete = true;
};

/// Checks, in one pass and with memory bounded by the limits: framing, wire types, field numbers, UTF-8 of names,
/// singular fields that appear twice, nesting, and for every tensor (initializers, attributes, sparse, in functions
/// and training information alike) dimensions, element type, exact sizes, one field for the elements, no segment, only
/// known keys of external data. Unknown fields are skipped. Code::Malformed with the path of the node.
/// Source: semantics.md section 1, rules 1 to 3; protobuf's encoding specification.
Result<ScannedModel> scanModel(std::span<const std::byte> file, const Limits &limits);

} // namespace heddle

#endif // HEDDLE_COMPILER_ONNX_WIRESCAN_H
