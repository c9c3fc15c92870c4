// Unified diffs: the least number of changed lines, in hunks that `patch` takes.
#include "tools/common/UnifiedDiff.h"
#include <gtest/gtest.h>

using namespace heddle;

TEST(UnifiedDiff, IsEmptyForEqualTexts) { EXPECT_EQ(unifiedDiff("a\nb\n", "a\nb\n", "x", "y"), ""); }

TEST(UnifiedDiff, KeepsThreeLinesOfContext) {
  EXPECT_EQ(unifiedDiff("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n", "x", "y"),
            "--- x\n+++ y\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
}

// Changes further apart than two contexts are hunks of their own.
TEST(UnifiedDiff, SplitsDistantChanges) {
  EXPECT_EQ(unifiedDiff("a\n1\n2\n3\n4\n5\n6\n7\nb\n", "1\n2\n3\n4\n5\n6\n7\n", "x", "y"),
            "--- x\n+++ y\n@@ -1,4 +1,3 @@\n-a\n 1\n 2\n 3\n@@ -6,4 +5,3 @@\n 5\n 6\n 7\n-b\n");
}

// A range without lines names the line before it: `patch` refuses anything else.
TEST(UnifiedDiff, CountsEmptyRangesFromTheLineBefore) {
  EXPECT_EQ(unifiedDiff("", "a\n", "x", "y"), "--- x\n+++ y\n@@ -0,0 +1 @@\n+a\n");
  EXPECT_EQ(unifiedDiff("a\n", "", "x", "y"), "--- x\n+++ y\n@@ -1 +0,0 @@\n-a\n");
}

// The shortest edit of the example in Myers' paper has five changes.
TEST(UnifiedDiff, FindsTheShortestEdit) {
  std::string diff = unifiedDiff("A\nB\nC\nA\nB\nB\nA\n", "C\nB\nA\nB\nA\nC\n", "x", "y");
  size_t begin = diff.find("@@\n") + 3, changes = 0;
  for (size_t at = begin; at < diff.size(); at = diff.find('\n', at) + 1)
    changes += diff[at] != ' ';
  EXPECT_EQ(changes, 5u) << diff;
}
