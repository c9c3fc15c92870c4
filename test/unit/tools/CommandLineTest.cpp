// Tests what command lines and terminals have in common: words, and text that is safe to show.
#include "tools/common/CommandLine.h"

#include <gtest/gtest.h>

namespace heddle {
namespace {

// An escape sequence begins with U+001B, or with U+009B, which is two bytes in UTF-8.
TEST(ForTerminal, ControlCharactersBecomeQuestionMarks) {
  EXPECT_EQ(forTerminal("a\x1b[2Jb\n\x7f"), "a?[2Jb??");
  EXPECT_EQ(forTerminal("a\xc2\x9b"
                        "2Jb"),
            "a?2Jb");
}

// Letters beyond ASCII, some of which have bytes from 0x80 to 0x9f, stay as they are.
TEST(ForTerminal, OtherTextStays) {
  EXPECT_EQ(forTerminal("\xc2\xa0 \xc3\x84 \xe6\x96\x87 \xc2"), "\xc2\xa0 \xc3\x84 \xe6\x96\x87 \xc2");
}

TEST(CommandLine, NearestIsNoGuessFromFar) {
  const std::string_view words[] = {"compile", "run", "bench"};
  EXPECT_EQ(nearest("complie", words), "compile");
  EXPECT_EQ(nearest("inspect", words), "");
}

// A word behind `--` is no flag, whatever it looks like.
TEST(CommandLine, DoubleDashEndsTheFlags) {
  char flag[] = "--seed", value[] = "3", end[] = "--", word[] = "--seed";
  char *const words[] = {flag, value, end, word};
  const Flag flags[] = {{"--seed", "N", ""}};
  Result<CommandLine> line = CommandLine::parse(words, flags);
  ASSERT_TRUE(line.isOk());
  EXPECT_EQ(line->get("--seed"), "3");
  EXPECT_EQ(line->positional(), std::vector<std::string>({"--seed"}));
}

} // namespace
} // namespace heddle
