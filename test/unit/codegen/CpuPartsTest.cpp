// CPU kernels that store a result with gaps: the same elements as without, and nothing between them.
#include "test/unit/codegen/KernelRunner.h"
#include "test/unit/codegen/KernelValues.h"
#include <gtest/gtest.h>

using namespace heddle;
using namespace heddle::test;

namespace {

/// What GuardedBuffer fills memory with.
constexpr uint32_t untouched = 0xA5A5A5A5;

/// Compiles `text`, in which `$R` is the result's type, without and with strides, and runs both on `inputs`. With free
/// sizes `shape` and `strides` are those at the run, while `type` and `stridesText` are in symbols.
void expectSameElements(const std::string &text, const std::string &type, const std::string &stridesText,
                        const std::vector<int64_t> &shape, const std::vector<int64_t> &strides,
                        const std::vector<Bytes> &inputs, const SymbolValues &symbols = {}) {
  SCOPED_TRACE(text);
  // One after the other: two libraries of one kernel name cannot be open at once.
  std::vector<float> expected = LoadedKernel::compile(fill(text, {{"R", type}})).run(inputs, symbols, 2)[0].as<float>();
  std::string strided = "(" + type + " {heddle.strides = #heddle.dims<[" + stridesText + "]>})";
  std::vector<uint32_t> got =
      LoadedKernel::compile(fill(text, {{"R", strided}})).run(inputs, symbols, 3)[0].as<uint32_t>();
  std::vector<bool> isPart(got.size());
  for (size_t position = 0; position < expected.size(); ++position) {
    int64_t rest = int64_t(position), offset = 0;
    for (size_t dim = shape.size(); dim-- > 0; rest /= shape[dim])
      offset += rest % shape[dim] * strides[dim];
    ASSERT_LT(size_t(offset), got.size());
    isPart[size_t(offset)] = true;
    uint32_t bits;
    std::memcpy(&bits, &expected[position], sizeof(bits));
    ASSERT_EQ(got[size_t(offset)], bits) << "element " << position;
  }
  for (size_t offset = 0; offset < got.size(); ++offset)
    ASSERT_TRUE(isPart[offset] || got[offset] == untouched) << "gap at " << offset;
}

TEST(CpuParts, ElementwiseRowsOfFreeNumber) {
  Bytes x = Bytes::of(randomFloats(7 * 3 * 21, 1));
  expectSameElements(R"(
      heddle.kernel @k(%x: tensor<?x3x21xf32, #heddle.dims<["n", "3", "21"]>>) -> $R attributes {symbols = ["n"]} {
        %0 = heddle.neg %x : (tensor<?x3x21xf32, #heddle.dims<["n", "3", "21"]>>) -> tensor<?x3x21xf32, #heddle.dims<["n", "3", "21"]>>
        heddle.return %0 : tensor<?x3x21xf32, #heddle.dims<["n", "3", "21"]>>
      })",
                     R"(tensor<?x3x21xf32, #heddle.dims<["n", "3", "21"]>>)", R"("90", "30", "1")", {7, 3, 21},
                     {90, 30, 1}, {x}, {{"n", 7}});
}

// Whole images in one piece, with gaps between images only.
TEST(CpuParts, TransposedImages) {
  Bytes x = Bytes::of(randomFloats(2 * 4 * 15, 2));
  expectSameElements(R"(
      heddle.kernel @k(%x: tensor<2x4x3x5xf32>) -> $R attributes {symbols = []} {
        %0 = heddle.transpose %x perm [0, 2, 3, 1] : (tensor<2x4x3x5xf32>) -> tensor<2x3x5x4xf32>
        heddle.return %0 : tensor<2x3x5x4xf32>
      })",
                     "tensor<2x3x5x4xf32>", R"("100", "20", "4", "1")", {2, 3, 5, 4}, {100, 20, 4, 1}, {x});
}

// The exponentials wait in the result's row until their sum is known.
TEST(CpuParts, Softmax) {
  Bytes x = Bytes::of(randomFloats(4 * 37, 3, -10, 10));
  expectSameElements(R"(
      heddle.kernel @k(%x: tensor<4x37xf32>) -> $R attributes {symbols = []} {
        %0 = heddle.softmax %x axis 1 : (tensor<4x37xf32>) -> tensor<4x37xf32>
        heddle.return %0 : tensor<4x37xf32>
      })",
                     "tensor<4x37xf32>", R"("40", "1")", {4, 37}, {40, 1}, {x});
}

// A concatenation may be a part of another one.
TEST(CpuParts, Concatenation) {
  Bytes x = Bytes::of(randomFloats(4 * 18, 4)), y = Bytes::of(randomFloats(4 * 7, 5));
  expectSameElements(R"(
      heddle.kernel @k(%x: tensor<4x18xf32>, %y: tensor<4x7xf32>) -> $R attributes {symbols = []} {
        %0 = heddle.neg %y : (tensor<4x7xf32>) -> tensor<4x7xf32>
        %1 = heddle.concat %x, %0 axis 1 : (tensor<4x18xf32>, tensor<4x7xf32>) -> tensor<4x25xf32>
        heddle.return %1 : tensor<4x25xf32>
      })",
                     "tensor<4x25xf32>", R"("31", "1")", {4, 25}, {31, 1}, {x, y});
}

TEST(CpuParts, Product) {
  Bytes a = Bytes::of(randomFloats(2 * 13 * 9, 6)), b = Bytes::of(randomFloats(9 * 35, 7));
  for (const char *epilogue : {"heddle.relu", "heddle.neg"})
    expectSameElements(fill(R"(
      heddle.kernel @k(%a: tensor<?x13x9xf32, #heddle.dims<["n", "13", "9"]>>, %b: tensor<9x35xf32>) -> $R attributes {symbols = ["n"]} {
        %0 = heddle.matmul %a, %b : (tensor<?x13x9xf32, #heddle.dims<["n", "13", "9"]>>, tensor<9x35xf32>) -> tensor<?x13x35xf32, #heddle.dims<["n", "13", "35"]>>
        %1 = $E %0 : (tensor<?x13x35xf32, #heddle.dims<["n", "13", "35"]>>) -> tensor<?x13x35xf32, #heddle.dims<["n", "13", "35"]>>
        heddle.return %1 : tensor<?x13x35xf32, #heddle.dims<["n", "13", "35"]>>
      })",
                            {{"E", epilogue}}),
                       R"(tensor<?x13x35xf32, #heddle.dims<["n", "13", "35"]>>)", R"("520", "40", "1")", {2, 13, 35},
                       {520, 40, 1}, {a, b}, {{"n", 2}});
}

TEST(CpuParts, PoolingOfFreeSizes) {
  Bytes x = Bytes::of(randomFloats(2 * 8 * 6 * 19, 8));
  expectSameElements(R"(
      heddle.kernel @k(%x: tensor<?x?x6x19xf32, #heddle.dims<["n", "2 * h", "6", "19"]>>) -> $R attributes {symbols = ["h", "n"]} {
        %0 = heddle.pool max %x window [2, 2] strides [2, 2] pads [0, 0, 0, 0] dilations [1, 1] layout nhwc : (tensor<?x?x6x19xf32, #heddle.dims<["n", "2 * h", "6", "19"]>>) -> tensor<?x?x3x19xf32, #heddle.dims<["n", "h", "3", "19"]>>
        heddle.return %0 : tensor<?x?x3x19xf32, #heddle.dims<["n", "h", "3", "19"]>>
      })",
                     R"(tensor<?x?x3x19xf32, #heddle.dims<["n", "h", "3", "19"]>>)", R"("96 * h", "96", "32", "1")",
                     {2, 4, 3, 19}, {384, 96, 32, 1}, {x}, {{"n", 2}, {"h", 4}});
}

} // namespace
