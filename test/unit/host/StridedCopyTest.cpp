// Tests copies between strided tensors.
#include "runtime/host/StridedCopy.h"

#include <gtest/gtest.h>
#include <numeric>

namespace heddle {
namespace {

std::vector<int32_t> numbers(size_t count) {
  std::vector<int32_t> values(count);
  std::iota(values.begin(), values.end(), 0);
  return values;
}

std::vector<int32_t> copyToDense(View from) {
  std::vector<int32_t> target(size_t(from.elementCount()), -1);
  copyElements(from, View{target.data(), from.type, from.shape, rowMajorStrides(from.shape)});
  return target;
}

TEST(StridedCopy, TransposedTensorBecomesDense) {
  std::vector<int32_t> values = numbers(6);
  EXPECT_EQ(copyToDense({values.data(), DType::I32, {3, 2}, {1, 3}}), (std::vector<int32_t>{0, 3, 1, 4, 2, 5}));
}

TEST(StridedCopy, ZeroStrideBroadcasts) {
  std::vector<int32_t> values = numbers(2);
  EXPECT_EQ(copyToDense({values.data(), DType::I32, {2, 2}, {0, 1}}), (std::vector<int32_t>{0, 1, 0, 1}));
}

TEST(StridedCopy, NegativeStrideReverses) {
  std::vector<int32_t> values = numbers(3);
  EXPECT_EQ(copyToDense({&values[2], DType::I32, {3}, {-1}}), (std::vector<int32_t>{2, 1, 0}));
}

TEST(StridedCopy, InnerBlockKeepsItsGap) {
  std::vector<int32_t> values = numbers(8);
  EXPECT_EQ(copyToDense({values.data(), DType::I32, {2, 3}, {4, 1}}), (std::vector<int32_t>{0, 1, 2, 4, 5, 6}));
}

// Strides of an empty tensor mean nothing: no byte may be touched.
TEST(StridedCopy, EmptyTensorCopiesNothing) {
  EXPECT_TRUE(copyToDense({nullptr, DType::I32, {0, 3}, {99, 99}}).empty());
}

TEST(StridedCopy, ScalarIsOneElement) {
  std::vector<int32_t> values = {7};
  EXPECT_EQ(copyToDense({values.data(), DType::I32, {}, {}}), std::vector<int32_t>{7});
}

TEST(StridedCopy, DenseIsTold) {
  EXPECT_TRUE(isDense({nullptr, DType::I32, {2, 3}, {3, 1}}));
  EXPECT_TRUE(isDense({nullptr, DType::I32, {1, 3}, {77, 1}}));
  EXPECT_TRUE(isDense({nullptr, DType::I32, {0, 3}, {5, 5}}));
  EXPECT_FALSE(isDense({nullptr, DType::I32, {2, 3}, {4, 1}}));
}

} // namespace
} // namespace heddle
