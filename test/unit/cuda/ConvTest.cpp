// Convolutions as products: windows are pulled, never stored; padding, strides, dilations, groups and epilogues.
#include "test/unit/cuda/CudaHarness.h"

namespace heddle {
namespace {

using ConvTest = CudaTest;
HEDDLE_FOR_DEVICE_ARCHITECTURES(ConvTest);

#define SCHEDULE "schedule = #heddle.gemm<mr = 0, nr = 0, bm = 16, bn = 32, bk = 16, tm = 4, tn = 4>"

/// A window over an image: what the tests compute again element by element.
struct Window {
  int64_t size, stride, dilation, pad, extent;
  /// Coordinate in the image, or -1 in the padding.
  int64_t at(size_t place, int64_t tap) const {
    int64_t coordinate = static_cast<int64_t>(place) * stride + tap * dilation - pad;
    return coordinate < 0 || coordinate >= extent ? -1 : coordinate;
  }
};

// Sizes that no tile divides, a border on two sides only, the sides treated differently.
TEST_P(ConvTest, PadsStridesAndDilations) {
  if (!emit(R"(heddle.kernel @c(%x: tensor<2x5x13x11xf32>, %w: tensor<18x5x3x2xf32>, %b: tensor<18x1x1xf32>)
      -> tensor<2x18x7x11xf32> attributes {symbols = [], )" SCHEDULE R"(} {
    %0 = heddle.conv %x, %w strides [2, 1] pads [1, 2, 1, 0] dilations [1, 2] groups 1 layout nchw
      : (tensor<2x5x13x11xf32>, tensor<18x5x3x2xf32>) -> tensor<2x18x7x11xf32> loc("/Conv")
    %1 = heddle.add %0, %b : (tensor<2x18x7x11xf32>, tensor<18x1x1xf32>) -> tensor<2x18x7x11xf32> loc("/Conv")
    %2 = heddle.relu %1 : (tensor<2x18x7x11xf32>) -> tensor<2x18x7x11xf32> loc("/Relu")
    heddle.return %2 : tensor<2x18x7x11xf32>
  })"))
    GTEST_SKIP();
  EXPECT_NE(kernel.source.find("heddle::multiplyTiles"), std::string::npos) << kernel.source;
  std::vector<float> x = wave(2 * 5 * 13 * 11, 0.3f), w = wave(18 * 5 * 6, 0.7f), b = wave(18, 0.9f);
  SimAddress out = bench.allocate<float>("out", 2 * 18 * 77);
  launch({bench.upload("x", x), bench.upload("w", w), bench.upload("b", b), out});
  Window rows{3, 2, 1, 1, 13}, cols{2, 1, 2, 2, 11};
  expectNear(out, 2 * 18 * 77, [&](size_t i) {
    size_t image = i / (18 * 77), filter = i / 77 % 18;
    double sum = b[filter];
    for (size_t channel = 0; channel < 5; ++channel)
      for (int64_t ky = 0; ky < 3; ++ky)
        for (int64_t kx = 0; kx < 2; ++kx) {
          int64_t row = rows.at(i / 11 % 7, ky), col = cols.at(i % 11, kx);
          if (row >= 0 && col >= 0)
            sum += double(x[((image * 5 + channel) * 13 + size_t(row)) * 11 + size_t(col)]) *
                   w[(filter * 5 + channel) * 6 + size_t(ky * 2 + kx)];
        }
    return std::max(sum, 0.0);
  });
}

// Each group reads its own channels and filters; the number of images is known at run time only.
TEST_P(ConvTest, GroupsAndRunTimeBatch) {
  if (!emit(R"(heddle.kernel @g(%x: tensor<?x6x9xf32, #heddle.dims<["n", "6", "9"]>>, %w: tensor<15x2x3xf32>)
      -> tensor<?x15x9xf32, #heddle.dims<["n", "15", "9"]>> attributes {symbols = ["n"], )" SCHEDULE R"(} {
    %0 = heddle.conv %x, %w strides [1] pads [1, 1] dilations [1] groups 3 layout nchw
      : (tensor<?x6x9xf32, #heddle.dims<["n", "6", "9"]>>, tensor<15x2x3xf32>)
      -> tensor<?x15x9xf32, #heddle.dims<["n", "15", "9"]>>
    heddle.return %0 : tensor<?x15x9xf32, #heddle.dims<["n", "15", "9"]>>
  })"))
    GTEST_SKIP();
  std::vector<float> x = wave(3 * 6 * 9, 0.3f), w = wave(15 * 2 * 3, 0.7f);
  SimAddress out = bench.allocate<float>("out", 3 * 15 * 9);
  launch({bench.upload("x", x), bench.upload("w", w), out}, {{"n", 3}});
  Window cols{3, 1, 1, 1, 9};
  expectNear(out, 3 * 15 * 9, [&](size_t i) {
    size_t image = i / 135, filter = i / 9 % 15;
    double sum = 0;
    for (size_t channel = 0; channel < 2; ++channel)
      for (int64_t k = 0; k < 3; ++k)
        if (int64_t col = cols.at(i % 9, k); col >= 0)
          sum += double(x[(image * 6 + filter / 5 * 2 + channel) * 9 + size_t(col)]) *
                 w[(filter * 2 + channel) * 3 + size_t(k)];
    return sum;
  });
}

} // namespace
} // namespace heddle
