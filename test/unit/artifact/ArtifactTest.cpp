// Tests artifacts: a faithful round trip, equal bytes for equal programs, and refusal of every damaged file.
#include "runtime/format/Artifact.h"
#include "runtime/format/PlanText.h"
#include "test/unit/artifact/SampleProgram.h"

#include <cstring>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <random>
#include <unistd.h>

namespace heddle::test {
namespace {

class ArtifactTest : public testing::Test {
protected:
  void SetUp() override {
    folder = std::filesystem::temp_directory_path() / ("heddle-artifact-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder);
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  std::string pathOf(const std::string &name) const { return (folder / name).string(); }

  /// Writes the sample with a first weight of `elements` floats.
  std::string write(const std::string &name, int64_t elements = 3) {
    Program program = sampleProgram();
    program.weights[0].shape = {elements};
    Weight second = program.weights[0];
    second.shape = {5};
    program.weights.push_back(second);
    Status status = writeArtifact(pathOf(name), program, [&](size_t index, const WeightSink &sink) {
      std::vector<float> values(size_t(program.weights[index].shape[0]));
      for (size_t i = 0; i < values.size(); ++i)
        values[i] = float(i + 100 * index);
      std::span<const std::byte> bytes = std::as_bytes(std::span(values));
      size_t half = bytes.size() / 2;
      HEDDLE_RETURN_IF_ERROR(sink(bytes.first(half)));
      return sink(bytes.subspan(half));
    });
    EXPECT_TRUE(status) << status.message();
    return pathOf(name);
  }

  static std::string read(const std::string &path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }
  static void flip(const std::string &path, uint64_t position, int bits) {
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    file.seekg(std::streamoff(position));
    const char original = char(file.get());
    file.seekp(std::streamoff(position));
    file.put(char(original ^ bits));
  }
  Status openBytes(const std::string &bytes) {
    std::ofstream(pathOf("damaged"), std::ios::binary) << bytes;
    return Artifact::open(pathOf("damaged")).status();
  }

  std::filesystem::path folder;
};

TEST_F(ArtifactTest, RoundTripKeepsProgramCodeAndWeights) {
  Result<std::shared_ptr<const Artifact>> artifact = Artifact::open(write("a.hdl"));
  ASSERT_TRUE(artifact) << artifact.status().message();
  const Program &program = *(*artifact)->program();
  EXPECT_EQ(program.codes[0].bytes, sampleProgram().codes[0].bytes);
  EXPECT_EQ(program.variants[0]->kernels[0].name, "matmul_add");
  std::span<const std::byte> second = (*artifact)->weight(1);
  ASSERT_EQ(second.size(), 20u);
  EXPECT_EQ(uintptr_t(second.data()) % 64, 0u);
  float value;
  std::memcpy(&value, second.data() + 8, 4);
  EXPECT_EQ(value, 102.0f);
}

TEST_F(ArtifactTest, EqualProgramsGiveEqualBytes) { EXPECT_EQ(read(write("a.hdl")), read(write("b.hdl"))); }

TEST_F(ArtifactTest, EverySingleByteFlipIsRefused) {
  const std::string path = write("a.hdl");
  for (uint64_t position = 0; position < std::filesystem::file_size(path); ++position) {
    flip(path, position, 1 << position % 8);
    ASSERT_EQ(Artifact::open(path).status().code(), Code::BadArtifact) << "byte " << position;
    flip(path, position, 1 << position % 8);
  }
  EXPECT_TRUE(Artifact::open(path));
}

TEST_F(ArtifactTest, EveryTruncationIsRefused) {
  const std::string path = write("a.hdl");
  const uint64_t size = std::filesystem::file_size(path);
  std::filesystem::resize_file(path, size + 1);
  EXPECT_EQ(Artifact::open(path).status().code(), Code::BadArtifact) << "one byte more";
  for (uint64_t length = size; length-- > 0;) {
    std::filesystem::resize_file(path, length);
    ASSERT_EQ(Artifact::open(path).status().code(), Code::BadArtifact) << "length " << length;
  }
}

// Several chunks of weights, some of them damaged: the digest of a chunk covers all of its bytes.
TEST_F(ArtifactTest, RandomFlipsOfALargeOneAreRefused) {
  const std::string path = write("large.hdl", 700000);
  std::mt19937_64 random(11);
  for (int round = 0; round < 2000; ++round) {
    const uint64_t position = random() % std::filesystem::file_size(path);
    flip(path, position, 0x10);
    ASSERT_EQ(Artifact::open(path).status().code(), Code::BadArtifact) << "byte " << position;
    flip(path, position, 0x10);
  }
  EXPECT_TRUE(Artifact::open(path));
}

TEST_F(ArtifactTest, LazyVerificationSkipsTheWeightsOnly) {
  std::string bytes = read(write("a.hdl"));
  Result<std::shared_ptr<const Artifact>> artifact = Artifact::open(pathOf("a.hdl"));
  ASSERT_TRUE(artifact);
  for (const ArtifactSection &section : (*artifact)->sections()) {
    std::string damaged = bytes;
    damaged[section.offset] = char(damaged[section.offset] ^ 1);
    std::ofstream(pathOf("damaged"), std::ios::binary) << damaged;
    ArtifactOptions lazy;
    lazy.verifyWeights = false;
    EXPECT_EQ(Artifact::open(pathOf("damaged"), lazy).isOk(), section.kind == SectionKind::Weights)
        << nameOf(section.kind);
  }
}

TEST_F(ArtifactTest, OtherMajorVersionNamesBoth) {
  std::string bytes = read(write("a.hdl"));
  bytes[8] = 9;
  Status status = openBytes(bytes);
  EXPECT_EQ(status.code(), Code::BadArtifact);
  EXPECT_NE(status.message().find("artifact version 9, this runtime reads version 2"), std::string::npos)
      << status.message();
}

// A failed write must not leave a file that looks whole.
TEST_F(ArtifactTest, FailedWriteLeavesNothing) {
  Status status = writeArtifact(pathOf("failed.hdl"), sampleProgram(), [](size_t, const WeightSink &) {
    return Status(Code::Malformed, "the model's file is gone");
  });
  EXPECT_EQ(status.message(), "the model's file is gone");
  EXPECT_TRUE(std::filesystem::is_empty(folder));
}

} // namespace
} // namespace heddle::test
