// The records of a ZIP archive as both its reader and its writer need them.
// Source: PKWARE's APPNOTE.TXT 6.3.10, sections 4.3 to 4.5.
#ifndef HEDDLE_TOOLS_IO_ZIPFORMAT_H
#define HEDDLE_TOOLS_IO_ZIPFORMAT_H

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace heddle::zip {

constexpr uint32_t localSignature = 0x04034b50;
constexpr uint32_t centralSignature = 0x02014b50;
constexpr uint32_t endSignature = 0x06054b50;
constexpr uint32_t end64Signature = 0x06064b50;
constexpr uint32_t locator64Signature = 0x07064b50;

constexpr size_t localSize = 30;
constexpr size_t centralSize = 46;
constexpr size_t endSize = 22;
constexpr size_t end64Size = 56;
constexpr size_t locator64Size = 20;

constexpr uint16_t extra64 = 1; ///< Header id of the ZIP64 extra field.
constexpr uint16_t stored = 0, deflated = 8;

/// A little-endian number of `width` bytes.
inline uint64_t load(std::span<const std::byte> bytes, size_t offset, size_t width) {
  uint64_t value = 0;
  for (size_t i = 0; i < width; ++i)
    value |= std::to_integer<uint64_t>(bytes[offset + i]) << (8 * i);
  return value;
}

inline void append(std::string &out, uint64_t value, size_t width) {
  for (size_t i = 0; i < width; ++i)
    out += static_cast<char>(value >> (8 * i) & 0xff);
}

} // namespace heddle::zip

#endif // HEDDLE_TOOLS_IO_ZIPFORMAT_H
