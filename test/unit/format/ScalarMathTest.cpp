// Scalar functions against the 80-bit functions of the C library.
#include "runtime/format/ScalarMath.h"
#include "test/unit/format/Ulps.h"

#include <cstdlib>
#include <gtest/gtest.h>

using namespace heddle;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// Checks one function on all values: at most 2 ulp, and the sign of a zero.
template <class T, class Got, class Exact>
void expectWithinTwoUlps(const std::vector<T> &values, Got got, Exact exact) {
  double worst = 0;
  T worstAt = 0;
  int wrongZeros = 0;
  for (T x : values) {
    T result = got(x);
    long double wanted = exact(static_cast<long double>(x));
    double ulps = ulpsBetween(result, wanted);
    if (ulps > worst) {
      worst = ulps;
      worstAt = x;
    }
    wrongZeros += result == 0 && wanted == 0 && std::signbit(result) != std::signbit(wanted);
  }
  EXPECT_LE(worst, 2.0) << "at " << worstAt << ", got " << got(worstAt) << ", expected "
                        << exact(static_cast<long double>(worstAt));
  EXPECT_EQ(wrongZeros, 0) << "zeros with the wrong sign";
}

#define HEDDLE_ACCURACY_TEST(NAME, EXACT)                                                                              \
  TEST(ScalarMathF32, NAME) {                                                                                          \
    expectWithinTwoUlps(                                                                                               \
        spreadValues<float>(1), [](float x) { return scalar::NAME(x); }, [](long double x) { return EXACT(x); });      \
  }                                                                                                                    \
  TEST(ScalarMathF64, NAME) {                                                                                          \
    expectWithinTwoUlps(                                                                                               \
        spreadValues<double>(2), [](double x) { return scalar::NAME(x); }, [](long double x) { return EXACT(x); });    \
  }

HEDDLE_ACCURACY_TEST(exp, expl)
HEDDLE_ACCURACY_TEST(exp2, exp2l)
HEDDLE_ACCURACY_TEST(expm1, expm1l)
HEDDLE_ACCURACY_TEST(sinh, sinhl)
HEDDLE_ACCURACY_TEST(cosh, coshl)
HEDDLE_ACCURACY_TEST(tanh, tanhl)
HEDDLE_ACCURACY_TEST(log, logl)
HEDDLE_ACCURACY_TEST(log1p, log1pl)
HEDDLE_ACCURACY_TEST(asinh, asinhl)
HEDDLE_ACCURACY_TEST(acosh, acoshl)
HEDDLE_ACCURACY_TEST(atanh, atanhl)
HEDDLE_ACCURACY_TEST(sin, sinl)
HEDDLE_ACCURACY_TEST(cos, cosl)
HEDDLE_ACCURACY_TEST(tan, tanl)
HEDDLE_ACCURACY_TEST(asin, asinl)
HEDDLE_ACCURACY_TEST(acos, acosl)
HEDDLE_ACCURACY_TEST(atan, atanl)
HEDDLE_ACCURACY_TEST(erf, erfl)

// Arguments near multiples of pi/2 cancel almost all bits: 6381956970095103 * 2^797 is the worst case of f64 (Muller).
TEST(ScalarMathF64, TrigonometryOfHugeArguments) {
  std::vector<double> values = {std::ldexp(6381956970095103.0, 797), 1e22, 0x1p1023, 0x1p512, 0x1p564, 0x1p566, 0x1p20};
  std::mt19937_64 random(3);
  for (int i = 0; i < 20000; ++i)
    values.push_back(
        std::ldexp(1 + static_cast<double>(random() >> 12) * 0x1p-52, 10 + static_cast<int>(random() % 1013)));
  for (int64_t quarters = 1; quarters < 2000000; quarters += quarters / 50 + 1)
    values.push_back(static_cast<double>(quarters * 1.57079632679489661923132169163975144L));
  expectWithinTwoUlps(values, [](double x) { return scalar::sin(x); }, [](long double x) { return sinl(x); });
  expectWithinTwoUlps(values, [](double x) { return scalar::cos(x); }, [](long double x) { return cosl(x); });
  expectWithinTwoUlps(values, [](double x) { return scalar::tan(x); }, [](long double x) { return tanl(x); });
}

TEST(ScalarMathF32, TrigonometryNearMultiplesOfQuarterTurns) {
  std::vector<float> values;
  for (double quarters = 1; quarters < 1e30; quarters += std::floor(quarters / 500) + 1)
    values.push_back(static_cast<float>(quarters * 1.57079632679489661923132169163975144));
  expectWithinTwoUlps(values, [](float x) { return scalar::sin(x); }, [](long double x) { return sinl(x); });
  expectWithinTwoUlps(values, [](float x) { return scalar::cos(x); }, [](long double x) { return cosl(x); });
}

/// Pairs for functions of two arguments: all pairs of special values, small integers, and random ones.
template <class T> std::vector<std::pair<T, T>> argumentPairs() {
  const double specials[] = {0.0,       -0.0,   1,           -1,        infinity,
                             -infinity, nan,    2,           -2,        3,
                             -3,        0.5,    -0.5,        1e-45,     -1e-45,
                             3e38,      -3e38,  16777215,    16777216,  -16777217,
                             0x1p52,    0x1p53, -0x1p53 - 2, 0x1p-1074, 0x1.fffffffffffffp1023};
  std::vector<std::pair<T, T>> pairs;
  for (double a : specials)
    for (double b : specials)
      pairs.emplace_back(static_cast<T>(a), static_cast<T>(b));
  std::mt19937_64 random(4);
  std::uniform_real_distribution<double> unit(-1, 1);
  for (int i = 0; i < 40000; ++i) {
    T a, b;
    uint64_t x = random(), y = random();
    if constexpr (sizeof(T) == 4) {
      a = floatOfBits(static_cast<uint32_t>(x));
      b = floatOfBits(static_cast<uint32_t>(y));
    } else {
      a = doubleOfBits(x);
      b = doubleOfBits(y);
    }
    pairs.emplace_back(a, b);
    pairs.emplace_back(static_cast<T>(std::fabs(unit(random)) * 10), static_cast<T>(unit(random) * 40));
    pairs.emplace_back(static_cast<T>(1 + unit(random) * 1e-3), static_cast<T>(unit(random) * 3e5));
    pairs.emplace_back(static_cast<T>(unit(random) * 100), static_cast<T>(static_cast<int>(unit(random) * 12)));
  }
  return pairs;
}

template <class T> void checkPow() {
  for (auto [x, y] : argumentPairs<T>()) {
    long double wanted = powl(x, y);
    T got = scalar::pow(x, y);
    ASSERT_LE(ulpsBetween(got, wanted), 2.0) << x << " ^ " << y << ": got " << got << ", expected " << wanted;
    ASSERT_TRUE(std::isnan(wanted) || std::signbit(got) == std::signbit(wanted)) << x << " ^ " << y;
  }
}
TEST(ScalarMathF32, pow) { checkPow<float>(); }
TEST(ScalarMathF64, pow) { checkPow<double>(); }

template <class T> void checkFmod() {
  for (auto [x, y] : argumentPairs<T>()) {
    T wanted = std::fmod(x, y), got = scalar::fmod(x, y);
    if (std::isnan(wanted)) {
      ASSERT_TRUE(std::isnan(got)) << "fmod(" << x << ", " << y << ") is " << got;
      continue;
    }
    ASSERT_EQ(got, wanted) << "fmod(" << x << ", " << y << ")";
    ASSERT_EQ(std::signbit(got), std::signbit(wanted)) << "fmod(" << x << ", " << y << ")";
  }
}
TEST(ScalarMathF32, fmodIsExact) { checkFmod<float>(); }
TEST(ScalarMathF64, fmodIsExact) { checkFmod<double>(); }

TEST(ScalarMath, MinimumAndMaximumPropagateNaNAndOrderZeros) {
  auto isNan = [](double value) { return std::isnan(value); };
  EXPECT_TRUE(isNan(scalar::maximum(nan, 1.0)) && isNan(scalar::maximum(1.0, nan)));
  EXPECT_TRUE(isNan(scalar::minimum(nan, 1.0)) && isNan(scalar::minimum(1.0, nan)));
  EXPECT_FALSE(std::signbit(scalar::maximum(-0.0f, 0.0f)) || std::signbit(scalar::maximum(0.0f, -0.0f)));
  EXPECT_TRUE(std::signbit(scalar::minimum(-0.0f, 0.0f)) && std::signbit(scalar::minimum(0.0f, -0.0f)));
  EXPECT_EQ(scalar::maximum(-infinity, 3.0), 3.0);
  EXPECT_EQ(scalar::minimum(-2.0f, -2.0f), -2.0f);
}

// Models divide by zero; the program must not die of SIGFPE, and both devices must agree on the answer.
TEST(ScalarMath, IntegerDivisionIsTotal) {
  EXPECT_EQ(scalar::divideSigned(INT32_MIN, -1), INT32_MIN);
  EXPECT_EQ(scalar::divideSigned(INT64_MIN, int64_t{-1}), INT64_MIN);
  EXPECT_EQ(scalar::divideSigned(int8_t{-128}, int8_t{-1}), int8_t{-128});
  EXPECT_EQ(scalar::divideSigned(7, 0), 0);
  EXPECT_EQ(scalar::divideUnsigned(uint8_t{7}, uint8_t{0}), 0);
  EXPECT_EQ(scalar::remainderSigned(INT64_MIN, int64_t{-1}), 0);
  EXPECT_EQ(scalar::remainderSigned(5, 0), 0);
  EXPECT_EQ(scalar::moduloSigned(5, 0), 0);
  EXPECT_EQ(scalar::remainderUnsigned(UINT64_MAX, uint64_t{10}), 5u);
}

TEST(ScalarMath, IntegerDivisionOfAllBytePairs) {
  for (int a = -128; a < 128; ++a)
    for (int b = -128; b < 128; ++b) {
      if (b == 0)
        continue;
      auto x = static_cast<int8_t>(a), y = static_cast<int8_t>(b);
      int floored = a - b * static_cast<int>(std::floor(static_cast<double>(a) / b));
      ASSERT_EQ(scalar::divideSigned(x, y), static_cast<int8_t>(a / b)) << a << " / " << b;
      ASSERT_EQ(scalar::remainderSigned(x, y), a % b) << a << " % " << b;
      ASSERT_EQ(scalar::moduloSigned(x, y), floored) << a << " mod " << b;
    }
}

/// All 2^32 arguments: half a minute each, so only where HEDDLE_CHECK_FULL is set.
template <class Got, class Exact> void checkAllFloats(Got got, Exact exact) {
  if (!std::getenv("HEDDLE_CHECK_FULL"))
    GTEST_SKIP() << "set HEDDLE_CHECK_FULL to run";
  for (uint64_t bits = 0; bits < uint64_t{1} << 32; ++bits) {
    float x = floatOfBits(static_cast<uint32_t>(bits));
    double wanted = exact(static_cast<double>(x));
    ASSERT_LE(ulpsBetween(got(x), wanted), 2.0) << "at " << x;
  }
}
TEST(ScalarMathExhaustive, expF32) {
  checkAllFloats([](float x) { return scalar::exp(x); }, [](double x) { return std::exp(x); });
}
TEST(ScalarMathExhaustive, tanhF32) {
  checkAllFloats([](float x) { return scalar::tanh(x); }, [](double x) { return std::tanh(x); });
}
TEST(ScalarMathExhaustive, sinF32) {
  checkAllFloats([](float x) { return scalar::sin(x); }, [](double x) { return std::sin(x); });
}

} // namespace
