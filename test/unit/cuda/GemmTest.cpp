// Matrix products: ragged tiles, transposed operands, batches, prologue and epilogue.
#include "test/unit/cuda/CudaHarness.h"
#include <cmath>

namespace heddle {
namespace {

using GemmTest = CudaTest;
HEDDLE_FOR_DEVICE_ARCHITECTURES(GemmTest);

#define SCHEDULE "schedule = #heddle.gemm<mr = 8, nr = 32, bm = 32, bn = 32, bk = 8, tm = 4, tn = 4>"

// Kernel a of the prototype, with sizes that no tile divides.
TEST_P(GemmTest, MatmulBiasGelu) {
  if (!emit(R"(heddle.kernel @a(%x: tensor<37x29xf32>, %w: tensor<29x45xf32>, %b: tensor<45xf32>) -> tensor<37x45xf32>
      attributes {symbols = [], )" SCHEDULE R"(} {
    %0 = heddle.matmul %x, %w : (tensor<37x29xf32>, tensor<29x45xf32>) -> tensor<37x45xf32> loc("/MatMul")
    %1 = heddle.add %0, %b : (tensor<37x45xf32>, tensor<45xf32>) -> tensor<37x45xf32> loc("/Add")
    %2 = heddle.gelu %1 {tanh = false} : (tensor<37x45xf32>) -> tensor<37x45xf32> loc("/Gelu")
    heddle.return %2 : tensor<37x45xf32>
  })"))
    GTEST_SKIP();
  std::vector<float> x = wave(37 * 29, 0.3f), w = wave(29 * 45, 0.7f), b = wave(45, 0.9f);
  SimAddress out = bench.allocate<float>("out", 37 * 45);
  launch({bench.upload("x", x), bench.upload("w", w), bench.upload("b", b), out});
  EXPECT_EQ(kernel.staticSharedBytes, 8 * (32 + 4 + 32) * 4);
  expectNear(out, 37 * 45, [&](size_t i) {
    double sum = b[i % 45];
    for (size_t k = 0; k < 29; ++k)
      sum += double(x[i / 45 * 29 + k]) * w[k * 45 + i % 45];
    return 0.5 * sum * (1 + std::erf(sum / std::sqrt(2.0)));
  });
}

// Attention's scores: a batch that one operand lacks, the other operand transposed, sizes at run time.
TEST_P(GemmTest, BatchedTransposedRunTimeSizes) {
  if (!emit(R"(heddle.kernel @q(%a: tensor<2x3x?x10xf16, #heddle.dims<["2", "3", "s", "10"]>>,
        %b: tensor<3x?x10xf16, #heddle.dims<["3", "t", "10"]>>)
      -> tensor<2x3x?x?xf16, #heddle.dims<["2", "3", "s", "t"]>> attributes {symbols = ["s", "t"], )" SCHEDULE R"(} {
    %0 = heddle.matmul %a, %b transpose_b : (tensor<2x3x?x10xf16, #heddle.dims<["2", "3", "s", "10"]>>,
      tensor<3x?x10xf16, #heddle.dims<["3", "t", "10"]>>) -> tensor<2x3x?x?xf16, #heddle.dims<["2", "3", "s", "t"]>>
    heddle.return %0 : tensor<2x3x?x?xf16, #heddle.dims<["2", "3", "s", "t"]>>
  })"))
    GTEST_SKIP();
  constexpr size_t s = 35, t = 33;
  auto halves = [](const std::vector<float> &values) {
    std::vector<uint16_t> codes;
    for (float value : values)
      codes.push_back(toHalf(value));
    return codes;
  };
  std::vector<uint16_t> a = halves(wave(6 * s * 10, 0.3f)), b = halves(wave(3 * t * 10, 0.7f));
  SimAddress out = bench.allocate<uint16_t>("out", 6 * s * t);
  launch({bench.upload("a", a), bench.upload("b", b), out}, {{"s", s}, {"t", t}});
  std::vector<uint16_t> got = bench.download<uint16_t>(out, 6 * s * t);
  for (size_t i = 0; i < got.size(); ++i) {
    double sum = 0;
    size_t batch = i / (s * t), row = i / t % s, col = i % t;
    for (size_t k = 0; k < 10; ++k)
      sum += double(fromHalf(a[(batch * s + row) * 10 + k])) * fromHalf(b[(batch % 3 * t + col) * 10 + k]);
    ASSERT_NEAR(fromHalf(got[i]), sum, 2e-3 * (1 + std::abs(sum))) << i;
  }
}

// What comes before the product is pulled into its loads, what comes after it moves the stores.
TEST_P(GemmTest, PrologueAndMovedEpilogue) {
  if (!emit(R"(heddle.kernel @p(%a: tensor<12x9xf32>, %w: tensor<12x40xf32>, %r: tensor<5x9x8xf32>) -> tensor<5x9x8xf32>
      attributes {symbols = [], )" SCHEDULE R"(} {
    %0 = heddle.relu %a : (tensor<12x9xf32>) -> tensor<12x9xf32> loc("/Relu")
    %1 = heddle.matmul %0, %w transpose_a : (tensor<12x9xf32>, tensor<12x40xf32>) -> tensor<9x40xf32> loc("/MatMul")
    %2 = heddle.reshape %1 : (tensor<9x40xf32>) -> tensor<9x5x8xf32> loc("/Reshape")
    %3 = heddle.transpose %2 perm [1, 0, 2] : (tensor<9x5x8xf32>) -> tensor<5x9x8xf32> loc("/Transpose")
    %4 = heddle.add %3, %r : (tensor<5x9x8xf32>, tensor<5x9x8xf32>) -> tensor<5x9x8xf32> loc("/Add")
    heddle.return %4 : tensor<5x9x8xf32>
  })"))
    GTEST_SKIP();
  EXPECT_NE(kernel.source.find("heddle::multiplyTiles"), std::string::npos) << kernel.source;
  std::vector<float> a = wave(108, 0.3f), w = wave(480, 0.7f), r = wave(360, 0.2f);
  SimAddress out = bench.allocate<float>("out", 360);
  launch({bench.upload("a", a), bench.upload("w", w), bench.upload("r", r), out});
  expectNear(out, 360, [&](size_t i) {
    size_t head = i / 72, row = i / 8 % 9, col = head * 8 + i % 8;
    double sum = r[i];
    for (size_t k = 0; k < 12; ++k)
      sum += std::max(0.0, double(a[k * 9 + row])) * w[k * 40 + col];
    return sum;
  });
}

// An epilogue that mixes elements cannot run on tiles: the general form computes it all the same.
TEST_P(GemmTest, ReducingEpilogueFallsBack) {
  if (!emit(R"(heddle.kernel @f(%a: tensor<6x4xf32>, %w: tensor<4x5xf32>) -> tensor<6xf32>
      attributes {symbols = [], )" SCHEDULE R"(} {
    %0 = heddle.matmul %a, %w : (tensor<6x4xf32>, tensor<4x5xf32>) -> tensor<6x5xf32>
    %1 = heddle.reduce add %0 axes [1] : (tensor<6x5xf32>) -> tensor<6xf32>
    heddle.return %1 : tensor<6xf32>
  })"))
    GTEST_SKIP();
  std::vector<float> a = wave(24, 0.3f), w = wave(20, 0.7f);
  SimAddress out = bench.allocate<float>("out", 6);
  launch({bench.upload("a", a), bench.upload("w", w), out});
  expectNear(out, 6, [&](size_t i) {
    double sum = 0;
    for (size_t j = 0; j < 5; ++j)
      for (size_t k = 0; k < 4; ++k)
        sum += double(a[i * 4 + k]) * w[k * 5 + j];
    return sum;
  });
}

} // namespace
} // namespace heddle
