// Row kernels: softmax, norms, reductions, arg-max; literal rows in registers and run-time rows in loops.
#include "test/unit/cuda/CudaHarness.h"
#include <cmath>

namespace heddle {
namespace {

using RowsTest = CudaTest;
HEDDLE_FOR_DEVICE_ARCHITECTURES(RowsTest);

#define SCHEDULE "schedule = #heddle.rows<vector = 16, unroll = 4, threads = 64>"

double softmax(const std::vector<float> &x, size_t i, size_t cols) {
  double largest = -INFINITY, sum = 0;
  for (size_t c = 0; c < cols; ++c)
    largest = std::max(largest, double(x[i / cols * cols + c]));
  for (size_t c = 0; c < cols; ++c)
    sum += std::exp(x[i / cols * cols + c] - largest);
  return std::exp(x[i] - largest) / sum;
}

// The row does not fill the registers of the last threads: they must neither read nor count.
TEST_P(RowsTest, SoftmaxOfARaggedRow) {
  if (!emit(R"(heddle.kernel @b(%x: tensor<3x5x150xf32>) -> tensor<3x5x150xf32> attributes {symbols = [], )" SCHEDULE
            R"(} {
    %0 = heddle.softmax %x axis 2 : (tensor<3x5x150xf32>) -> tensor<3x5x150xf32>
    heddle.return %0 : tensor<3x5x150xf32>
  })"))
    GTEST_SKIP();
  std::vector<float> x = wave(2250, 0.37f, 9.0f);
  SimAddress out = bench.allocate<float>("out", 2250);
  launch({bench.upload("x", x), out});
  expectNear(out, 2250, [&](size_t i) { return softmax(x, i, 150); });
}

// Both sizes at run time: loops instead of registers, in half precision.
TEST_P(RowsTest, SoftmaxOfRunTimeSizesInHalf) {
  if (!emit(R"(heddle.kernel @b(%x: tensor<?x?xf16, #heddle.dims<["rows", "cols"]>>)
      -> tensor<?x?xf16, #heddle.dims<["rows", "cols"]>> attributes {symbols = ["rows", "cols"], )" SCHEDULE R"(} {
    %0 = heddle.softmax %x axis 1 : (tensor<?x?xf16, #heddle.dims<["rows", "cols"]>>)
      -> tensor<?x?xf16, #heddle.dims<["rows", "cols"]>>
    heddle.return %0 : tensor<?x?xf16, #heddle.dims<["rows", "cols"]>>
  })"))
    GTEST_SKIP();
  std::vector<uint16_t> halves;
  std::vector<float> x;
  for (float value : wave(7 * 130, 0.21f, 4.0f)) {
    halves.push_back(toHalf(value));
    x.push_back(fromHalf(halves.back()));
  }
  SimAddress out = bench.allocate<uint16_t>("out", x.size());
  launch({bench.upload("x", halves), out}, {{"rows", 7}, {"cols", 130}});
  std::vector<uint16_t> got = bench.download<uint16_t>(out, x.size());
  for (size_t i = 0; i < x.size(); ++i)
    ASSERT_NEAR(fromHalf(got[i]), softmax(x, i, 130), 1e-3) << i;
}

// Kernel c of the prototype: two results, three sweeps over one row.
TEST_P(RowsTest, AddLayerNormWithTwoResults) {
  if (!emit(R"(heddle.kernel @c(%x: tensor<6x100xf32>, %r: tensor<6x100xf32>, %g: tensor<100xf32>, %b: tensor<100xf32>)
      -> (tensor<6x100xf32>, tensor<6x100xf32>) attributes {symbols = [], )" SCHEDULE R"(} {
    %0 = heddle.add %x, %r : (tensor<6x100xf32>, tensor<6x100xf32>) -> tensor<6x100xf32> loc("/Add")
    %1 = heddle.layer_norm %0, %g, %b axis 1 epsilon 1.0e-5
      : (tensor<6x100xf32>, tensor<100xf32>, tensor<100xf32>) -> tensor<6x100xf32> loc("/Norm")
    heddle.return %1, %0 : tensor<6x100xf32>, tensor<6x100xf32>
  })"))
    GTEST_SKIP();
  std::vector<float> x = wave(600, 0.3f), r = wave(600, 0.17f, 2.0f), g = wave(100, 0.5f), b = wave(100, 0.9f);
  SimAddress normal = bench.allocate<float>("normal", 600), sum = bench.allocate<float>("sum", 600);
  launch({bench.upload("x", x), bench.upload("r", r), bench.upload("g", g), bench.upload("b", b), normal, sum});
  auto add = [&](size_t i) { return double(x[i]) + r[i]; };
  expectNear(sum, 600, add);
  expectNear(
      normal, 600,
      [&](size_t i) {
        double mean = 0, variance = 0;
        for (size_t c = 0; c < 100; ++c)
          mean += add(i / 100 * 100 + c) / 100;
        for (size_t c = 0; c < 100; ++c)
          variance += std::pow(add(i / 100 * 100 + c) - mean, 2) / 100;
        return (add(i) - mean) / std::sqrt(variance + 1e-5) * g[i % 100] + b[i % 100];
      },
      2e-5);
}

// A row that fills all registers needs no column where only kept values are read; an unused variable is a warning.
TEST_P(RowsTest, LayerNormOfAnExactRow) {
  if (!emit(R"(heddle.kernel @n(%x: tensor<2x128xf32>, %g: tensor<128xf32>) -> tensor<2x128xf32>
      attributes {symbols = [], )" SCHEDULE R"(} {
    %0 = heddle.layer_norm %x, %g axis 1 epsilon 1.0e-5
      : (tensor<2x128xf32>, tensor<128xf32>) -> tensor<2x128xf32>
    heddle.return %0 : tensor<2x128xf32>
  })"))
    GTEST_SKIP();
  std::vector<float> x = wave(256, 0.3f), g = wave(128, 0.5f);
  SimAddress out = bench.allocate<float>("out", 256);
  launch({bench.upload("x", x), bench.upload("g", g), out});
  expectNear(
      out, 256,
      [&](size_t i) {
        double mean = 0, variance = 0;
        for (size_t c = 0; c < 128; ++c)
          mean += x[i / 128 * 128 + c] / 128.0;
        for (size_t c = 0; c < 128; ++c)
          variance += std::pow(x[i / 128 * 128 + c] - mean, 2) / 128;
        return (x[i] - mean) / std::sqrt(variance + 1e-5) * g[i % 128];
      },
      2e-5);
}

// One element per row is stored by one thread; the broadcast of it by all.
TEST_P(RowsTest, ReductionAndItsUseAreTwoResults) {
  if (!emit(R"(heddle.kernel @m(%x: tensor<5x70xf32>) -> (tensor<5xf32>, tensor<5x70xf32>)
      attributes {symbols = [], )" SCHEDULE R"(} {
    %0 = heddle.reduce max %x axes [1] : (tensor<5x70xf32>) -> tensor<5xf32>
    %1 = heddle.reshape %0 : (tensor<5xf32>) -> tensor<5x1xf32>
    %2 = heddle.sub %x, %1 : (tensor<5x70xf32>, tensor<5x1xf32>) -> tensor<5x70xf32>
    heddle.return %0, %2 : tensor<5xf32>, tensor<5x70xf32>
  })"))
    GTEST_SKIP();
  std::vector<float> x = wave(350, 0.77f);
  auto largest = [&](size_t row) {
    double result = -INFINITY;
    for (size_t c = 0; c < 70; ++c)
      result = std::max(result, double(x[row * 70 + c]));
    return result;
  };
  SimAddress rows = bench.allocate<float>("rows", 5), rest = bench.allocate<float>("rest", 350);
  launch({bench.upload("x", x), rows, rest});
  expectNear(rows, 5, largest);
  expectNear(rest, 350, [&](size_t i) { return x[i] - largest(i / 70); });
}

TEST_P(RowsTest, ArgMaxOfUnsignedBytesTakesTheLastOfEquals) {
  if (!emit(R"(heddle.kernel @a(%x: tensor<3x90xui8>) -> tensor<3xi64> attributes {symbols = [], )" SCHEDULE R"(} {
    %0 = heddle.arg_reduce max %x axis 1 last : (tensor<3x90xui8>) -> tensor<3xi64>
    heddle.return %0 : tensor<3xi64>
  })"))
    GTEST_SKIP();
  std::vector<uint8_t> x(270, 7);
  x[5] = x[80] = 200; // above 127: less than 7 if it were read as signed
  x[90 + 3] = 255;
  SimAddress out = bench.allocate<int64_t>("out", 3);
  launch({bench.upload("x", x), out});
  EXPECT_EQ(bench.download<int64_t>(out, 3), (std::vector<int64_t>{80, 3, 89}));
}

// Any and all: reductions of bool, whose results are stored by one thread.
TEST_P(RowsTest, AnyAndAllOfAComparison) {
  if (!emit(R"(heddle.kernel @b(%x: tensor<3x40xf32>) -> (tensor<3xi1>, tensor<3xi1>, tensor<3x40xf32>)
      attributes {symbols = [], )" SCHEDULE R"(} {
    %z = heddle.constant dense<0.5> : tensor<f32>
    %0 = heddle.less %x, %z : (tensor<3x40xf32>, tensor<f32>) -> tensor<3x40xi1>
    %1 = heddle.reduce max %0 axes [1] : (tensor<3x40xi1>) -> tensor<3xi1>
    %2 = heddle.reduce min %0 axes [1] : (tensor<3x40xi1>) -> tensor<3xi1>
    %3 = heddle.where %0, %x, %z : (tensor<3x40xi1>, tensor<3x40xf32>, tensor<f32>) -> tensor<3x40xf32>
    heddle.return %1, %2, %3 : tensor<3xi1>, tensor<3xi1>, tensor<3x40xf32>
  })"))
    GTEST_SKIP();
  std::vector<float> x(120, 1.0f);
  x[7] = 0.25f;
  std::fill(x.begin() + 40, x.begin() + 80, -2.0f);
  SimAddress any = bench.allocate<uint8_t>("any", 3), all = bench.allocate<uint8_t>("all", 3),
             chosen = bench.allocate<float>("chosen", 120);
  launch({bench.upload("x", x), any, all, chosen});
  EXPECT_EQ(bench.download<uint8_t>(any, 3), (std::vector<uint8_t>{1, 1, 0}));
  EXPECT_EQ(bench.download<uint8_t>(all, 3), (std::vector<uint8_t>{0, 1, 0}));
  expectNear(chosen, 120, [&](size_t i) { return std::min(x[i], 0.5f); });
}

// Reductions over leading dimensions are no rows: one thread per element, with a loop.
TEST_P(RowsTest, ColumnSumsFallBackToLoops) {
  if (!emit(R"(heddle.kernel @s(%x: tensor<40x6xi64>) -> tensor<6xi64> attributes {symbols = [], )" SCHEDULE R"(} {
    %0 = heddle.reduce add %x axes [0] : (tensor<40x6xi64>) -> tensor<6xi64>
    heddle.return %0 : tensor<6xi64>
  })"))
    GTEST_SKIP();
  std::vector<int64_t> x(240), wanted(6);
  for (size_t i = 0; i < x.size(); ++i) {
    x[i] = int64_t(i * i) - 1000;
    wanted[i % 6] += x[i];
  }
  SimAddress out = bench.allocate<int64_t>("out", 6);
  launch({bench.upload("x", x), out});
  EXPECT_EQ(bench.download<int64_t>(out, 6), wanted);
}

// An empty row has no elements to store, but its reduction has a value.
TEST_P(RowsTest, EmptyRowsReduceToTheNeutralElement) {
  if (!emit(R"(heddle.kernel @m(%x: tensor<?x?xf32, #heddle.dims<["n", "m"]>>) -> tensor<?xf32, #heddle.dims<["n"]>>
      attributes {symbols = ["n", "m"], )" SCHEDULE R"(} {
    %0 = heddle.reduce max %x axes [1] : (tensor<?x?xf32, #heddle.dims<["n", "m"]>>)
      -> tensor<?xf32, #heddle.dims<["n"]>>
    heddle.return %0 : tensor<?xf32, #heddle.dims<["n"]>>
  })"))
    GTEST_SKIP();
  SimAddress out = bench.allocate<float>("out", 3);
  launch({bench.allocate<float>("x", 0), out}, {{"n", 3}, {"m", 0}});
  EXPECT_EQ(bench.download<float>(out, 3), std::vector<float>(3, -INFINITY));
}

} // namespace
} // namespace heddle
