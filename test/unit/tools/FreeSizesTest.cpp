// Tests the sizes chosen for dimensions that a model leaves open.
#include "tools/common/FreeSizes.h"

#include <gtest/gtest.h>

namespace heddle::test {
namespace {

const Expr batch = Expr::symbol("batch"), seq = Expr::symbol("seq"), past = Expr::symbol("past");

Expr parsed(const std::string &text) { return *Expr::parse(text); }

SymbolValues first(std::vector<Shape> shapes, SymbolValues given = {}, std::vector<Expr> guards = {}) {
  return *FreeSizes(shapes, std::move(given), guards).next();
}

TEST(FreeSizes, LeadingSizesAreOneAndOthersSmall) {
  FreeSizes sizes(std::vector<Shape>{{batch, seq, 3}}, {}, {});
  EXPECT_EQ(sizes.names(), (std::vector<std::string>{"batch", "seq"}));
  EXPECT_EQ(sizes.next(), (SymbolValues{{"batch", 1}, {"seq", 64}}));
}

TEST(FreeSizes, GivenSizesStay) {
  EXPECT_EQ(first({{batch, seq}}, {{"seq", 7}}), (SymbolValues{{"batch", 1}, {"seq", 7}}));
}

// Decoders name the length of their mask so; without this, every such model fails with an index out of bounds.
TEST(FreeSizes, NamesThatAreSumsAreSums) {
  Shape ids = {batch, seq}, mask = {batch, Expr::symbol("past_plus_seq")}, cache = {batch, 12, past, 64};
  EXPECT_EQ(first({ids, mask, cache}).at("past_plus_seq"), 128);
  EXPECT_EQ(first({ids, mask}, {{"seq", 20}, {"past", 12}}).at("past_plus_seq"), 32);
}

TEST(FreeSizes, SumsDecideTheirParts) {
  EXPECT_EQ(first({{batch, 12, past, 64}}, {{"seq", 20}, {"past_plus_seq", 32}}).at("past"), 12);
}

TEST(FreeSizes, TotalLengthsIncludeThePast) {
  auto named = [](const char *name) { return Shape{1, Expr::symbol(name)}; };
  SymbolValues sizes = first({named("sequence_length"), named("total_sequence_length"), named("past_sequence_length")});
  EXPECT_EQ(sizes.at("total_sequence_length"), 128);
}

TEST(FreeSizes, NamesOfUnknownPartsAreNames) {
  EXPECT_EQ(first({{1, Expr::symbol("past_plus_seq")}, {1, seq}}).at("past_plus_seq"), 64);
}

// As of a voice detector, whose frame must leave exactly one step after its convolutions.
TEST(FreeSizes, GuardsMoveSizesAsLittleAsPossible) {
  Expr guard = parsed("(max(0, (seq + 64) floordiv 128 - 1) + 3) floordiv 4 == 1");
  EXPECT_EQ(first({{batch, seq}}, {}, {guard}).at("seq"), 192);
}

TEST(FreeSizes, EqualitiesFollowTheSymbolMetFirst) {
  Shape x = {batch, seq}, state = {2, Expr::symbol("state.dim1"), 128};
  EXPECT_EQ(first({x, state}, {}, {parsed("batch == state.dim1")}).at("state.dim1"), 1);
}

TEST(FreeSizes, LaterGuardsKeepEarlierOnes) {
  std::vector<Expr> guards = {parsed("seq mod 48 == 0"), parsed("seq mod 32 == 0")};
  EXPECT_EQ(first({{batch, seq}}, {}, guards).at("seq"), 96);
}

TEST(FreeSizes, GuardsOverElementsAreLeftOut) {
  EXPECT_EQ(first({{batch, seq}}, {}, {equal(Expr::symbol("in1[0]"), seq)}).at("seq"), 64);
}

// What follows a refusal: other sizes for all, then for single symbols, each once, and an end.
TEST(FreeSizes, LaterChoicesDiffer) {
  FreeSizes sizes(std::vector<Shape>{{batch, seq}, {2, past}}, {}, {});
  std::vector<SymbolValues> choices;
  while (std::optional<SymbolValues> choice = sizes.next()) {
    EXPECT_EQ(std::find(choices.begin(), choices.end(), *choice), choices.end());
    choices.push_back(*choice);
  }
  auto isTried = [&](int64_t seqSize, int64_t pastSize) {
    return std::find(choices.begin(), choices.end(),
                     SymbolValues{{"batch", 1}, {"seq", seqSize}, {"past", pastSize}}) != choices.end();
  };
  EXPECT_TRUE(isTried(256, 256));
  EXPECT_TRUE(isTried(256, 1));
  EXPECT_TRUE(isTried(128, 64));
  EXPECT_LE(choices.size(), 24u);
}

TEST(FreeSizes, NothingFreeIsOneChoice) {
  FreeSizes sizes(std::vector<Shape>{{1, 2}}, {}, {});
  EXPECT_TRUE(sizes.next());
  EXPECT_FALSE(sizes.next());
}

// A choice that breaks a guard would only be compiled anew.
TEST(FreeSizes, OnlyTheFirstChoiceMayBreakAGuard) {
  FreeSizes sizes(std::vector<Shape>{{batch, seq}}, {}, std::vector<Expr>{parsed("seq == 5000")});
  EXPECT_TRUE(sizes.next());
  EXPECT_FALSE(sizes.next());
}

} // namespace
} // namespace heddle::test
