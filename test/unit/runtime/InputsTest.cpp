// Tests input checks: what is refused, and that the message names input, symbol and values.
#include "runtime/Inputs.h"
#include "test/unit/runtime/ProgramBuilder.h"

#include <gtest/gtest.h>

namespace heddle {
namespace {

const Expr batch = Expr::symbol("batch"), past = Expr::symbol("past"), seq = Expr::symbol("seq");

std::string messageOf(const std::vector<Port> &ports, const std::vector<std::vector<int64_t>> &shapes) {
  Result<SymbolValues> result = bindShapes(ports, shapes);
  return result ? "accepted" : result.status().message();
}

TEST(Inputs, LoneSymbolTakesItsFirstValue) {
  std::vector<std::vector<int64_t>> shapes = {{2, 5}, {2, 3}, {2, 8}};
  Result<SymbolValues> values = bindShapes({{"ids", DType::I64, {batch, seq}},
                                            {"cache", DType::F32, {batch, past}},
                                            {"mask", DType::F32, {batch, past + seq}}},
                                           shapes);
  ASSERT_TRUE(values) << values.status().message();
  EXPECT_EQ(*values, (SymbolValues{{"batch", 2}, {"past", 3}, {"seq", 5}}));
}

TEST(Inputs, ContradictingSymbolNamesBothInputs) {
  EXPECT_EQ(messageOf({{"ids", DType::I64, {batch}}, {"mask", DType::I64, {batch}}}, {{2}, {3}}),
            "input 'mask': dimension 0 is 3, expected batch = 2 as in input 'ids'");
}

TEST(Inputs, WrongLiteralNamesBothValues) {
  EXPECT_EQ(messageOf({{"x", DType::F32, {1, 3}}}, {{1, 4}}), "input 'x': dimension 1 is 4, expected 3");
}

// A sum is checked after all inputs have bound their symbols, so the order of inputs does not matter.
TEST(Inputs, ExpressionIsCheckedWithValuesOfLaterInputs) {
  EXPECT_EQ(messageOf({{"mask", DType::F32, {past + seq}}, {"a", DType::F32, {past}}, {"b", DType::F32, {seq}}},
                      {{6}, {3}, {4}}),
            "input 'mask': dimension 0 is 6, expected past + seq = 7 (past = 3, seq = 4)");
}

TEST(Inputs, WrongRankPrintsTheExpectedShape) {
  EXPECT_EQ(messageOf({{"x", DType::F32, {batch, 3}}}, {{3}}), "input 'x': rank is 1, expected 2 [batch, 3]");
}

TEST(Inputs, WrongCountIsRefused) {
  EXPECT_EQ(messageOf({{"x", DType::F32, {batch}}}, {}), "the model has 1 inputs, got 0");
}

TEST(Inputs, WrongTypeNamesBothTypes) {
  std::vector<int64_t> ids = {1, 2};
  View view = test::viewOf(ids, {2});
  Result<SymbolValues> result = bindInputs({{"x", DType::F32, {batch}}}, std::span(&view, 1));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.status().message(), "input 'x': type is i64, expected f32");
}

// Negative and zero strides are legal views; the element is found through them.
TEST(Inputs, ReadIntegerFollowsStrides) {
  std::vector<int64_t> values = {10, 20, 30};
  View reversed{&values[2], DType::I64, {3}, {-1}};
  EXPECT_EQ(readInteger(reversed, 0), 30);
  EXPECT_EQ(readInteger(reversed, 2), 10);
  EXPECT_EQ(readInteger(reversed, 3), std::nullopt);
}

TEST(Inputs, NamedReadsOfGuardsAreFound) {
  std::vector<int64_t> shape = {7, 9};
  View view = test::viewOf(shape, {2});
  Expr guard = equal(Expr::symbol("in0[1]"), 9) + Expr::symbol("rank(in0)") + Expr::symbol("in0[5]");
  SymbolValues values;
  addNamedReads(guard, std::span(&view, 1), values);
  EXPECT_EQ(values, (SymbolValues{{"in0[1]", 9}, {"rank(in0)", 1}}));
}

} // namespace
} // namespace heddle
