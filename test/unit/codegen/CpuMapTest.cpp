// Elementwise, moving and reducing CPU kernels against naive references, on buffers that end at a guard page.
#include "test/unit/codegen/KernelRunner.h"
#include <cmath>
#include <gtest/gtest.h>
#include <random>

using namespace heddle;
using namespace heddle::test;

namespace {

constexpr const char *elementwise = "schedule = #heddle.elementwise<vector = 16, threads = 256, per_thread = 1>";

std::vector<float> randomFloats(size_t count, uint32_t seed, float low = -2, float high = 2) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> distribution(low, high);
  std::vector<float> values(count);
  for (float &value : values)
    value = distribution(random);
  return values;
}

/// Like `printf` for kernel text: replaces each `$NAME` of the pairs.
std::string fill(std::string text, const std::vector<std::pair<std::string, std::string>> &pairs) {
  for (const auto &[name, value] : pairs)
    for (size_t at; (at = text.find("$" + name)) != std::string::npos;)
      text.replace(at, name.size() + 1, value);
  return text;
}

void expectClose(const std::vector<float> &got, const std::vector<double> &expected, double tolerance = 1e-5) {
  ASSERT_EQ(got.size(), expected.size());
  for (size_t i = 0; i < got.size(); ++i)
    ASSERT_NEAR(got[i], expected[i], tolerance * (1 + std::abs(expected[i]))) << "element " << i;
}

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

} // namespace
