// The text form of weight transforms.
#include "runtime/format/WeightTransform.h"

#include <gtest/gtest.h>
#include <random>

using namespace heddle;

namespace {

std::string normalized(std::string_view text) {
  Result<WeightTransform> transform = parseTransform(text);
  return transform.isOk() ? printTransform(*transform) : transform.status().message();
}

TEST(WeightTransformText, EveryStepRoundTrips) {
  for (const char *text :
       {"[cast<f16>]", "[permute<[1, 0]>, pack<nr = 32>]", "[reshape<[2, -3]>]", "[reshape<[]>]",
        "[slice<starts = [0, 5], sizes = [4, 2], steps = [1, -2]>]", "[concat<axis = 1, digest = \"9f2c\">]",
        "[pad<low = [0, 1], high = [2, 3], value = -0.1>]", "[pad<low = [], high = [], value = inf>]",
        "[scale<axis = 0, digest = \"00ff\">, pack<nr = 16, kr = 4>]"})
    EXPECT_EQ(normalized(text), text);
  EXPECT_EQ(normalized(" [ pack<nr=8,kr=1> ] "), "[pack<nr = 8>]");
  EXPECT_EQ(normalized(""), "");
  EXPECT_EQ(normalized("[]"), "");
}

TEST(WeightTransformText, ErrorsGiveTheColumn) {
  EXPECT_EQ(normalized("permute"), "column 1 of the transform: expected '['");
  EXPECT_EQ(normalized("[twist<1>]"),
            "column 2 of the transform: expected cast, permute, reshape, slice, concat, pad, scale or pack");
  EXPECT_EQ(normalized("[cast<f17>]"), "column 7 of the transform: expected an element type");
  EXPECT_EQ(normalized("[permute<[1 0]>]"), "column 13 of the transform: expected ','");
  EXPECT_EQ(normalized("[pack<nr = x>]"), "column 12 of the transform: expected a number");
  EXPECT_EQ(normalized("[pack<nr = 4>"), "column 14 of the transform: expected ','");
  EXPECT_EQ(normalized("[pack<nr = 4>] x"), "column 16 of the transform: expected the end");
  std::string many = "[cast<f32>";
  for (int i = 0; i < 70; ++i)
    many += ", cast<f32>";
  EXPECT_NE(normalized(many + "]").find("more than 64 steps"), std::string::npos);
}

// Artifacts carry this text: no bytes may crash its reader, and what is accepted prints back.
TEST(WeightTransformText, RandomTokensAreSafe) {
  const char *tokens[] = {"[",     "]",   "<",   ">",      ",",     "=",      "cast",   "f16", "permute",
                          "pack",  "nr",  "kr",  "concat", "axis",  "digest", "\"a0\"", "-1",  "3",
                          "1e400", "pad", "low", "high",   "value", "\xff",   " "};
  for (uint32_t seed = 0; seed < 20000; ++seed) {
    std::mt19937 random(seed);
    std::string text = "[";
    for (uint32_t i = 0, n = random() % 16; i < n; ++i)
      text += tokens[random() % std::size(tokens)];
    Result<WeightTransform> transform = parseTransform(text);
    if (transform.isOk())
      ASSERT_EQ(normalized(printTransform(*transform)), printTransform(*transform)) << text;
  }
}

} // namespace
