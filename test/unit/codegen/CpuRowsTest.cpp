// CPU kernels that work along rows, and those that write a result in parts, against naive references.
#include "test/unit/codegen/KernelRunner.h"
#include "test/unit/codegen/KernelValues.h"

using namespace heddle;
using namespace heddle::test;

namespace {

class CpuRows : public testing::TestWithParam<std::string> {
protected:
  void SetUp() override {
    if (GetParam() == "x86-64-v4" && LoadedKernel::hostLevel() == "x86-64-v3")
      GTEST_SKIP() << "this machine has no AVX-512";
  }
};
INSTANTIATE_TEST_SUITE_P(Levels, CpuRows, testing::Values("x86-64-v3", "x86-64-v4"),
                         [](const auto &info) { return info.param == "x86-64-v3" ? "v3" : "v4"; });

TEST_P(CpuRows, Softmax) {
  for (int64_t columns : {1, 5, 16, 49, 768, 770}) {
    LoadedKernel kernel = LoadedKernel::compile(fill(R"(
      heddle.kernel @softmax(%x: tensor<4x$Cxf32>) -> tensor<4x$Cxf32> attributes {symbols = []} {
        %0 = heddle.softmax %x axis 1 : (tensor<4x$Cxf32>) -> tensor<4x$Cxf32>
        heddle.return %0 : tensor<4x$Cxf32>
      })",
                                                     {{"C", std::to_string(columns)}}),
                                                GetParam());
    std::vector<float> x = randomFloats(size_t(4 * columns), 3, -10, 10);
    std::vector<double> expected;
    for (int64_t row = 0; row < 4; ++row) {
      double largest = -INFINITY, sum = 0;
      for (int64_t c = 0; c < columns; ++c)
        largest = std::max<double>(largest, x[row * columns + c]);
      for (int64_t c = 0; c < columns; ++c)
        sum += std::exp(x[row * columns + c] - largest);
      for (int64_t c = 0; c < columns; ++c)
        expected.push_back(std::exp(x[row * columns + c] - largest) / sum);
    }
    expectClose(kernel.run({Bytes::of(x)})[0].as<float>(), expected);
  }
}

// The exponentials wait in the result's row while the sum is formed; the operand itself is still there afterwards.
TEST_P(CpuRows, SoftmaxWhoseOperandIsUsedAgain) {
  LoadedKernel kernel = LoadedKernel::compile(R"(
      heddle.kernel @s(%x: tensor<3x?xf32, #heddle.dims<["3", "n"]>>) -> tensor<3x?xf32, #heddle.dims<["3", "n"]>> attributes {symbols = ["n"]} {
        %0 = heddle.softmax %x axis 1 : (tensor<3x?xf32, #heddle.dims<["3", "n"]>>) -> tensor<3x?xf32, #heddle.dims<["3", "n"]>>
        %1 = heddle.exp %x : (tensor<3x?xf32, #heddle.dims<["3", "n"]>>) -> tensor<3x?xf32, #heddle.dims<["3", "n"]>>
        %2 = heddle.sub %1, %0 : (tensor<3x?xf32, #heddle.dims<["3", "n"]>>, tensor<3x?xf32, #heddle.dims<["3", "n"]>>) -> tensor<3x?xf32, #heddle.dims<["3", "n"]>>
        heddle.return %2 : tensor<3x?xf32, #heddle.dims<["3", "n"]>>
      })",
                                              GetParam());
  for (int64_t columns : {1, 15, 64, 133}) {
    std::vector<float> x = randomFloats(size_t(3 * columns), 5);
    std::vector<double> expected;
    for (int64_t row = 0; row < 3; ++row) {
      double sum = 0;
      for (int64_t c = 0; c < columns; ++c)
        sum += std::exp(double(x[size_t(row * columns + c)]));
      for (int64_t c = 0; c < columns; ++c) {
        double power = std::exp(double(x[size_t(row * columns + c)]));
        expected.push_back(power - power / sum);
      }
    }
    expectClose(kernel.run({Bytes::of(x)}, {{"n", columns}})[0].as<float>(), expected);
  }
}

// The reduced dimension is not the last: the loop over it goes inside the columns' loop.
TEST_P(CpuRows, SoftmaxAlongAMiddleDimension) {
  LoadedKernel kernel = LoadedKernel::compile(R"(
      heddle.kernel @softmax(%x: tensor<3x7x21xf32>) -> tensor<3x7x21xf32> attributes {symbols = []} {
        %0 = heddle.softmax %x axis 1 : (tensor<3x7x21xf32>) -> tensor<3x7x21xf32>
        heddle.return %0 : tensor<3x7x21xf32>
      })",
                                              GetParam());
  std::vector<float> x = randomFloats(3 * 7 * 21, 4);
  std::vector<double> expected(x.size());
  for (int64_t n = 0; n < 3; ++n)
    for (int64_t c = 0; c < 21; ++c) {
      double sum = 0;
      for (int64_t k = 0; k < 7; ++k)
        sum += std::exp(double(x[(n * 7 + k) * 21 + c]));
      for (int64_t k = 0; k < 7; ++k)
        expected[(n * 7 + k) * 21 + c] = std::exp(double(x[(n * 7 + k) * 21 + c])) / sum;
    }
  expectClose(kernel.run({Bytes::of(x)})[0].as<float>(), expected);
}

TEST_P(CpuRows, AddAndLayerNormWithTwoResults) {
  LoadedKernel kernel = LoadedKernel::compile(R"(
      heddle.kernel @c(%x: tensor<5x50xf32>, %r: tensor<5x50xf32>, %g: tensor<50xf32>, %b: tensor<50xf32>)
          -> (tensor<5x50xf32>, tensor<5x50xf32>) attributes {symbols = []} {
        %0 = heddle.add %x, %r : (tensor<5x50xf32>, tensor<5x50xf32>) -> tensor<5x50xf32>
        %1 = heddle.layer_norm %0, %g, %b axis 1 epsilon 1.0e-05
          : (tensor<5x50xf32>, tensor<50xf32>, tensor<50xf32>) -> tensor<5x50xf32>
        heddle.return %1, %0 : tensor<5x50xf32>, tensor<5x50xf32>
      })",
                                              GetParam());
  std::vector<float> x = randomFloats(250, 1), r = randomFloats(250, 2), g = randomFloats(50, 3),
                     b = randomFloats(50, 4);
  std::vector<double> sum(250);
  for (size_t i = 0; i < sum.size(); ++i)
    sum[i] = double(x[i]) + r[i];
  std::vector<Bytes> got = kernel.run({Bytes::of(x), Bytes::of(r), Bytes::of(g), Bytes::of(b)});
  expectClose(got[0].as<float>(), layerNormOf(sum, g, b));
  expectClose(got[1].as<float>(), sum);
}

// A language model appends to its cache: each part is written where it belongs, and an empty one not at all.
TEST_P(CpuRows, ConcatOfResultsIsWrittenInParts) {
  LoadedKernel kernel = LoadedKernel::compile(R"(
      heddle.kernel @cache(%past: tensor<2x?x20xf32, #heddle.dims<["2", "p", "20"]>>, %new: tensor<3x2x20xf32>)
          -> (tensor<2x?x20xf32, #heddle.dims<["2", "p + 3", "20"]>>, tensor<3x2x20xf32>) attributes {symbols = ["p"]} {
        %0 = heddle.neg %new : (tensor<3x2x20xf32>) -> tensor<3x2x20xf32>
        %1 = heddle.transpose %0 perm [1, 0, 2] : (tensor<3x2x20xf32>) -> tensor<2x3x20xf32>
        %2 = heddle.concat %past, %1 axis 1
          : (tensor<2x?x20xf32, #heddle.dims<["2", "p", "20"]>>, tensor<2x3x20xf32>) -> tensor<2x?x20xf32, #heddle.dims<["2", "p + 3", "20"]>>
        heddle.return %2, %0 : tensor<2x?x20xf32, #heddle.dims<["2", "p + 3", "20"]>>, tensor<3x2x20xf32>
      })",
                                              GetParam());
  for (int64_t past : {0, 1, 7}) {
    std::vector<float> old = randomFloats(size_t(40 * past), 1), added = randomFloats(120, 2);
    std::vector<double> cache, negated(added.begin(), added.end());
    for (double &value : negated)
      value = -value;
    for (int64_t n = 0; n < 2; ++n)
      for (int64_t row = 0; row < past + 3; ++row)
        for (int64_t c = 0; c < 20; ++c)
          cache.push_back(row < past ? double(old[size_t((n * past + row) * 20 + c)])
                                     : negated[size_t(((row - past) * 2 + n) * 20 + c)]);
    std::vector<Bytes> got = kernel.run({Bytes::of(old), Bytes::of(added)}, {{"p", past}}, 2);
    expectClose(got[0].as<float>(), cache);
    expectClose(got[1].as<float>(), negated);
  }
}

// The schedule decides the width of vectors and how many are in flight: 3 sums are carried round the unrolled loop.
TEST(CpuRowsSchedule, IsObeyed) {
  std::string text = LoadedKernel::print(R"(
      heddle.kernel @r(%x: tensor<5x960xf32>) -> tensor<5xf32> attributes {symbols = [], schedule = #heddle.rows<vector = 8, unroll = 3, threads = 256>} {
        %0 = heddle.reduce add %x axes [1] : (tensor<5x960xf32>) -> tensor<5xf32>
        heddle.return %0 : tensor<5xf32>
      })",
                                         "x86-64-v4");
  EXPECT_NE(text.find("-> (vector<8xf32>, vector<8xf32>, vector<8xf32>)"), std::string::npos) << text;
  EXPECT_EQ(text.find("vector<16xf32>"), std::string::npos) << text;
}

} // namespace
