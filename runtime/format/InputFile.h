// Regular files opened for reading: bounded positional reads and read-only mappings.
#ifndef HEDDLE_RUNTIME_FORMAT_INPUTFILE_H
#define HEDDLE_RUNTIME_FORMAT_INPUTFILE_H

#include "runtime/format/Status.h"
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>

namespace heddle {

/// The bytes of a whole file: a read-only mapping, or a private copy where a mapping could lose pages under us.
class FileBytes {
public:
  FileBytes(const FileBytes &) = delete;
  FileBytes &operator=(const FileBytes &) = delete;
  ~FileBytes();

  /// Aligned to a page.
  std::span<const std::byte> bytes() const { return {begin, size}; }
  /// True if the bytes stay on disk until they are touched.
  bool isMapped() const { return copy == nullptr; }

private:
  friend class InputFile;
  FileBytes() = default;
  const std::byte *begin = nullptr;
  size_t size = 0;
  struct Free {
    void operator()(std::byte *memory) const { std::free(memory); }
  };
  std::unique_ptr<std::byte[], Free> copy;
};

/// Takes the whole pages of a part of a mapping out of memory; they are read from the file again when touched.
void releasePages(std::span<const std::byte> mapped);

/// A regular file open for reading; movable, closes on destruction. FIFOs, devices and folders are refused without
/// blocking on them. The size is that at opening: a later read past a shrunken end is an error, never a short result.
class InputFile {
public:
  /// Opens a path that the user named; symbolic links are followed. Code::Malformed with the path and the reason.
  static Result<InputFile> open(const std::string &path);
  /// Takes over an open descriptor, opened with O_NONBLOCK; `name` is for messages.
  static Result<InputFile> adopt(int descriptor, std::string name);

  InputFile(InputFile &&other) noexcept;
  InputFile &operator=(InputFile &&other) noexcept;
  ~InputFile();

  uint64_t size() const { return fileSize; }
  const std::string &name() const { return fileName; }
  /// The number of names (hard links) that the file has.
  uint64_t linkCount() const { return links; }

  /// Fills `out` from `offset`. Code::Malformed if the file has no such range (any more).
  Status readAt(uint64_t offset, std::span<std::byte> out) const;
  /// The whole content. Files up to `copyBelow` bytes, and those that another user may shorten (a page of a mapping
  /// beyond the end raises SIGBUS), are read into memory; others are mapped.
  Result<std::shared_ptr<const FileBytes>> load(uint64_t copyBelow = uint64_t(16) << 20) const;

private:
  InputFile(int descriptor, std::string name) : descriptor(descriptor), fileName(std::move(name)) {}
  int descriptor = -1;
  std::string fileName;
  uint64_t fileSize = 0;
  uint64_t links = 0;
  bool othersMayWrite = false;
};

} // namespace heddle

#endif // HEDDLE_RUNTIME_FORMAT_INPUTFILE_H
