// Values that tests of kernels draw and compare.
#ifndef HEDDLE_TEST_UNIT_CODEGEN_KERNELVALUES_H
#define HEDDLE_TEST_UNIT_CODEGEN_KERNELVALUES_H

#include <cmath>
#include <gtest/gtest.h>
#include <random>
#include <string>
#include <vector>

namespace heddle::test {

/// Uniform in [low, high).
inline std::vector<float> randomFloats(size_t count, uint32_t seed, float low = -2, float high = 2) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> distribution(low, high);
  std::vector<float> values(count);
  for (float &value : values)
    value = distribution(random);
  return values;
}

/// Like `printf` for kernel text: replaces each `$NAME` of the pairs.
inline std::string fill(std::string text, const std::vector<std::pair<std::string, std::string>> &pairs) {
  for (const auto &[name, value] : pairs)
    for (size_t at; (at = text.find("$" + name)) != std::string::npos;)
      text.replace(at, name.size() + 1, value);
  return text;
}

/// Rows of `g.size()` elements, normalized with epsilon 1e-5, times `g` plus `b`.
inline std::vector<double> layerNormOf(const std::vector<double> &x, const std::vector<float> &g,
                                       const std::vector<float> &b) {
  std::vector<double> result(x.size());
  const size_t columns = g.size();
  for (size_t row = 0; row < x.size(); row += columns) {
    double mean = 0, variance = 0;
    for (size_t c = 0; c < columns; ++c)
      mean += x[row + c] / double(columns);
    for (size_t c = 0; c < columns; ++c)
      variance += (x[row + c] - mean) * (x[row + c] - mean) / double(columns);
    for (size_t c = 0; c < columns; ++c)
      result[row + c] = (x[row + c] - mean) / std::sqrt(variance + 1e-5) * g[c] + b[c];
  }
  return result;
}

/// Compares relative to 1 + |expected|.
inline void expectClose(const std::vector<float> &got, const std::vector<double> &expected, double tolerance = 1e-5) {
  ASSERT_EQ(got.size(), expected.size());
  for (size_t i = 0; i < got.size(); ++i)
    ASSERT_NEAR(got[i], expected[i], tolerance * (1 + std::abs(expected[i]))) << "element " << i;
}

} // namespace heddle::test

#endif // HEDDLE_TEST_UNIT_CODEGEN_KERNELVALUES_H
