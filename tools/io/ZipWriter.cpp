// Writes ZIP archives with the same bytes for the same content.
#include "tools/io/InflateSource.h"
#include "tools/io/Zip.h"
#include "tools/io/ZipFormat.h"
#include <algorithm>

namespace heddle {
namespace {

constexpr uint64_t firstDate = 0x0021; // 1 January 1980, the format's first day
constexpr uint64_t unicodeNames = 0x0800;

uint64_t clamped(uint64_t value) { return std::min<uint64_t>(value, UINT32_MAX); }

/// The fields that local headers and directory entries have in common: version needed to extra field length.
void appendCommon(std::string &out, const ZipMember &member, size_t extraSize) {
  zip::append(out, extraSize ? 45 : 20, 2);
  zip::append(out, unicodeNames, 2);
  zip::append(out, zip::stored, 2);
  zip::append(out, firstDate << 16, 4);
  zip::append(out, member.crc, 4);
  zip::append(out, clamped(member.packedSize), 4);
  zip::append(out, clamped(member.size), 4);
  zip::append(out, member.name.size(), 2);
  zip::append(out, extraSize, 2);
}

/// The ZIP64 extra field for the values that do not fit; empty if all fit.
std::string extraField(std::initializer_list<uint64_t> values) {
  std::string content;
  for (uint64_t value : values)
    if (value >= UINT32_MAX)
      zip::append(content, value, 8);
  if (content.empty())
    return content;
  std::string extra;
  zip::append(extra, zip::extra64, 2);
  zip::append(extra, content.size(), 2);
  return extra + content;
}

} // namespace

Status ZipWriter::add(const std::string &name, std::initializer_list<std::span<const std::byte>> parts) {
  if (name.size() > UINT16_MAX)
    return {Code::OverLimit, "the name of an array has " + std::to_string(name.size()) + " bytes, the limit is 65535"};
  ZipMember member;
  member.name = name;
  member.headerOffset = file.size();
  for (std::span<const std::byte> part : parts) {
    member.size += part.size();
    member.crc = crc32Of(part, member.crc);
  }
  member.packedSize = member.size;
  const std::string extra = extraField({member.size, member.packedSize});
  std::string header;
  zip::append(header, zip::localSignature, 4);
  appendCommon(header, member, extra.size());
  HEDDLE_RETURN_IF_ERROR(file.write(header + name + extra));
  for (std::span<const std::byte> part : parts)
    HEDDLE_RETURN_IF_ERROR(file.write(part));
  directory.push_back(std::move(member));
  return Status::ok();
}

Status ZipWriter::finish() {
  const uint64_t begin = file.size();
  for (const ZipMember &member : directory) {
    const std::string extra = extraField({member.size, member.packedSize, member.headerOffset});
    std::string entry;
    zip::append(entry, zip::centralSignature, 4);
    zip::append(entry, 45, 2);
    appendCommon(entry, member, extra.size());
    entry.append(2 + 2 + 2 + 4, '\0'); // no comment, disk 0, no attributes
    zip::append(entry, clamped(member.headerOffset), 4);
    HEDDLE_RETURN_IF_ERROR(file.write(entry + member.name + extra));
  }
  const uint64_t end = file.size(), count = directory.size();
  std::string tail;
  if (begin >= UINT32_MAX || count >= UINT16_MAX) {
    zip::append(tail, zip::end64Signature, 4);
    zip::append(tail, zip::end64Size - 12, 8);
    zip::append(tail, 45 | 45 << 16, 4);
    zip::append(tail, 0, 8);
    for (uint64_t value : {count, count, end - begin, begin})
      zip::append(tail, value, 8);
    zip::append(tail, zip::locator64Signature, 4);
    zip::append(tail, 0, 4);
    zip::append(tail, end, 8);
    zip::append(tail, 1, 4);
  }
  zip::append(tail, zip::endSignature, 4);
  zip::append(tail, 0, 4);
  zip::append(tail, std::min<uint64_t>(count, UINT16_MAX), 2);
  zip::append(tail, std::min<uint64_t>(count, UINT16_MAX), 2);
  zip::append(tail, clamped(end - begin), 4);
  zip::append(tail, clamped(begin), 4);
  zip::append(tail, 0, 2);
  return file.write(tail);
}

} // namespace heddle
