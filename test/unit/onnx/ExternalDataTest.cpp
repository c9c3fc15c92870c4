// Tests the one way in which external data is opened.
#include "compiler/onnx/ExternalData.h"
#include "test/unit/onnx/OnnxTestUtils.h"
#include <fcntl.h>
#include <sys/stat.h>

using namespace heddle;
using namespace heddle::test;

namespace {

/// Both ways to resolve a location must agree, or the fallback would be the way around the rules.
class OpenBeneath : public testing::TestWithParam<OpenBy> {
protected:
  OpenBeneath() {
    std::filesystem::create_directories(scratch.path("in/deep"));
    scratch.write("in/a.bin", "1234");
    scratch.write("in/deep/b.bin", "12");
    scratch.write("secret", "no");
    std::filesystem::create_symlink("a.bin", scratch.path("in/link"));
    std::filesystem::create_symlink("../secret", scratch.path("in/out"));
    std::filesystem::create_symlink("deep", scratch.path("in/folder"));
    mkfifo(scratch.path("in/pipe").c_str(), 0600);
    folder = open(scratch.path("in").c_str(), O_PATH | O_DIRECTORY);
  }
  ~OpenBeneath() override { close(folder); }

  Result<InputFile> openFile(const std::string &location) {
    std::optional<Result<InputFile>> file = openBeneath(folder, location, GetParam());
    if (!file)
      return Status(Code::DeviceError, "the kernel has no openat2");
    return std::move(*file);
  }
  void expectRefused(const std::string &location, const std::string &why) {
    Result<InputFile> file = openFile(location);
    ASSERT_FALSE(file.isOk()) << location;
    EXPECT_EQ(file.status().code(), Code::Malformed);
    EXPECT_NE(file.status().message().find(why), std::string::npos) << file.status().message();
  }

  ScratchFolder scratch;
  int folder = -1;
};

TEST_P(OpenBeneath, opensFilesInTheFolderAndBelow) {
  for (const auto &[location, size] : {std::pair("a.bin", 4), std::pair("deep/b.bin", 2), std::pair("./a.bin", 4)}) {
    Result<InputFile> file = openFile(location);
    ASSERT_TRUE(file.isOk()) << file.status().message();
    EXPECT_EQ(file->size(), static_cast<uint64_t>(size));
  }
}

TEST_P(OpenBeneath, followsNoLink) {
  expectRefused("link", "leads through a link");
  expectRefused("out", "leads through a link");
  expectRefused("folder/b.bin", "leads through a link");
}

// Opening a pipe for reading waits for a writer unless told not to.
TEST_P(OpenBeneath, refusesWhatIsNoFile) {
  expectRefused("pipe", "is not a regular file");
  expectRefused("deep", "is not a regular file");
  expectRefused("missing", "cannot be opened: no such file");
}

INSTANTIATE_TEST_SUITE_P(Ways, OpenBeneath, testing::Values(OpenBy::Kernel, OpenBy::Components));

TEST(ExternalData, hardLinksNeedAFlag) {
  ScratchFolder folder;
  folder.write("w.bin", std::string(8, '\0'));
  std::filesystem::create_hard_link(folder.path("w.bin"), folder.path("other"));
  onnx::ModelProto model = smallModel();
  setExternal(*addWeight(model, "w", onnx::TensorProto::FLOAT, {2}), "w.bin", 0);
  const std::string path = folder.write("m.onnx", model.SerializeAsString());
  EXPECT_EQ(loadModel(path).status().code(), Code::Malformed);
  EXPECT_NE(loadModel(path).status().message().find("2 names (hard links), expected 1"), std::string::npos);
  EXPECT_TRUE(loadModel(path, Limits{.allowHardLinks = true}).isOk());
}

TEST(ExternalData, theNumberOfFilesIsBounded) {
  ScratchFolder folder;
  onnx::ModelProto model = smallModel();
  for (const std::string name : {"a", "b", "c"}) {
    folder.write(name, std::string(8, '\0'));
    setExternal(*addWeight(model, name, onnx::TensorProto::FLOAT, {2}), name, 0);
  }
  const std::string path = folder.write("m.onnx", model.SerializeAsString());
  const Status status = loadModel(path, Limits{.externalFiles = 2}).status();
  EXPECT_EQ(status.code(), Code::OverLimit);
  EXPECT_NE(status.message().find("the number of external files passes the limit of 2"), std::string::npos);
  EXPECT_TRUE(loadModel(path, Limits{.externalFiles = 3}).isOk());
}

} // namespace
