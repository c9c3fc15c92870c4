// Tests what the reader of artifacts says about each kind of damage, also where all digests have been made to fit.
#include "runtime/format/Artifact.h"
#include "runtime/format/ArtifactLayout.h"
#include "runtime/format/Digest.h"
#include "test/unit/artifact/SampleProgram.h"

#include <cstring>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <unistd.h>

namespace heddle::test {
namespace {

using artifact::FileHeader;
using artifact::SectionEntry;

class DamageTest : public testing::Test {
protected:
  void SetUp() override {
    path = std::filesystem::temp_directory_path() / ("heddle-damage-" + std::to_string(getpid()) + ".hdl");
    Status status = writeArtifact(path, sampleProgram(), [](size_t, const WeightSink &sink) {
      const std::byte zeros[12] = {};
      return sink(zeros);
    });
    ASSERT_TRUE(status) << status.message();
    std::ifstream file(path, std::ios::binary);
    bytes = {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    for (size_t index = 0; index < header().sectionCount; ++index)
      kinds.push_back(SectionKind(entry(index).kind));
  }
  void TearDown() override { std::filesystem::remove(path); }

  FileHeader &header() { return *reinterpret_cast<FileHeader *>(bytes.data()); }
  SectionEntry &entry(size_t index) {
    return reinterpret_cast<SectionEntry *>(bytes.data() + sizeof(FileHeader))[index];
  }
  size_t indexOf(SectionKind kind) const { return size_t(std::find(kinds.begin(), kinds.end(), kind) - kinds.begin()); }

  /// Makes the digest of the header fit what it holds now.
  void seal() {
    std::string image = bytes.substr(0, sizeof(FileHeader) + header().sectionCount * sizeof(SectionEntry));
    std::memset(image.data() + offsetof(FileHeader, digest), 0, sizeof(FileHeader::digest));
    std::memcpy(header().digest, digestOf(std::as_bytes(std::span(image))).data(), sizeof(FileHeader::digest));
  }
  /// Makes the digest of a section fit what it holds now.
  void sealSection(size_t index) {
    std::span<const std::byte> content =
        std::as_bytes(std::span(bytes).subspan(entry(index).offset, entry(index).length));
    std::memcpy(entry(index).digest, digestOf(content).data(), sizeof(SectionEntry::digest));
  }

  /// What the reader says, behind the file's name.
  std::string message() {
    std::ofstream(path, std::ios::binary) << bytes;
    Status status = Artifact::open(path).status();
    EXPECT_EQ(status.code(), Code::BadArtifact);
    std::string prefix = "'" + path + "': ";
    EXPECT_EQ(status.message().substr(0, prefix.size()), prefix);
    return status.message().substr(std::min(prefix.size(), status.message().size()));
  }
  std::string sealedMessage() {
    seal();
    return message();
  }

  std::string path, bytes;
  std::vector<SectionKind> kinds;
};

TEST_F(DamageTest, OtherFilesAreNoArtifacts) {
  std::string whole = bytes;
  bytes.resize(63);
  EXPECT_EQ(message(), "not an artifact: 63 bytes are fewer than its header has");
  bytes = whole;
  bytes[0] = 'P';
  EXPECT_EQ(message(), "not an artifact: it does not begin with the artifact's mark");
}

TEST_F(DamageTest, HeaderIsChecked) {
  std::string whole = bytes;
  bytes.pop_back();
  EXPECT_EQ(message(), "the file has " + std::to_string(bytes.size()) + " bytes, the artifact was written with " +
                           std::to_string(whole.size()));
  bytes = whole;
  header().sectionCount = 70000;
  EXPECT_EQ(message(), "damaged: a table of 70000 sections");
  bytes = whole;
  header().minorVersion ^= 1;
  EXPECT_EQ(message(), "damaged: the header's digest differs");
  bytes = whole;
  header().flags = 4;
  EXPECT_EQ(sealedMessage(), "flags 4 are unknown to this runtime");
}

// Digests keep accidents out, not a file that somebody has made.
TEST_F(DamageTest, SectionsLieApartInTheFile) {
  std::string whole = bytes;
  entry(0).length = uint64_t(1) << 40;
  EXPECT_EQ(sealedMessage(), "damaged: section 0 reaches beyond the file");
  bytes = whole;
  entry(1).offset = entry(0).offset;
  EXPECT_EQ(sealedMessage(), "damaged: section 1 overlaps the one before it");
  bytes = whole;
  entry(0).offset += 1;
  entry(0).length -= 1;
  EXPECT_NE(sealedMessage().find("damaged: "), std::string::npos);
  bytes = whole;
  entry(0).flags = 1;
  EXPECT_EQ(sealedMessage(), "damaged: section 0 has flags unknown to this runtime");
}

TEST_F(DamageTest, BytesBetweenSectionsAreZero) {
  uint64_t end = entry(0).offset + entry(0).length;
  ASSERT_LT(end, entry(1).offset) << "the sample leaves a gap behind its plan";
  bytes[end] = 1;
  EXPECT_EQ(message(), "damaged: the padding at byte " + std::to_string(end) + " is not zero");
}

TEST_F(DamageTest, ContentsMatchTheirDigests) {
  std::string whole = bytes;
  size_t plan = indexOf(SectionKind::Plan), weights = indexOf(SectionKind::Weights);
  bytes[entry(plan).offset] ^= 1;
  EXPECT_EQ(message(), "damaged: the digest of section " + std::to_string(plan) + " (plan) differs");
  bytes = whole;
  bytes[entry(weights).offset] ^= 1;
  EXPECT_EQ(message(), "damaged: the digest of weight bytes from 0 differs");
}

TEST_F(DamageTest, EachSectionIsThereOnce) {
  std::string whole = bytes;
  entry(indexOf(SectionKind::Plan)).kind = uint32_t(SectionKind::Code);
  EXPECT_EQ(sealedMessage(), "damaged: it holds 0 plans");
  bytes = whole;
  entry(indexOf(SectionKind::WeightDigests)).kind = uint32_t(SectionKind::Code);
  EXPECT_EQ(sealedMessage(), "damaged: 2 code sections for 1 pieces of code");
  bytes = whole;
  entry(indexOf(SectionKind::Code)).kind = uint32_t(SectionKind::WeightDigests);
  EXPECT_EQ(sealedMessage(), "damaged: 0 code sections for 1 pieces of code");
  bytes = whole;
  size_t weights = indexOf(SectionKind::Weights);
  entry(weights).kind = uint32_t(SectionKind::WeightDigests);
  sealSection(weights);
  EXPECT_EQ(sealedMessage(), "damaged: it holds 0 weight sections and 2 lists of their digests");
}

TEST_F(DamageTest, MoreWeightsThanAFileCanHoldAreNotWritten) {
  Program program = sampleProgram();
  program.weights[0].shape = {int64_t(1) << 60};
  program.weights.assign(5, Weight(program.weights[0]));
  Status status = writeArtifact(path, program, [](size_t, const WeightSink &) { return Status::ok(); });
  EXPECT_EQ(status.message(), "the weights take more bytes than 64 bits can count");
}

TEST_F(DamageTest, PlanIsReadWithCare) {
  size_t plan = indexOf(SectionKind::Plan);
  entry(plan).length -= 1;
  bytes[entry(plan).offset + entry(plan).length] = 0;
  sealSection(plan);
  EXPECT_EQ(sealedMessage().substr(0, 14), "damaged plan: ");
}

TEST_F(DamageTest, WeightsHaveTheSizeThatThePlanSays) {
  std::string whole = bytes;
  entry(indexOf(SectionKind::Weights)).length -= 4;
  EXPECT_EQ(sealedMessage(), "damaged: the weights have 60 bytes, the plan says otherwise");
  bytes = whole;
  size_t digests = indexOf(SectionKind::WeightDigests);
  entry(digests).length -= 1;
  bytes[entry(digests).offset + entry(digests).length] = 0;
  sealSection(digests);
  EXPECT_EQ(sealedMessage(), "damaged: 31 bytes of digests for 1 chunks of weights");
}

} // namespace
} // namespace heddle::test
