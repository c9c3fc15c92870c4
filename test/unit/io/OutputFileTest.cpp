// Tests that files are written as a whole or not at all, and read as they were opened.
#include "runtime/format/OutputFile.h"
#include "runtime/format/InputFile.h"
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

/// A file named /dev/stdout must not take the place of the link for every other program.
TEST(OutputFile, refusesWhatIsNoRegularFile) {
  ScratchFolder folder;
  ASSERT_EQ(mkfifo(folder.path("pipe").c_str(), 0600), 0);
  std::filesystem::create_symlink("pipe", folder.path("to-pipe"));
  std::filesystem::create_symlink("/proc/self/fd/1", folder.path("stdout"));
  const std::pair<std::string, const char *> cases[] = {
      {folder.path("pipe"), "something that is not a regular file has that name"},
      {folder.path("to-pipe"), "something that is not a regular file has that name"},
      {folder.path("stdout"), "something that is not a regular file has that name"},
      {folder.path(""), "not a file name"},
      {folder.path("missing/out"), "open the folder"},
      {std::string(), "not a file name"}};
  for (const auto &[path, reason] : cases) {
    const Status status = writeFile(path, "x");
    EXPECT_EQ(status.code(), Code::Malformed) << path;
    EXPECT_NE(status.message().find("cannot write '" + path + "'"), std::string::npos) << status.message();
    EXPECT_NE(status.message().find(reason), std::string::npos) << status.message();
  }
}

TEST(InputFile, readsWithinItsFileOnly) {
  ScratchFolder folder;
  EXPECT_NE(InputFile::open(std::string("a\0b", 3)).status().message().find("the path holds a zero byte"),
            std::string::npos);
  Result<InputFile> file = InputFile::open(folder.write("x", "1234"));
  ASSERT_TRUE(file.isOk()) << file.status().message();
  std::byte buffer[4];
  EXPECT_NE(file->readAt(2, buffer).message().find("bytes 2 to 6 pass the end at 4"), std::string::npos)
      << file->readAt(2, buffer).message();
}

// Another program may cut a file that has been opened.
TEST(InputFile, noticesThatTheFileGetsShorter) {
  ScratchFolder folder;
  Result<InputFile> file = InputFile::open(folder.write("x", "1234"));
  ASSERT_TRUE(file.isOk()) << file.status().message();
  std::filesystem::resize_file(folder.path("x"), 1);
  std::byte buffer[4];
  EXPECT_NE(file->readAt(0, buffer).message().find("the file was shortened while it was read"), std::string::npos);
}

} // namespace
