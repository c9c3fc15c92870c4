// Tests the figures that describe measurements.
#include "tools/common/Statistics.h"

#include <gtest/gtest.h>

namespace heddle {
namespace {

// Quantiles of a known row, in any order: 1 to 101 has its p90 at 91.
TEST(Statistics, QuantilesOfARowOfNumbers) {
  std::vector<double> samples;
  for (int value = 101; value >= 1; --value)
    samples.push_back(value);
  Statistics figures = describe(samples);
  EXPECT_EQ(figures.min, 1);
  EXPECT_EQ(figures.mean, 51);
  EXPECT_EQ(figures.median, 51);
  EXPECT_EQ(figures.p90, 91);
  EXPECT_EQ(figures.p95, 96);
  EXPECT_EQ(figures.p99, 100);
}

TEST(Statistics, QuantilesBetweenSamplesAreInterpolated) {
  Statistics figures = describe({4, 2});
  EXPECT_EQ(figures.median, 3);
  EXPECT_DOUBLE_EQ(figures.p90, 3.8);
}

TEST(Statistics, OneSampleIsEveryFigure) {
  Statistics figures = describe({7});
  EXPECT_EQ(figures.min, 7);
  EXPECT_EQ(figures.p99, 7);
}

} // namespace
} // namespace heddle
