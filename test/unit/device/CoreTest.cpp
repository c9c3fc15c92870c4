// core.cuh: conversions, scalar functions, extrema, checked indices.
#include "runtime/format/ScalarMath.h"
#include "test/unit/device/DeviceHarness.h"
#include <cmath>
#include <cstring>
#include <limits>

namespace heddle {
namespace {

using CoreTest = DeviceTest;
HEDDLE_FOR_DEVICE_ARCHITECTURES(CoreTest);

uint32_t bitsOf(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  return bits;
}

/// Values that rounding and range reduction find hard, and a sweep over all magnitudes.
std::vector<float> interestingFloats() {
  constexpr float inf = std::numeric_limits<float>::infinity();
  std::vector<float> values = {0.0f,  -0.0f,    1.0f,     -1.0f,   inf,    -inf,    NAN,
                               88.8f, 65504.0f, 65520.0f, 5.9e-8f, 1e-40f, 3.4e38f, -104.0f};
  for (uint32_t bits = 0x00800000; bits < 0x7f800000; bits += 0x7654321) {
    float value;
    std::memcpy(&value, &bits, sizeof(value));
    values.push_back(value);
    values.push_back(-value);
  }
  for (int i = -200; i < 200; ++i)
    values.push_back(0.0521f * static_cast<float>(i));
  return values;
}

/// What the host makes of the codes of a small float.
template <typename Format> std::vector<float> decodeAll() {
  std::vector<float> values;
  for (uint32_t code = 0; code < 2 * Format::signCode; ++code)
    values.push_back(scalar::decodeSmallFloat<Format>(0.0f, scalar::Bits32(code)));
  return values;
}

// A byte in memory means the same to a kernel as to the CPU, and comes back as it was.
TEST_P(CoreTest, EveryCodeOfSmallFloatsMeansTheSameAsOnTheHost) {
  SimAddress wide = bench.allocate<float>("wide", 512), back = bench.allocate<uint8_t>("back", 512);
  if (!run(R"(#include "heddle/core.cuh"
template <typename T> __device__ void both(int code, float *wide, unsigned char *back) {
  const T x{(unsigned char)code};
  *wide = heddle::toFloat(x);
  *back = heddle::toSmall<T>(heddle::toFloat(x)).bits;
}
extern "C" __global__ void kernel(float *wide, unsigned char *back) {
  const int i = threadIdx.x;
  both<heddle::f8e4m3fn>(i, wide + i, back + i);
  both<heddle::f8e5m2fnuz>(i, wide + 256 + i, back + 256 + i);
})",
           256, {wide, back}))
    GTEST_SKIP();
  std::vector<float> got = bench.download<float>(wide, 512), want = decodeAll<scalar::F8E4M3FN>();
  std::vector<float> more = decodeAll<scalar::F8E5M2FNUZ>();
  std::vector<uint8_t> codes = bench.download<uint8_t>(back, 512);
  want.insert(want.end(), more.begin(), more.end());
  for (size_t i = 0; i < want.size(); ++i) {
    ASSERT_TRUE(std::isnan(want[i]) ? std::isnan(got[i]) : bitsOf(got[i]) == bitsOf(want[i])) << i;
    if (!std::isnan(want[i])) {
      ASSERT_EQ(codes[i], i % 256) << i;
    }
  }
}

// Loads and stores of half types go through these: every code must survive the way to float and back.
TEST_P(CoreTest, EveryHalfSurvivesTheWayThroughFloat) {
  std::vector<uint16_t> codes(65536);
  for (size_t i = 0; i < codes.size(); ++i)
    codes[i] = static_cast<uint16_t>(i);
  SimAddress x = bench.upload("x", codes), f16 = bench.allocate<uint16_t>("f16", codes.size()),
             bf16 = bench.allocate<uint16_t>("bf16", codes.size());
  if (!run(R"(#include "heddle/core.cuh"
extern "C" __global__ void kernel(const unsigned short *x, heddle::f16 *y, heddle::bf16 *z) {
  for (int i = threadIdx.x; i < 65536; i += 256) {
    y[i] = heddle::toF16(heddle::toFloat(heddle::f16{x[i]}));
    z[i] = heddle::toBF16(heddle::toFloat(heddle::bf16{x[i]}));
  }
})",
           256, {x, f16, bf16}))
    GTEST_SKIP();
  std::vector<uint16_t> halves = bench.download<uint16_t>(f16, codes.size());
  std::vector<uint16_t> brains = bench.download<uint16_t>(bf16, codes.size());
  for (uint32_t code = 0; code < codes.size(); ++code) {
    if ((code & 0x7fff) <= 0x7c00) {
      ASSERT_EQ(halves[code], code);
    }
    if ((code & 0x7fff) <= 0x7f80) {
      ASSERT_EQ(brains[code], code);
    }
  }
}

// One rounding rule on every device: the instruction's, and that of the definition which the other devices use.
TEST_P(CoreTest, RoundingToHalfIsThatOfTheDefinition) {
  std::vector<float> values = interestingFloats();
  int32_t count = static_cast<int32_t>(values.size());
  SimAddress x = bench.upload("x", values), y = bench.allocate<uint16_t>("y", 2 * values.size());
  if (!run(R"(#include "heddle/core.cuh"
extern "C" __global__ void kernel(const float *x, unsigned short *y, int n) {
  for (int i = threadIdx.x; i < n; i += 32) {
    y[i] = heddle::toF16(x[i]).bits;
    y[n + i] = heddle::toBF16(x[i]).bits;
  }
})",
           32, {x, y, count}))
    GTEST_SKIP();
  std::vector<uint16_t> codes = bench.download<uint16_t>(y, 2 * values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    if (std::isnan(values[i]))
      continue;
    ASSERT_EQ(codes[i], scalar::encodeSmallFloat<scalar::F16>(values[i], false)) << values[i];
    ASSERT_EQ(codes[values.size() + i], scalar::encodeSmallFloat<scalar::BF16>(values[i], false)) << values[i];
  }
}

// A double goes to a half in one rounding; by way of float it would be two.
TEST_P(CoreTest, DoublesRoundToHalfOnce) {
  // Just above the middle between two halves (bf16s), by less than a float can tell.
  std::vector<double> values = {1.0 + 0x1p-11 + 0x1p-40, 1.0 + 0x1p-8 + 0x1p-40};
  SimAddress x = bench.upload("x", values), y = bench.allocate<uint16_t>("y", 2);
  if (!run(R"(#include "heddle/core.cuh"
extern "C" __global__ void kernel(const double *x, unsigned short *y) {
  y[0] = heddle::toF16(x[0]).bits;
  y[1] = heddle::toBF16(x[1]).bits;
})",
           1, {x, y}))
    GTEST_SKIP();
  EXPECT_EQ(bench.download<uint16_t>(y, 2), (std::vector<uint16_t>{0x3c01, 0x3f81}));
}

// Text and evaluator share one source of these functions; the compiler must not have contracted or reassociated them.
TEST_P(CoreTest, FunctionsGiveTheBitsOfTheHost) {
  std::vector<float> values = interestingFloats();
  int32_t count = static_cast<int32_t>(values.size());
  SimAddress x = bench.upload("x", values), y = bench.allocate<float>("y", 6 * values.size());
  if (!run(R"(#include "heddle/core.cuh"
extern "C" __global__ void kernel(const float *x, float *y, int n) {
  for (int i = threadIdx.x; i < n; i += 32) {
    y[i] = heddle::exp(x[i]);
    y[n + i] = heddle::log(x[i]);
    y[2 * n + i] = heddle::erf(x[i]);
    y[3 * n + i] = heddle::tanh(x[i]);
    y[4 * n + i] = heddle::sin(x[i]);
    y[5 * n + i] = heddle::sqrt(x[i]);
  }
})",
           32, {x, y, count}))
    GTEST_SKIP();
  std::vector<float> got = bench.download<float>(y, 6 * values.size());
  float (*functions[])(float) = {scalar::exp<float>,  scalar::log<float>, scalar::erf<float>,
                                 scalar::tanh<float>, scalar::sin<float>, [](float v) { return scalar::sqrt(v); }};
  for (size_t f = 0; f < 6; ++f)
    for (size_t i = 0; i < values.size(); ++i) {
      float wanted = functions[f](values[i]), value = got[f * values.size() + i];
      if (!std::isnan(wanted) || !std::isnan(value)) {
        ASSERT_EQ(bitsOf(value), bitsOf(wanted)) << "function " << f << " of " << values[i];
      }
    }
}

// Rounding functions of both widths, at the half-way points.
TEST_P(CoreTest, RoundingFunctions) {
  SimAddress y = bench.allocate<float>("y", 4), z = bench.allocate<double>("z", 4);
  if (!run(R"(#include "heddle/core.cuh"
extern "C" __global__ void kernel(float *y, double *z) {
  y[0] = heddle::floor(-2.5f);
  y[1] = heddle::ceil(-2.5f);
  y[2] = heddle::roundEven(-2.5f);
  y[3] = heddle::trunc(-2.5f);
  z[0] = heddle::floor(2.5);
  z[1] = heddle::ceil(2.5);
  z[2] = heddle::roundEven(2.5);
  z[3] = heddle::trunc(2.5);
})",
           1, {y, z}))
    GTEST_SKIP();
  EXPECT_EQ(bench.download<float>(y, 4), (std::vector<float>{-3, -2, -2, -2}));
  EXPECT_EQ(bench.download<double>(z, 4), (std::vector<double>{2, 3, 2, 2}));
}

// Max pooling and clipping must let a NaN through, and tell the zeros apart.
TEST_P(CoreTest, ExtremaPropagateNanAndOrderZeros) {
  std::vector<float> x = {1.0f, NAN, 2.0f, -0.0f, 0.0f, -5.0f}, y = {2.0f, 1.0f, NAN, 0.0f, -0.0f, -7.0f};
  SimAddress a = bench.upload("a", x), b = bench.upload("b", y), c = bench.allocate<float>("c", 12),
             d = bench.allocate<double>("d", 12);
  if (!run(R"(#include "heddle/core.cuh"
extern "C" __global__ void kernel(const float *a, const float *b, float *c, double *d) {
  const int i = threadIdx.x;
  if (i >= 6)
    return;
  c[i] = heddle::maximum(a[i], b[i]);
  c[6 + i] = heddle::minimum(a[i], b[i]);
  d[i] = heddle::maximum((double)a[i], (double)b[i]);
  d[6 + i] = heddle::minimum((double)a[i], (double)b[i]);
})",
           32, {a, b, c, d}))
    GTEST_SKIP();
  std::vector<float> single = bench.download<float>(c, 12);
  std::vector<double> wide = bench.download<double>(d, 12);
  std::vector<float> wanted = {2.0f, NAN, NAN, 0.0f, 0.0f, -5.0f, 1.0f, NAN, NAN, -0.0f, -0.0f, -7.0f};
  for (size_t i = 0; i < wanted.size(); ++i) {
    ASSERT_EQ(std::isnan(single[i]), std::isnan(wanted[i])) << i;
    ASSERT_EQ(std::isnan(wide[i]), std::isnan(wanted[i])) << i;
    if (!std::isnan(wanted[i])) {
      ASSERT_EQ(bitsOf(single[i]), bitsOf(wanted[i])) << i;
      ASSERT_EQ(bitsOf(static_cast<float>(wide[i])), bitsOf(wanted[i])) << i;
    }
  }
}

// An index is data of the user: a bad one may only raise the error word, and the highest check is the one reported.
TEST_P(CoreTest, CheckedIndexWrapsNegativesAndReportsTheRest) {
  std::vector<int64_t> indices = {0, 4, -1, -5, 5, -6};
  SimAddress x = bench.upload("x", indices), y = bench.allocate<int32_t>("y", 6),
             error = bench.upload("error", std::vector<uint32_t>{0});
  if (!run(R"(#include "heddle/core.cuh"
extern "C" __global__ void kernel(const long long *x, int *y, unsigned *error) {
  const int i = threadIdx.x;
  if (i < 6)
    y[i] = heddle::checkedIndex(x[i], 5, i == 4 ? 7 : 3, error);
})",
           32, {x, y, error}))
    GTEST_SKIP();
  EXPECT_EQ(bench.download<int32_t>(y, 6), (std::vector<int32_t>{0, 4, 4, 0, 0, 0}));
  EXPECT_EQ(bench.download<uint32_t>(error, 1)[0], 7u);
}

// Integer overflow in a model wraps; in C++ it is undefined.
TEST_P(CoreTest, IntegersWrap) {
  SimAddress y = bench.allocate<int64_t>("y", 2);
  if (!run(R"(#include "heddle/core.cuh"
extern "C" __global__ void kernel(long long *y) {
  y[0] = heddle::wrapAdd(2147483647, 1);
  y[1] = heddle::wrapMul(9223372036854775807LL, 2LL);
})",
           1, {y}))
    GTEST_SKIP();
  EXPECT_EQ(bench.download<int64_t>(y, 2), (std::vector<int64_t>{INT32_MIN, -2}));
}

// As Expr evaluates sizes, for divisors of either sign: the step of a range may be negative.
TEST_P(CoreTest, DivisionRoundsTowardMinusInfinity) {
  SimAddress y = bench.allocate<int64_t>("y", 12);
  if (!run(R"(#include "heddle/core.cuh"
extern "C" __global__ void kernel(long long *y) {
  const long long x[] = {7, -7, 7, -7, 8, -8}, by[] = {4, 4, -4, -4, -4, 4};
  for (int i = 0; i < 6; ++i) {
    y[2 * i] = heddle::floorDiv(x[i], by[i]);
    y[2 * i + 1] = heddle::floorMod(x[i], by[i]);
  }
})",
           1, {y}))
    GTEST_SKIP();
  EXPECT_EQ(bench.download<int64_t>(y, 12), (std::vector<int64_t>{1, 3, -2, 1, -2, -1, 1, -3, -2, 0, -2, 0}));
}

} // namespace
} // namespace heddle
