// Size expressions: normal form, evaluation, substitution.
#include "runtime/format/Expr.h"

#include <cmath>
#include <functional>
#include <gtest/gtest.h>
#include <random>

using namespace heddle;

namespace heddle {
void PrintTo(const Expr &expr, std::ostream *stream) { *stream << expr.str(); }
} // namespace heddle

namespace {

Expr sym(const char *name) { return Expr::symbol(name); }

const Expr batch = sym("batch"), past = sym("past"), seq = sym("seq"), h = sym("H"), p = sym("p");

int64_t valueOf(const Expr &expr, const SymbolValues &values) {
  Result<int64_t> result = expr.evaluate(values);
  EXPECT_TRUE(result.isOk()) << expr.str() << ": " << result.status().message();
  return result.isOk() ? *result : INT64_MIN;
}

std::string errorOf(const Expr &expr, const SymbolValues &values) {
  Result<int64_t> result = expr.evaluate(values);
  EXPECT_FALSE(result.isOk()) << expr.str();
  return result.isOk() ? "" : result.status().message();
}

// gpt2 declares one dimension as `past + seq` and another as `seq + past`.
TEST(ExprNormalForm, SumsAreSorted) {
  EXPECT_EQ(past + seq, seq + past);
  EXPECT_EQ((past + seq).str(), "past + seq");
  EXPECT_EQ((seq + 1 + past - 1).str(), "past + seq");
}

TEST(ExprNormalForm, ProductsAreExpanded) {
  EXPECT_EQ((past + 1) * (seq + 2), past * seq + 2 * past + seq + 2);
  EXPECT_EQ((past - seq) * (past + seq), past * past - seq * seq);
  EXPECT_EQ((2 * h - 3 * p).str(), "2 * H - 3 * p");
  EXPECT_EQ((0 - h).str(), "-H");
}

TEST(ExprNormalForm, DifferentPolynomialsDiffer) {
  EXPECT_NE(past + seq, past + 2 * seq);
  EXPECT_NE(past * seq, past + seq);
  EXPECT_NE(sym("a"), sym("b"));
  EXPECT_TRUE((past < seq) != (seq < past));
}

// gpt2's `(batch * p) // batch`, and Reshape's -1 against a sum.
TEST(ExprNormalForm, ExactDivisionsVanish) {
  EXPECT_EQ(floorDiv(batch * p, batch), p);
  EXPECT_EQ(floorDiv(6 * batch * p + 3 * batch, 3 * batch), 2 * p + 1);
  EXPECT_EQ(floorDiv((past + seq) * batch * 768, past + seq), 768 * batch);
  EXPECT_EQ(floorDiv((past + seq) * (past + 3), past + 3), past + seq);
  EXPECT_EQ(mod((past + seq) * batch, past + seq), 0);
  EXPECT_EQ(floorDiv(batch * p, 0 - batch), 0 - p);
}

TEST(ExprNormalForm, DivisionsByLiteralsAreInLowestTerms) {
  EXPECT_EQ(floorDiv(2 * h, 4), floorDiv(h, 2));
  EXPECT_EQ(floorDiv(2 * h + 3, 4), floorDiv(h + 1, 2));
  EXPECT_EQ(floorDiv(2 * h + 1, 2), h);
  EXPECT_EQ(floorDiv(h + 70, 32), floorDiv(h + 6, 32) + 2);
  EXPECT_EQ(floorDiv(h, -2), ceilDiv(h, 2) * -1);
  EXPECT_EQ(mod(6 * h + 5, 4), 2 * mod(h, 2) + 1);
  EXPECT_EQ(mod(h * p - p, 5).str(), "(H * p + 4 * p) mod 5");
}

// Strided convolutions nest divisions: eight layers must not nest eight deep.
TEST(ExprNormalForm, NestedDivisionsMerge) {
  EXPECT_EQ(floorDiv(floorDiv(h + 1, 2) + 1, 2), floorDiv(h + 3, 4));
  EXPECT_EQ(ceilDiv(ceilDiv(h, 16), 2), ceilDiv(h, 32));
  EXPECT_EQ(ceilDiv(h, 32).str(), "(H + 31) floordiv 32");
}

TEST(ExprNormalForm, ExtremaAreFlatSortedAndDecided) {
  EXPECT_EQ(min(min(h, p), 3).str(), min(3, min(p, h)).str());
  EXPECT_EQ(min(h, h + 1), h);
  EXPECT_EQ(max(max(h, p), h + 1), max(p, h + 1));
  EXPECT_EQ(max(4, max(7, h)), max(h, 7));
  EXPECT_EQ(min(4, 7), 4);
}

TEST(ExprNormalForm, ComparisonsAreCancelledAndDecided) {
  EXPECT_EQ(equal(past + seq, seq + past), 1);
  EXPECT_EQ(equal(h, h + 1), 0);
  EXPECT_EQ(lessThan(h, h + 1), 1);
  EXPECT_EQ(lessEqual(h + 1, h), 0);
  EXPECT_EQ(equal(2 * h, 2 * p + 1), 0);
  EXPECT_EQ(equal(h + 1, p + 1), equal(p, h));
  EXPECT_EQ(lessThan(h, 5), lessEqual(h, 4));
  EXPECT_EQ(lessEqual(1, h), lessThan(0, h));
  EXPECT_EQ(lessEqual(2 * h, 5), lessEqual(h, 2));
  EXPECT_EQ(equal(1, batch).str(), "batch == 1");
}

TEST(ExprNormalForm, LogicIsPushedInwards) {
  Expr a = equal(h, 1), b = lessThan(p, h);
  EXPECT_EQ(logicalNot(logicalNot(a)), a);
  EXPECT_EQ(logicalNot(logicalAnd(a, b)), logicalOr(logicalNot(b), logicalNot(a)));
  EXPECT_EQ(logicalAnd(a, logicalNot(a)), 0);
  EXPECT_EQ(logicalOr(a, logicalNot(a)), 1);
  EXPECT_EQ(logicalAnd(a, 1), a);
  EXPECT_EQ(logicalAnd(5, 7), 1);
  EXPECT_EQ(logicalOr(h, 0), notEqual(h, 0));
}

// A coefficient that does not fit stays an unevaluated product, and never wraps.
TEST(ExprNormalForm, OverflowingLiteralsAreKept) {
  Expr big = Expr(INT64_MAX) + 1;
  EXPECT_FALSE(big.literal());
  EXPECT_NE(errorOf(big, {}).find("does not fit in 64 bits"), std::string::npos);
  EXPECT_FALSE((Expr(INT64_MAX) * 2).literal());
  EXPECT_FALSE((Expr(INT64_MIN) * -1).literal());
  EXPECT_FALSE(floorDiv(INT64_MIN, -1).literal());
  EXPECT_EQ(floorDiv(INT64_MIN, 1), INT64_MIN);
}

TEST(ExprEvaluate, RoundsTowardMinusInfinity) {
  Expr a = sym("a"), b = sym("b");
  for (int64_t x = -9; x <= 9; ++x)
    for (int64_t y : {-4, -3, -1, 1, 2, 5}) {
      SymbolValues values = {{"a", x}, {"b", y}};
      EXPECT_EQ(valueOf(floorDiv(a, b), values), static_cast<int64_t>(std::floor(double(x) / double(y))));
      EXPECT_EQ(valueOf(ceilDiv(a, b), values), static_cast<int64_t>(std::ceil(double(x) / double(y))));
      EXPECT_EQ(valueOf(mod(a, b), values), x - y * static_cast<int64_t>(std::floor(double(x) / double(y))));
    }
}

TEST(ExprEvaluate, ErrorsNameTheCause) {
  Expr a = sym("a"), b = sym("b");
  EXPECT_EQ(errorOf(a + b, {{"a", 1}}), "symbol 'b' has no value");
  EXPECT_EQ(errorOf(floorDiv(a, b), {{"a", 1}, {"b", 0}}), "division by zero in 'a floordiv b'");
  EXPECT_EQ(errorOf(mod(a, b), {{"a", 1}, {"b", 0}}), "division by zero in 'a mod b'");
  EXPECT_EQ(errorOf(a * b, {{"a", INT64_MAX}, {"b", 2}}), "'a * b' does not fit in 64 bits");
  EXPECT_EQ(errorOf(floorDiv(a, b), {{"a", INT64_MIN}, {"b", -1}}), "'a floordiv b' does not fit in 64 bits");
}

// The expanded form of a product must not fail where the written form does not.
TEST(ExprEvaluate, IntermediateProductsMayBeWide) {
  Expr a = sym("a"), b = sym("b");
  int64_t large = 4000000000;
  EXPECT_EQ(valueOf((a - b) * (a + b), {{"a", large}, {"b", large - 1}}), 2 * large - 1);
}

// A guard such as `b != 0 and a mod b == 0` must hold up whatever the order of its operands.
TEST(ExprEvaluate, DecidingOperandWinsOverFailingOne) {
  Expr a = sym("a"), b = sym("b");
  Expr divides = equal(mod(a, b), 0);
  SymbolValues values = {{"a", 4}, {"b", 0}};
  EXPECT_EQ(valueOf(logicalAnd(notEqual(b, 0), divides), values), 0);
  EXPECT_EQ(valueOf(logicalOr(equal(b, 0), divides), values), 1);
  EXPECT_NE(errorOf(logicalAnd(equal(b, 0), divides), values), "");
}

TEST(ExprSubstitute, RenormalizesTheResult) {
  Expr size = floorDiv(h * p + 3, 4);
  EXPECT_EQ(size.substitute({{"H", 8}, {"p", Expr(2)}}), 4);
  EXPECT_EQ(size.substitute({{"p", Expr(4)}}), h);
  EXPECT_EQ(size.substitute({{"other", Expr(4)}}), size);
  EXPECT_EQ(equal(h, p).substitute({{"H", p}}), 1);
}

TEST(ExprSymbols, AreCollectedOnce) {
  std::set<std::string> symbols;
  (min(h * p, h) + floorDiv(batch, p)).collectSymbols(symbols);
  EXPECT_EQ(symbols, (std::set<std::string>{"H", "batch", "p"}));
}

TEST(ExprShape, ElementCountOfRankZeroIsOne) {
  EXPECT_EQ(elementCount({}), 1);
  EXPECT_EQ(elementCount({batch, 3, past + seq}), 3 * batch * past + 3 * batch * seq);
}

/// A random expression built twice: by the operators of Expr, and as a plain evaluation without any normal form.
struct Twin {
  Expr expr;
  /// nullopt where the written form divides by zero.
  std::function<std::optional<int64_t>(const SymbolValues &)> plain;
};

class TwinMaker {
public:
  explicit TwinMaker(uint32_t seed) : random(seed) {}

  Twin make(int depth) {
    int choice = static_cast<int>(random() % (depth == 0 ? 3 : 16));
    if (choice == 0) {
      auto value = static_cast<int64_t>(random() % 13) - 5;
      return {value, [value](const SymbolValues &) { return value; }};
    }
    if (choice <= 2) {
      std::string name(1, static_cast<char>('a' + random() % 3));
      return {Expr::symbol(name), [name](const SymbolValues &values) { return values.at(name); }};
    }
    Twin a = make(depth - 1), b = make(depth - 1);
    const auto &[op, plain] = operations[static_cast<size_t>(choice - 3) % operations.size()];
    return {op(a.expr, b.expr), [=, plain = plain](const SymbolValues &values) -> std::optional<int64_t> {
              std::optional<int64_t> x = a.plain(values), y = b.plain(values);
              return x && y ? plain(*x, *y) : std::nullopt;
            }};
  }

  SymbolValues values() {
    auto draw = [this] { return static_cast<int64_t>(random() % 41) - 12; };
    return {{"a", draw()}, {"b", draw()}, {"c", draw()}};
  }

private:
  using Plain = std::optional<int64_t> (*)(int64_t, int64_t);
  struct Operation {
    Expr (*op)(const Expr &, const Expr &);
    Plain plain;
  };

  static std::optional<int64_t> plainFloorDiv(int64_t a, int64_t b) {
    if (b == 0)
      return std::nullopt;
    int64_t quotient = a / b;
    return quotient * b > a != b < 0 && quotient * b != a ? quotient - 1 : quotient;
  }
  static std::optional<int64_t> plainMod(int64_t a, int64_t b) {
    std::optional<int64_t> quotient = plainFloorDiv(a, b);
    return quotient ? std::optional(a - b * *quotient) : std::nullopt;
  }

  const std::vector<Operation> operations = {
      {operator+, [](int64_t a, int64_t b) { return std::optional(a + b); }},
      {operator-, [](int64_t a, int64_t b) { return std::optional(a - b); }},
      {operator*, [](int64_t a, int64_t b) { return std::optional(a * b); }},
      {floorDiv, plainFloorDiv},
      {mod, plainMod},
      {ceilDiv,
       [](int64_t a, int64_t b) {
         std::optional<int64_t> quotient = plainFloorDiv(-a, b);
         return quotient ? std::optional(-*quotient) : std::nullopt;
       }},
      {heddle::min, [](int64_t a, int64_t b) { return std::optional(std::min(a, b)); }},
      {heddle::max, [](int64_t a, int64_t b) { return std::optional(std::max(a, b)); }},
      {equal, [](int64_t a, int64_t b) { return std::optional<int64_t>(a == b); }},
      {notEqual, [](int64_t a, int64_t b) { return std::optional<int64_t>(a != b); }},
      {lessThan, [](int64_t a, int64_t b) { return std::optional<int64_t>(a < b); }},
      {lessEqual, [](int64_t a, int64_t b) { return std::optional<int64_t>(a <= b); }},
      {logicalAnd, [](int64_t a, int64_t b) { return std::optional<int64_t>(a && b); }},
  };
  std::mt19937 random;
};

// The normal form must mean what was written, wherever that has a value at all.
TEST(ExprRandom, NormalFormAgreesWithDirectEvaluation) {
  int compared = 0;
  for (uint32_t seed = 0; seed < 4000; ++seed) {
    TwinMaker maker(seed);
    Twin twin = maker.make(1 + static_cast<int>(seed % 4));
    for (int draw = 0; draw < 6; ++draw) {
      SymbolValues values = maker.values();
      std::optional<int64_t> expected = twin.plain(values);
      if (!expected)
        continue;
      ++compared;
      ASSERT_EQ(valueOf(twin.expr, values), *expected)
          << "seed " << seed << ": " << twin.expr.str() << " at a=" << values["a"] << " b=" << values["b"]
          << " c=" << values["c"];
    }
  }
  EXPECT_GT(compared, 10000);
}

TEST(ExprRandom, NormalFormIsAFixpointOfItsText) {
  for (uint32_t seed = 0; seed < 4000; ++seed) {
    Expr expr = TwinMaker(seed).make(1 + static_cast<int>(seed % 5)).expr;
    Result<Expr> parsed = Expr::parse(expr.str());
    ASSERT_TRUE(parsed.isOk()) << expr.str() << ": " << parsed.status().message();
    ASSERT_EQ(*parsed, expr) << "seed " << seed << ": " << expr.str() << "\nagain: " << parsed->str();
  }
}

TEST(ExprRandom, NegationInvertsTheTruth) {
  for (uint32_t seed = 0; seed < 1000; ++seed) {
    TwinMaker maker(seed);
    Twin twin = maker.make(3);
    SymbolValues values = maker.values();
    if (!twin.plain(values))
      continue;
    ASSERT_EQ(valueOf(logicalNot(twin.expr), values), valueOf(twin.expr, values) == 0) << twin.expr.str();
  }
}

} // namespace
