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

/// Compares relative to 1 + |expected|.
inline void expectClose(const std::vector<float> &got, const std::vector<double> &expected, double tolerance = 1e-5) {
  ASSERT_EQ(got.size(), expected.size());
  for (size_t i = 0; i < got.size(); ++i)
    ASSERT_NEAR(got[i], expected[i], tolerance * (1 + std::abs(expected[i]))) << "element " << i;
}

} // namespace heddle::test

#endif // HEDDLE_TEST_UNIT_CODEGEN_KERNELVALUES_H
