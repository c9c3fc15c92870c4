// What counts as a difference between two tensors.
#include "ir/reference/CompareValues.h"
#include "test/unit/reference/EvaluateText.h"
#include <cmath>
#include <gtest/gtest.h>

using namespace heddle;
using namespace heddle::test;

static TensorValue floats(std::vector<float> values) {
  int64_t count = static_cast<int64_t>(values.size());
  return tensorOf(DType::F32, {count}, values);
}

TEST(CompareValues, BitsTellZerosApart) {
  EXPECT_EQ(differenceInBits(floats({0, 1}), floats({0, 1})), std::nullopt);
  EXPECT_NE(differenceInBits(floats({0.0f}), floats({-0.0f})), std::nullopt);
}

// A NaN has many encodings, which no op promises.
TEST(CompareValues, NaNsAreEqual) {
  EXPECT_EQ(differenceInBits(floats({NAN}), floats({-NAN})), std::nullopt);
  EXPECT_NE(differenceInBits(floats({NAN}), floats({1})), std::nullopt);
}

// A rounding is judged by the largest element: sums cancel.
TEST(CompareValues, RoundingIsRelativeToTheLargest) {
  EXPECT_EQ(differenceBeyondRounding(floats({1000, 0.01f}), floats({1000, 0})), std::nullopt);
  EXPECT_NE(differenceBeyondRounding(floats({1, 0.01f}), floats({1, 0})), std::nullopt);
}

TEST(CompareValues, RoundingNeverMakesInfinities) {
  EXPECT_NE(differenceBeyondRounding(floats({INFINITY, 1}), floats({3e38f, 1})), std::nullopt);
  EXPECT_EQ(differenceBeyondRounding(floats({INFINITY, 1}), floats({INFINITY, 1})), std::nullopt);
}

TEST(CompareValues, IntegersAreExact) {
  TensorValue a = tensorOf<int32_t>(DType::I32, {1}, {1000000}), b = tensorOf<int32_t>(DType::I32, {1}, {1000001});
  EXPECT_EQ(differenceBeyondRounding(a, b),
            "1 of 1 elements differ, first at 0: got 1000000, expected 1000001; largest difference 1");
}

TEST(CompareValues, NamesTypesAndShapes) {
  EXPECT_EQ(differenceInBits(floats({1}), floats({1, 2})), "got 1xf32, expected 2xf32");
}
