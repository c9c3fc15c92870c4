// ZIP archives, as far as .npz needs them: stored and deflated members, ZIP64; no encryption, no splitting.
#ifndef HEDDLE_TOOLS_IO_ZIP_H
#define HEDDLE_TOOLS_IO_ZIP_H

#include "runtime/format/OutputFile.h"
#include "tools/io/ByteSource.h"
#include <memory>
#include <string>
#include <vector>

namespace heddle {

struct ZipMember {
  std::string name;
  uint64_t packedSize = 0;
  uint64_t size = 0;
  uint64_t headerOffset = 0; ///< Of the local header.
  uint32_t crc = 0;
  bool deflated = false;
};

/// An archive whose directory has been read and checked: every range lies in the file, members do not overlap, names
/// are unique, and no member claims more than deflate can expand to.
class ZipReader {
public:
  /// Code::Malformed for a broken archive, Code::Unsupported for encrypted, split or otherwise compressed ones,
  /// Code::OverLimit beyond `maxMembers`.
  static Result<ZipReader> open(const std::string &path, size_t maxMembers);

  /// In the order of the archive's directory.
  const std::vector<ZipMember> &members() const { return directory; }
  /// A stream of the member's bytes. The read that delivers the last one also checks the CRC. The reader must outlive
  /// the stream.
  Result<std::unique_ptr<ByteSource>> read(const ZipMember &member) const;

private:
  explicit ZipReader(InputFile file) : file(std::move(file)) {}
  Status readDirectory(size_t maxMembers);
  Status checkRanges() const;

  InputFile file;
  std::vector<ZipMember> directory;
};

/// Writes an archive of stored members with a fixed date, so that equal contents give equal bytes.
class ZipWriter {
public:
  explicit ZipWriter(OutputFile &file) : file(file) {}
  /// Adds a member whose content is the concatenation of `parts`.
  Status add(const std::string &name, std::initializer_list<std::span<const std::byte>> parts);
  /// Writes the directory; the file is left to its owner to commit.
  Status finish();

private:
  OutputFile &file;
  std::vector<ZipMember> directory;
};

} // namespace heddle

#endif // HEDDLE_TOOLS_IO_ZIP_H
