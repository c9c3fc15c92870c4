// CPU kernels whose rows are shorter than a vector: whole rows in lanes, the rest row by row, against naive references.
#include "test/unit/codegen/KernelRunner.h"
#include "test/unit/codegen/KernelValues.h"

using namespace heddle;
using namespace heddle::test;

namespace {

class CpuShortRows : public testing::TestWithParam<std::string> {
protected:
  void SetUp() override {
    if (GetParam() == "x86-64-v4" && LoadedKernel::hostLevel() == "x86-64-v3")
      GTEST_SKIP() << "this machine has no AVX-512";
  }
};
INSTANTIATE_TEST_SUITE_P(Levels, CpuShortRows, testing::Values("x86-64-v3", "x86-64-v4"),
                         [](const auto &info) { return info.param == "x86-64-v3" ? "v3" : "v4"; });

constexpr const char *softmaxText = R"(
  heddle.kernel @softmax(%x: tensor<?x$Cxf32, #heddle.dims<["n", "$C"]>>) -> tensor<?x$Cxf32, #heddle.dims<["n", "$C"]>> attributes {symbols = ["n"]} {
    %0 = heddle.softmax %x axis 1 : (tensor<?x$Cxf32, #heddle.dims<["n", "$C"]>>) -> tensor<?x$Cxf32, #heddle.dims<["n", "$C"]>>
    heddle.return %0 : tensor<?x$Cxf32, #heddle.dims<["n", "$C"]>>
  })";

std::string withColumns(const char *text, int64_t columns) { return fill(text, {{"C", std::to_string(columns)}}); }

std::vector<double> softmaxOf(const std::vector<float> &x, int64_t columns) {
  std::vector<double> expected;
  for (size_t row = 0; row < x.size(); row += size_t(columns)) {
    double largest = -INFINITY, sum = 0;
    for (int64_t c = 0; c < columns; ++c)
      largest = std::max<double>(largest, x[row + size_t(c)]);
    for (int64_t c = 0; c < columns; ++c)
      sum += std::exp(x[row + size_t(c)] - largest);
    for (int64_t c = 0; c < columns; ++c)
      expected.push_back(std::exp(x[row + size_t(c)] - largest) / sum);
  }
  return expected;
}

// Every stride has shuffles of its own; nothing is read behind the last row, whatever the number of rows.
TEST_P(CpuShortRows, Softmax) {
  for (int64_t columns = 2; columns <= 33; ++columns) {
    LoadedKernel kernel = LoadedKernel::compile(withColumns(softmaxText, columns), GetParam());
    for (int64_t rows : {0, 1, 15, 16, 37, 64}) {
      std::vector<float> x = randomFloats(size_t(rows * columns), 3, -10, 10);
      expectClose(kernel.run({Bytes::of(x)}, {{"n", rows}})[0].as<float>(), softmaxOf(x, columns));
    }
  }
}

// Tasks begin at whole groups of rows, so that their number changes no bit.
TEST_P(CpuShortRows, PartsChangeNothing) {
  LoadedKernel kernel = LoadedKernel::compile(withColumns(softmaxText, 5), GetParam());
  std::vector<float> x = randomFloats(10007 * 5, 3, -10, 10);
  std::vector<float> whole = kernel.run({Bytes::of(x)}, {{"n", 10007}}, 1)[0].as<float>();
  expectClose(whole, softmaxOf(x, 5));
  EXPECT_EQ(kernel.run({Bytes::of(x)}, {{"n", 10007}}, 3)[0].as<float>(), whole);
}

// Two results, operands that are the same for all rows and one that has a single element per row.
TEST_P(CpuShortRows, NormWithOperandsOfOtherShapes) {
  LoadedKernel kernel = LoadedKernel::compile(R"(
      heddle.kernel @c(%x: tensor<35x10xf32>, %r: tensor<35x1xf32>, %g: tensor<10xf32>, %b: tensor<10xf32>)
          -> (tensor<35x10xf32>, tensor<35x10xf32>) attributes {symbols = []} {
        %0 = heddle.add %x, %r : (tensor<35x10xf32>, tensor<35x1xf32>) -> tensor<35x10xf32>
        %1 = heddle.layer_norm %0, %g, %b axis 1 epsilon 1.0e-05
          : (tensor<35x10xf32>, tensor<10xf32>, tensor<10xf32>) -> tensor<35x10xf32>
        heddle.return %1, %0 : tensor<35x10xf32>, tensor<35x10xf32>
      })",
                                              GetParam());
  std::vector<float> x = randomFloats(350, 1), r = randomFloats(35, 2), g = randomFloats(10, 3),
                     b = randomFloats(10, 4);
  std::vector<double> sum(350);
  for (size_t i = 0; i < sum.size(); ++i)
    sum[i] = double(x[i]) + r[i / 10];
  std::vector<Bytes> got = kernel.run({Bytes::of(x), Bytes::of(r), Bytes::of(g), Bytes::of(b)}, {}, 2);
  expectClose(got[0].as<float>(), layerNormOf(sum, g, b));
  expectClose(got[1].as<float>(), sum);
}

// One result per row.
TEST_P(CpuShortRows, Sums) {
  for (int64_t columns : {2, 3, 7, 12, 15}) {
    LoadedKernel kernel = LoadedKernel::compile(withColumns(R"(
      heddle.kernel @sum(%x: tensor<?x$Cxf32, #heddle.dims<["n", "$C"]>>) -> tensor<?xf32, #heddle.dims<["n"]>> attributes {symbols = ["n"]} {
        %0 = heddle.reduce add %x axes [1] : (tensor<?x$Cxf32, #heddle.dims<["n", "$C"]>>) -> tensor<?xf32, #heddle.dims<["n"]>>
        heddle.return %0 : tensor<?xf32, #heddle.dims<["n"]>>
      })",
                                                            columns),
                                                GetParam());
    for (int64_t rows : {1, 16, 39}) {
      std::vector<float> x = randomFloats(size_t(rows * columns), 9);
      std::vector<double> expected(size_t(rows), 0.0);
      for (size_t i = 0; i < x.size(); ++i)
        expected[i / size_t(columns)] += x[i];
      expectClose(kernel.run({Bytes::of(x)}, {{"n", rows}})[0].as<float>(), expected);
    }
  }
}

// Strides that are not whole rows: groups of neighbours would end behind the operand.
TEST_P(CpuShortRows, EveryOtherRow) {
  LoadedKernel kernel = LoadedKernel::compile(R"(
      heddle.kernel @s(%x: tensor<65x3xf32>) -> tensor<33x3xf32> attributes {symbols = []} {
        %0 = heddle.slice %x starts <["0", "0"]> steps <["2", "1"]> : (tensor<65x3xf32>) -> tensor<33x3xf32>
        %1 = heddle.softmax %0 axis 1 : (tensor<33x3xf32>) -> tensor<33x3xf32>
        heddle.return %1 : tensor<33x3xf32>
      })",
                                              GetParam());
  std::vector<float> x = randomFloats(65 * 3, 3), taken;
  for (size_t row = 0; row < 65; row += 2)
    taken.insert(taken.end(), x.begin() + ptrdiff_t(row * 3), x.begin() + ptrdiff_t(row * 3 + 3));
  expectClose(kernel.run({Bytes::of(x)})[0].as<float>(), softmaxOf(taken, 3));
}

// Rows of halves, widened and rounded in their lanes.
TEST_P(CpuShortRows, Halves) {
  LoadedKernel kernel = LoadedKernel::compile(R"(
      heddle.kernel @h(%x: tensor<40x6xf32>) -> tensor<40x6xf32> attributes {symbols = []} {
        %0 = heddle.cast %x : (tensor<40x6xf32>) -> tensor<40x6xf16>
        %1 = heddle.softmax %0 axis 1 : (tensor<40x6xf16>) -> tensor<40x6xf16>
        %2 = heddle.cast %1 : (tensor<40x6xf16>) -> tensor<40x6xf32>
        heddle.return %2 : tensor<40x6xf32>
      })",
                                              GetParam());
  std::vector<float> x = randomFloats(240, 3);
  expectClose(kernel.run({Bytes::of(x)})[0].as<float>(), softmaxOf(x, 6), 2e-3);
}

// The row's elements are vectors across rows, each computed once: no reduction across lanes, no gather.
TEST(CpuShortRowsCode, PacksRows) {
  std::string text = LoadedKernel::print(withColumns(softmaxText, 3), "x86-64-v4");
  size_t packed = text.find("scf.for"), single = text.find("scf.for", packed + 1);
  ASSERT_NE(single, std::string::npos) << text;
  std::string block = text.substr(packed, single - packed);
  auto count = [&](const std::string &what) {
    size_t found = 0;
    for (size_t at = block.find(what); at != std::string::npos; at = block.find(what, at + 1))
      ++found;
    return found;
  };
  EXPECT_EQ(count("llvm.load"), 3u) << block;
  EXPECT_EQ(count("llvm.store"), 3u) << block;
  EXPECT_EQ(count("vector.shuffle"), 12u) << block;
  EXPECT_EQ(count("gather"), 0u) << block;
  EXPECT_EQ(count("vector.extract"), 0u) << block;
}

} // namespace
