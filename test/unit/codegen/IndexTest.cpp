// Index expressions: canonical form, proofs by range, and agreement with direct evaluation.
#include "codegen/Index.h"
#include <gtest/gtest.h>
#include <random>

using namespace heddle;

namespace {

/// Values of loop variables and opaque values by id.
struct Point {
  std::map<int, int64_t> variables, opaques;
  SymbolValues symbols;
};

int64_t floorQuotient(int64_t a, int64_t b) { return a / b - ((a % b != 0) && ((a < 0) != (b < 0))); }

int64_t valueOf(const Expr &expr, const Point &point) {
  Result<int64_t> value = expr.evaluate(point.symbols);
  EXPECT_TRUE(value.isOk()) << value.status().message();
  return value ? *value : 0;
}

int64_t valueOf(const Index &index, const Point &point) {
  int64_t value = valueOf(index.constant(), point);
  for (const Index::Term &term : index.terms()) {
    const Index::Atom &atom = *term.atom;
    int64_t factor = 0;
    if (atom.kind == Index::AtomKind::Variable) {
      factor = point.variables.at(atom.id);
    } else if (atom.kind == Index::AtomKind::Opaque) {
      factor = point.opaques.at(atom.id);
    } else {
      int64_t operand = valueOf(atom.operand, point), divisor = valueOf(atom.divisor, point);
      int64_t quotient = floorQuotient(operand, divisor);
      factor = atom.kind == Index::AtomKind::FloorDiv ? quotient : operand - quotient * divisor;
    }
    value += valueOf(term.coefficient, point) * factor;
  }
  return value;
}

Expr symbol(const char *name) { return Expr::symbol(name); }
Index var(int id, Expr extent) { return Index::variable(id, std::move(extent)); }

TEST(Index, EqualSumsAreEqualWhateverTheirOrder) {
  Index a = var(0, 4), b = var(1, 5);
  EXPECT_EQ(a * Expr(3) + b + Index(2), b + Index(2) + a * Expr(3));
  EXPECT_EQ((a + b) - b, a);
  EXPECT_NE(a, b);
}

TEST(Index, VariableOfExtentOneIsZero) { EXPECT_EQ(var(0, 1), Index(0)); }

// The case that decides whether attention heads are read with vectors.
TEST(Index, SplitOfHeadsNeedsNoDivision) {
  Index h = var(0, 12), d = var(1, 64);
  Index position = h * Expr(64) + d;
  EXPECT_EQ(floorDiv(position, Expr(768)), Index(0));
  EXPECT_EQ(mod(position, Expr(768)), position);
  EXPECT_EQ(floorDiv(position, Expr(64)), h);
  EXPECT_EQ(mod(position, Expr(64)), d);
}

TEST(Index, SymbolicExtentsProveTheSameAsLiteralOnes) {
  Expr S = symbol("s"), B = symbol("b");
  Index b = var(0, B), s = var(1, S), c = var(2, 768);
  Index position = (b * S + s) * Expr(768) + c;
  EXPECT_EQ(floorDiv(position, Expr(768)), b * S + s);
  EXPECT_EQ(floorDiv(position, S * 768), b);
  EXPECT_EQ(mod(position, S * 768), s * Expr(768) + c);
}

TEST(Index, ExtentsThatAreSumsOfSymbolsProveToo) {
  Expr total = symbol("past") + symbol("seq");
  Index h = var(0, 12), t = var(1, total);
  EXPECT_EQ(floorDiv(h * total + t, total), h);
  EXPECT_EQ(floorDiv(h * total + t, total * 12), Index(0));
}

TEST(Index, ReversedDimensionStaysInRange) {
  Expr S = symbol("s");
  Index reversed = Index(S - 1) - var(0, S);
  EXPECT_EQ(floorDiv(reversed, S), Index(0));
  EXPECT_EQ(mod(reversed, S), reversed);
}

TEST(Index, DivisionByAMultipleKeepsTheFastPartLinear) {
  Index h = var(0, 12), d = var(1, 64);
  Index rest = mod(h * Expr(64) + d, Expr(128));
  EXPECT_EQ(rest.slope(1), Expr(1));
  EXPECT_EQ(floorDiv(h * Expr(64) + d, Expr(128)), floorDiv(h, Expr(2)));
}

// Iterating over a collapsed dimension must not leave divisions where the operand has the same shape.
TEST(Index, LinearizeUndoesDelinearize) {
  Expr S = symbol("s");
  Shape shape = {symbol("b"), S, Expr(12), Expr(64)};
  Index flat = var(0, elementCount(shape));
  EXPECT_EQ(linearize(delinearize(flat, shape), shape), flat);
}

// Storing with gaps must not bring the divisions back either: only the rows' distance changes.
TEST(Index, DimensionsWithoutGapsCountAsOne) {
  Expr S = symbol("s");
  Shape shape = {symbol("b"), S, Expr(12)}, rows = {symbol("b"), S};
  std::vector<Expr> strides = {S * Expr(64), Expr(64), Expr(1)};
  Index row = var(0, elementCount(rows)), column = var(1, 12);
  std::vector<Index> place = delinearize(row, rows);
  place.push_back(column);
  EXPECT_EQ(linearize(place, shape, strides), row * Expr(64) + column);
  EXPECT_EQ(linearize(place, shape, {S * Expr(12), Expr(12), Expr(1)}), linearize(place, shape));
}

TEST(Index, SlopeIsUnknownThroughADivision) {
  Index v = var(0, 100);
  EXPECT_EQ((v * Expr(3) + Index(1)).slope(0), Expr(3));
  EXPECT_EQ(v.slope(1), Expr(0));
  EXPECT_EQ(floorDiv(v, Expr(7)).slope(0), std::nullopt);
  EXPECT_EQ(Index::opaque(0, Expr(5), {0}).slope(0), std::nullopt);
  EXPECT_EQ(Index::opaque(0, Expr(5), {1}).slope(0), Expr(0));
}

TEST(Index, UnknownOpaqueValueProvesNothing) {
  Index value = Index::opaque(0, std::nullopt, {});
  EXPECT_FALSE(value.range());
  EXPECT_NE(mod(value, Expr(8)), value);
  EXPECT_TRUE(Index::opaque(1, Expr(8), {}).isWithin(Expr(0), Expr(8)));
}

// A part of a concatenation may be empty, so its size is no proof that an index lies in it.
TEST(Index, BoundIsNotTakenForPositive) {
  Expr P = symbol("p"), S = symbol("s");
  EXPECT_FALSE(var(0, S).isWithin(Expr(0), P));
  EXPECT_FALSE(Index(0).isWithin(Expr(0), P));
  EXPECT_TRUE(var(0, P).isWithin(Expr(0), P + S - S));
}

TEST(Index, SizeZeroDivisorOfALoopThatNeverRunsIsAccepted) { EXPECT_EQ(floorDiv(var(0, 0), Expr(0)), Index(0)); }

TEST(Index, SubstitutionSimplifiesAgain) {
  Index v = var(0, 1000);
  Index replaced = floorDiv(v, Expr(10)).substitute(0, var(1, 100) * Expr(10) + var(2, 10));
  EXPECT_EQ(replaced, var(1, 100));
}

TEST(Index, PrintsAsText) {
  EXPECT_EQ((var(0, 4) * Expr(64) + var(1, 64) + Index(3)).str(), "64 * i0 + i1 + 3");
  EXPECT_EQ(Index().str(), "0");
}

/// Draws an index from the operations and the same value by plain arithmetic at several points.
class RandomIndex {
public:
  explicit RandomIndex(uint32_t seed) : random(seed) {
    for (Point &point : points) {
      point.symbols = {{"a", draw(1, 6)}, {"b", draw(1, 9)}};
      for (size_t id = 0; id < extents.size(); ++id)
        point.variables[int(id)] = draw(0, valueOf(extents[id], point) - 1);
      point.opaques[0] = draw(-50, 50);
      point.opaques[1] = draw(0, 6);
    }
  }

  using Values = std::array<int64_t, 12>;

  std::pair<Index, Values> make(int depth) {
    if (depth == 0)
      return leaf();
    auto [index, values] = make(depth - 1);
    switch (draw(0, 4)) {
    case 0:
    case 1: {
      auto [other, otherValues] = make(depth - 1);
      for (size_t i = 0; i < values.size(); ++i)
        values[i] += otherValues[i];
      return {index + other, values};
    }
    case 2: {
      Expr factor = size();
      for (size_t i = 0; i < values.size(); ++i)
        values[i] *= valueOf(factor, points[i]);
      return {index * factor, values};
    }
    default: {
      Expr divisor = size();
      bool quotient = draw(0, 1);
      for (size_t i = 0; i < values.size(); ++i) {
        int64_t by = valueOf(divisor, points[i]), result = floorQuotient(values[i], by);
        values[i] = quotient ? result : values[i] - result * by;
      }
      return {quotient ? floorDiv(index, divisor) : mod(index, divisor), values};
    }
    }
  }

  std::array<Point, 12> points;
  const std::vector<Expr> extents = {
      Expr(4), Expr(7), symbol("a"), symbol("b"), symbol("a") * symbol("b"), symbol("a") + symbol("b"), Expr(64)};

private:
  int64_t draw(int64_t low, int64_t high) { return std::uniform_int_distribution<int64_t>(low, high)(random); }

  Expr size() {
    const std::vector<Expr> sizes = {Expr(2),
                                     Expr(4),
                                     Expr(7),
                                     Expr(28),
                                     symbol("a"),
                                     symbol("b"),
                                     symbol("a") * symbol("b"),
                                     symbol("a") + symbol("b"),
                                     symbol("a") * 4};
    return sizes[size_t(draw(0, int64_t(sizes.size()) - 1))];
  }

  std::pair<Index, Values> leaf() {
    Index index = Index(draw(-9, 9));
    switch (draw(0, 6)) {
    case 0:
      break;
    case 1:
      index = Index::opaque(0, std::nullopt, {0});
      break;
    case 2:
      index = Index::opaque(1, Expr(7), {});
      break;
    default: {
      int64_t id = draw(0, int64_t(extents.size()) - 1);
      index = Index::variable(int(id), extents[size_t(id)]);
    }
    }
    Values values;
    for (size_t i = 0; i < values.size(); ++i)
      values[i] = valueOf(index, points[i]);
    return {index, values};
  }

  std::mt19937 random;
};

TEST(Index, RandomExpressionsAgreeWithPlainArithmetic) {
  for (uint32_t seed = 0; seed < 4000; ++seed) {
    RandomIndex random(seed);
    auto [index, values] = random.make(4);
    std::optional<Index::Range> range = index.range();
    for (size_t i = 0; i < values.size(); ++i) {
      ASSERT_EQ(valueOf(index, random.points[i]), values[i]) << "seed " << seed << ": " << index.str();
      if (!range)
        continue;
      ASSERT_GE(values[i], valueOf(range->lower, random.points[i])) << "seed " << seed << ": " << index.str();
      ASSERT_LE(values[i], valueOf(range->upper, random.points[i])) << "seed " << seed << ": " << index.str();
    }
  }
}

// A slope is a promise about neighbours, so moving one variable by one must change the value by it.
TEST(Index, RandomSlopesAreDifferences) {
  for (uint32_t seed = 0; seed < 2000; ++seed) {
    RandomIndex random(seed);
    auto [index, values] = random.make(3);
    for (size_t id = 0; id < random.extents.size(); ++id) {
      std::optional<Expr> slope = index.slope(int(id));
      Point moved = random.points[0];
      moved.variables[int(id)] += 1;
      if (!slope || moved.variables[int(id)] >= valueOf(random.extents[id], moved))
        continue;
      ASSERT_EQ(valueOf(index, moved) - values[0], valueOf(*slope, moved)) << "seed " << seed << ": " << index.str();
    }
  }
}

} // namespace
