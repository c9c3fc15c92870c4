// Tests the text form of programs.
#include "runtime/format/PlanText.h"
#include "test/unit/artifact/SampleProgram.h"

#include <gtest/gtest.h>

namespace heddle::test {
namespace {

bool hasLine(const std::string &text, const std::string &line) {
  return text.find("\n" + line + "\n") != std::string::npos;
}

TEST(PlanText, PrintsStepsWithTheirOperands) {
  std::string text = planText(sampleProgram());
  EXPECT_TRUE(hasLine(text, "input 0: \"x\" f32[n, 3]")) << text;
  EXPECT_TRUE(hasLine(text, "  place 3: arena 4 * n bytes, steps [0, 8), epoch 0")) << text;
  EXPECT_TRUE(hasLine(text, "  2: set found = dimension 1 of %6 i64[1, found] from \"NonZero_2\"")) << text;
  EXPECT_TRUE(hasLine(text, "    4: fail \"Reshape_3: 4 elements, expected 6\" sizes [found] from \"Reshape_3\""))
      << text;
}

// Names come from the model: an escape sequence in one must not reach the terminal.
TEST(PlanText, ControlCharactersAreEscaped) { EXPECT_EQ(quote("a\x1b[31m\"b\\\n"), "\"a\\x1b[31m\\\"b\\\\\\x0a\""); }

} // namespace
} // namespace heddle::test
