// The layout of artifacts in the file, shared by writer and reader.
#ifndef HEDDLE_RUNTIME_FORMAT_ARTIFACTLAYOUT_H
#define HEDDLE_RUNTIME_FORMAT_ARTIFACTLAYOUT_H

#include "runtime/format/Plan.h"

namespace heddle::artifact {

/// The file: FileHeader, SectionEntry[sectionCount], then the sections by ascending offset, zeros between them. All
/// numbers are little-endian. Sections: one Plan, one Code per Program::codes in their order, Weights, WeightDigests.
/// Weights are laid end to end, each on a multiple of `weightAlignment`. WeightDigests holds the digest of each
/// `chunkBytes` of the Weights section, as hex digits; the last chunk may be shorter.
struct FileHeader {
  char magic[8];
  uint32_t majorVersion;
  uint32_t minorVersion;
  uint32_t sectionCount;
  uint32_t flags; ///< 0.
  uint64_t fileBytes;
  char digest[32]; ///< Of header and section table, with this field filled with zeros.
};
static_assert(sizeof(FileHeader) == 64);

struct SectionEntry {
  uint32_t kind;
  uint32_t flags; ///< 0.
  uint64_t offset;
  uint64_t length;
  char digest[32];   ///< Zeros for Weights.
  uint64_t reserved; ///< 0.
};
static_assert(sizeof(SectionEntry) == 64);

/// Not text, and damaged by every transfer that takes it for text.
inline constexpr char magic[8] = {'\x89', 'H', 'D', 'L', '\r', '\n', '\x1a', '\n'};
inline constexpr uint64_t sectionAlignment = 64;
inline constexpr uint64_t weightsSectionAlignment = 4096; ///< So that weights can be mapped.
inline constexpr uint64_t weightAlignment = 64;
inline constexpr uint64_t chunkBytes = uint64_t(1) << 20;
inline constexpr uint64_t digestChars = 32;
inline constexpr uint32_t maxSections = 65536;

inline uint64_t alignUp(uint64_t value, uint64_t alignment) { return (value + alignment - 1) / alignment * alignment; }

/// Offsets of the weights within their section, and the section's length at the end; nullopt on overflow.
std::optional<std::vector<uint64_t>> weightOffsets(const std::vector<Weight> &weights);

} // namespace heddle::artifact

#endif // HEDDLE_RUNTIME_FORMAT_ARTIFACTLAYOUT_H
