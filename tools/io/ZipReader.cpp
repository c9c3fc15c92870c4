// Reads ZIP archives that nobody has checked yet.
#include "tools/io/InflateSource.h"
#include "tools/io/Zip.h"
#include "tools/io/ZipFormat.h"
#include <algorithm>
#include <array>
#include <set>

namespace heddle {
namespace {

constexpr uint64_t directoryLimit = uint64_t(64) << 20;
constexpr uint64_t deflateLimit = 1032; // deflate turns one byte into at most this many

Status broken(const InputFile &file, const std::string &what) {
  return {Code::Malformed, "'" + file.name() + "': " + what};
}

struct DirectoryPlace {
  uint64_t offset = 0, size = 0, count = 0;
};

Status readPlace64(const InputFile &file, uint64_t endOffset, DirectoryPlace &place) {
  std::array<std::byte, zip::end64Size> record{};
  std::array<std::byte, zip::locator64Size> locator{};
  if (endOffset < locator.size())
    return broken(file, "no ZIP64 locator");
  HEDDLE_RETURN_IF_ERROR(file.readAt(endOffset - locator.size(), locator));
  if (zip::load(locator, 0, 4) != zip::locator64Signature)
    return broken(file, "no ZIP64 locator");
  HEDDLE_RETURN_IF_ERROR(file.readAt(zip::load(locator, 8, 8), record));
  if (zip::load(record, 0, 4) != zip::end64Signature)
    return broken(file, "no ZIP64 end record");
  place = {zip::load(record, 48, 8), zip::load(record, 40, 8), zip::load(record, 32, 8)};
  return Status::ok();
}

/// Finds the end record, which a comment of up to 64 KiB may follow, and with it the directory.
Status findDirectory(const InputFile &file, DirectoryPlace &place) {
  const uint64_t length = std::min<uint64_t>(file.size(), zip::endSize + 65535);
  if (length < zip::endSize)
    return broken(file, "too short for an archive");
  std::vector<std::byte> tail(length);
  HEDDLE_RETURN_IF_ERROR(file.readAt(file.size() - length, tail));
  size_t at = length - zip::endSize;
  while (zip::load(tail, at, 4) != zip::endSignature || at + zip::endSize + zip::load(tail, at + 20, 2) != length)
    if (at-- == 0)
      return broken(file, "not a ZIP archive");
  if (zip::load(tail, at + 4, 2) != 0 || zip::load(tail, at + 6, 2) != 0)
    return {Code::Unsupported, "'" + file.name() + "': split archives are not supported"};
  place = {zip::load(tail, at + 16, 4), zip::load(tail, at + 12, 4), zip::load(tail, at + 10, 2)};
  const uint64_t endOffset = file.size() - length + at;
  if (place.offset == UINT32_MAX || place.size == UINT32_MAX || place.count == UINT16_MAX)
    HEDDLE_RETURN_IF_ERROR(readPlace64(file, endOffset, place));
  if (place.offset > endOffset || place.size > endOffset - place.offset || place.size > directoryLimit)
    return broken(file, "the directory does not lie in the file");
  return Status::ok();
}

/// Takes the 64-bit values that the ZIP64 extra field holds for the fields marked with all ones.
bool readExtra64(std::span<const std::byte> extra, ZipMember &member) {
  while (extra.size() >= 4) {
    const uint64_t id = zip::load(extra, 0, 2), length = zip::load(extra, 2, 2);
    if (length > extra.size() - 4)
      return false;
    std::span<const std::byte> content = extra.subspan(4, length);
    for (uint64_t *value : {&member.size, &member.packedSize, &member.headerOffset}) {
      if (id != zip::extra64 || *value != UINT32_MAX)
        continue;
      if (content.size() < 8)
        return false;
      *value = zip::load(content, 0, 8);
      content = content.subspan(8);
    }
    extra = extra.subspan(4 + length);
  }
  return true;
}

} // namespace

Result<ZipReader> ZipReader::open(const std::string &path, size_t maxMembers) {
  Result<InputFile> file = InputFile::open(path);
  if (!file)
    return file.status();
  ZipReader reader(std::move(*file));
  HEDDLE_RETURN_IF_ERROR(reader.readDirectory(maxMembers));
  HEDDLE_RETURN_IF_ERROR(reader.checkRanges());
  return reader;
}

Status ZipReader::readDirectory(size_t maxMembers) {
  DirectoryPlace place;
  HEDDLE_RETURN_IF_ERROR(findDirectory(file, place));
  if (place.count > maxMembers)
    return {Code::OverLimit, "'" + file.name() + "': " + std::to_string(place.count) + " members, the limit is " +
                                 std::to_string(maxMembers)};
  std::vector<std::byte> bytes(place.size);
  HEDDLE_RETURN_IF_ERROR(file.readAt(place.offset, bytes));
  std::span<const std::byte> rest = bytes;
  for (uint64_t i = 0; i < place.count; ++i) {
    if (rest.size() < zip::centralSize || zip::load(rest, 0, 4) != zip::centralSignature)
      return broken(file, "directory entry " + std::to_string(i) + " is broken");
    const uint64_t nameSize = zip::load(rest, 28, 2), extraSize = zip::load(rest, 30, 2);
    const uint64_t entrySize = zip::centralSize + nameSize + extraSize + zip::load(rest, 32, 2);
    if (entrySize > rest.size())
      return broken(file, "directory entry " + std::to_string(i) + " is truncated");
    ZipMember member;
    member.name.assign(reinterpret_cast<const char *>(rest.data()) + zip::centralSize, nameSize);
    member.crc = static_cast<uint32_t>(zip::load(rest, 16, 4));
    member.packedSize = zip::load(rest, 20, 4);
    member.size = zip::load(rest, 24, 4);
    member.headerOffset = zip::load(rest, 42, 4);
    const uint64_t method = zip::load(rest, 10, 2);
    member.deflated = method == zip::deflated;
    if ((zip::load(rest, 8, 2) & 1) != 0 || (method != zip::stored && method != zip::deflated))
      return {Code::Unsupported,
              "'" + file.name() + "': member " + std::to_string(i) + " is encrypted or neither stored nor deflated"};
    if (!readExtra64(rest.subspan(zip::centralSize + nameSize, extraSize), member))
      return broken(file, "extra field of directory entry " + std::to_string(i) + " is broken");
    directory.push_back(std::move(member));
    rest = rest.subspan(entrySize);
  }
  return Status::ok();
}

Status ZipReader::checkRanges() const {
  std::set<std::string_view> names;
  std::vector<std::pair<uint64_t, uint64_t>> ranges;
  for (const ZipMember &member : directory) {
    if (!names.insert(member.name).second)
      return broken(file, "two members have one name");
    if (member.headerOffset > file.size() || member.packedSize > file.size() - member.headerOffset)
      return broken(file, "a member does not lie in the file");
    const bool possible =
        member.deflated ? member.size / deflateLimit <= member.packedSize : member.size == member.packedSize;
    if (!possible)
      return broken(file, "a member of " + std::to_string(member.packedSize) + " bytes cannot hold " +
                              std::to_string(member.size));
    ranges.emplace_back(member.headerOffset, member.headerOffset + zip::localSize + member.packedSize);
  }
  std::sort(ranges.begin(), ranges.end());
  for (size_t i = 1; i < ranges.size(); ++i)
    if (ranges[i].first < ranges[i - 1].second)
      return broken(file, "members overlap");
  return Status::ok();
}

Result<std::unique_ptr<ByteSource>> ZipReader::read(const ZipMember &member) const {
  std::array<std::byte, zip::localSize> local{};
  HEDDLE_RETURN_IF_ERROR(file.readAt(member.headerOffset, local));
  if (zip::load(local, 0, 4) != zip::localSignature)
    return broken(file, "a member's header is broken");
  const uint64_t begin = member.headerOffset + zip::localSize + zip::load(local, 26, 2) + zip::load(local, 28, 2);
  if (begin > file.size() || member.packedSize > file.size() - begin)
    return broken(file, "a member passes the end of the file");
  FileSource packed(file, begin, begin + member.packedSize);
  std::unique_ptr<ByteSource> content;
  if (member.deflated) {
    content = InflateSource::create(packed, member.size, file.name());
    if (!content)
      return Status(Code::OverLimit, "'" + file.name() + "': no memory to inflate");
  } else {
    content = std::make_unique<FileSource>(packed);
  }
  return std::unique_ptr<ByteSource>(std::make_unique<CrcSource>(std::move(content), member.crc, file.name()));
}

} // namespace heddle
