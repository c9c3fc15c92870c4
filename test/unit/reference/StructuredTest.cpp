// Computing and movement ops against plain loops.
#include "test/unit/reference/EvaluateText.h"
#include <cmath>
#include <gtest/gtest.h>

using namespace heddle;
using namespace heddle::test;

static void expectNear(const TensorValue &got, const std::vector<double> &expected, double tolerance = 2e-6) {
  std::vector<float> results = got.as<float>();
  ASSERT_EQ(results.size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i)
    EXPECT_NEAR(results[i], expected[i], tolerance * std::max(1.0, std::fabs(expected[i]))) << "element " << i;
}

// 1300 columns take two strips.
TEST(Structured, MatmulMatchesLoops) {
  TensorValue a = randomFloats({2, 3, 5}, 1), b = randomFloats({5, 1300}, 2);
  std::vector<float> x = a.as<float>(), w = b.as<float>();
  std::vector<double> expected;
  for (int row = 0; row < 6; ++row)
    for (int column = 0; column < 1300; ++column) {
      double sum = 0;
      for (int k = 0; k < 5; ++k)
        sum += double(x[row * 5 + k]) * w[k * 1300 + column];
      expected.push_back(sum);
    }
  expectNear(evaluateOp("heddle.matmul %a, %b", {a, b}, "tensor<2x3x1300xf32>"), expected);
}

// The index map of a grouped convolution divides, so it is not linear.
TEST(Structured, GroupedConvolutionMatchesLoops) {
  TensorValue x = randomFloats({1, 4, 5, 5}, 3), w = randomFloats({6, 2, 3, 3}, 4);
  std::vector<float> image = x.as<float>(), weight = w.as<float>();
  std::vector<double> expected;
  for (int o = 0; o < 6; ++o)
    for (int row = 0; row < 3; ++row)
      for (int column = 0; column < 3; ++column) {
        double sum = 0;
        for (int tap = 0; tap < 18; ++tap) {
          int c = tap / 9, i = row * 2 + tap / 3 % 3 - 1, j = column * 2 + tap % 3 - 1;
          if (i >= 0 && i < 5 && j >= 0 && j < 5)
            sum += double(image[((o / 3 * 2 + c) * 5 + i) * 5 + j]) * weight[o * 18 + tap];
        }
        expected.push_back(sum);
      }
  expectNear(evaluateOp("heddle.conv %a, %b strides [2, 2] pads [1, 1, 1, 1] dilations [1, 1] groups 2 layout nchw",
                        {x, w}, "tensor<1x6x3x3xf32>"),
             expected);
}

TEST(Structured, MaxPoolIgnoresPadding) {
  TensorValue x = tensorOf<float>(DType::F32, {1, 1, 2, 2}, {-4, -3, -2, -1});
  TensorValue got = evaluateOp("heddle.pool max %a window [2, 2] strides [1, 1] pads [1, 1, 0, 0] dilations [1, 1]",
                               {x}, "tensor<1x1x2x2xf32>");
  EXPECT_EQ(got.as<float>(), (std::vector<float>{-4, -3, -2, -1}));
}

TEST(Structured, SoftmaxMatchesLoops) {
  TensorValue x = randomFloats({3, 7}, 5);
  std::vector<float> values = x.as<float>();
  std::vector<double> expected, logs;
  for (int row = 0; row < 3; ++row) {
    double sum = 0;
    for (int i = 0; i < 7; ++i)
      sum += std::exp(double(values[row * 7 + i]));
    for (int i = 0; i < 7; ++i) {
      expected.push_back(std::exp(double(values[row * 7 + i])) / sum);
      logs.push_back(values[row * 7 + i] - std::log(sum));
    }
  }
  expectNear(evaluateOp("heddle.softmax %a axis 1", {x}, "tensor<3x7xf32>"), expected);
  expectNear(evaluateOp("heddle.softmax %a axis 1 log", {x}, "tensor<3x7xf32>"), logs);
}

// The last row is masked as a whole: its weights are NaN, and count as 0.
TEST(Structured, AttentionMatchesLoops) {
  constexpr int rows = 3, keys = 5, depth = 4, columns = 2;
  const float none = -std::numeric_limits<float>::infinity();
  TensorValue q = randomFloats({rows, depth}, 10), k = randomFloats({keys, depth}, 11),
              v = randomFloats({keys, columns}, 12);
  TensorValue mask =
      tensorOf<float>(DType::F32, {rows, keys}, {0, 0, 0, 0, 0, 0, 1, none, 0, none, none, none, none, none, none});
  std::vector<float> qs = q.as<float>(), ks = k.as<float>(), vs = v.as<float>(), ms = mask.as<float>();
  std::vector<double> expected(rows * columns, 0.0);
  for (int row = 0; row + 1 < rows; ++row) {
    std::vector<double> weights(keys);
    double sum = 0;
    for (int key = 0; key < keys; ++key) {
      double score = ms[row * keys + key];
      for (int i = 0; i < depth; ++i)
        score += 0.5 * qs[row * depth + i] * ks[key * depth + i];
      sum += weights[key] = std::exp(score);
    }
    for (int key = 0; key < keys; ++key)
      for (int column = 0; column < columns; ++column)
        expected[row * columns + column] += weights[key] / sum * vs[key * columns + column];
  }
  expectNear(
      evaluateOp("heddle.attention %a, %b, %c mask %d scale 0.5 nan_is_zero", {q, k, v, mask}, "tensor<3x2xf32>"),
      expected);
}

TEST(Structured, LayerNormMatchesLoops) {
  TensorValue x = randomFloats({4, 9}, 6), scale = randomFloats({9}, 7), bias = randomFloats({9}, 8);
  std::vector<float> v = x.as<float>(), g = scale.as<float>(), b = bias.as<float>();
  std::vector<double> expected;
  for (int row = 0; row < 4; ++row) {
    double mean = 0, variance = 0;
    for (int i = 0; i < 9; ++i)
      mean += v[row * 9 + i] / 9.0;
    for (int i = 0; i < 9; ++i)
      variance += (v[row * 9 + i] - mean) * (v[row * 9 + i] - mean) / 9.0;
    for (int i = 0; i < 9; ++i)
      expected.push_back((v[row * 9 + i] - mean) / std::sqrt(variance + 1e-5) * g[i] + b[i]);
  }
  expectNear(evaluateOp("heddle.layer_norm %a, %b, %c axis 1 epsilon 1.0e-05", {x, scale, bias}, "tensor<4x9xf32>"),
             expected, 1e-5);
}

// 5000 elements to one result: strips along the reduction. The order of f32 additions is part of the meaning.
TEST(Structured, LongReductionAddsInAscendingOrder) {
  TensorValue x = randomFloats({5000}, 9);
  float sum = 0;
  for (float value : x.as<float>())
    sum += value;
  EXPECT_EQ(evaluateOp("heddle.reduce add %a axes [0]", {x}, "tensor<f32>").as<float>(), std::vector<float>{sum});
}

// The same order where the strips run along the results.
TEST(Structured, WideReductionAddsInAscendingOrder) {
  TensorValue x = randomFloats({40, 50}, 10);
  std::vector<float> values = x.as<float>(), sums(50, 0.0f);
  for (int row = 0; row < 40; ++row)
    for (int column = 0; column < 50; ++column)
      sums[column] += values[row * 50 + column];
  EXPECT_EQ(evaluateOp("heddle.reduce add %a axes [0]", {x}, "tensor<50xf32>").as<float>(), sums);
}

TEST(Structured, EmptyReductionGivesTheNeutralElement) {
  TensorValue x = tensorOf<float>(DType::F32, {2, 0}, {});
  EXPECT_EQ(evaluateOp("heddle.reduce add %a axes [1]", {x}, "tensor<2xf32>").as<float>(), (std::vector<float>{0, 0}));
  EXPECT_EQ(evaluateOp("heddle.reduce mul %a axes [1]", {x}, "tensor<2xf32>").as<float>(), (std::vector<float>{1, 1}));
  EXPECT_EQ(evaluateOp("heddle.reduce max %a axes [1]", {x}, "tensor<2xf32>").as<float>(),
            (std::vector<float>{-INFINITY, -INFINITY}));
}

TEST(Structured, UnsignedMinimumIsUnsigned) {
  TensorValue x = tensorOf<uint8_t>(DType::U8, {3}, {200, 100, 150});
  EXPECT_EQ(evaluateOp("heddle.reduce min %a axes [0]", {x}, "tensor<ui8>").as<uint8_t>(), std::vector<uint8_t>{100});
}

TEST(Structured, ArgReduceBreaksTiesByPositionAndPrefersNaN) {
  TensorValue x = tensorOf<float>(DType::F32, {3, 4}, {1, 5, 5, 0, 2, NAN, 9, NAN, -1, -3, -2, -3});
  EXPECT_EQ(evaluateOp("heddle.arg_reduce max %a axis 1", {x}, "tensor<3xi64>").as<int64_t>(),
            (std::vector<int64_t>{1, 1, 0}));
  EXPECT_EQ(evaluateOp("heddle.arg_reduce max %a axis 1 last", {x}, "tensor<3xi64>").as<int64_t>(),
            (std::vector<int64_t>{2, 3, 0}));
  EXPECT_EQ(evaluateOp("heddle.arg_reduce min %a axis 1", {x}, "tensor<3xi64>").as<int64_t>(),
            (std::vector<int64_t>{3, 1, 1}));
}

TEST(Structured, GatherCountsNegativeIndicesFromTheEnd) {
  TensorValue x = tensorOf<float>(DType::F32, {3, 2}, {1, 2, 3, 4, 5, 6}),
              at = tensorOf<int64_t>(DType::I64, {2}, {-1, 0});
  EXPECT_EQ(evaluateOp("heddle.gather %a, %b axis 0", {x, at}, "tensor<2x2xf32>").as<float>(),
            (std::vector<float>{5, 6, 1, 2}));
  EXPECT_EQ(evaluateOp("heddle.gather %a, %b axis 1", {x, at}, "tensor<3x2xf32>").as<float>(),
            (std::vector<float>{2, 1, 4, 3, 6, 5}));
}

TEST(Structured, GatherOutOfBoundsNamesIndexAndSize) {
  const char *text = R"(func.func @f(%x: tensor<3xf32>, %i: tensor<2xi64>) -> tensor<2xf32> {
    %y = heddle.gather %x, %i axis 0 : (tensor<3xf32>, tensor<2xi64>) -> tensor<2xf32>
    return %y : tensor<2xf32>
  })";
  auto result = evaluateText(text, {randomFloats({3}, 1), tensorOf<int64_t>(DType::I64, {2}, {0, 3})});
  ASSERT_FALSE(result.isOk());
  EXPECT_EQ(result.status().code(), Code::Malformed);
  EXPECT_NE(result.status().message().find("index 3 is out of bounds for dimension 0 of size 3"), std::string::npos)
      << result.status().message();
}

TEST(Structured, MovementOps) {
  TensorValue x = tensorOf<int32_t>(DType::I32, {2, 3}, {1, 2, 3, 4, 5, 6}),
              fill = tensorOf<int32_t>(DType::I32, {}, {9});
  using Ints = std::vector<int32_t>;
  EXPECT_EQ(evaluateOp("heddle.transpose %a perm [1, 0]", {x}, "tensor<3x2xi32>").as<int32_t>(),
            (Ints{1, 4, 2, 5, 3, 6}));
  EXPECT_EQ(evaluateOp("heddle.slice %a starts <[\"1\", \"2\"]> steps <[\"-1\", \"-2\"]>", {x}, "tensor<2x2xi32>")
                .as<int32_t>(),
            (Ints{6, 4, 3, 1}));
  EXPECT_EQ(evaluateOp("heddle.concat %a, %b axis 1", {x, x}, "tensor<2x6xi32>").as<int32_t>(),
            (Ints{1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6}));
  EXPECT_EQ(
      evaluateOp("heddle.pad %a, %b low <[\"0\", \"1\"]> mode constant", {x, fill}, "tensor<2x5xi32>").as<int32_t>(),
      (Ints{9, 1, 2, 3, 9, 9, 4, 5, 6, 9}));
  EXPECT_EQ(
      evaluateOp("heddle.pad %a, %b low <[\"0\", \"2\"]> mode reflect", {x, fill}, "tensor<2x6xi32>").as<int32_t>(),
      (Ints{3, 2, 1, 2, 3, 2, 6, 5, 4, 5, 6, 5}));
  EXPECT_EQ(evaluateOp("heddle.broadcast %a", {fill}, "tensor<2x2xi32>").as<int32_t>(), (Ints{9, 9, 9, 9}));
}

TEST(Structured, SymbolsOfArgumentsGiveSizes) {
  const char *text = R"(func.func @f(%x: tensor<?x2xf32, #heddle.dims<["n", "2"]>>) -> tensor<2xi64> {
    %y = heddle.sizes <["n", "2 * n"]> : tensor<2xi64>
    return %y : tensor<2xi64>
  })";
  auto result = evaluateText(text, {randomFloats({5, 2}, 1)});
  ASSERT_TRUE(result.isOk()) << result.status().message();
  EXPECT_EQ(result->front().as<int64_t>(), (std::vector<int64_t>{5, 10}));
}

// A function that the registry does not have must fail, never guess.
TEST(Structured, UnknownHostFunctionsAreRefused) {
  const char *text = R"(func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {
    %y = heddle.host_call "identity" version 99 attrs {} defines [] (%x) : (tensor<4xf32>) -> tensor<4xf32>
    return %y : tensor<4xf32>
  })";
  auto result = evaluateText(text, {randomFloats({4}, 1)});
  ASSERT_FALSE(result.isOk());
  EXPECT_EQ(result.status().code(), Code::Unsupported);
}
