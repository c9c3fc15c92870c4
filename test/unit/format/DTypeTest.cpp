// Element types: names, numbers and classes.
#include "runtime/format/DType.h"

#include <gtest/gtest.h>
#include <set>

using namespace heddle;

namespace {

constexpr DType allTypes[] = {
#define HEDDLE_DTYPE_VALUE(ID, NAME, BYTES, ONNX) DType::ID,
    HEDDLE_DTYPES(HEDDLE_DTYPE_VALUE)
#undef HEDDLE_DTYPE_VALUE
};

TEST(DType, NamesAndOnnxNumbersAreUniqueAndInvertible) {
  std::set<int32_t> numbers;
  for (DType type : allTypes) {
    EXPECT_EQ(dtypeFromName(nameOf(type)), type);
    EXPECT_EQ(dtypeFromOnnx(onnxNumberOf(type)), type);
    EXPECT_TRUE(numbers.insert(onnxNumberOf(type)).second) << nameOf(type);
  }
  EXPECT_EQ(dtypeFromName("f31"), std::nullopt);
  EXPECT_EQ(dtypeFromOnnx(14), std::nullopt) << "complex64 is not supported";
}

// Numbers of TensorProto.DataType, copied from onnx.proto.
TEST(DType, OnnxNumbersAreThoseOfTheStandard) {
  EXPECT_EQ(onnxNumberOf(DType::F32), 1);
  EXPECT_EQ(onnxNumberOf(DType::I64), 7);
  EXPECT_EQ(onnxNumberOf(DType::BF16), 16);
  EXPECT_EQ(onnxNumberOf(DType::F4E2M1), 23);
  EXPECT_EQ(onnxNumberOf(DType::F8E8M0), 24);
}

TEST(DType, EveryTypeIsInExactlyOneClass) {
  for (DType type : allTypes) {
    int classes = isFloat(type) + isSignedInteger(type) + isUnsignedInteger(type) + (type == DType::Bool) +
                  (type == DType::String);
    EXPECT_EQ(classes, 1) << nameOf(type);
  }
}

// Sub-byte types are unpacked in memory: kernels address whole bytes.
TEST(DType, EveryElementTakesAtLeastOneByte) {
  for (DType type : allTypes)
    EXPECT_EQ(byteWidth(type) >= 1, type != DType::String) << nameOf(type);
}

} // namespace
