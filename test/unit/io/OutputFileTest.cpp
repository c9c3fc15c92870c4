// Tests that files appear as a whole or not at all, and that links are not followed.
#include "runtime/format/OutputFile.h"
#include "test/unit/io/IOTestUtils.h"
#include <sys/stat.h>

using namespace heddle;
using namespace heddle::test;

namespace {

TEST(OutputFile, appearsOnlyWhenCommitted) {
  ScratchFolder folder;
  Result<OutputFile> file = OutputFile::create(folder.path("out"));
  ASSERT_TRUE(file.isOk()) << file.status().message();
  ASSERT_TRUE(file->write("hello").isOk());
  EXPECT_FALSE(std::filesystem::exists(folder.path("out")));
  ASSERT_TRUE(file->commit().isOk());
  EXPECT_EQ(readAll(folder.path("out")), "hello");
  EXPECT_EQ(folder.fileCount(), 1u);
}

// A run that fails half-way must leave neither a partial file nor a temporary one, and keep the old one.
TEST(OutputFile, leavesNothingWhenAbandoned) {
  ScratchFolder folder;
  folder.write("out", "old");
  {
    Result<OutputFile> file = OutputFile::create(folder.path("out"));
    ASSERT_TRUE(file.isOk());
    ASSERT_TRUE(file->write("new").isOk());
  }
  EXPECT_EQ(readAll(folder.path("out")), "old");
  EXPECT_EQ(folder.fileCount(), 1u);
}

// A link planted at the target's name must not make us write to where it points.
TEST(OutputFile, replacesALinkInsteadOfFollowingIt) {
  ScratchFolder folder;
  folder.write("victim", "keep");
  std::filesystem::create_symlink("victim", folder.path("out"));
  ASSERT_TRUE(writeFile(folder.path("out"), "new").isOk());
  EXPECT_EQ(readAll(folder.path("victim")), "keep");
  EXPECT_FALSE(std::filesystem::is_symlink(folder.path("out")));
}

// What the handler of Ctrl-C calls: nothing half-written stays, and finished files stay.
TEST(OutputFile, unfinishedFilesCanBeRemoved) {
  ScratchFolder folder;
  ASSERT_TRUE(writeFile(folder.path("done"), "x").isOk());
  Result<OutputFile> first = OutputFile::create(folder.path("first"));
  Result<OutputFile> second = OutputFile::create(folder.path("second"));
  ASSERT_TRUE(first.isOk() && second.isOk());
  EXPECT_EQ(folder.fileCount(), 3u);
  removeUnfinishedFiles();
  EXPECT_EQ(folder.fileCount(), 1u);
  EXPECT_EQ(readAll(folder.path("done")), "x");
}

TEST(OutputFile, refusesWhatIsNoRegularFile) {
  ScratchFolder folder;
  ASSERT_EQ(mkfifo(folder.path("pipe").c_str(), 0600), 0);
  for (const std::string &path : {folder.path("pipe"), folder.path(""), folder.path("missing/out"), std::string()}) {
    const Status status = writeFile(path, "x");
    EXPECT_EQ(status.code(), Code::Malformed) << path;
    EXPECT_NE(status.message().find("cannot write '" + path + "'"), std::string::npos) << status.message();
  }
}

} // namespace
