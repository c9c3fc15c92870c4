// Channels-last convolutions and pooling on the CPU against a naive reference, between guard pages: tails of tiles and
// panels, borders, groups, strides, dilations, free sizes.
#include "ir/Schedule.h"
#include "test/unit/codegen/KernelRunner.h"
#include <cmath>
#include <gtest/gtest.h>
#include <random>

using namespace heddle;
using namespace heddle::test;

namespace {

std::vector<float> randomFloats(int64_t count, uint32_t seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> distribution(-1, 1);
  std::vector<float> values(static_cast<size_t>(count));
  for (float &value : values)
    value = distribution(random);
  return values;
}

/// Two spatial dimensions; the lists are height, width (pads: top, left, bottom, right).
struct WindowCase {
  const char *name;
  int64_t images, height, width, channels, outputs, groups;
  int64_t window[2], strides[2], pads[4], dilations[2];

  int64_t outputSize(int dim) const {
    int64_t size = dim == 0 ? height : width, covered = (window[dim] - 1) * dilations[dim] + 1;
    return (size + pads[dim] + pads[dim + 2] - covered) / strides[dim] + 1;
  }
  int64_t pixels() const { return images * outputSize(0) * outputSize(1); }
};

std::string listOf(const int64_t *values, int count) {
  std::string text = "[";
  for (int i = 0; i < count; ++i)
    text += (i ? ", " : "") + std::to_string(values[i]);
  return text + "]";
}

std::string imageType(const std::vector<std::string> &sizes) {
  std::string dims, names;
  bool isFree = false;
  for (const std::string &size : sizes) {
    bool isLiteral = size.find_first_not_of("0123456789") == std::string::npos;
    isFree |= !isLiteral;
    dims += (isLiteral ? size : "?") + "x";
    names += (names.empty() ? "\"" : ", \"") + size + "\"";
  }
  return "tensor<" + dims + "f32" + (isFree ? ", #heddle.dims<[" + names + "]>>" : ">");
}

std::string sizeText(const std::string &symbol, const WindowCase &test, int dim) {
  int64_t covered = (test.window[dim] - 1) * test.dilations[dim] + 1;
  int64_t least = test.pads[dim] + test.pads[dim + 2] - covered;
  Expr count = floorDiv(Expr::symbol(symbol) + least, test.strides[dim]) + 1;
  return (least + test.strides[dim] >= 0 ? count : max(count, 0)).str();
}

std::string inputType(const WindowCase &test, bool isFree) {
  if (isFree)
    return imageType({"n", "h", "w", std::to_string(test.channels)});
  return imageType({std::to_string(test.images), std::to_string(test.height), std::to_string(test.width),
                    std::to_string(test.channels)});
}

std::string outputType(const WindowCase &test, bool isFree) {
  if (isFree)
    return imageType({"n", sizeText("h", test, 0), sizeText("w", test, 1), std::to_string(test.outputs)});
  return imageType({std::to_string(test.images), std::to_string(test.outputSize(0)), std::to_string(test.outputSize(1)),
                    std::to_string(test.outputs)});
}

/// [O, C / groups, window] as panels of `nr` columns.
std::vector<float> pack(const std::vector<float> &filters, const WindowCase &test, int64_t nr) {
  int64_t channels = test.channels / test.groups, positions = test.window[0] * test.window[1];
  int64_t panels = (test.outputs + nr - 1) / nr, rows = positions * channels;
  std::vector<float> packed(size_t(panels * rows * nr), 0.0f);
  for (int64_t output = 0; output < test.outputs; ++output)
    for (int64_t channel = 0; channel < channels; ++channel)
      for (int64_t position = 0; position < positions; ++position)
        packed[size_t(((output / nr) * rows + position * channels + channel) * nr + output % nr)] =
            filters[size_t((output * channels + channel) * positions + position)];
  return packed;
}

/// Calls `visit(output index, input index, position)` for all elements inside the image of each pixel's window.
template <typename Visit> void forWindow(const WindowCase &test, int64_t pixel, Visit visit) {
  int64_t width = test.outputSize(1), height = test.outputSize(0);
  int64_t x = pixel % width, y = pixel / width % height, image = pixel / width / height;
  for (int64_t ky = 0; ky < test.window[0]; ++ky)
    for (int64_t kx = 0; kx < test.window[1]; ++kx) {
      int64_t iy = y * test.strides[0] + ky * test.dilations[0] - test.pads[0];
      int64_t ix = x * test.strides[1] + kx * test.dilations[1] - test.pads[1];
      if (iy >= 0 && iy < test.height && ix >= 0 && ix < test.width)
        visit((image * test.height + iy) * test.width + ix, ky * test.window[1] + kx);
    }
}

/// relu(conv + bias + residual), in double.
std::vector<double> convolved(const WindowCase &test, const std::vector<float> &x, const std::vector<float> &filters,
                              const std::vector<float> &bias, const std::vector<float> &residual) {
  int64_t perGroup = test.channels / test.groups, positions = test.window[0] * test.window[1];
  std::vector<double> result;
  for (int64_t pixel = 0; pixel < test.pixels(); ++pixel)
    for (int64_t output = 0; output < test.outputs; ++output) {
      int64_t first = output / (test.outputs / test.groups) * perGroup;
      double sum = bias[size_t(output)] + residual[size_t(pixel * test.outputs + output)];
      forWindow(test, pixel, [&](int64_t input, int64_t position) {
        for (int64_t channel = 0; channel < perGroup; ++channel)
          sum += double(x[size_t(input * test.channels + first + channel)]) *
                 filters[size_t((output * perGroup + channel) * positions + position)];
      });
      result.push_back(std::max(sum, 0.0));
    }
  return result;
}

std::string convText(const WindowCase &test, int64_t nr, bool isFree) {
  int64_t rows = test.window[0] * test.window[1] * test.channels / test.groups;
  std::string x = inputType(test, isFree), y = outputType(test, isFree),
              bias = imageType({std::to_string(test.outputs)});
  std::string w = imageType({std::to_string((test.outputs + nr - 1) / nr), std::to_string(rows), std::to_string(nr)});
  return "heddle.kernel @conv(%x: " + x + ", %w: " + w + ", %b: " + bias + ", %r: " + y + ") -> " + y +
         " attributes {symbols = [" + (isFree ? "\"n\", \"h\", \"w\"" : "") + "]} {\n%0 = heddle.conv %x, %w strides " +
         listOf(test.strides, 2) + " pads " + listOf(test.pads, 4) + " dilations " + listOf(test.dilations, 2) +
         " groups " + std::to_string(test.groups) + " layout nhwc packed_nr " + std::to_string(nr) + " window " +
         listOf(test.window, 2) + " outputs " + std::to_string(test.outputs) + " : (" + x + ", " + w + ") -> " + y +
         "\n%1 = heddle.add %0, %b : (" + y + ", " + bias + ") -> " + y + "\n%2 = heddle.add %1, %r : (" + y + ", " +
         y + ") -> " + y + "\n%3 = heddle.relu %2 : (" + y + ") -> " + y + "\nheddle.return %3 : " + y + "\n}";
}

std::string poolText(const WindowCase &test, const std::string &kind, bool isFree) {
  std::string x = inputType(test, isFree), y = outputType(test, isFree);
  return "heddle.kernel @pool(%x: " + x + ") -> " + y + " attributes {symbols = [" +
         (isFree ? "\"n\", \"h\", \"w\"" : "") + "]} {\n%0 = heddle.pool " + kind + " %x window " +
         listOf(test.window, 2) + " strides " + listOf(test.strides, 2) + " pads " + listOf(test.pads, 4) +
         " dilations " + listOf(test.dilations, 2) + " layout nhwc : (" + x + ") -> " + y +
         "\nheddle.return %0 : " + y + "\n}";
}

SymbolValues symbolsOf(const WindowCase &test) { return {{"n", test.images}, {"h", test.height}, {"w", test.width}}; }

class CpuWindow : public testing::TestWithParam<std::string> {
protected:
  void SetUp() override {
    if (GetParam() == "x86-64-v4" && LoadedKernel::hostLevel() == "x86-64-v3")
      GTEST_SKIP() << "this machine has no AVX-512";
  }

  void expectConvolution(const WindowCase &test, bool isFree) {
    SCOPED_TRACE(std::string(test.name) + (isFree ? ", free sizes" : ""));
    int64_t channels = test.channels / test.groups, vectorBytes = GetParam() == "x86-64-v4" ? 64 : 32;
    int64_t nr = filterPanel(test.outputs, test.groups, channels, vectorBytes);
    ASSERT_GT(nr, 0);
    LoadedKernel kernel = LoadedKernel::compile(convText(test, nr, isFree), GetParam());
    std::vector<float> x = randomFloats(test.images * test.height * test.width * test.channels, 1);
    std::vector<float> filters = randomFloats(test.outputs * channels * test.window[0] * test.window[1], 2);
    std::vector<float> bias = randomFloats(test.outputs, 3), residual = randomFloats(test.pixels() * test.outputs, 4);
    std::vector<double> expected = convolved(test, x, filters, bias, residual);
    std::vector<Bytes> inputs = {Bytes::of(x), Bytes::of(pack(filters, test, nr)), Bytes::of(bias),
                                 Bytes::of(residual)};
    SymbolValues symbols = isFree ? symbolsOf(test) : SymbolValues();
    std::vector<float> got = kernel.run(inputs, symbols, 3)[0].as<float>();
    ASSERT_EQ(got.size(), expected.size());
    for (size_t i = 0; i < got.size(); ++i)
      ASSERT_NEAR(got[i], expected[i], 2e-5 * (1 + std::abs(expected[i]))) << "element " << i;
    // How tasks are dealt out never changes a bit.
    EXPECT_EQ(kernel.run(inputs, symbols, 1)[0].as<float>(), got);
  }
};
INSTANTIATE_TEST_SUITE_P(Levels, CpuWindow, testing::Values("x86-64-v3", "x86-64-v4"),
                         [](const auto &info) { return info.param == "x86-64-v3" ? "v3" : "v4"; });

constexpr WindowCase convolutions[] = {
    {"3x3 with a border", 1, 9, 11, 8, 32, 1, {3, 3}, {1, 1}, {1, 1, 1, 1}, {1, 1}},
    {"two images, stride 2, tail of outputs", 2, 10, 7, 5, 21, 1, {3, 3}, {2, 2}, {1, 1, 1, 1}, {1, 1}},
    {"7x7 of few channels", 1, 17, 15, 3, 16, 1, {7, 7}, {2, 2}, {3, 3, 3, 3}, {1, 1}},
    {"pointwise", 2, 5, 5, 19, 48, 1, {1, 1}, {1, 1}, {0, 0, 0, 0}, {1, 1}},
    {"one pixel", 1, 1, 1, 33, 40, 1, {1, 1}, {1, 1}, {0, 0, 0, 0}, {1, 1}},
    {"one output", 1, 4, 6, 7, 1, 1, {3, 3}, {1, 1}, {1, 1, 1, 1}, {1, 1}},
    {"dilated, pads larger than the image", 1, 4, 5, 6, 17, 1, {3, 3}, {1, 1}, {4, 4, 4, 4}, {4, 4}},
    {"window of unequal sides without padding", 1, 6, 20, 4, 16, 1, {1, 5}, {1, 3}, {0, 0, 0, 0}, {1, 1}},
    {"pads at the end only", 1, 8, 8, 4, 16, 1, {3, 3}, {2, 2}, {0, 0, 1, 1}, {1, 1}},
    {"two groups", 1, 6, 7, 10, 64, 2, {3, 3}, {1, 1}, {1, 1, 1, 1}, {1, 1}},
    {"depthwise", 1, 9, 10, 32, 32, 32, {3, 3}, {1, 1}, {1, 1, 1, 1}, {1, 1}},
    {"depthwise with a tail and stride 2", 2, 9, 10, 21, 21, 21, {5, 5}, {2, 2}, {2, 2, 2, 2}, {1, 1}},
    {"depthwise, dilated, without padding", 1, 12, 9, 7, 7, 7, {3, 2}, {1, 1}, {0, 0, 0, 0}, {2, 3}},
};

TEST_P(CpuWindow, ConvolutionsOfKnownSizes) {
  for (const WindowCase &test : convolutions)
    expectConvolution(test, /*isFree=*/false);
}

// Sizes that only a run knows are the normal case.
TEST_P(CpuWindow, ConvolutionsOfFreeSizes) {
  for (const WindowCase &test : convolutions)
    expectConvolution(test, /*isFree=*/true);
}

constexpr WindowCase poolings[] = {
    {"3x3 with a border", 2, 9, 8, 32, 32, 1, {3, 3}, {2, 2}, {1, 1, 1, 1}, {1, 1}},
    {"2x2 with a tail of channels", 1, 6, 7, 19, 19, 1, {2, 2}, {2, 2}, {0, 0, 0, 0}, {1, 1}},
    {"one channel, dilated", 1, 7, 7, 1, 1, 1, {3, 3}, {1, 1}, {2, 2, 2, 2}, {2, 2}},
};

TEST_P(CpuWindow, Pooling) {
  for (const WindowCase &test : poolings)
    for (bool isMax : {true, false})
      for (bool isFree : {true, false}) {
        SCOPED_TRACE(std::string(test.name) + (isMax ? ", max" : ", add") + (isFree ? ", free sizes" : ""));
        LoadedKernel kernel = LoadedKernel::compile(poolText(test, isMax ? "max" : "add", isFree), GetParam());
        std::vector<float> x = randomFloats(test.images * test.height * test.width * test.channels, 5);
        std::vector<float> got =
            kernel.run({Bytes::of(x)}, isFree ? symbolsOf(test) : SymbolValues(), 2)[0].as<float>();
        ASSERT_EQ(got.size(), size_t(test.pixels() * test.channels));
        for (size_t i = 0; i < got.size(); ++i) {
          double expected = isMax ? -INFINITY : 0;
          forWindow(test, int64_t(i) / test.channels, [&](int64_t input, int64_t) {
            double element = x[size_t(input * test.channels + int64_t(i) % test.channels)];
            expected = isMax ? std::max(expected, element) : expected + element;
          });
          ASSERT_NEAR(got[i], expected, 1e-5) << "element " << i;
        }
      }
}

// What is padded never wins, but a NaN in the image does.
TEST_P(CpuWindow, MaximumOfNaNIsNaN) {
  WindowCase test = {"", 1, 4, 4, 16, 16, 1, {3, 3}, {1, 1}, {1, 1, 1, 1}, {1, 1}};
  LoadedKernel kernel = LoadedKernel::compile(poolText(test, "max", false), GetParam());
  std::vector<float> x(4 * 4 * 16, -5.0f);
  x[0] = NAN;
  std::vector<float> got = kernel.run({Bytes::of(x)})[0].as<float>();
  EXPECT_TRUE(std::isnan(got[0]) && std::isnan(got[16]) && std::isnan(got[4 * 16]));
  EXPECT_EQ(got[1], -5.0f);
  EXPECT_EQ(got[15 * 16], -5.0f);
}

// The first layer reads the planes of a picture as they come.
TEST_P(CpuWindow, PlanesOfFewChannels) {
  WindowCase test = {"", 2, 9, 7, 3, 19, 1, {3, 3}, {2, 2}, {1, 1, 1, 1}, {1, 1}};
  int64_t nr = filterPanel(test.outputs, 1, 3, GetParam() == "x86-64-v4" ? 64 : 32);
  std::string text = convText(test, nr, false), planes = imageType({"2", "3", "9", "7"}), x = inputType(test, false);
  text.replace(text.find("%x: " + x), 4 + x.size(), "%p: " + planes);
  text.insert(text.find("%0 ="), "%x = heddle.transpose %p perm [0, 2, 3, 1] : (" + planes + ") -> " + x + "\n");
  LoadedKernel kernel = LoadedKernel::compile(text, GetParam());
  std::vector<float> image = randomFloats(2 * 9 * 7 * 3, 1), filters = randomFloats(19 * 3 * 9, 2);
  std::vector<float> bias = randomFloats(19, 3), residual = randomFloats(test.pixels() * 19, 4), first(image.size());
  for (size_t i = 0; i < image.size(); ++i) // [image, pixel, channel] -> [image, channel, pixel]
    first[i / 189 * 189 + i % 3 * 63 + i % 189 / 3] = image[i];
  std::vector<double> expected = convolved(test, image, filters, bias, residual);
  std::vector<float> got =
      kernel.run({Bytes::of(first), Bytes::of(pack(filters, test, nr)), Bytes::of(bias), Bytes::of(residual)}, {}, 2)[0]
          .as<float>();
  ASSERT_EQ(got.size(), expected.size());
  for (size_t i = 0; i < got.size(); ++i)
    ASSERT_NEAR(got[i], expected[i], 2e-5 * (1 + std::abs(expected[i]))) << "element " << i;
}

// An epilogue may hold every kind of activation: mobile networks have x * sigmoid(x) behind most convolutions.
TEST_P(CpuWindow, EpilogueWithTwoUsesOfTheSum) {
  LoadedKernel kernel = LoadedKernel::compile(
      R"(heddle.kernel @silu(%x: tensor<1x3x3x8xf32>, %w: tensor<1x8x16xf32>) -> tensor<1x3x3x16xf32> attributes {symbols = []} {
  %0 = heddle.conv %x, %w strides [1, 1] pads [0, 0, 0, 0] dilations [1, 1] groups 1 layout nhwc packed_nr 16 window [1, 1] outputs 16
    : (tensor<1x3x3x8xf32>, tensor<1x8x16xf32>) -> tensor<1x3x3x16xf32>
  %1 = heddle.sigmoid %0 : (tensor<1x3x3x16xf32>) -> tensor<1x3x3x16xf32>
  %2 = heddle.mul %0, %1 : (tensor<1x3x3x16xf32>, tensor<1x3x3x16xf32>) -> tensor<1x3x3x16xf32>
  heddle.return %2 : tensor<1x3x3x16xf32>
})",
      GetParam());
  std::vector<float> x = randomFloats(9 * 8, 6), w = randomFloats(8 * 16, 7);
  std::vector<float> got = kernel.run({Bytes::of(x), Bytes::of(w)})[0].as<float>();
  for (size_t i = 0; i < got.size(); ++i) {
    double sum = 0;
    for (size_t channel = 0; channel < 8; ++channel)
      sum += double(x[i / 16 * 8 + channel]) * w[channel * 16 + i % 16];
    ASSERT_NEAR(got[i], sum / (1 + std::exp(-sum)), 1e-5) << "element " << i;
  }
}

} // namespace
