// One file that holds a compiled model: plans, code and weights, with digests over all of it.
#ifndef HEDDLE_RUNTIME_FORMAT_ARTIFACT_H
#define HEDDLE_RUNTIME_FORMAT_ARTIFACT_H

#include "runtime/format/InputFile.h"
#include "runtime/format/Plan.h"
#include <functional>
#include <span>

namespace heddle {

/// The version that this runtime writes. It reads artifacts of its own major version; a minor version may add
/// sections that older readers skip.
inline constexpr uint32_t artifactMajorVersion = 2;
inline constexpr uint32_t artifactMinorVersion = 0;

/// Calls `body(begin, end)` for ranges that cover [0, count), perhaps on several threads.
using ParallelFor = std::function<void(int64_t count, const std::function<void(int64_t begin, int64_t end)> &body)>;

/// Passes the bytes of weight `index` of a program to `sink`, after its transform, in order, in pieces.
using WeightSink = std::function<Status(std::span<const std::byte>)>;
using WeightProducer = std::function<Status(size_t index, const WeightSink &sink)>;

/// Writes an artifact as a whole or not at all. Equal programs and weights give equal bytes.
Status writeArtifact(const std::string &path, const Program &program, const WeightProducer &weights);

enum class SectionKind : uint32_t { Plan = 1, Code = 2, Weights = 3, WeightDigests = 4 };
/// "plan", "code", "weights", "weight-digests".
std::string_view nameOf(SectionKind kind);

/// A range of the file.
struct ArtifactSection {
  SectionKind kind = SectionKind::Plan;
  uint64_t offset = 0;
  uint64_t length = 0;
  std::string digest; ///< XXH3-128 in hex. Weights: empty, each chunk has its own in WeightDigests.
};

struct ArtifactOptions {
  /// Verify the digests of all weights at open. Without, only their length is checked: damage in the weights goes
  /// unseen, opening takes no time.
  bool verifyWeights = true;
  /// Runs the verification; null: on the caller's thread.
  ParallelFor parallelFor;
};

/// An open artifact. Everything was verified before it was interpreted: digests protect against damage, not against an
/// attacker, and an artifact holds code. Immutable, safe from many threads.
class Artifact {
public:
  /// Code::BadArtifact for anything but an intact artifact of this major version; Code::Malformed if the file cannot
  /// be read.
  static Result<std::shared_ptr<const Artifact>> open(const std::string &path, const ArtifactOptions &options = {});

  const std::shared_ptr<const Program> &program() const { return content; }
  /// The bytes of a weight, 64-byte aligned, as long as the artifact lives.
  std::span<const std::byte> weight(size_t index) const;

  const std::vector<ArtifactSection> &sections() const { return table; }
  uint64_t fileBytes() const { return bytes->bytes().size(); }
  uint32_t minorVersion() const { return minor; }

private:
  friend class ArtifactReader;
  Artifact() = default;

  std::shared_ptr<const FileBytes> bytes;
  std::vector<ArtifactSection> table;
  uint32_t minor = 0;
  std::shared_ptr<const Program> content;
  std::span<const std::byte> weightBytes;
  std::vector<uint64_t> weightOffsets; ///< Within `weightBytes`.
};

} // namespace heddle

#endif // HEDDLE_RUNTIME_FORMAT_ARTIFACT_H
