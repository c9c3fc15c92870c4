// Strides of reshaped views: what can be read in place, and what cannot.
#include "ir/StridedView.h"
#include <gtest/gtest.h>

using namespace heddle;

namespace {

const Expr batch = Expr::symbol("batch"), rows = Expr::symbol("rows");

std::vector<Expr> reshaped(const Shape &from, const std::vector<Expr> &strides, const Shape &to) {
  std::optional<std::vector<Expr>> result = reshapeStrides(from, strides, to);
  EXPECT_TRUE(result.has_value());
  return result.value_or(std::vector<Expr>());
}

TEST(StridedView, DenseStridesAreProducts) {
  EXPECT_EQ(denseStrides({batch, rows, 8}), (std::vector<Expr>{rows * 8, 8, 1}));
  EXPECT_TRUE(denseStrides({}).empty());
}

TEST(StridedView, SplitsAndMergesSymbolicSizes) {
  EXPECT_EQ(reshaped({batch, rows, 768}, denseStrides({batch, rows, 768}), {batch, rows, 12, 64}),
            (std::vector<Expr>{rows * 768, 768, 64, 1}));
  EXPECT_EQ(reshaped({batch, rows, 768}, denseStrides({batch, rows, 768}), {batch * rows, 768}),
            (std::vector<Expr>{768, 1}));
}

// A part of a row keeps the distance of whole rows: they merge with nothing but dimensions of size 1.
TEST(StridedView, PartsOfRowsDoNotMerge) {
  EXPECT_EQ(reshaped({4, 8}, {20, 1}, {4, 1, 2, 4}), (std::vector<Expr>{20, 0, 4, 1}));
  EXPECT_FALSE(reshapeStrides({4, 8}, std::vector<Expr>{20, 1}, {32}).has_value());
}

// Heads that were moved to the front are no single stride when they are joined again.
TEST(StridedView, ReorderedDimensionsDoNotMerge) {
  EXPECT_FALSE(reshapeStrides({2, 5, 3, 4}, std::vector<Expr>{60, 4, 20, 1}, {2, 5, 12}).has_value());
}

TEST(StridedView, RepeatedDimensionsKeepStrideZero) {
  EXPECT_EQ(reshaped({2, 3, 8}, {8, 0, 1}, {2, 3, 4, 2}), (std::vector<Expr>{8, 0, 2, 1}));
  EXPECT_FALSE(reshapeStrides({2, 3, 8}, std::vector<Expr>{8, 0, 1}, {6, 8}).has_value());
}

} // namespace
