// Implements the writing of artifacts: sections in order, the header last.
#include "runtime/format/Artifact.h"

#include "runtime/format/ArtifactLayout.h"
#include "runtime/format/Digest.h"
#include "runtime/format/OutputFile.h"
#include "runtime/format/PlanBinary.h"
#include "runtime/format/PlanVerifier.h"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace heddle {
namespace {

using namespace artifact;

template <typename T> std::span<const std::byte> imageOf(const T &record) {
  return std::as_bytes(std::span(&record, 1));
}

/// Digests a stream in chunks of `chunkBytes`.
class ChunkDigests {
public:
  void add(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
      size_t count = std::min<size_t>(bytes.size(), chunkBytes - chunk.size());
      chunk.insert(chunk.end(), bytes.begin(), bytes.begin() + std::ptrdiff_t(count));
      bytes = bytes.subspan(count);
      if (chunk.size() == chunkBytes)
        flush();
    }
  }
  std::string finish() {
    if (!chunk.empty())
      flush();
    return std::move(digests);
  }

private:
  void flush() {
    digests += digestOf(std::span<const std::byte>(chunk));
    chunk.clear();
  }

  std::vector<std::byte> chunk;
  std::string digests;
};

class ArtifactWriter {
public:
  ArtifactWriter(OutputFile &file, const Program &program) : file(file), program(program) {}

  Status write(const WeightProducer &weights);

private:
  Status padTo(uint64_t offset);
  Status section(SectionKind kind, std::span<const std::byte> bytes);
  Status weightSection(const WeightProducer &weights, const std::vector<uint64_t> &offsets, std::string &digests);
  Status weight(size_t index, const WeightProducer &weights, ChunkDigests &digests);
  Status header();

  OutputFile &file;
  const Program &program;
  std::vector<SectionEntry> table;
};

Status ArtifactWriter::write(const WeightProducer &weights) {
  std::optional<std::vector<uint64_t>> offsets = weightOffsets(program.weights);
  if (!offsets)
    return Status(Code::OverLimit, "the weights take more bytes than 64 bits can count");
  size_t sectionCount = program.codes.size() + 3;
  HEDDLE_RETURN_IF_ERROR(padTo(sizeof(FileHeader) + sectionCount * sizeof(SectionEntry)));
  HEDDLE_RETURN_IF_ERROR(section(SectionKind::Plan, encodeProgram(program)));
  for (const CodeObject &code : program.codes)
    HEDDLE_RETURN_IF_ERROR(section(SectionKind::Code, code.bytes));
  std::string digests;
  HEDDLE_RETURN_IF_ERROR(weightSection(weights, *offsets, digests));
  HEDDLE_RETURN_IF_ERROR(section(SectionKind::WeightDigests, std::as_bytes(std::span(digests))));
  assert(table.size() == sectionCount && "the table was given room for the sections written");
  return header();
}

Status ArtifactWriter::padTo(uint64_t offset) {
  static constexpr std::array<std::byte, 4096> zeros = {};
  while (file.size() < offset) {
    size_t count = size_t(std::min<uint64_t>(zeros.size(), offset - file.size()));
    HEDDLE_RETURN_IF_ERROR(file.write(std::span(zeros).first(count)));
  }
  return Status::ok();
}

Status ArtifactWriter::section(SectionKind kind, std::span<const std::byte> bytes) {
  HEDDLE_RETURN_IF_ERROR(padTo(alignUp(file.size(), sectionAlignment)));
  SectionEntry entry = {uint32_t(kind), 0, file.size(), bytes.size(), {}, 0};
  std::string digest = digestOf(bytes);
  std::memcpy(entry.digest, digest.data(), sizeof(entry.digest));
  table.push_back(entry);
  return file.write(bytes);
}

Status ArtifactWriter::weightSection(const WeightProducer &weights, const std::vector<uint64_t> &offsets,
                                     std::string &digests) {
  HEDDLE_RETURN_IF_ERROR(padTo(alignUp(file.size(), weightsSectionAlignment)));
  uint64_t start = file.size();
  table.push_back({uint32_t(SectionKind::Weights), 0, start, offsets.back(), {}, 0});
  ChunkDigests chunks;
  static constexpr std::array<std::byte, weightAlignment> zeros = {};
  for (size_t index = 0; index < program.weights.size(); ++index) {
    HEDDLE_RETURN_IF_ERROR(weight(index, weights, chunks));
    std::span<const std::byte> padding = std::span(zeros).first(size_t(start + offsets[index + 1] - file.size()));
    chunks.add(padding);
    HEDDLE_RETURN_IF_ERROR(file.write(padding));
  }
  digests = chunks.finish();
  return Status::ok();
}

Status ArtifactWriter::weight(size_t index, const WeightProducer &weights, ChunkDigests &digests) {
  const Weight &weight = program.weights[index];
  uint64_t left = uint64_t(byteWidth(weight.type));
  for (int64_t size : weight.shape)
    left *= uint64_t(size);
  HEDDLE_RETURN_IF_ERROR(weights(index, [&](std::span<const std::byte> bytes) {
    assert(bytes.size() <= left && "a weight has more bytes than its shape says");
    left -= bytes.size();
    digests.add(bytes);
    return file.write(bytes);
  }));
  assert(left == 0 && "a weight has fewer bytes than its shape says");
  return Status::ok();
}

Status ArtifactWriter::header() {
  FileHeader header = {};
  std::memcpy(header.magic, magic, sizeof(magic));
  header.majorVersion = artifactMajorVersion;
  header.minorVersion = artifactMinorVersion;
  header.sectionCount = uint32_t(table.size());
  header.fileBytes = file.size();
  std::vector<std::byte> image;
  auto append = [&image](std::span<const std::byte> bytes) { image.insert(image.end(), bytes.begin(), bytes.end()); };
  append(imageOf(header));
  append(std::as_bytes(std::span(table)));
  std::string digest = digestOf(std::span<const std::byte>(image));
  std::memcpy(image.data() + offsetof(FileHeader, digest), digest.data(), digest.size());
  return file.writeAt(0, image);
}

} // namespace

std::optional<std::vector<uint64_t>> artifact::weightOffsets(const std::vector<Weight> &weights) {
  std::vector<uint64_t> offsets = {0};
  for (const Weight &weight : weights) {
    uint64_t bytes = uint64_t(byteWidth(weight.type));
    for (int64_t size : weight.shape)
      if (__builtin_mul_overflow(bytes, uint64_t(size), &bytes))
        return std::nullopt;
    uint64_t end = 0;
    if (bytes > INT64_MAX - weightAlignment ||
        __builtin_add_overflow(offsets.back(), alignUp(bytes, weightAlignment), &end))
      return std::nullopt;
    offsets.push_back(end);
  }
  return offsets;
}

Status writeArtifact(const std::string &path, const Program &program, const WeightProducer &weights) {
  HEDDLE_RETURN_IF_ERROR(verifyProgram(program));
  Result<OutputFile> file = OutputFile::create(path);
  if (!file)
    return file.status();
  HEDDLE_RETURN_IF_ERROR(ArtifactWriter(*file, program).write(weights));
  return file->commit();
}

} // namespace heddle
