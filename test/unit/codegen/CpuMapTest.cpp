// Elementwise, moving and reducing CPU kernels against naive references, on buffers that end at a guard page.
#include "mlir/Parser/Parser.h"
#include "test/unit/codegen/KernelRunner.h"
#include "test/unit/codegen/KernelValues.h"
#include <cmath>
#include <gtest/gtest.h>

using namespace heddle;
using namespace heddle::test;

namespace {

constexpr const char *elementwise = "schedule = #heddle.elementwise<vector = 16, threads = 256, per_thread = 1>";

class CpuMap : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Levels, CpuMap, testing::Values("x86-64-v3", "x86-64-v4"),
                         [](const auto &info) { return info.param == "x86-64-v3" ? "v3" : "v4"; });

/// Levels above the machine's own are skipped.
#define SKIP_FOREIGN_LEVEL()                                                                                           \
  if (GetParam() == "x86-64-v4" && LoadedKernel::hostLevel() == "x86-64-v3")                                           \
  GTEST_SKIP() << "this machine has no AVX-512"

TEST_P(CpuMap, AddWithBroadcastAlongRows) {
  SKIP_FOREIGN_LEVEL();
  for (int64_t columns : {1, 5, 16, 37, 64}) {
    std::string text = fill(R"(
      heddle.kernel @add(%x: tensor<3x$Cxf32>, %b: tensor<$Cxf32>) -> tensor<3x$Cxf32> attributes {symbols = [], $S} {
        %0 = heddle.add %x, %b : (tensor<3x$Cxf32>, tensor<$Cxf32>) -> tensor<3x$Cxf32>
        heddle.return %0 : tensor<3x$Cxf32>
      })",
                            {{"C", std::to_string(columns)}, {"S", elementwise}});
    LoadedKernel kernel = LoadedKernel::compile(text, GetParam());
    std::vector<float> x = randomFloats(3 * columns, 1), b = randomFloats(columns, 2);
    std::vector<double> expected;
    for (int64_t i = 0; i < 3 * columns; ++i)
      expected.push_back(double(x[i]) + b[i % columns]);
    expectClose(kernel.run({Bytes::of(x), Bytes::of(b)})[0].as<float>(), expected);
  }
}

TEST_P(CpuMap, SymbolicSizesAndParts) {
  SKIP_FOREIGN_LEVEL();
  LoadedKernel kernel = LoadedKernel::compile(R"(
      heddle.kernel @k(%x: tensor<?x?xf32, #heddle.dims<["s0", "s1"]>>, %b: tensor<?x1xf32, #heddle.dims<["s0", "1"]>>)
          -> tensor<?x?xf32, #heddle.dims<["s0", "s1"]>> attributes {symbols = ["s0", "s1"]} {
        %0 = heddle.mul %x, %b : (tensor<?x?xf32, #heddle.dims<["s0", "s1"]>>, tensor<?x1xf32, #heddle.dims<["s0", "1"]>>)
            -> tensor<?x?xf32, #heddle.dims<["s0", "s1"]>>
        heddle.return %0 : tensor<?x?xf32, #heddle.dims<["s0", "s1"]>>
      })",
                                              GetParam());
  for (auto [rows, columns] : std::vector<std::pair<int64_t, int64_t>>{{1, 1}, {7, 33}, {0, 5}, {5, 0}, {3, 40000}}) {
    std::vector<float> x = randomFloats(size_t(rows * columns), 1), b = randomFloats(size_t(rows), 2);
    std::vector<double> expected;
    for (int64_t i = 0; i < rows * columns; ++i)
      expected.push_back(double(x[i]) * b[i / columns]);
    SymbolValues symbols = {{"s0", rows}, {"s1", columns}};
    expectClose(kernel.run({Bytes::of(x), Bytes::of(b)}, symbols, 3)[0].as<float>(), expected);
  }
}

TEST_P(CpuMap, ReduceToAScalarAndAlongLeadingDimension) {
  SKIP_FOREIGN_LEVEL();
  LoadedKernel kernel = LoadedKernel::compile(R"(
      heddle.kernel @r(%x: tensor<6x35xf32>) -> (tensor<f32>, tensor<35xf32>, tensor<6xf32>) attributes {symbols = []} {
        %0 = heddle.reduce add %x axes [0, 1] : (tensor<6x35xf32>) -> tensor<f32>
        %1 = heddle.reduce max %x axes [0] : (tensor<6x35xf32>) -> tensor<35xf32>
        %2 = heddle.reduce min %x axes [1] : (tensor<6x35xf32>) -> tensor<6xf32>
        heddle.return %0, %1, %2 : tensor<f32>, tensor<35xf32>, tensor<6xf32>
      })",
                                              GetParam());
  std::vector<float> x = randomFloats(210, 9);
  double sum = 0;
  std::vector<double> largest(35, -INFINITY), smallest(6, INFINITY);
  for (int i = 0; i < 210; ++i) {
    sum += x[i];
    largest[i % 35] = std::max<double>(largest[i % 35], x[i]);
    smallest[i / 35] = std::min<double>(smallest[i / 35], x[i]);
  }
  std::vector<Bytes> got = kernel.run({Bytes::of(x)}, {}, 2);
  expectClose(got[0].as<float>(), {sum});
  expectClose(got[1].as<float>(), largest);
  expectClose(got[2].as<float>(), smallest);
}

TEST_P(CpuMap, CastTransposeBroadcast) {
  SKIP_FOREIGN_LEVEL();
  LoadedKernel kernel = LoadedKernel::compile(R"(
      heddle.kernel @e(%x: tensor<18x37xf16>, %s: tensor<18xf32>, %y: tensor<37x1xf32>) -> tensor<37x18xf32>
          attributes {symbols = []} {
        %0 = heddle.cast %x : (tensor<18x37xf16>) -> tensor<18x37xf32>
        %1 = heddle.transpose %0 perm [1, 0] : (tensor<18x37xf32>) -> tensor<37x18xf32>
        %2 = heddle.mul %1, %s : (tensor<37x18xf32>, tensor<18xf32>) -> tensor<37x18xf32>
        %3 = heddle.add %2, %y : (tensor<37x18xf32>, tensor<37x1xf32>) -> tensor<37x18xf32>
        heddle.return %3 : tensor<37x18xf32>
      })",
                                              GetParam());
  std::vector<float> source = randomFloats(18 * 37, 1), s = randomFloats(18, 2), y = randomFloats(37, 3);
  std::vector<_Float16> x(source.begin(), source.end());
  std::vector<double> expected;
  for (int i = 0; i < 37; ++i)
    for (int j = 0; j < 18; ++j)
      expected.push_back(double(x[j * 37 + i]) * s[j] + y[i]);
  expectClose(kernel.run({Bytes::of(x), Bytes::of(s), Bytes::of(y)})[0].as<float>(), expected);
}

constexpr const char *embedding = R"(
      heddle.kernel @f(%t: tensor<9x$Cxf32>, %ids: tensor<2x3xi64>) -> tensor<2x3x$Cxf32> attributes {symbols = []} {
        %0 = heddle.gather %t, %ids axis 0 : (tensor<9x$Cxf32>, tensor<2x3xi64>) -> tensor<2x3x$Cxf32> loc("/Gather")
        heddle.return %0 : tensor<2x3x$Cxf32>
      })";

TEST_P(CpuMap, GatherRows) {
  SKIP_FOREIGN_LEVEL();
  LoadedKernel kernel = LoadedKernel::compile(fill(embedding, {{"C", "21"}}), GetParam());
  std::vector<float> table = randomFloats(9 * 21, 1);
  std::vector<int64_t> ids = {0, 8, -1, -9, 4, 4};
  std::vector<double> expected;
  for (int64_t id : ids)
    for (int c = 0; c < 21; ++c)
      expected.push_back(table[(id < 0 ? id + 9 : id) * 21 + c]);
  expectClose(kernel.run({Bytes::of(table), Bytes::of(ids)})[0].as<float>(), expected);
}

// Indices are a user's data: one out of bounds must neither crash nor pass.
TEST_P(CpuMap, GatherOutOfBoundsFailsWithItsMessage) {
  SKIP_FOREIGN_LEVEL();
  LoadedKernel kernel = LoadedKernel::compile(fill(embedding, {{"C", "21"}}), GetParam());
  for (int64_t bad : {int64_t(9), int64_t(-10), INT64_MAX, INT64_MIN}) {
    std::vector<int64_t> ids = {0, 1, 2, bad, 4, 5};
    int32_t failure = 0;
    kernel.run({Bytes::of(randomFloats(9 * 21, 1)), Bytes::of(ids)}, {}, 1, &failure);
    ASSERT_EQ(failure, 1);
    EXPECT_EQ(kernel.kernel.checks[0].message,
              "/Gather: an index into dimension 0 is out of bounds, expected it in [-9, 9)");
  }
}

TEST_P(CpuMap, GatherAlongTheLastDimensionChecksEachLane) {
  SKIP_FOREIGN_LEVEL();
  LoadedKernel kernel = LoadedKernel::compile(R"(
      heddle.kernel @f(%t: tensor<4x9xf32>, %ids: tensor<20xi32>) -> tensor<4x20xf32> attributes {symbols = []} {
        %0 = heddle.gather %t, %ids axis 1 : (tensor<4x9xf32>, tensor<20xi32>) -> tensor<4x20xf32>
        heddle.return %0 : tensor<4x20xf32>
      })",
                                              GetParam());
  std::vector<float> table = randomFloats(36, 1);
  std::vector<int32_t> ids(20);
  std::vector<double> expected;
  for (int i = 0; i < 20; ++i)
    ids[i] = (i * 5) % 9 - (i % 2 ? 9 : 0);
  for (int row = 0; row < 4; ++row)
    for (int32_t id : ids)
      expected.push_back(table[row * 9 + (id < 0 ? id + 9 : id)]);
  expectClose(kernel.run({Bytes::of(table), Bytes::of(ids)})[0].as<float>(), expected);
  ids[19] = 9;
  int32_t failure = 0;
  kernel.run({Bytes::of(table), Bytes::of(ids)}, {}, 1, &failure);
  EXPECT_EQ(failure, 1);
}

TEST_P(CpuMap, ConcatAndPad) {
  SKIP_FOREIGN_LEVEL();
  LoadedKernel kernel = LoadedKernel::compile(R"(
      heddle.kernel @g(%x: tensor<1x5x5x6xf32>, %y: tensor<1x5x5x3xf32>) -> tensor<1x7x7x9xf32> attributes {symbols = []} {
        %z = heddle.constant dense<0.5> : tensor<f32>
        %0 = heddle.relu %x : (tensor<1x5x5x6xf32>) -> tensor<1x5x5x6xf32>
        %1 = heddle.concat %0, %y axis 3 : (tensor<1x5x5x6xf32>, tensor<1x5x5x3xf32>) -> tensor<1x5x5x9xf32>
        %2 = heddle.pad %1, %z low <["0", "1", "1", "0"]> mode constant : (tensor<1x5x5x9xf32>, tensor<f32>) -> tensor<1x7x7x9xf32>
        heddle.return %2 : tensor<1x7x7x9xf32>
      })",
                                              GetParam());
  std::vector<float> x = randomFloats(150, 1), y = randomFloats(75, 2);
  std::vector<double> expected;
  for (int h = -1; h < 6; ++h)
    for (int w = -1; w < 6; ++w)
      for (int c = 0; c < 9; ++c) {
        bool inside = h >= 0 && h < 5 && w >= 0 && w < 5;
        double value = !inside ? 0.5 : c < 6 ? std::max(0.0f, x[(h * 5 + w) * 6 + c]) : y[(h * 5 + w) * 3 + c - 6];
        expected.push_back(value);
      }
  expectClose(kernel.run({Bytes::of(x), Bytes::of(y)}, {}, 3)[0].as<float>(), expected);
}

TEST_P(CpuMap, PadModes) {
  SKIP_FOREIGN_LEVEL();
  for (std::string mode : {"edge", "reflect", "wrap"}) {
    LoadedKernel kernel = LoadedKernel::compile(fill(R"(
      heddle.kernel @p(%x: tensor<2x7xf32>) -> tensor<2x15xf32> attributes {symbols = []} {
        %z = heddle.constant dense<0.0> : tensor<f32>
        %0 = heddle.pad %x, %z low <["0", "4"]> mode $M : (tensor<2x7xf32>, tensor<f32>) -> tensor<2x15xf32>
        heddle.return %0 : tensor<2x15xf32>
      })",
                                                     {{"M", mode}}),
                                                GetParam());
    std::vector<float> x = randomFloats(14, 1);
    std::vector<double> expected;
    for (int row = 0; row < 2; ++row)
      for (int i = -4; i < 11; ++i) {
        int at = mode == "edge" ? std::clamp(i, 0, 6) : mode == "wrap" ? (i + 7) % 7 : i < 0 ? -i : i > 6 ? 12 - i : i;
        expected.push_back(x[row * 7 + at]);
      }
    expectClose(kernel.run({Bytes::of(x)})[0].as<float>(), expected);
  }
}

TEST_P(CpuMap, SliceWithStepsAndReshape) {
  SKIP_FOREIGN_LEVEL();
  LoadedKernel kernel = LoadedKernel::compile(R"(
      heddle.kernel @s(%x: tensor<6x8xf32>) -> tensor<4x3xf32> attributes {symbols = []} {
        %0 = heddle.slice %x starts <["5", "1"]> steps <["-2", "2"]> : (tensor<6x8xf32>) -> tensor<3x4xf32>
        %1 = heddle.reshape %0 : (tensor<3x4xf32>) -> tensor<4x3xf32>
        heddle.return %1 : tensor<4x3xf32>
      })",
                                              GetParam());
  std::vector<float> x = randomFloats(48, 1);
  std::vector<double> expected;
  for (int i = 0; i < 12; ++i)
    expected.push_back(x[(5 - 2 * (i / 4)) * 8 + 1 + 2 * (i % 4)]);
  expectClose(kernel.run({Bytes::of(x)})[0].as<float>(), expected);
}

TEST_P(CpuMap, SplitOfHeads) {
  SKIP_FOREIGN_LEVEL();
  LoadedKernel kernel = LoadedKernel::compile(R"(
      heddle.kernel @h(%x: tensor<?x?x96xf32, #heddle.dims<["b", "s", "96"]>>)
          -> tensor<?x6x?x16xf32, #heddle.dims<["b", "6", "s", "16"]>> attributes {symbols = ["b", "s"]} {
        %0 = heddle.reshape %x : (tensor<?x?x96xf32, #heddle.dims<["b", "s", "96"]>>)
            -> tensor<?x?x6x16xf32, #heddle.dims<["b", "s", "6", "16"]>>
        %1 = heddle.transpose %0 perm [0, 2, 1, 3] : (tensor<?x?x6x16xf32, #heddle.dims<["b", "s", "6", "16"]>>)
            -> tensor<?x6x?x16xf32, #heddle.dims<["b", "6", "s", "16"]>>
        heddle.return %1 : tensor<?x6x?x16xf32, #heddle.dims<["b", "6", "s", "16"]>>
      })",
                                              GetParam());
  int b = 2, s = 5;
  std::vector<float> x = randomFloats(size_t(b * s * 96), 1);
  std::vector<double> expected;
  for (int n = 0; n < b; ++n)
    for (int h = 0; h < 6; ++h)
      for (int t = 0; t < s; ++t)
        for (int d = 0; d < 16; ++d)
          expected.push_back(x[((n * s + t) * 6 + h) * 16 + d]);
  expectClose(kernel.run({Bytes::of(x)}, {{"b", b}, {"s", s}})[0].as<float>(), expected);
}

TEST_P(CpuMap, ConvolutionWithBiasAndRelu) {
  SKIP_FOREIGN_LEVEL();
  LoadedKernel kernel = LoadedKernel::compile(R"(
      heddle.kernel @conv(%x: tensor<1x3x9x9xf32>, %w: tensor<4x3x3x3xf32>, %b: tensor<4x1x1xf32>) -> tensor<1x4x5x5xf32>
          attributes {symbols = []} {
        %0 = heddle.conv %x, %w strides [2, 2] pads [1, 1, 1, 1] dilations [1, 1] groups 1 layout nchw
          : (tensor<1x3x9x9xf32>, tensor<4x3x3x3xf32>) -> tensor<1x4x5x5xf32>
        %1 = heddle.add %0, %b : (tensor<1x4x5x5xf32>, tensor<4x1x1xf32>) -> tensor<1x4x5x5xf32>
        %2 = heddle.relu %1 : (tensor<1x4x5x5xf32>) -> tensor<1x4x5x5xf32>
        heddle.return %2 : tensor<1x4x5x5xf32>
      })",
                                              GetParam());
  std::vector<float> x = randomFloats(243, 1), w = randomFloats(108, 2), b = randomFloats(4, 3);
  std::vector<double> expected;
  for (int o = 0; o < 4; ++o)
    for (int i = 0; i < 5; ++i)
      for (int j = 0; j < 5; ++j) {
        double sum = b[o];
        for (int c = 0; c < 3; ++c)
          for (int k = 0; k < 9; ++k) {
            int h = 2 * i + k / 3 - 1, v = 2 * j + k % 3 - 1;
            if (h >= 0 && h < 9 && v >= 0 && v < 9)
              sum += double(x[(c * 9 + h) * 9 + v]) * w[(o * 3 + c) * 9 + k];
          }
        expected.push_back(std::max(0.0, sum));
      }
  expectClose(kernel.run({Bytes::of(x), Bytes::of(w), Bytes::of(b)})[0].as<float>(), expected);
}

TEST_P(CpuMap, MaxPoolIgnoresPadding) {
  SKIP_FOREIGN_LEVEL();
  LoadedKernel kernel = LoadedKernel::compile(R"(
      heddle.kernel @pool(%x: tensor<1x2x6x6xf32>) -> tensor<1x2x3x3xf32> attributes {symbols = []} {
        %0 = heddle.pool max %x window [3, 3] strides [2, 2] pads [1, 1, 0, 0] dilations [1, 1]
          : (tensor<1x2x6x6xf32>) -> tensor<1x2x3x3xf32>
        heddle.return %0 : tensor<1x2x3x3xf32>
      })",
                                              GetParam());
  std::vector<float> x = randomFloats(72, 1, -5, -1);
  std::vector<double> expected;
  for (int c = 0; c < 2; ++c)
    for (int i = 0; i < 3; ++i)
      for (int j = 0; j < 3; ++j) {
        double largest = -INFINITY;
        for (int k = 0; k < 9; ++k)
          if (int h = 2 * i + k / 3 - 1, v = 2 * j + k % 3 - 1; h >= 0 && h < 6 && v >= 0 && v < 6)
            largest = std::max<double>(largest, x[(c * 6 + h) * 6 + v]);
        expected.push_back(largest);
      }
  expectClose(kernel.run({Bytes::of(x)})[0].as<float>(), expected);
}

TEST_P(CpuMap, ArgMaxTakesTheFirstAndNaNWins) {
  SKIP_FOREIGN_LEVEL();
  LoadedKernel kernel = LoadedKernel::compile(R"(
      heddle.kernel @a(%x: tensor<3x40xf32>) -> (tensor<3xi64>, tensor<3xi64>) attributes {symbols = []} {
        %0 = heddle.arg_reduce max %x axis 1 : (tensor<3x40xf32>) -> tensor<3xi64>
        %1 = heddle.arg_reduce max %x axis 1 last : (tensor<3x40xf32>) -> tensor<3xi64>
        heddle.return %0, %1 : tensor<3xi64>, tensor<3xi64>
      })",
                                              GetParam());
  std::vector<float> x(120, -INFINITY);
  x[40 + 7] = x[40 + 33] = 2;
  x[80 + 20] = 5;
  x[80 + 21] = x[80 + 38] = NAN;
  std::vector<Bytes> got = kernel.run({Bytes::of(x)});
  EXPECT_EQ(got[0].as<int64_t>(), (std::vector<int64_t>{0, 7, 21}));
  EXPECT_EQ(got[1].as<int64_t>(), (std::vector<int64_t>{39, 33, 38}));
}

TEST_P(CpuMap, MatmulWithoutAnAnchorPath) {
  SKIP_FOREIGN_LEVEL();
  for (std::string transposed : {"", "transpose_b"}) {
    LoadedKernel kernel =
        LoadedKernel::compile(fill(R"(
      heddle.kernel @m(%a: tensor<2x5x20xf64>, %b: tensor<$Bxf64>) -> tensor<2x5x11xf64> attributes {symbols = []} {
        %0 = heddle.matmul %a, %b $T : (tensor<2x5x20xf64>, tensor<$Bxf64>) -> tensor<2x5x11xf64>
        heddle.return %0 : tensor<2x5x11xf64>
      })",
                                   {{"T", transposed}, {"B", transposed.empty() ? "20x11" : "11x20"}}),
                              GetParam());
    std::vector<float> fa = randomFloats(200, 1), fb = randomFloats(220, 2);
    std::vector<double> a(fa.begin(), fa.end()), b(fb.begin(), fb.end()), got;
    got = kernel.run({Bytes::of(a), Bytes::of(b)})[0].as<double>();
    for (int i = 0; i < 10; ++i)
      for (int j = 0; j < 11; ++j) {
        double sum = 0;
        for (int k = 0; k < 20; ++k)
          sum += a[i * 20 + k] * (transposed.empty() ? b[k * 11 + j] : b[j * 20 + k]);
        ASSERT_NEAR(got[i * 11 + j], sum, 1e-12);
      }
  }
}

TEST_P(CpuMap, IntegerTypesKeepTheirSignedness) {
  SKIP_FOREIGN_LEVEL();
  LoadedKernel kernel = LoadedKernel::compile(R"(
      heddle.kernel @i(%a: tensor<19xui8>, %b: tensor<19xui8>, %c: tensor<19xi8>) -> (tensor<19xui8>, tensor<19xi1>, tensor<19xi32>)
          attributes {symbols = []} {
        %0 = heddle.max %a, %b : (tensor<19xui8>, tensor<19xui8>) -> tensor<19xui8>
        %1 = heddle.less %a, %b : (tensor<19xui8>, tensor<19xui8>) -> tensor<19xi1>
        %2 = heddle.cast %c : (tensor<19xi8>) -> tensor<19xi32>
        heddle.return %0, %1, %2 : tensor<19xui8>, tensor<19xi1>, tensor<19xi32>
      })",
                                              GetParam());
  std::vector<uint8_t> a, b, c;
  for (int i = 0; i < 19; ++i) {
    a.push_back(uint8_t(i * 37));
    b.push_back(uint8_t(255 - i * 11));
    c.push_back(uint8_t(i * 29));
  }
  std::vector<Bytes> got = kernel.run({Bytes::of(a), Bytes::of(b), Bytes::of(c)});
  for (int i = 0; i < 19; ++i) {
    EXPECT_EQ(got[0].as<uint8_t>()[i], std::max(a[i], b[i]));
    EXPECT_EQ(got[1].as<uint8_t>()[i], a[i] < b[i] ? 1 : 0);
    EXPECT_EQ(got[2].as<int32_t>()[i], int32_t(int8_t(c[i])));
  }
}

/// Nearest-even rounding of an f32 to bf16, by integer arithmetic.
uint16_t roundToBF16(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, 4);
  return uint16_t((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

// LLVM's own conversion calls a library on machines without bf16 instructions, and flushes denormals with them.
TEST_P(CpuMap, BFloat16RoundsToNearestEvenAndKeepsDenormals) {
  SKIP_FOREIGN_LEVEL();
  LoadedKernel kernel = LoadedKernel::compile(R"(
      heddle.kernel @b(%x: tensor<33xf32>) -> (tensor<33xbf16>, tensor<33xf32>) attributes {symbols = []} {
        %0 = heddle.cast %x : (tensor<33xf32>) -> tensor<33xbf16>
        %1 = heddle.cast %0 : (tensor<33xbf16>) -> tensor<33xf32>
        heddle.return %0, %1 : tensor<33xbf16>, tensor<33xf32>
      })",
                                              GetParam());
  std::vector<float> x = randomFloats(33, 5);
  uint32_t denormal = 0x00012345;
  std::memcpy(&x[0], &denormal, 4);
  x[1] = -0.0f;
  x[2] = INFINITY;
  std::vector<Bytes> got = kernel.run({Bytes::of(x)});
  for (int i = 0; i < 33; ++i) {
    uint16_t expected = roundToBF16(x[i]);
    EXPECT_EQ(got[0].as<uint16_t>()[i], expected);
    uint32_t wide = uint32_t(expected) << 16;
    float value;
    std::memcpy(&value, &wide, 4);
    EXPECT_EQ(got[1].as<float>()[i], value);
  }
}

TEST_P(CpuMap, NarrowFloatsComputeInF32) {
  SKIP_FOREIGN_LEVEL();
  LoadedKernel kernel = LoadedKernel::compile(R"(
      heddle.kernel @n(%x: tensor<20xf16>) -> tensor<20xf16> attributes {symbols = []} {
        %0 = heddle.mul %x, %x : (tensor<20xf16>, tensor<20xf16>) -> tensor<20xf16>
        heddle.return %0 : tensor<20xf16>
      })",
                                              GetParam());
  std::vector<float> source = randomFloats(20, 5);
  std::vector<_Float16> x(source.begin(), source.end()), got = kernel.run({Bytes::of(x)})[0].as<_Float16>();
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(float(got[i]), float(_Float16(float(x[i]) * float(x[i]))));
}

TEST_P(CpuMap, TranscendentalFunctions) {
  SKIP_FOREIGN_LEVEL();
  const std::vector<std::pair<std::string, double (*)(double)>> functions = {
      {"exp", std::exp}, {"tanh", std::tanh}, {"erf", std::erf},     {"sin", std::sin},   {"cos", std::cos},
      {"tan", std::tan}, {"sinh", std::sinh}, {"asinh", std::asinh}, {"atan", std::atan}, {"floor", std::floor}};
  for (const auto &[name, reference] : functions)
    for (std::string type : {"f32", "f64"}) {
      LoadedKernel kernel = LoadedKernel::compile(fill(R"(
        heddle.kernel @t(%x: tensor<37x$T>) -> tensor<37x$T> attributes {symbols = []} {
          %0 = heddle.$F %x : (tensor<37x$T>) -> tensor<37x$T>
          heddle.return %0 : tensor<37x$T>
        })",
                                                       {{"T", type}, {"F", name}}),
                                                  GetParam());
      std::vector<float> x = randomFloats(37, 6, -8, 8);
      std::vector<double> wide(x.begin(), x.end()), expected;
      for (double value : wide)
        expected.push_back(reference(value));
      if (type == "f32") {
        expectClose(kernel.run({Bytes::of(x)})[0].as<float>(), expected, 1e-6);
        continue;
      }
      std::vector<double> got = kernel.run({Bytes::of(wide)})[0].as<double>();
      for (int i = 0; i < 37; ++i)
        ASSERT_NEAR(got[i], expected[i], 1e-14 * (1 + std::abs(expected[i]))) << name;
    }
}

TEST_P(CpuMap, EmptyReductionGivesItsNeutralElement) {
  SKIP_FOREIGN_LEVEL();
  LoadedKernel kernel = LoadedKernel::compile(R"(
      heddle.kernel @e(%x: tensor<3x?xf32, #heddle.dims<["3", "n"]>>) -> (tensor<3xf32>, tensor<3xf32>) attributes {symbols = ["n"]} {
        %0 = heddle.reduce add %x axes [1] : (tensor<3x?xf32, #heddle.dims<["3", "n"]>>) -> tensor<3xf32>
        %1 = heddle.reduce max %x axes [1] : (tensor<3x?xf32, #heddle.dims<["3", "n"]>>) -> tensor<3xf32>
        heddle.return %0, %1 : tensor<3xf32>, tensor<3xf32>
      })",
                                              GetParam());
  std::vector<Bytes> got = kernel.run({Bytes::of(std::vector<float>())}, {{"n", 0}});
  EXPECT_EQ(got[0].as<float>(), std::vector<float>(3, 0));
  EXPECT_EQ(got[1].as<float>(), std::vector<float>(3, -INFINITY));
}

// Unmasked memory accesses are what makes whole vectors fast; the masked tail is what keeps inside the buffer.
TEST(VectorIR, TailIsMaskedAndWholeVectorsAreNot) {
  mlir::DialectRegistry registry;
  registerCpuCodegen(registry);
  mlir::MLIRContext context(registry);
  context.loadAllAvailableDialects();
  auto module = mlir::parseSourceString<mlir::ModuleOp>(R"(
      heddle.kernel @k(%x: tensor<37xf32>) -> tensor<37xf32> attributes {symbols = []} {
        %0 = heddle.relu %x : (tensor<37xf32>) -> tensor<37xf32>
        heddle.return %0 : tensor<37xf32>
      })",
                                                        &context);
  Result<std::string> text = printVectorIR(*module->getOps<KernelOp>().begin(), *cpuLevel("x86-64-v4"));
  ASSERT_TRUE(text.isOk());
  EXPECT_NE(text->find("llvm.load %"), std::string::npos) << *text;
  EXPECT_NE(text->find("vector<16xf32>"), std::string::npos) << *text;
  EXPECT_NE(text->find("llvm.intr.masked.store"), std::string::npos) << *text;
}

// A second compilation of a kernel must give the same bytes, also of what is linked.
TEST_P(CpuMap, ObjectsAreDeterministic) {
  SKIP_FOREIGN_LEVEL();
  std::string text = fill(embedding, {{"C", "40"}});
  LoadedKernel first = LoadedKernel::compile(text, GetParam()), second = LoadedKernel::compile(text, GetParam());
  EXPECT_EQ(first.kernel.object, second.kernel.object);
  std::span<const std::byte> object = first.kernel.object;
  EXPECT_EQ(*linkSharedObject({&object, 1}), *linkSharedObject({&object, 1}));
}

} // namespace
