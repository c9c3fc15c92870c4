// Bytes read one after the other, wherever they come from: a range of a file, or a compressed member of an archive.
#ifndef HEDDLE_TOOLS_IO_BYTESOURCE_H
#define HEDDLE_TOOLS_IO_BYTESOURCE_H

#include "runtime/format/InputFile.h"
#include <cstdint>
#include <span>

namespace heddle {

/// A stream of a known number of bytes.
class ByteSource {
public:
  virtual ~ByteSource() = default;
  /// Bytes that are still to come.
  virtual uint64_t remaining() const = 0;
  /// Fills `out` or fails with Code::Malformed; asking for more than remaining() fails.
  virtual Status read(std::span<std::byte> out) = 0;
};

/// A range of a file. The file must outlive the source.
class FileSource final : public ByteSource {
public:
  FileSource(const InputFile &file, uint64_t begin, uint64_t end) : file(file), position(begin), end(end) {}
  explicit FileSource(const InputFile &file) : FileSource(file, 0, file.size()) {}

  uint64_t remaining() const override { return end - position; }
  Status read(std::span<std::byte> out) override {
    if (out.size() > remaining())
      return {Code::Malformed, "'" + file.name() + "': truncated: " + std::to_string(remaining()) +
                                   " bytes are left, expected " + std::to_string(out.size())};
    HEDDLE_RETURN_IF_ERROR(file.readAt(position, out));
    position += out.size();
    return Status::ok();
  }

private:
  const InputFile &file;
  uint64_t position;
  uint64_t end;
};

} // namespace heddle

#endif // HEDDLE_TOOLS_IO_BYTESOURCE_H
