// Tests .npz archives and folders of arrays.
#include "tools/io/TensorFiles.h"
#include "test/unit/io/IOTestUtils.h"
#include "tools/io/Zip.h"
#include "tools/io/ZipFormat.h"

using namespace heddle;
using namespace heddle::test;

namespace {

class TensorFiles : public testing::Test {
protected:
  /// An archive of two small tensors.
  std::string sample() {
    const TensorToWrite tensors[] = {{"past/key:0", &floats}, {"ids", &integers}};
    EXPECT_TRUE(writeNpz(folder.path("s.npz"), tensors).isOk());
    return readAll(folder.path("s.npz"));
  }
  Status readStatus(const std::string &archive) {
    Result<std::vector<NamedTensor>> tensors = readNpz(folder.write("t.npz", archive));
    return tensors ? Status::ok() : tensors.status();
  }

  ScratchFolder folder;
  Tensor floats = tensorOf<float>(DType::F32, {2, 2}, {1, 2, 3, 4});
  Tensor integers = tensorOf<int64_t>(DType::I64, {3}, {-1, 0, 1});
};

TEST_F(TensorFiles, archiveRoundTrips) {
  sample();
  Result<std::vector<NamedTensor>> tensors = readNpz(folder.path("s.npz"));
  ASSERT_TRUE(tensors.isOk()) << tensors.status().message();
  ASSERT_EQ(tensors->size(), 2u);
  EXPECT_EQ((*tensors)[0].name, "past/key:0");
  EXPECT_EQ((*tensors)[0].tensor.shape(), (std::vector<int64_t>{2, 2}));
  EXPECT_EQ(valuesOf<float>((*tensors)[0].tensor), valuesOf<float>(floats));
  EXPECT_EQ((*tensors)[1].name, "ids");
  EXPECT_EQ(valuesOf<int64_t>((*tensors)[1].tensor), valuesOf<int64_t>(integers));
}

// Outputs are compared byte by byte between runs.
TEST_F(TensorFiles, equalTensorsGiveEqualArchives) { EXPECT_EQ(sample(), sample()); }

// A flipped bit in an element is found by the checksum alone.
TEST_F(TensorFiles, archiveChecksumIsChecked) {
  std::string archive = sample();
  archive[archive.find("PK\3\4", 4) - 1] ^= 1;
  const Status status = readStatus(archive);
  EXPECT_EQ(status.code(), Code::Malformed);
  EXPECT_NE(status.message().find("checksum"), std::string::npos) << status.message();
}

// Members that share bytes are how archives of petabytes fit into kilobytes.
TEST_F(TensorFiles, overlappingMembersAreRefused) {
  std::string archive = sample();
  const size_t second = archive.rfind("PK\1\2");
  archive.replace(second + 42, 4, std::string(4, '\0'));
  const Status status = readStatus(archive);
  EXPECT_EQ(status.code(), Code::Malformed);
  EXPECT_NE(status.message().find("overlap"), std::string::npos) << status.message();
}

// The directory of this archive promises 4 GiB out of a few bytes: no memory may be asked for.
TEST_F(TensorFiles, impossibleSizesAreRefused) {
  std::string archive = sample();
  const size_t first = archive.find("PK\1\2");
  archive[first + 10] = zip::deflated;
  archive.replace(first + 24, 4, "\xf0\xff\xff\xff");
  const Status status = readStatus(archive);
  EXPECT_EQ(status.code(), Code::Malformed);
  EXPECT_NE(status.message().find("cannot hold"), std::string::npos) << status.message();
}

TEST_F(TensorFiles, encryptedMembersAreUnsupported) {
  std::string archive = sample();
  archive[archive.find("PK\1\2") + 8] |= 1;
  EXPECT_EQ(readStatus(archive).code(), Code::Unsupported);
}

TEST_F(TensorFiles, totalBudgetCoversAllMembers) {
  sample();
  Result<std::vector<NamedTensor>> tensors = readNpz(folder.path("s.npz"), ReadLimits{.totalBytes = 30});
  ASSERT_FALSE(tensors.isOk());
  EXPECT_EQ(tensors.status().code(), Code::OverLimit);
}

TEST_F(TensorFiles, membersAreArrays) {
  std::string archive = sample();
  for (size_t at; (at = archive.find("ids.npy")) != std::string::npos;)
    archive.replace(at, 7, "ids.txt");
  EXPECT_NE(readStatus(archive).message().find("': not a .npy member"), std::string::npos);
}

TEST_F(TensorFiles, folderHoldsAsManyArraysAsTheLimitSays) {
  const TensorToWrite tensors[] = {{"a", &floats}, {"b", &integers}};
  ASSERT_TRUE(writeTensorFolder(folder.path("dir"), tensors).isOk());
  EXPECT_EQ(readTensorFolder(folder.path("dir"), ReadLimits{.count = 1}).status().message(),
            "'" + folder.path("dir") + "': more than 1 arrays");
}

TEST_F(TensorFiles, folderRoundTrips) {
  const TensorToWrite tensors[] = {{"past/key:0", &floats}, {"../up", &integers}};
  ASSERT_TRUE(writeTensorFolder(folder.path("dir"), tensors).isOk());
  EXPECT_TRUE(std::filesystem::exists(folder.path("dir/past%2Fkey%3A0.npy")));
  Result<std::vector<NamedTensor>> read = readTensorFolder(folder.path("dir"));
  ASSERT_TRUE(read.isOk()) << read.status().message();
  ASSERT_EQ(read->size(), 2u);
  EXPECT_EQ((*read)[0].name, "../up");
  EXPECT_EQ((*read)[1].name, "past/key:0");
}

// Every name must come back, whatever bytes a model puts into it.
TEST_F(TensorFiles, fileNamesEncodeEveryByte) {
  std::string name;
  for (int byte = 0; byte < 256; ++byte)
    name += static_cast<char>(byte);
  EXPECT_EQ(decodeFileName(encodeFileName(name)), name);
  EXPECT_EQ(encodeFileName("a/b%"), "a%2Fb%25");
  EXPECT_EQ(decodeFileName("100%"), "100%");
}

TEST_F(TensorFiles, stringsAreRefusedBeforeAnythingIsWritten) {
  Result<Tensor> strings = Tensor::allocate(DType::String, {1});
  ASSERT_TRUE(strings.isOk());
  const TensorToWrite tensors[] = {{"ids", &integers}, {"s", &*strings}};
  EXPECT_EQ(writeTensorFolder(folder.path("dir"), tensors).code(), Code::Unsupported);
  EXPECT_EQ(writeNpz(folder.path("x.npz"), tensors).code(), Code::Unsupported);
  EXPECT_EQ(folder.fileCount(), 0u);
}

} // namespace
