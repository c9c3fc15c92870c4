// Conversion of arrays between all pairs of element types.
#include "runtime/format/ElementConvert.h"
#include "test/unit/format/Ulps.h"

#include <gtest/gtest.h>

using namespace heddle;

namespace {

constexpr DType numericTypes[] = {
    DType::F64,        DType::F32,    DType::F16,    DType::BF16, DType::F8E4M3FN, DType::F8E4M3FNUZ, DType::F8E5M2,
    DType::F8E5M2FNUZ, DType::F8E8M0, DType::F4E2M1, DType::I64,  DType::I32,      DType::I16,        DType::I8,
    DType::I4,         DType::U64,    DType::U32,    DType::U16,  DType::U8,       DType::U4,         DType::Bool};

template <class To, class From>
std::vector<To> converted(DType from, const std::vector<From> &source, DType to, const CastOptions &options = {}) {
  std::vector<To> target(source.size());
  EXPECT_EQ(byteWidth(from), static_cast<int64_t>(sizeof(From)));
  EXPECT_EQ(byteWidth(to), static_cast<int64_t>(sizeof(To)));
  convertElements(from, reinterpret_cast<const std::byte *>(source.data()), to,
                  reinterpret_cast<std::byte *>(target.data()), static_cast<int64_t>(source.size()), options);
  return target;
}

TEST(ElementConvert, FloatsSaturateToIntegersAndTruncate) {
  std::vector<float> source = {1.9f, -1.9f, 300.0f, -300.0f, NAN, INFINITY, -INFINITY};
  EXPECT_EQ(converted<int8_t>(DType::F32, source, DType::I8), (std::vector<int8_t>{1, -1, 127, -128, 0, 127, -128}));
  EXPECT_EQ(converted<uint8_t>(DType::F32, source, DType::U8), (std::vector<uint8_t>{1, 0, 255, 0, 0, 255, 0}));
  EXPECT_EQ(converted<int8_t>(DType::F32, source, DType::I4), (std::vector<int8_t>{1, -1, 7, -8, 0, 7, -8}));
  EXPECT_EQ(converted<uint64_t>(DType::F32, source, DType::U64)[5], UINT64_MAX);
}

TEST(ElementConvert, IntegersWrap) {
  std::vector<int32_t> source = {1, -1, 300, -129, 8};
  EXPECT_EQ(converted<int8_t>(DType::I32, source, DType::I8), (std::vector<int8_t>{1, -1, 44, 127, 8}));
  EXPECT_EQ(converted<uint8_t>(DType::I32, source, DType::U8), (std::vector<uint8_t>{1, 255, 44, 127, 8}));
  EXPECT_EQ(converted<int8_t>(DType::I32, source, DType::I4), (std::vector<int8_t>{1, -1, -4, -1, -8}));
  EXPECT_EQ(converted<uint8_t>(DType::I32, source, DType::U4), (std::vector<uint8_t>{1, 15, 12, 15, 8}));
  EXPECT_EQ(converted<uint64_t>(DType::I32, source, DType::U64)[1], UINT64_MAX);
  EXPECT_EQ(converted<int64_t>(DType::U8, std::vector<uint8_t>{200}, DType::I64)[0], 200);
}

TEST(ElementConvert, BoolIsNotZero) {
  EXPECT_EQ(converted<uint8_t>(DType::F32, std::vector<float>{0.0f, -0.0f, 0.5f, NAN}, DType::Bool),
            (std::vector<uint8_t>{0, 0, 1, 1}));
  EXPECT_EQ(converted<uint8_t>(DType::I32, std::vector<int32_t>{0, 256, -1}, DType::Bool),
            (std::vector<uint8_t>{0, 1, 1}));
  EXPECT_EQ(converted<float>(DType::Bool, std::vector<uint8_t>{0, 1}, DType::F32), (std::vector<float>{0, 1}));
}

// Through f64 first, these would round twice: 2^62 + 2^38 is a tie of f32, and the 1 behind it decides.
TEST(ElementConvert, LongIntegersRoundOnce) {
  int64_t tie = (int64_t{1} << 62) + (int64_t{1} << 38);
  std::vector<int64_t> source = {tie, tie + 1, tie - 1, -tie - 1, INT64_MIN, INT64_MAX};
  std::vector<float> wanted;
  for (int64_t value : source)
    wanted.push_back(static_cast<float>(value));
  EXPECT_EQ(converted<float>(DType::I64, source, DType::F32), wanted);
  EXPECT_EQ(converted<float>(DType::U64,
                             std::vector<uint64_t>{UINT64_MAX, (uint64_t{1} << 63) + (uint64_t{1} << 39) + 1},
                             DType::F32),
            (std::vector<float>{0x1p64f, 0x1.000002p63f}));
  EXPECT_EQ(converted<double>(DType::I64, source, DType::F64)[1], static_cast<double>(tie + 1));
  // bf16: 257 is a tie, 257 * 2^40 + 1 is not.
  int64_t longTie = int64_t{257} << 40;
  EXPECT_EQ(converted<uint16_t>(DType::I64, std::vector<int64_t>{longTie, longTie + 1}, DType::BF16),
            (std::vector<uint16_t>{0x5780, 0x5781}));
}

TEST(ElementConvert, OptionsReachTheFormats) {
  CastOptions open;
  open.saturate = false;
  open.rounding = scalar::PowerRounding::Down;
  EXPECT_EQ(converted<uint8_t>(DType::F32, std::vector<float>{1e6f}, DType::F8E5M2)[0], 0x7b);
  EXPECT_EQ(converted<uint8_t>(DType::F32, std::vector<float>{1e6f}, DType::F8E5M2, open)[0], 0x7c);
  EXPECT_EQ(converted<uint8_t>(DType::F32, std::vector<float>{3.0f}, DType::F8E8M0)[0], 129);
  EXPECT_EQ(converted<uint8_t>(DType::F32, std::vector<float>{3.0f}, DType::F8E8M0, open)[0], 128);
}

// Small integers are exact in every type that holds them: 0 and 1, and up to 7 where there is room. More than one
// strip.
TEST(ElementConvert, SmallIntegersSurviveEveryPair) {
  constexpr int64_t count = 600;
  for (DType from : numericTypes)
    for (DType to : numericTypes) {
      bool isTiny = from == DType::Bool || to == DType::Bool || from == DType::F8E8M0 || to == DType::F8E8M0;
      std::vector<int64_t> source(count), result(count);
      for (int64_t i = 0; i < count; ++i)
        source[static_cast<size_t>(i)] = isTiny ? 1 : i % 5;
      std::vector<std::byte> first(count * 8), second(count * 8);
      convertElements(DType::I64, reinterpret_cast<std::byte *>(source.data()), from, first.data(), count);
      convertElements(from, first.data(), to, second.data(), count);
      convertElements(to, second.data(), DType::I64, reinterpret_cast<std::byte *>(result.data()), count);
      ASSERT_EQ(result, source) << nameOf(from) << " to " << nameOf(to);
    }
}

TEST(ElementConvert, HalfAndSingleRoundTripEveryHalf) {
  std::vector<uint16_t> halves(65536);
  for (size_t i = 0; i < halves.size(); ++i)
    halves[i] = static_cast<uint16_t>(i);
  for (DType type : {DType::F16, DType::BF16}) {
    std::vector<float> singles = converted<float>(type, halves, DType::F32);
    std::vector<uint16_t> back = converted<uint16_t>(DType::F32, singles, type);
    for (size_t i = 0; i < halves.size(); ++i)
      if (!std::isnan(singles[i]))
        ASSERT_EQ(back[i], halves[i]) << nameOf(type);
  }
}

} // namespace
