// Matrix products on the CPU against a naive reference: tile remainders, batches, transposes, epilogues.
#include "test/unit/codegen/KernelRunner.h"
#include <cmath>
#include <gtest/gtest.h>
#include <random>

using namespace heddle;
using namespace heddle::test;

namespace {

std::vector<float> randomFloats(size_t count, uint32_t seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> distribution(-1, 1);
  std::vector<float> values(count);
  for (float &value : values)
    value = distribution(random);
  return values;
}

struct GemmCase {
  int64_t rows, columns, inner;
};

class CpuGemm : public testing::TestWithParam<std::string> {
protected:
  void SetUp() override {
    if (GetParam() == "x86-64-v4" && LoadedKernel::hostLevel() == "x86-64-v3")
      GTEST_SKIP() << "this machine has no AVX-512";
  }
};
INSTANTIATE_TEST_SUITE_P(Levels, CpuGemm, testing::Values("x86-64-v3", "x86-64-v4"),
                         [](const auto &info) { return info.param == "x86-64-v3" ? "v3" : "v4"; });

std::string literalType(int64_t a, int64_t b) {
  return "tensor<" + std::to_string(a) + "x" + std::to_string(b) + "xf32>";
}

/// gelu(a * b + bias), in double.
std::vector<double> reference(const std::vector<float> &a, const std::vector<float> &b, const std::vector<float> &bias,
                              GemmCase size, bool isTransposed) {
  std::vector<double> result;
  for (int64_t i = 0; i < size.rows; ++i)
    for (int64_t j = 0; j < size.columns; ++j) {
      double sum = bias[j];
      for (int64_t k = 0; k < size.inner; ++k)
        sum += double(a[i * size.inner + k]) * (isTransposed ? b[j * size.inner + k] : b[k * size.columns + j]);
      result.push_back(0.5 * sum * (1 + std::erf(sum / std::sqrt(2))));
    }
  return result;
}

void expectClose(const std::vector<float> &got, const std::vector<double> &expected) {
  ASSERT_EQ(got.size(), expected.size());
  for (size_t i = 0; i < got.size(); ++i)
    ASSERT_NEAR(got[i], expected[i], 2e-5 * (1 + std::abs(expected[i]))) << "element " << i;
}

std::string biasGelu(const std::string &a, const std::string &b, const std::string &bias, const std::string &y,
                     const std::string &flags, const std::string &symbols) {
  return "heddle.kernel @gemm(%a: " + a + ", %b: " + b + ", %c: " + bias + ") -> " + y + " attributes {symbols = [" +
         symbols + "]} {\n%0 = heddle.matmul %a, %b " + flags + " : (" + a + ", " + b + ") -> " + y +
         "\n%1 = heddle.add %0, %c : (" + y + ", " + bias + ") -> " + y +
         "\n%2 = heddle.gelu %1 {alpha = 1.0 : f64, tanh = false} : (" + y + ") -> " + y + "\nheddle.return %2 : " + y +
         "\n}";
}

TEST_P(CpuGemm, TileRemaindersWithEpilogue) {
  for (GemmCase size : {GemmCase{1, 7, 5}, GemmCase{8, 32, 16}, GemmCase{7, 33, 3}, GemmCase{13, 70, 20},
                        GemmCase{131, 16, 9}, GemmCase{6, 1, 4}})
    for (bool isTransposed : {false, true}) {
      std::string b = isTransposed ? literalType(size.columns, size.inner) : literalType(size.inner, size.columns);
      LoadedKernel kernel = LoadedKernel::compile(
          biasGelu(literalType(size.rows, size.inner), b, "tensor<" + std::to_string(size.columns) + "xf32>",
                   literalType(size.rows, size.columns), isTransposed ? "transpose_b" : "", ""),
          GetParam());
      std::vector<float> a = randomFloats(size_t(size.rows * size.inner), 1);
      std::vector<float> right = randomFloats(size_t(size.inner * size.columns), 2),
                         bias = randomFloats(size_t(size.columns), 3);
      expectClose(kernel.run({Bytes::of(a), Bytes::of(right), Bytes::of(bias)}, {}, 3)[0].as<float>(),
                  reference(a, right, bias, size, isTransposed));
    }
}

// Sizes that change per call stay parameters: every remainder of rows and columns comes from one compilation.
TEST_P(CpuGemm, SymbolicSizes) {
  auto type = [](std::string a, std::string b) {
    return "tensor<?x?xf32, #heddle.dims<[\"" + a + "\", \"" + b + "\"]>>";
  };
  LoadedKernel kernel =
      LoadedKernel::compile(biasGelu(type("m", "k"), type("k", "n"), "tensor<?xf32, #heddle.dims<[\"n\"]>>",
                                     type("m", "n"), "", "\"k\", \"m\", \"n\""),
                            GetParam());
  for (GemmCase size : {GemmCase{1, 1, 1}, GemmCase{15, 35, 4}, GemmCase{8, 64, 2}, GemmCase{130, 17, 3},
                        GemmCase{0, 4, 4}, GemmCase{4, 0, 4}, GemmCase{3, 5, 0}}) {
    std::vector<float> a = randomFloats(size_t(size.rows * size.inner), 1);
    std::vector<float> b = randomFloats(size_t(size.inner * size.columns), 2),
                       bias = randomFloats(size_t(size.columns), 3);
    SymbolValues symbols = {{"m", size.rows}, {"k", size.inner}, {"n", size.columns}};
    expectClose(kernel.run({Bytes::of(a), Bytes::of(b), Bytes::of(bias)}, symbols, 2)[0].as<float>(),
                reference(a, b, bias, size, false));
  }
}

TEST_P(CpuGemm, BatchesBroadcastAndTransposedFirstOperand) {
  LoadedKernel kernel = LoadedKernel::compile(R"(
      heddle.kernel @bmm(%a: tensor<2x3x6x9xf32>, %b: tensor<3x6x5xf32>) -> tensor<2x3x9x5xf32> attributes {symbols = []} {
        %0 = heddle.matmul %a, %b transpose_a : (tensor<2x3x6x9xf32>, tensor<3x6x5xf32>) -> tensor<2x3x9x5xf32>
        heddle.return %0 : tensor<2x3x9x5xf32>
      })",
                                              GetParam());
  std::vector<float> a = randomFloats(324, 1), b = randomFloats(90, 2);
  std::vector<double> expected;
  for (int batch = 0; batch < 6; ++batch)
    for (int i = 0; i < 9; ++i)
      for (int j = 0; j < 5; ++j) {
        double sum = 0;
        for (int k = 0; k < 6; ++k)
          sum += double(a[(batch * 6 + k) * 9 + i]) * b[((batch % 3) * 6 + k) * 5 + j];
        expected.push_back(sum);
      }
  expectClose(kernel.run({Bytes::of(a), Bytes::of(b)})[0].as<float>(), expected);
}

TEST_P(CpuGemm, PackedSecondOperand) {
  LoadedKernel kernel = LoadedKernel::compile(R"(
      heddle.kernel @p(%a: tensor<9x10xf32>, %b: tensor<2x10x16xf32>) -> tensor<9x27xf32> attributes {symbols = []} {
        %0 = heddle.matmul %a, %b packed_nr 16 n 27 : (tensor<9x10xf32>, tensor<2x10x16xf32>) -> tensor<9x27xf32>
        heddle.return %0 : tensor<9x27xf32>
      })",
                                              GetParam());
  std::vector<float> a = randomFloats(90, 1), b = randomFloats(320, 2);
  std::vector<double> expected;
  for (int i = 0; i < 9; ++i)
    for (int j = 0; j < 27; ++j) {
      double sum = 0;
      for (int k = 0; k < 10; ++k)
        sum += double(a[i * 10 + k]) * b[(j / 16 * 10 + k) * 16 + j % 16];
      expected.push_back(sum);
    }
  expectClose(kernel.run({Bytes::of(a), Bytes::of(b)})[0].as<float>(), expected);
}

// The first operand is read through its own ops, the second in half precision.
TEST_P(CpuGemm, PrologueAndHalfOperand) {
  LoadedKernel kernel = LoadedKernel::compile(R"(
      heddle.kernel @q(%a: tensor<5x12xf16>, %b: tensor<12x20xf16>) -> tensor<5x20xf16> attributes {symbols = []} {
        %0 = heddle.relu %a : (tensor<5x12xf16>) -> tensor<5x12xf16>
        %1 = heddle.matmul %0, %b : (tensor<5x12xf16>, tensor<12x20xf16>) -> tensor<5x20xf16>
        heddle.return %1 : tensor<5x20xf16>
      })",
                                              GetParam());
  std::vector<float> fa = randomFloats(60, 1), fb = randomFloats(240, 2);
  std::vector<_Float16> a(fa.begin(), fa.end()), b(fb.begin(), fb.end());
  std::vector<_Float16> got = kernel.run({Bytes::of(a), Bytes::of(b)})[0].as<_Float16>();
  for (int i = 0; i < 5; ++i)
    for (int j = 0; j < 20; ++j) {
      double sum = 0;
      for (int k = 0; k < 12; ++k)
        sum += std::max(0.0, double(a[i * 12 + k])) * double(b[k * 20 + j]);
      ASSERT_NEAR(double(got[i * 20 + j]), sum, 2e-3 * (1 + std::abs(sum)));
    }
}

TEST_P(CpuGemm, IntegersWrap) {
  LoadedKernel kernel = LoadedKernel::compile(R"(
      heddle.kernel @i(%a: tensor<3x4xi32>, %b: tensor<4x5xi32>) -> tensor<3x5xi32> attributes {symbols = []} {
        %0 = heddle.matmul %a, %b : (tensor<3x4xi32>, tensor<4x5xi32>) -> tensor<3x5xi32>
        heddle.return %0 : tensor<3x5xi32>
      })",
                                              GetParam());
  std::vector<int32_t> a(12), b(20);
  for (int i = 0; i < 20; ++i) {
    a[size_t(i) % 12] = i * 1000003 - 7;
    b[size_t(i)] = i * 777767 + 1;
  }
  std::vector<int32_t> got = kernel.run({Bytes::of(a), Bytes::of(b)})[0].as<int32_t>();
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 5; ++j) {
      uint32_t sum = 0;
      for (int k = 0; k < 4; ++k)
        sum += uint32_t(a[size_t(i * 4 + k)]) * uint32_t(b[size_t(k * 5 + j)]);
      EXPECT_EQ(got[size_t(i * 5 + j)], int32_t(sum));
    }
}

} // namespace
