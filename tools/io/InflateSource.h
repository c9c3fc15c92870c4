// Decompression and checksums as byte streams.
#ifndef HEDDLE_TOOLS_IO_INFLATESOURCE_H
#define HEDDLE_TOOLS_IO_INFLATESOURCE_H

#include "tools/io/ByteSource.h"
#include <array>
#include <memory>
#include <string>
#include <zlib.h>

namespace heddle {

/// Inflates a raw deflate stream that must expand to exactly `size` bytes.
class InflateSource final : public ByteSource {
public:
  /// Null if zlib has no memory.
  static std::unique_ptr<ByteSource> create(FileSource packed, uint64_t size, std::string name);
  ~InflateSource() override;
  InflateSource(const InflateSource &) = delete;
  InflateSource &operator=(const InflateSource &) = delete;

  uint64_t remaining() const override { return left; }
  Status read(std::span<std::byte> out) override;

private:
  InflateSource(FileSource packed, uint64_t size, std::string name)
      : packed(packed), left(size), name(std::move(name)) {}
  Status inflateSome(std::span<std::byte> out, size_t &produced);
  Status expectEnd();

  FileSource packed;
  uint64_t left;
  std::string name;
  z_stream stream{};
  bool ended = false;
  std::array<std::byte, 65536> input;
};

/// Passes bytes through and compares their CRC-32 once the last one has been read.
class CrcSource final : public ByteSource {
public:
  CrcSource(std::unique_ptr<ByteSource> content, uint32_t expected, std::string name)
      : content(std::move(content)), expected(expected), name(std::move(name)) {}

  uint64_t remaining() const override { return content->remaining(); }
  Status read(std::span<std::byte> out) override;

private:
  std::unique_ptr<ByteSource> content;
  uint32_t expected;
  uint32_t crc = 0;
  std::string name;
};

/// CRC-32 of `bytes`, continued from `crc` (0 to begin with).
uint32_t crc32Of(std::span<const std::byte> bytes, uint32_t crc);

} // namespace heddle

#endif // HEDDLE_TOOLS_IO_INFLATESOURCE_H
