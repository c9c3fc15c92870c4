// Long lines of emitted text end where they bind weakest.
#include "codegen/cuda/LineWrap.h"
#include <gtest/gtest.h>

namespace heddle::cuda {
namespace {

using Lines = std::vector<std::string>;

TEST(LineWrapTest, ShortStatementStaysWhole) { EXPECT_EQ(wrapStatement("a = b;", 4), Lines{"    a = b;"}); }

// The branches of a choice stay together if they fit.
TEST(LineWrapTest, ChoiceIsBrokenBeforeItsBranches) {
  std::string test(60, 't'), yes(30, 'y'), no(30, 'n');
  EXPECT_EQ(wrapStatement("return " + test + " ? " + yes + " : " + no + ";", 2),
            (Lines{"  return " + test, "      ? " + yes + " : " + no + ";"}));
}

TEST(LineWrapTest, ArgumentsFillTheLine) {
  std::string x(50, 'x');
  EXPECT_EQ(wrapStatement("call(" + x + ", " + x + ", " + x + ");", 0),
            (Lines{"call(" + x + ", " + x + ",", "    " + x + ");"}));
}

// A sum inside brackets binds tighter than the assignment around it.
TEST(LineWrapTest, AssignmentIsBrokenIfTheRestFits) {
  std::string x(40, 'x');
  EXPECT_EQ(wrapStatement("const float " + x + " = f(" + x + " + " + x + ");", 0),
            (Lines{"const float " + x + " =", "    f(" + x + " + " + x + ");"}));
}

TEST(LineWrapTest, WhatCannotBeBrokenStaysWhole) {
  std::string name(150, 'x');
  EXPECT_EQ(wrapStatement(name + ";", 0), Lines{name + ";"});
}

TEST(LineWrapTest, CommentIsBrokenAtSpaces) {
  std::string word(60, 'w');
  EXPECT_EQ(wrapComment("// in : " + word + " " + word, 7), "// in : " + word + "\n//       " + word + "\n");
}

} // namespace
} // namespace heddle::cuda
