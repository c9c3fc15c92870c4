// A bounded reader of protobuf's wire format over bytes in memory, for files that nobody has checked yet.
#ifndef HEDDLE_RUNTIME_FORMAT_WIREREADER_H
#define HEDDLE_RUNTIME_FORMAT_WIREREADER_H

#include "runtime/format/Status.h"
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace heddle {

/// The wire types that ONNX uses; groups (3, 4) are rejected.
enum class WireType : uint8_t { Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5 };

/// One field as it lies on the wire.
struct WireField {
  uint32_t number = 0;
  WireType type = WireType::Varint;
  uint64_t scalar = 0;              ///< The value of a Varint, Fixed64 or Fixed32.
  std::span<const std::byte> bytes; ///< The content of a Bytes field; points into the reader's input.
  size_t offset = 0;                ///< Where the field's tag begins, in bytes from the reader's begin.

  std::string_view text() const { return {reinterpret_cast<const char *>(bytes.data()), bytes.size()}; }
};

/// Reads one message field by field. Never reads outside its input and allocates only for a failure's message.
class WireReader {
public:
  /// \param base where `input` begins in the file, for messages.
  explicit WireReader(std::span<const std::byte> input, size_t base = 0) : input(input), base(base) {}

  bool atEnd() const { return position == input.size(); }
  /// Bytes consumed so far.
  size_t offset() const { return position; }

  /// The next field. Code::Malformed for a truncated field, field number 0, a group or an unknown wire type.
  Status next(WireField &field) {
    field.offset = position;
    uint64_t tag = 0;
    HEDDLE_RETURN_IF_ERROR(readVarint(tag));
    if (tag > UINT32_MAX || tag >> 3 == 0)
      return malformed("field number " + std::to_string(tag >> 3) + " is not valid", field.offset);
    field.number = static_cast<uint32_t>(tag >> 3);
    field.type = static_cast<WireType>(tag & 7);
    switch (field.type) {
    case WireType::Varint:
      return readVarint(field.scalar);
    case WireType::Fixed64:
      return readFixed(field.scalar, 8);
    case WireType::Fixed32:
      return readFixed(field.scalar, 4);
    case WireType::Bytes:
      return readBytes(field.bytes);
    }
    return malformed("wire type " + std::to_string(tag & 7) + " is not allowed", field.offset);
  }

  /// A base-128 number of at most ten bytes, as the elements of a packed field are.
  Status readVarint(uint64_t &value) {
    const size_t begin = position;
    value = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
      if (position == input.size())
        return malformed("truncated number", begin);
      const uint64_t byte = std::to_integer<uint64_t>(input[position++]);
      if (shift == 63 && byte > 1)
        break;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80)
        return Status::ok();
    }
    return malformed("number longer than 64 bits", begin);
  }

  /// A little-endian number of `width` (4 or 8) bytes.
  Status readFixed(uint64_t &value, size_t width) {
    if (input.size() - position < width)
      return malformed("truncated fixed-width number", position);
    value = 0;
    for (size_t i = 0; i < width; ++i)
      value |= std::to_integer<uint64_t>(input[position + i]) << (8 * i);
    position += width;
    return Status::ok();
  }

private:
  Status readBytes(std::span<const std::byte> &bytes) {
    const size_t begin = position;
    uint64_t length = 0;
    HEDDLE_RETURN_IF_ERROR(readVarint(length));
    const size_t left = input.size() - position;
    if (length > left)
      return malformed(
          "length " + std::to_string(length) + " passes the end, " + std::to_string(left) + " bytes are left", begin);
    bytes = input.subspan(position, length);
    position += length;
    return Status::ok();
  }

  Status malformed(const std::string &what, size_t offset) const {
    return {Code::Malformed, what + " at byte " + std::to_string(base + offset)};
  }

  std::span<const std::byte> input;
  size_t base;
  size_t position = 0;
};

} // namespace heddle

#endif // HEDDLE_RUNTIME_FORMAT_WIREREADER_H
