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

// What changes per call decides between dot products, which read a transposed operand in place, and copied panels.
TEST_P(CpuGemm, FewAndManyRowsOfTransposedOperand) {
  auto type = [](std::string a, std::string b) {
    return "tensor<?x?xf32, #heddle.dims<[\"" + a + "\", \"" + b + "\"]>>";
  };
  std::string a = "tensor<?x37xf32, #heddle.dims<[\"m\", \"37\"]>>",
              b = "tensor<?x37xf32, #heddle.dims<[\"n\", \"37\"]>>";
  for (bool hasKnownDepth : {true, false}) {
    LoadedKernel kernel =
        LoadedKernel::compile(biasGelu(hasKnownDepth ? a : type("m", "k"), hasKnownDepth ? b : type("n", "k"),
                                       "tensor<?xf32, #heddle.dims<[\"n\"]>>", type("m", "n"), "transpose_b",
                                       hasKnownDepth ? "\"m\", \"n\"" : "\"k\", \"m\", \"n\""),
                              GetParam());
    for (GemmCase size : {GemmCase{1, 50, 37}, GemmCase{4, 3, 37}, GemmCase{5, 33, 37}, GemmCase{140, 20, 37}}) {
      std::vector<float> left = randomFloats(size_t(size.rows * size.inner), 1);
      std::vector<float> right = randomFloats(size_t(size.inner * size.columns), 2),
                         bias = randomFloats(size_t(size.columns), 3);
      SymbolValues symbols = {{"m", size.rows}, {"n", size.columns}};
      if (!hasKnownDepth)
        symbols["k"] = size.inner;
      expectClose(kernel.run({Bytes::of(left), Bytes::of(right), Bytes::of(bias)}, symbols, 2)[0].as<float>(),
                  reference(left, right, bias, size, true));
    }
  }
}

// Heads of an attention: slices of one row, reordered. Nothing is copied before the product or after it.
TEST_P(CpuGemm, OperandsAndResultAreReordered) {
  LoadedKernel kernel = LoadedKernel::compile(R"(
      heddle.kernel @heads(%x: tensor<2x?x72xf32, #heddle.dims<["2", "s", "72"]>>, %v: tensor<2x3x?x12xf32, #heddle.dims<["2", "3", "s", "12"]>>)
          -> tensor<2x?x3x?xf32, #heddle.dims<["2", "s", "3", "s"]>> attributes {symbols = ["s"]} {
        %0 = heddle.slice %x starts <["0", "0", "36"]> steps <["1", "1", "1"]> : (tensor<2x?x72xf32, #heddle.dims<["2", "s", "72"]>>) -> tensor<2x?x36xf32, #heddle.dims<["2", "s", "36"]>>
        %1 = heddle.reshape %0 : (tensor<2x?x36xf32, #heddle.dims<["2", "s", "36"]>>) -> tensor<2x?x3x12xf32, #heddle.dims<["2", "s", "3", "12"]>>
        %2 = heddle.transpose %1 perm [0, 2, 1, 3] : (tensor<2x?x3x12xf32, #heddle.dims<["2", "s", "3", "12"]>>) -> tensor<2x3x?x12xf32, #heddle.dims<["2", "3", "s", "12"]>>
        %3 = heddle.matmul %v, %2 transpose_b : (tensor<2x3x?x12xf32, #heddle.dims<["2", "3", "s", "12"]>>, tensor<2x3x?x12xf32, #heddle.dims<["2", "3", "s", "12"]>>) -> tensor<2x3x?x?xf32, #heddle.dims<["2", "3", "s", "s"]>>
        %4 = heddle.transpose %3 perm [0, 2, 1, 3] : (tensor<2x3x?x?xf32, #heddle.dims<["2", "3", "s", "s"]>>) -> tensor<2x?x3x?xf32, #heddle.dims<["2", "s", "3", "s"]>>
        heddle.return %4 : tensor<2x?x3x?xf32, #heddle.dims<["2", "s", "3", "s"]>>
      })",
                                              GetParam());
  for (int64_t size : {1, 3, 21}) {
    std::vector<float> x = randomFloats(size_t(2 * size * 72), 1), v = randomFloats(size_t(6 * size * 12), 2);
    std::vector<double> expected;
    for (int64_t n = 0; n < 2; ++n)
      for (int64_t i = 0; i < size; ++i)
        for (int64_t head = 0; head < 3; ++head)
          for (int64_t j = 0; j < size; ++j) {
            double sum = 0;
            for (int64_t k = 0; k < 12; ++k)
              sum += double(v[size_t(((n * 3 + head) * size + i) * 12 + k)]) *
                     x[size_t((n * size + j) * 72 + 36 + head * 12 + k)];
            expected.push_back(sum);
          }
    expectClose(kernel.run({Bytes::of(x), Bytes::of(v)}, {{"s", size}}, 2)[0].as<float>(), expected);
  }
}

// A batch of rows times one matrix is one product: 3 rows in each of 5 batches fill tiles of 8.
TEST_P(CpuGemm, BatchOfRowsTimesOneMatrix) {
  LoadedKernel kernel = LoadedKernel::compile(R"(
      heddle.kernel @flat(%a: tensor<5x3x10xf32>, %b: tensor<10x40xf32>, %r: tensor<5x1x40xf32>) -> tensor<5x3x40xf32> attributes {symbols = []} {
        %0 = heddle.matmul %a, %b : (tensor<5x3x10xf32>, tensor<10x40xf32>) -> tensor<5x3x40xf32>
        %1 = heddle.add %0, %r : (tensor<5x3x40xf32>, tensor<5x1x40xf32>) -> tensor<5x3x40xf32>
        heddle.return %1 : tensor<5x3x40xf32>
      })",
                                              GetParam());
  std::vector<float> a = randomFloats(150, 1), b = randomFloats(400, 2), r = randomFloats(200, 3);
  std::vector<double> expected;
  for (size_t row = 0; row < 15; ++row)
    for (size_t j = 0; j < 40; ++j) {
      double sum = r[row / 3 * 40 + j];
      for (size_t k = 0; k < 10; ++k)
        sum += double(a[row * 10 + k]) * b[k * 40 + j];
      expected.push_back(sum);
    }
  expectClose(kernel.run({Bytes::of(a), Bytes::of(b), Bytes::of(r)}, {}, 2)[0].as<float>(), expected);
}

// The tile is the schedule's: one multiply-add per sum of a tile of 3 rows, and of the one row left over.
TEST_P(CpuGemm, ObeysTheSchedule) {
  std::string lanes = GetParam() == "x86-64-v4" ? "16" : "8";
  std::string text = LoadedKernel::print(
      "heddle.kernel @t(%a: tensor<4x9xf32>, %b: tensor<9x32xf32>) -> tensor<4x32xf32> attributes {symbols = [], "
      "schedule = #heddle.gemm<mr = 3, nr = " +
          lanes +
          ", bm = 64, bn = 64, bk = 16, tm = 4, tn = 4>} {\n"
          "%0 = heddle.matmul %a, %b : (tensor<4x9xf32>, tensor<9x32xf32>) -> tensor<4x32xf32>\n"
          "heddle.return %0 : tensor<4x32xf32>\n}",
      GetParam());
  size_t products = 0;
  for (size_t at = text.find("math.fma"); at != std::string::npos; at = text.find("math.fma", at + 1))
    ++products;
  EXPECT_EQ(products, 4u);
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

// Halves are widened where they are read: in dot products, in copied panels and in packed ones.
TEST_P(CpuGemm, HalfOperandsInEveryLayout) {
  int64_t nr = GetParam() == "x86-64-v4" ? 32 : 16, depth = 37, columns = 40;
  for (int64_t rows : {3, 9})
    for (bool isPacked : {false, true}) {
      int64_t panels = (columns + nr - 1) / nr;
      std::string n = std::to_string(nr), y = "tensor<" + std::to_string(rows) + "x40xf16>",
                  a = "tensor<" + std::to_string(rows) + "x37xf16>",
                  b = isPacked ? "tensor<" + std::to_string(panels) + "x37x" + n + "xf16>" : "tensor<40x37xf16>";
      LoadedKernel kernel = LoadedKernel::compile("heddle.kernel @h(%a: " + a + ", %b: " + b + ") -> " + y +
                                                      " attributes {symbols = []} {\n" + "%0 = heddle.matmul %a, %b " +
                                                      (isPacked ? "packed_nr " + n + " n 40" : "transpose_b") + " : (" +
                                                      a + ", " + b + ") -> " + y + "\nheddle.return %0 : " + y + "\n}",
                                                  GetParam());
      std::vector<float> left = randomFloats(size_t(rows * depth), 1), lines = randomFloats(size_t(columns * depth), 2);
      std::vector<_Float16> halfLeft(left.begin(), left.end()), right(lines.begin(), lines.end());
      if (isPacked) {
        right.assign(size_t(panels * depth * nr), 0);
        for (int64_t j = 0; j < columns; ++j)
          for (int64_t k = 0; k < depth; ++k)
            right[size_t((j / nr * depth + k) * nr + j % nr)] = _Float16(lines[size_t(j * depth + k)]);
      }
      std::vector<_Float16> got = kernel.run({Bytes::of(halfLeft), Bytes::of(right)}, {}, 2)[0].as<_Float16>();
      for (int64_t i = 0; i < rows; ++i)
        for (int64_t j = 0; j < columns; ++j) {
          double sum = 0;
          for (int64_t k = 0; k < depth; ++k)
            sum += double(halfLeft[size_t(i * depth + k)]) * double(_Float16(lines[size_t(j * depth + k)]));
          ASSERT_NEAR(double(got[size_t(i * columns + j)]), sum, 2e-3 * (1 + std::abs(sum)));
        }
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
