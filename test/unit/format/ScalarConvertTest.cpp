// Conversions of small floats and integers, each against a slow definition.
#include "runtime/format/ScalarMath.h"
#include "test/unit/format/Ulps.h"

#include <gtest/gtest.h>

using namespace heddle;

namespace {

using scalar::PowerRounding;
using scalar::SmallFloatKind;

/// The value of a code straight from the format's definition; NaN and infinities included.
template <class Format> double definedValue(uint32_t code) {
  uint32_t magnitude = code & (Format::signCode - 1);
  bool isNegative = code & Format::signCode;
  if (Format::kind == SmallFloatKind::Fnuz && code == Format::nan)
    return std::numeric_limits<double>::quiet_NaN();
  if (magnitude > Format::largest) {
    bool isInfinity = Format::kind == SmallFloatKind::Ieee && magnitude == Format::largest + 1;
    double value = isInfinity ? std::numeric_limits<double>::infinity() : std::numeric_limits<double>::quiet_NaN();
    return isNegative ? -value : value;
  }
  auto exponent = static_cast<int>(magnitude >> Format::fractionBits);
  double fraction = magnitude & ((1u << Format::fractionBits) - 1);
  double lead = exponent == 0 ? 0 : std::ldexp(1.0, Format::fractionBits);
  double value = std::ldexp(lead + fraction, std::max(exponent, 1) - Format::bias - Format::fractionBits);
  return isNegative ? -value : value;
}

/// The nearest code, ties to an even code, by search: codes of one sign are ordered like their values.
template <class Format> uint32_t definedCode(double x, bool saturate) {
  uint32_t sign = std::signbit(x) ? Format::signCode : 0;
  if (std::isnan(x))
    return Format::kind == SmallFloatKind::Fnuz || Format::kind == SmallFloatKind::Finite ? Format::nan
                                                                                          : Format::nan | sign;
  double magnitude = std::fabs(x);
  double largest = definedValue<Format>(Format::largest);
  // Half a unit above the largest finite value begins what is too large.
  double limit = largest + (largest - definedValue<Format>(Format::largest - 1)) / 2;
  bool isTie = magnitude == limit, largestIsOdd = Format::largest & 1;
  uint32_t code = Format::largest;
  if (magnitude > limit || (isTie && largestIsOdd)) {
    bool hasInfinity = Format::kind == SmallFloatKind::Ieee;
    if (!saturate && Format::kind != SmallFloatKind::Finite)
      code = hasInfinity ? Format::largest + 1 : Format::nan;
  } else {
    uint32_t low = 0, high = Format::largest;
    while (high - low > 1) {
      uint32_t middle = (low + high) / 2;
      (definedValue<Format>(middle) <= magnitude ? low : high) = middle;
    }
    double below = magnitude - definedValue<Format>(low), above = definedValue<Format>(high) - magnitude;
    code = below < above || (below == above && low % 2 == 0) ? low : high;
  }
  bool dropsSign = Format::kind == SmallFloatKind::Fnuz && (code == 0 || code == Format::nan);
  return dropsSign ? code : code | sign;
}

template <class Format> class SmallFloatTest : public testing::Test {};
using Formats = testing::Types<scalar::F16, scalar::BF16, scalar::F8E4M3FN, scalar::F8E4M3FNUZ, scalar::F8E5M2,
                               scalar::F8E5M2FNUZ, scalar::F4E2M1>;
TYPED_TEST_SUITE(SmallFloatTest, Formats);

TYPED_TEST(SmallFloatTest, DecodesEveryCode) {
  for (uint32_t code = 0; code < 2 * TypeParam::signCode; ++code) {
    double wanted = definedValue<TypeParam>(code);
    float got = scalar::decodeSmallFloat<TypeParam>(0.0f, scalar::Bits32{code});
    if (std::isnan(wanted) && TypeParam::kind != SmallFloatKind::Finite) {
      ASSERT_TRUE(std::isnan(got)) << code;
      continue;
    }
    ASSERT_EQ(got, wanted) << code;
    ASSERT_EQ(std::signbit(got), std::signbit(wanted)) << code;
  }
}

// Every code survives the way to f32 and back; the midpoints beside it are where rounding goes wrong.
TYPED_TEST(SmallFloatTest, EncodesEveryCodeItsMidpointsAndTheirNeighbours) {
  for (uint32_t code = 0; code < 2 * TypeParam::signCode; ++code) {
    double value = definedValue<TypeParam>(code),
           next = definedValue<TypeParam>((code + 1) % (2 * TypeParam::signCode));
    auto middle = static_cast<float>((value + next) / 2);
    for (float x :
         {static_cast<float>(value), middle, std::nextafterf(middle, INFINITY), std::nextafterf(middle, -INFINITY)})
      for (bool saturate : {false, true})
        ASSERT_EQ(scalar::encodeSmallFloat<TypeParam>(x, saturate), definedCode<TypeParam>(x, saturate))
            << x << " " << saturate;
  }
}

TYPED_TEST(SmallFloatTest, EncodesFloatsOfEveryMagnitude) {
  for (float x : spreadValues<float>(5))
    for (bool saturate : {false, true})
      ASSERT_EQ(scalar::encodeSmallFloat<TypeParam>(x, saturate), definedCode<TypeParam>(x, saturate))
          << x << " " << saturate;
}

// Rounding an f64 to f32 first would round ties that are none.
TYPED_TEST(SmallFloatTest, DoublesAreRoundedOnce) {
  for (uint32_t code = 0; code < TypeParam::largest; ++code) {
    double middle = (definedValue<TypeParam>(code) + definedValue<TypeParam>(code + 1)) / 2;
    for (double x :
         {middle, std::nextafter(middle, 1e300), std::nextafter(middle, 0.0), -std::nextafter(middle, 1e300)})
      ASSERT_EQ(scalar::encodeSmallFloat<TypeParam>(scalar::narrowToOdd(x), false), definedCode<TypeParam>(x, false))
          << x;
  }
  EXPECT_EQ(scalar::encodeSmallFloat<TypeParam>(scalar::narrowToOdd(1e300), true), TypeParam::largest);
}

// Figures of the table in ONNX's text of Cast, so that a mistake in definedCode shows.
TEST(SmallFloat, AgreesWithTheTableOfCast) {
  auto cast = [](auto format, float x, bool saturate) {
    return static_cast<double>(
        scalar::decodeSmallFloat<decltype(format)>(0.0f, scalar::encodeSmallFloat<decltype(format)>(x, saturate)));
  };
  EXPECT_EQ(cast(scalar::F8E4M3FN{}, 1e6f, true), 448);
  EXPECT_TRUE(std::isnan(cast(scalar::F8E4M3FN{}, 1e6f, false)));
  EXPECT_EQ(cast(scalar::F8E4M3FNUZ{}, -INFINITY, true), -240);
  EXPECT_TRUE(std::isnan(cast(scalar::F8E4M3FNUZ{}, INFINITY, false)));
  EXPECT_EQ(cast(scalar::F8E5M2{}, 1e6f, true), 57344);
  EXPECT_EQ(cast(scalar::F8E5M2{}, 1e6f, false), static_cast<double>(INFINITY));
  EXPECT_EQ(cast(scalar::F8E5M2FNUZ{}, 1e6f, true), 57344);
  EXPECT_EQ(cast(scalar::F16{}, 65519.0f, false), 65504);
  EXPECT_EQ(cast(scalar::F16{}, 65520.0f, false), static_cast<double>(INFINITY));
  EXPECT_EQ(cast(scalar::F4E2M1{}, 5.0f, true), 4);
}

TEST(PowerOfTwo, DecodesEveryCode) {
  for (uint32_t code = 0; code < 255; ++code)
    EXPECT_EQ(scalar::decodePowerOfTwo(0.0f, scalar::Bits32{code}), std::ldexp(1.0, static_cast<int>(code) - 127));
  EXPECT_TRUE(std::isnan(scalar::decodePowerOfTwo(0.0f, scalar::Bits32{255})));
}

TEST(PowerOfTwo, RoundsAsAsked) {
  auto encode = [](float x, PowerRounding rounding) { return scalar::encodePowerOfTwo(x, rounding, true); };
  EXPECT_EQ(encode(1.0f, PowerRounding::Up), 127u);
  EXPECT_EQ(encode(1.25f, PowerRounding::Up), 128u);
  EXPECT_EQ(encode(1.99f, PowerRounding::Down), 127u);
  EXPECT_EQ(encode(1.49f, PowerRounding::Nearest), 127u);
  EXPECT_EQ(encode(1.5f, PowerRounding::Nearest), 128u);
  EXPECT_EQ(encode(-4.0f, PowerRounding::Up), 129u);
  EXPECT_EQ(encode(3.4e38f, PowerRounding::Up), 254u);
  EXPECT_EQ(scalar::encodePowerOfTwo(3.4e38f, PowerRounding::Up, false), 255u);
  EXPECT_EQ(encode(INFINITY, PowerRounding::Down), 255u);
  EXPECT_EQ(encode(0.0f, PowerRounding::Up), 0u);
  EXPECT_EQ(encode(0x1p-127f, PowerRounding::Nearest), 0u);
}

TEST(Integers, LowBitsAreSignExtended) {
  EXPECT_EQ(static_cast<int32_t>(scalar::signExtend(scalar::Bits32{0x7}, 4)), 7);
  EXPECT_EQ(static_cast<int32_t>(scalar::signExtend(scalar::Bits32{0x8}, 4)), -8);
  EXPECT_EQ(static_cast<int32_t>(scalar::signExtend(scalar::Bits32{0xff}, 8)), -1);
}

template <int Width, bool IsSigned, class T> void checkSaturation() {
  long double least = IsSigned ? -std::ldexp(1.0L, Width - 1) : 0,
              most = std::ldexp(1.0L, IsSigned ? Width - 1 : Width) - 1;
  std::vector<T> values = spreadValues<T>(6);
  for (long double edge : {least, most, most + 1, most / 2, most / 2 + 1, least - 1}) {
    auto x = static_cast<T>(edge);
    values.insert(values.end(), {x, std::nextafter(x, T(-1e30)), std::nextafter(x, T(1e30)), x + T(0.5), x - T(0.5)});
  }
  for (T x : values) {
    long double exact = std::isnan(x) ? 0 : std::min(std::max(std::truncl(static_cast<long double>(x)), least), most);
    auto bits = scalar::toIntegerSaturated<Width, IsSigned>(x);
    auto got = IsSigned ? static_cast<long double>(static_cast<std::make_signed_t<decltype(bits)>>(bits))
                        : static_cast<long double>(bits);
    ASSERT_EQ(got, exact) << x << " to " << Width << " bits";
  }
}

// The C++ conversion is undefined out of range; CPU and CUDA must agree on saturation and on NaN -> 0.
TEST(Integers, FloatsSaturate) {
  checkSaturation<4, true, float>();
  checkSaturation<8, true, float>();
  checkSaturation<8, false, float>();
  checkSaturation<16, false, double>();
  checkSaturation<32, true, float>();
  checkSaturation<32, true, double>();
  checkSaturation<32, false, float>();
  checkSaturation<32, false, double>();
  checkSaturation<64, true, float>();
  checkSaturation<64, true, double>();
  checkSaturation<64, false, float>();
  checkSaturation<64, false, double>();
}

} // namespace
