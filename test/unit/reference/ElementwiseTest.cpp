// Every elementwise op on special values, against formulas in double or exact integers.
#include "test/unit/reference/EvaluateText.h"
#include <cmath>
#include <gtest/gtest.h>
#include <set>

using namespace heddle;
using namespace heddle::test;

namespace {
constexpr double infinity = std::numeric_limits<double>::infinity();
const std::vector<float> samples = {0.0f,
                                    -0.0f,
                                    1.0f,
                                    -1.0f,
                                    0.5f,
                                    -0.5f,
                                    2.5f,
                                    3.5f,
                                    -2.5f,
                                    1e-30f,
                                    0.3f,
                                    100.0f,
                                    -100.0f,
                                    3.0e7f,
                                    float(infinity),
                                    float(-infinity),
                                    NAN};

struct UnaryCase {
  const char *op; ///< Text behind "heddle.", with %a.
  std::function<double(double)> reference;
};

double softplus(double x) { return std::fmax(x, 0) + std::log1p(std::exp(-std::fabs(x))); }
double keepNaN(double x, double y) { return std::isnan(x) ? x : y; }
double clampUnit(double x) { return keepNaN(x, std::fmax(0, std::fmin(1, x))); }

const std::vector<UnaryCase> unaryCases = {
    {"abs %a", [](double x) { return std::fabs(x); }},
    {"neg %a", [](double x) { return -x; }},
    {"sign %a", [](double x) { return keepNaN(x, (x > 0) - (x < 0)); }},
    {"relu %a", [](double x) { return keepNaN(x, x > 0 ? x : 0); }},
    {"floor %a", [](double x) { return std::floor(x); }},
    {"ceil %a", [](double x) { return std::ceil(x); }},
    {"round %a", [](double x) { return std::nearbyint(x); }},
    {"sqrt %a", [](double x) { return std::sqrt(x); }},
    {"reciprocal %a", [](double x) { return 1 / x; }},
    {"exp %a", [](double x) { return std::exp(x); }},
    {"log %a", [](double x) { return std::log(x); }},
    {"sin %a", [](double x) { return std::sin(x); }},
    {"cos %a", [](double x) { return std::cos(x); }},
    {"tan %a", [](double x) { return std::tan(x); }},
    {"asin %a", [](double x) { return std::asin(x); }},
    {"acos %a", [](double x) { return std::acos(x); }},
    {"atan %a", [](double x) { return std::atan(x); }},
    {"sinh %a", [](double x) { return std::sinh(x); }},
    {"cosh %a", [](double x) { return std::cosh(x); }},
    {"tanh %a", [](double x) { return std::tanh(x); }},
    {"asinh %a", [](double x) { return std::asinh(x); }},
    {"acosh %a", [](double x) { return std::acosh(x); }},
    {"atanh %a", [](double x) { return std::atanh(x); }},
    {"erf %a", [](double x) { return std::erf(x); }},
    {"sigmoid %a", [](double x) { return 1 / (1 + std::exp(-x)); }},
    {"swish %a {alpha = 2.0 : f64}", [](double x) { return x / (1 + std::exp(-2 * x)); }},
    {"softplus %a", softplus},
    {"softsign %a", [](double x) { return x / (1 + std::fabs(x)); }},
    {"mish %a", [](double x) { return x * std::tanh(softplus(x)); }},
    {"hard_swish %a", [](double x) { return x * clampUnit(x / 6 + 0.5); }},
    {"hard_sigmoid %a {alpha = 0.25 : f64, beta = 0.5 : f64}", [](double x) { return clampUnit(0.25 * x + 0.5); }},
    {"elu %a {alpha = 0.5 : f64}", [](double x) { return x > 0 ? x : 0.5 * std::expm1(x); }},
    {"celu %a {alpha = 2.0 : f64}",
     [](double x) { return keepNaN(x, std::fmax(0, x) + std::fmin(0, 2 * std::expm1(x / 2))); }},
    {"selu %a {alpha = 1.5 : f64, gamma = 2.0 : f64}", [](double x) { return 2 * (x > 0 ? x : 1.5 * std::expm1(x)); }},
    {"leaky_relu %a {alpha = 0.125 : f64}", [](double x) { return x < 0 ? 0.125 * x : x; }},
    {"thresholded_relu %a {alpha = 1.0 : f64}", [](double x) { return x > 1 ? x : 0; }},
    {"shrink %a {bias = 0.25 : f64, lambd = 0.5 : f64}",
     [](double x) { return x < -0.5  ? x + 0.25
                           : x > 0.5 ? x - 0.25
                                     : 0; }},
    {"gelu %a {tanh = false}", [](double x) { return 0.5 * x * (1 + std::erf(x / std::sqrt(2.0))); }},
    {"gelu %a {tanh = true}",
     [](double x) { return 0.5 * x * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x))); }},
};

struct BinaryCase {
  const char *op;
  std::function<double(double, double)> reference;
};

double floorMod(double a, double b) {
  double rest = std::fmod(a, b);
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

const std::vector<BinaryCase> binaryCases = {
    {"add %a, %b", [](double a, double b) { return a + b; }},
    {"sub %a, %b", [](double a, double b) { return a - b; }},
    {"mul %a, %b", [](double a, double b) { return a * b; }},
    {"div %a, %b", [](double a, double b) { return a / b; }},
    {"min %a, %b", [](double a, double b) { return keepNaN(a, keepNaN(b, std::fmin(a, b))); }},
    {"max %a, %b", [](double a, double b) { return keepNaN(a, keepNaN(b, std::fmax(a, b))); }},
    {"mod %a, %b", floorMod},
    {"fmod %a, %b", [](double a, double b) { return std::fmod(a, b); }},
    {"pow %a, %b", [](double a, double b) { return std::pow(a, b); }},
    {"prelu %a, %b", [](double a, double b) { return a < 0 ? a * b : a; }},
};

/// Within a few roundings of f32; infinities and NaNs exactly.
void expectClose(float got, double reference, const std::string &what) {
  auto expected = static_cast<float>(reference);
  if (std::isnan(expected) || std::isinf(expected)) {
    EXPECT_TRUE(std::isnan(expected) ? std::isnan(got) : got == expected) << what << " gives " << got;
    return;
  }
  EXPECT_NEAR(got, expected, 2e-6 * std::fabs(expected) + 2e-7) << what;
}

std::string opName(const char *text) { return std::string(text).substr(0, std::string(text).find(' ')); }

TensorValue floats(const std::vector<float> &values) {
  return tensorOf(DType::F32, {static_cast<int64_t>(values.size())}, values);
}

std::string vectorType(size_t count, const char *element) {
  return "tensor<" + std::to_string(count) + "x" + element + ">";
}

/// Two operands that meet in every pair of values.
template <typename T> std::pair<std::vector<T>, std::vector<T>> pairsOf(const std::vector<T> &values) {
  std::pair<std::vector<T>, std::vector<T>> pairs;
  for (T a : values)
    for (T b : values) {
      pairs.first.push_back(a);
      pairs.second.push_back(b);
    }
  return pairs;
}

template <typename T, typename R, typename Reference>
void expectIntegers(const char *op, DType type, const std::vector<T> &values, const char *element,
                    Reference reference) {
  auto [a, b] = pairsOf(values);
  auto count = static_cast<int64_t>(a.size());
  TensorValue got = evaluateOp("heddle." + std::string(op) + " %a, %b",
                               {tensorOf(type, {count}, a), tensorOf(type, {count}, b)}, vectorType(a.size(), element));
  std::vector<R> results = got.as<R>();
  ASSERT_EQ(results.size(), a.size());
  for (size_t i = 0; i < a.size(); ++i)
    EXPECT_EQ(+results[i], +static_cast<R>(reference(a[i], b[i]))) << op << " of " << +a[i] << " and " << +b[i];
}
const std::vector<int32_t> signedSamples = {0, 1, -1, 2, -2, 7, -7, 31, 32, INT32_MAX, INT32_MIN};
const std::vector<uint8_t> unsignedSamples = {0, 1, 2, 7, 8, 127, 128, 200, 255};
} // namespace

TEST(Elementwise, UnaryFloatsMatchTheirFormulas) {
  for (const UnaryCase &unary : unaryCases) {
    TensorValue got =
        evaluateOp("heddle." + std::string(unary.op), {floats(samples)}, vectorType(samples.size(), "f32"));
    std::vector<float> results = got.as<float>();
    ASSERT_EQ(results.size(), samples.size());
    for (size_t i = 0; i < samples.size(); ++i)
      expectClose(results[i], unary.reference(samples[i]), opName(unary.op) + " of " + std::to_string(samples[i]));
  }
}

TEST(Elementwise, BinaryFloatsMatchTheirFormulas) {
  auto [a, b] = pairsOf(samples);
  for (const BinaryCase &binary : binaryCases) {
    TensorValue got =
        evaluateOp("heddle." + std::string(binary.op), {floats(a), floats(b)}, vectorType(a.size(), "f32"));
    std::vector<float> results = got.as<float>();
    ASSERT_EQ(results.size(), a.size());
    for (size_t i = 0; i < a.size(); ++i)
      expectClose(results[i], binary.reference(a[i], b[i]),
                  opName(binary.op) + " of " + std::to_string(a[i]) + " and " + std::to_string(b[i]));
  }
}

// A division that traps would end the process of whoever loads a hostile model.
TEST(Elementwise, SignedDivisionNeverTraps) {
  auto divide = [](int64_t a, int64_t b) { return b == 0 ? 0 : a / b; };
  auto rest = [](int64_t a, int64_t b) { return b == 0 ? 0 : a % b; };
  expectIntegers<int32_t, int32_t>("div", DType::I32, signedSamples, "i32", divide);
  expectIntegers<int32_t, int32_t>("fmod", DType::I32, signedSamples, "i32", rest);
  expectIntegers<int32_t, int32_t>("mod", DType::I32, signedSamples, "i32", [&](int64_t a, int64_t b) {
    int64_t r = rest(a, b);
    return r != 0 && (r < 0) != (b < 0) ? r + b : r;
  });
}

TEST(Elementwise, SignedIntegersWrap) {
  expectIntegers<int32_t, int32_t>("add", DType::I32, signedSamples, "i32", [](int64_t a, int64_t b) { return a + b; });
  expectIntegers<int32_t, int32_t>("mul", DType::I32, signedSamples, "i32", [](int64_t a, int64_t b) { return a * b; });
  expectIntegers<int32_t, int32_t>("min", DType::I32, signedSamples, "i32",
                                   [](int64_t a, int64_t b) { return std::min(a, b); });
}

// ui8 shares strips with i8: only the op tells them apart.
TEST(Elementwise, UnsignedIntegersAreNotSigned) {
  expectIntegers<uint8_t, uint8_t>("div", DType::U8, unsignedSamples, "ui8",
                                   [](int a, int b) { return b ? a / b : 0; });
  expectIntegers<uint8_t, uint8_t>("mod", DType::U8, unsignedSamples, "ui8",
                                   [](int a, int b) { return b ? a % b : 0; });
  expectIntegers<uint8_t, uint8_t>("max", DType::U8, unsignedSamples, "ui8",
                                   [](int a, int b) { return std::max(a, b); });
  expectIntegers<uint8_t, uint8_t>("less", DType::U8, unsignedSamples, "i1", [](int a, int b) { return a < b; });
  expectIntegers<uint8_t, uint8_t>("shift_right", DType::U8, unsignedSamples, "ui8",
                                   [](int a, int b) { return b < 8 ? a >> b : 0; });
  expectIntegers<uint8_t, uint8_t>("shift_left", DType::U8, unsignedSamples, "ui8",
                                   [](int a, int b) { return b < 8 ? a << b : 0; });
}

TEST(Elementwise, BitsAndComparisons) {
  expectIntegers<int32_t, int32_t>("bitwise_and", DType::I32, signedSamples, "i32", [](int a, int b) { return a & b; });
  expectIntegers<int32_t, int32_t>("bitwise_or", DType::I32, signedSamples, "i32", [](int a, int b) { return a | b; });
  expectIntegers<int32_t, int32_t>("bitwise_xor", DType::I32, signedSamples, "i32", [](int a, int b) { return a ^ b; });
  expectIntegers<int32_t, uint8_t>("equal", DType::I32, signedSamples, "i1", [](int a, int b) { return a == b; });
  expectIntegers<int32_t, uint8_t>("less_equal", DType::I32, signedSamples, "i1", [](int a, int b) { return a <= b; });
  TensorValue inverted =
      evaluateOp("heddle.bitwise_not %a", {tensorOf<int32_t>(DType::I32, {2}, {0, 5})}, "tensor<2xi32>");
  EXPECT_EQ(inverted.as<int32_t>(), (std::vector<int32_t>{-1, -6}));
}

TEST(Elementwise, Bools) {
  const std::vector<uint8_t> bools = {0, 1};
  expectIntegers<uint8_t, uint8_t>("and", DType::Bool, bools, "i1", [](int a, int b) { return a & b; });
  expectIntegers<uint8_t, uint8_t>("or", DType::Bool, bools, "i1", [](int a, int b) { return a | b; });
  expectIntegers<uint8_t, uint8_t>("xor", DType::Bool, bools, "i1", [](int a, int b) { return a ^ b; });
  TensorValue inverted = evaluateOp("heddle.not %a", {tensorOf(DType::Bool, {2}, bools)}, "tensor<2xi1>");
  EXPECT_EQ(inverted.as<uint8_t>(), (std::vector<uint8_t>{1, 0}));
}

TEST(Elementwise, FloatTests) {
  TensorValue x = floats({1.0f, NAN, float(infinity), float(-infinity)});
  EXPECT_EQ(evaluateOp("heddle.is_nan %a", {x}, "tensor<4xi1>").as<uint8_t>(), (std::vector<uint8_t>{0, 1, 0, 0}));
  TensorValue positive = evaluateOp("heddle.is_inf %a {positive = true, negative = false}", {x}, "tensor<4xi1>");
  EXPECT_EQ(positive.as<uint8_t>(), (std::vector<uint8_t>{0, 0, 1, 0}));
}

TEST(Elementwise, WhereBroadcastsThreeOperands) {
  TensorValue got = evaluateOp(
      "heddle.where %a, %b, %c",
      {tensorOf<uint8_t>(DType::Bool, {2, 1}, {1, 0}), tensorOf<float>(DType::F32, {}, {5}), floats({1, 2, 3})},
      "tensor<2x3xf32>");
  EXPECT_EQ(got.as<float>(), (std::vector<float>{5, 5, 5, 1, 2, 3}));
}

TEST(Elementwise, CastToIntegerSaturates) {
  TensorValue x = floats({1.9f, -1.9f, 300, -300, NAN, float(infinity)});
  EXPECT_EQ(evaluateOp("heddle.cast %a", {x}, "tensor<6xi8>").as<int8_t>(),
            (std::vector<int8_t>{1, -1, 127, -128, 0, 127}));
  EXPECT_EQ(evaluateOp("heddle.cast %a", {x}, "tensor<6xui8>").as<uint8_t>(),
            (std::vector<uint8_t>{1, 0, 255, 0, 0, 255}));
}

TEST(Elementwise, CastOfIntegersKeepsLowBitsAndSign) {
  TensorValue x = tensorOf<int32_t>(DType::I32, {3}, {-1, 256, 511});
  EXPECT_EQ(evaluateOp("heddle.cast %a", {x}, "tensor<3xui8>").as<uint8_t>(), (std::vector<uint8_t>{255, 0, 255}));
  EXPECT_EQ(evaluateOp("heddle.cast %a", {x}, "tensor<3xi64>").as<int64_t>(), (std::vector<int64_t>{-1, 256, 511}));
  TensorValue bytes = tensorOf<uint8_t>(DType::U8, {2}, {200, 3});
  EXPECT_EQ(evaluateOp("heddle.cast %a", {bytes}, "tensor<2xf32>").as<float>(), (std::vector<float>{200, 3}));
  EXPECT_EQ(evaluateOp("heddle.cast %a", {x}, "tensor<3xi1>").as<uint8_t>(), (std::vector<uint8_t>{1, 1, 1}));
}

// 1 + 2^-11 lies between two f16: one rounding, ties to even.
TEST(Elementwise, HalfRoundsOnceAtTheResult) {
  TensorValue half = evaluateOp("heddle.cast %a", {floats({1.0f + 0x1p-11f, 1.0f + 0x3p-11f})}, "tensor<2xf16>");
  EXPECT_EQ(half.as<uint16_t>(), (std::vector<uint16_t>{0x3c00, 0x3c02}));
  TensorValue one = tensorOf<uint16_t>(DType::F16, {1}, {0x3c00});
  EXPECT_EQ(evaluateOp("heddle.exp %a", {one}, "tensor<1xf16>").as<uint16_t>(), (std::vector<uint16_t>{0x4170}));
}

// An op that is added to the dialect must be added here.
TEST(Elementwise, EveryOpHasATest) {
  std::set<std::string> tested = {"equal",       "less",       "less_equal",  "where",      "cast",       "not",
                                  "and",         "or",         "xor",         "is_nan",     "is_inf",     "bitwise_not",
                                  "bitwise_and", "bitwise_or", "bitwise_xor", "shift_left", "shift_right"};
  for (const UnaryCase &unary : unaryCases)
    tested.insert(opName(unary.op));
  for (const BinaryCase &binary : binaryCases)
    tested.insert(opName(binary.op));
  auto context = makeContext();
  size_t count = 0;
  for (mlir::RegisteredOperationName name : context->getRegisteredOperations()) {
    if (!name.hasInterface<ElementwiseOpInterface>())
      continue;
    ++count;
    EXPECT_TRUE(tested.contains(name.stripDialect().str())) << name.getStringRef().str();
  }
  EXPECT_GT(count, 50u);
}
