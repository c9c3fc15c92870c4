// Implements decompression and checksums through zlib.
#include "tools/io/InflateSource.h"
#include <algorithm>

namespace heddle {

std::unique_ptr<ByteSource> InflateSource::create(FileSource packed, uint64_t size, std::string name) {
  std::unique_ptr<InflateSource> source(new InflateSource(packed, size, std::move(name)));
  if (inflateInit2(&source->stream, -MAX_WBITS) != Z_OK)
    return nullptr;
  return source;
}

InflateSource::~InflateSource() { inflateEnd(&stream); }

Status InflateSource::inflateSome(std::span<std::byte> out, size_t &produced) {
  if (stream.avail_in == 0 && packed.remaining() > 0) {
    const size_t count = std::min<uint64_t>(packed.remaining(), input.size());
    HEDDLE_RETURN_IF_ERROR(packed.read(std::span(input).first(count)));
    stream.next_in = reinterpret_cast<Bytef *>(input.data());
    stream.avail_in = static_cast<uInt>(count);
  }
  const size_t room = std::min<size_t>(out.size(), size_t(1) << 30);
  stream.next_out = reinterpret_cast<Bytef *>(out.data());
  stream.avail_out = static_cast<uInt>(room);
  const uInt waiting = stream.avail_in;
  const int code = inflate(&stream, Z_NO_FLUSH);
  produced = room - stream.avail_out;
  ended = code == Z_STREAM_END;
  const bool stuck = produced == 0 && waiting == stream.avail_in && !ended;
  if ((code != Z_OK && code != Z_STREAM_END) || stuck)
    return {Code::Malformed, "'" + name + "': the compressed data is broken"};
  return Status::ok();
}

Status InflateSource::expectEnd() {
  while (!ended) {
    std::byte extra;
    size_t produced = 0;
    HEDDLE_RETURN_IF_ERROR(inflateSome({&extra, 1}, produced));
    if (produced != 0)
      return {Code::Malformed, "'" + name + "': the compressed data is longer than declared"};
  }
  return Status::ok();
}

Status InflateSource::read(std::span<std::byte> out) {
  if (out.size() > left)
    return {Code::Malformed, "'" + name + "': a member is shorter than expected"};
  while (!out.empty()) {
    if (ended)
      return {Code::Malformed, "'" + name + "': the compressed data is shorter than declared"};
    size_t produced = 0;
    HEDDLE_RETURN_IF_ERROR(inflateSome(out, produced));
    out = out.subspan(produced);
    left -= produced;
  }
  return left == 0 ? expectEnd() : Status::ok();
}

Status CrcSource::read(std::span<std::byte> out) {
  HEDDLE_RETURN_IF_ERROR(content->read(out));
  crc = crc32Of(out, crc);
  if (content->remaining() == 0 && crc != expected)
    return {Code::Malformed, "'" + name + "': a member's checksum does not match"};
  return Status::ok();
}

uint32_t crc32Of(std::span<const std::byte> bytes, uint32_t crc) {
  return static_cast<uint32_t>(crc32_z(crc, reinterpret_cast<const Bytef *>(bytes.data()), bytes.size()));
}

} // namespace heddle
