// Implements the opening of artifacts: every byte is accounted for and verified before any of it is interpreted.
#include "runtime/format/Artifact.h"

#include "runtime/format/ArtifactLayout.h"
#include "runtime/format/CheckedMath.h"
#include "runtime/format/Digest.h"
#include "runtime/format/PlanBinary.h"

#include <algorithm>
#include <atomic>
#include <cstring>

namespace heddle {

using namespace artifact;

std::string_view nameOf(SectionKind kind) {
  switch (kind) {
  case SectionKind::Plan:
    return "plan";
  case SectionKind::Code:
    return "code";
  case SectionKind::Weights:
    return "weights";
  case SectionKind::WeightDigests:
    return "weight-digests";
  }
  return "unknown";
}

/// Opens one artifact.
class ArtifactReader {
public:
  ArtifactReader(const std::string &path, const ArtifactOptions &options, Artifact &artifact)
      : path(path), options(options), artifact(artifact) {}

  Status read();

private:
  Status bad(const std::string &what) const { return Status(Code::BadArtifact, "'" + path + "': " + what); }

  Status readHeader(FileHeader &header);
  Status readTable(const FileHeader &header);
  Status checkRange(const SectionEntry &entry, size_t index, uint64_t previousEnd) const;
  Status checkZeros(uint64_t begin, uint64_t end) const;
  Status checkDigests() const;
  Status checkWeights() const;
  Status readProgram();
  Status findWeights(const Program &program);
  std::vector<ArtifactSection> sectionsOf(SectionKind kind) const;
  std::span<const std::byte> bytesOf(const ArtifactSection &section) const {
    return file.subspan(section.offset, section.length);
  }

  const std::string &path;
  const ArtifactOptions &options;
  Artifact &artifact;
  std::span<const std::byte> file;
};

Status ArtifactReader::read() {
  Result<InputFile> input = InputFile::open(path);
  if (!input)
    return input.status();
  Result<std::shared_ptr<const FileBytes>> bytes = input->load();
  if (!bytes)
    return bytes.status();
  artifact.bytes = *bytes;
  file = artifact.bytes->bytes();
  FileHeader header;
  HEDDLE_RETURN_IF_ERROR(readHeader(header));
  HEDDLE_RETURN_IF_ERROR(readTable(header));
  HEDDLE_RETURN_IF_ERROR(checkDigests());
  HEDDLE_RETURN_IF_ERROR(readProgram());
  return options.verifyWeights ? checkWeights() : Status::ok();
}

Status ArtifactReader::readHeader(FileHeader &header) {
  if (file.size() < sizeof(header))
    return bad("not an artifact: " + std::to_string(file.size()) + " bytes are fewer than its header has");
  std::memcpy(&header, file.data(), sizeof(header));
  if (std::memcmp(header.magic, magic, sizeof(magic)) != 0)
    return bad("not an artifact: it does not begin with the artifact's mark");
  if (header.majorVersion != artifactMajorVersion)
    return bad("artifact version " + std::to_string(header.majorVersion) + ", this runtime reads version " +
               std::to_string(artifactMajorVersion));
  if (header.fileBytes != file.size())
    return bad("the file has " + std::to_string(file.size()) + " bytes, the artifact was written with " +
               std::to_string(header.fileBytes));
  uint64_t tableEnd = sizeof(header) + uint64_t(header.sectionCount) * sizeof(SectionEntry);
  if (header.sectionCount > maxSections || tableEnd > file.size())
    return bad("damaged: a table of " + std::to_string(header.sectionCount) + " sections");
  std::vector<std::byte> image(file.begin(), file.begin() + std::ptrdiff_t(tableEnd));
  std::memset(image.data() + offsetof(FileHeader, digest), 0, sizeof(header.digest));
  if (digestOf(std::span<const std::byte>(image)) != std::string_view(header.digest, sizeof(header.digest)))
    return bad("damaged: the header's digest differs");
  if (header.flags != 0)
    return bad("flags " + std::to_string(header.flags) + " are unknown to this runtime");
  artifact.minor = header.minorVersion;
  return Status::ok();
}

Status ArtifactReader::readTable(const FileHeader &header) {
  uint64_t end = sizeof(header) + uint64_t(header.sectionCount) * sizeof(SectionEntry);
  for (size_t index = 0; index < header.sectionCount; ++index) {
    SectionEntry entry;
    std::memcpy(&entry, file.data() + sizeof(header) + index * sizeof(entry), sizeof(entry));
    HEDDLE_RETURN_IF_ERROR(checkRange(entry, index, end));
    HEDDLE_RETURN_IF_ERROR(checkZeros(end, entry.offset));
    end = entry.offset + entry.length;
    std::string digest(entry.digest, sizeof(entry.digest));
    artifact.table.push_back({SectionKind(entry.kind), entry.offset, entry.length,
                              entry.kind == uint32_t(SectionKind::Weights) ? std::string() : digest});
  }
  return checkZeros(end, file.size());
}

Status ArtifactReader::checkRange(const SectionEntry &entry, size_t index, uint64_t previousEnd) const {
  std::string name = "damaged: section " + std::to_string(index);
  bool isWeights = entry.kind == uint32_t(SectionKind::Weights);
  uint64_t alignment = isWeights ? weightsSectionAlignment : sectionAlignment;
  std::optional<uint64_t> end = checkedAdd(entry.offset, entry.length);
  if (!end || *end > file.size())
    return bad(name + " reaches beyond the file");
  if (entry.offset < previousEnd)
    return bad(name + " overlaps the one before it");
  if (entry.offset % alignment != 0)
    return bad(name + " is not aligned to " + std::to_string(alignment) + " bytes");
  if (entry.flags != 0 || entry.reserved != 0)
    return bad(name + " has flags unknown to this runtime");
  return Status::ok();
}

Status ArtifactReader::checkZeros(uint64_t begin, uint64_t end) const {
  std::span<const std::byte> padding = file.subspan(begin, end - begin);
  if (std::all_of(padding.begin(), padding.end(), [](std::byte value) { return value == std::byte(0); }))
    return Status::ok();
  return bad("damaged: the padding at byte " + std::to_string(begin) + " is not zero");
}

Status ArtifactReader::checkDigests() const {
  for (size_t index = 0; index < artifact.table.size(); ++index) {
    const ArtifactSection &section = artifact.table[index];
    if (section.kind != SectionKind::Weights && digestOf(bytesOf(section)) != section.digest)
      return bad("damaged: the digest of section " + std::to_string(index) + " (" + std::string(nameOf(section.kind)) +
                 ") differs");
  }
  return Status::ok();
}

std::vector<ArtifactSection> ArtifactReader::sectionsOf(SectionKind kind) const {
  std::vector<ArtifactSection> found;
  std::copy_if(artifact.table.begin(), artifact.table.end(), std::back_inserter(found),
               [kind](const ArtifactSection &section) { return section.kind == kind; });
  return found;
}

Status ArtifactReader::readProgram() {
  std::vector<ArtifactSection> plans = sectionsOf(SectionKind::Plan), codes = sectionsOf(SectionKind::Code);
  if (plans.size() != 1)
    return bad("damaged: it holds " + std::to_string(plans.size()) + " plans");
  Result<Program> program = decodeProgram(bytesOf(plans[0]));
  if (!program)
    return bad("damaged plan: " + program.status().message());
  if (program->codes.size() != codes.size())
    return bad("damaged: " + std::to_string(codes.size()) + " code sections for " +
               std::to_string(program->codes.size()) + " pieces of code");
  for (size_t index = 0; index < codes.size(); ++index) {
    std::span<const std::byte> bytes = bytesOf(codes[index]);
    program->codes[index].bytes.assign(bytes.begin(), bytes.end());
  }
  HEDDLE_RETURN_IF_ERROR(findWeights(*program));
  artifact.content = std::make_shared<const Program>(std::move(*program));
  return Status::ok();
}

Status ArtifactReader::findWeights(const Program &program) {
  std::vector<ArtifactSection> weights = sectionsOf(SectionKind::Weights);
  std::vector<ArtifactSection> digests = sectionsOf(SectionKind::WeightDigests);
  if (weights.size() != 1 || digests.size() != 1)
    return bad("damaged: it holds " + std::to_string(weights.size()) + " weight sections and " +
               std::to_string(digests.size()) + " lists of their digests");
  std::optional<std::vector<uint64_t>> offsets = weightOffsets(program.weights);
  if (!offsets || offsets->back() != weights[0].length)
    return bad("damaged: the weights have " + std::to_string(weights[0].length) + " bytes, the plan says otherwise");
  uint64_t chunks = (weights[0].length + chunkBytes - 1) / chunkBytes;
  if (digests[0].length != chunks * digestChars)
    return bad("damaged: " + std::to_string(digests[0].length) + " bytes of digests for " + std::to_string(chunks) +
               " chunks of weights");
  artifact.weightBytes = bytesOf(weights[0]);
  artifact.weightOffsets = std::move(*offsets);
  return Status::ok();
}

Status ArtifactReader::checkWeights() const {
  std::span<const std::byte> weights = artifact.weightBytes;
  std::span<const std::byte> digests = bytesOf(sectionsOf(SectionKind::WeightDigests)[0]);
  std::atomic<int64_t> firstBad = INT64_MAX;
  auto checkChunks = [&](int64_t begin, int64_t end) {
    for (int64_t chunk = begin; chunk < end; ++chunk) {
      uint64_t offset = uint64_t(chunk) * chunkBytes;
      std::string digest = digestOf(weights.subspan(offset, std::min<uint64_t>(chunkBytes, weights.size() - offset)));
      if (std::memcmp(digest.data(), digests.data() + uint64_t(chunk) * digestChars, digestChars) == 0)
        continue;
      for (int64_t seen = firstBad; chunk < seen && !firstBad.compare_exchange_weak(seen, chunk);)
        ;
    }
  };
  int64_t count = int64_t(digests.size() / digestChars);
  if (options.parallelFor)
    options.parallelFor(count, checkChunks);
  else
    checkChunks(0, count);
  if (firstBad == INT64_MAX)
    return Status::ok();
  return bad("damaged: the digest of weight bytes from " + std::to_string(uint64_t(firstBad) * chunkBytes) +
             " differs");
}

Result<std::shared_ptr<const Artifact>> Artifact::open(const std::string &path, const ArtifactOptions &options) {
  std::shared_ptr<Artifact> artifact(new Artifact);
  HEDDLE_RETURN_IF_ERROR(ArtifactReader(path, options, *artifact).read());
  return std::shared_ptr<const Artifact>(artifact);
}

std::span<const std::byte> Artifact::weight(size_t index) const {
  const Weight &weight = content->weights[index];
  uint64_t length = uint64_t(byteWidth(weight.type));
  for (int64_t size : weight.shape)
    length *= uint64_t(size);
  return weightBytes.subspan(weightOffsets[index], length);
}

} // namespace heddle
