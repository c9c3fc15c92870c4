// Tests evaluation of sizes and the cache of bindings.
#include "runtime/Binding.h"

#include <gtest/gtest.h>

namespace heddle {
namespace {

const Expr n = Expr::symbol("n"), k = Expr::symbol("k");

// A symbol that a step defines makes what mentions it known, and again when a loop defines it anew.
TEST(ExprValues, LaterSymbolMakesExpressionsKnown) {
  ExprTable table;
  ExprId sum = table.intern(n + k), onlyN = table.intern(n * 2);
  ExprValues values;
  values.evaluateAll(table, {{"n", 5}});
  EXPECT_TRUE(values.isKnown(onlyN));
  EXPECT_FALSE(values.isKnown(sum));
  values.set("k", 3);
  EXPECT_EQ(values[sum], 8);
  values.set("k", 4);
  EXPECT_EQ(values[sum], 9);
}

TEST(ExprTable, EqualExpressionsShareOneId) {
  ExprTable table;
  EXPECT_EQ(table.intern(n + k), table.intern(k + n));
  EXPECT_EQ(table.size(), 1u);
}

Variant variantWithArena(const Expr &bytes) {
  Variant variant;
  for (int i = 0; i < 2; ++i) {
    Place place;
    place.bytes = bytes;
    place.last = 2;
    variant.plan.places.push_back(place);
  }
  return variant;
}

TEST(Binding, OffsetsAreAlignedAndApart) {
  Variant variant = variantWithArena(n * 4);
  std::unique_ptr<Executable> executable = std::move(*prepare(variant));
  BindingCache cache(2);
  Result<std::shared_ptr<const Binding>> binding = cache.get(*executable, {{"n", 20}});
  ASSERT_TRUE(binding);
  EXPECT_EQ((*binding)->layout.offsets, (std::vector<int64_t>{0, 128}));
  EXPECT_EQ((*binding)->layout.end, 208);
}

// Values that never live together share bytes.
TEST(Binding, DisjointLifetimesShareBytes) {
  Variant variant = variantWithArena(n * 4);
  variant.plan.places[0].last = 1;
  variant.plan.places[1].first = 1;
  std::unique_ptr<Executable> executable = std::move(*prepare(variant));
  BindingCache cache(2);
  Result<std::shared_ptr<const Binding>> binding = cache.get(*executable, {{"n", 20}});
  ASSERT_TRUE(binding);
  EXPECT_EQ((*binding)->layout.end, 80);
}

TEST(Binding, NegativeSizeIsRefused) {
  Variant variant = variantWithArena(n - 5);
  std::unique_ptr<Executable> executable = std::move(*prepare(variant));
  BindingCache cache(2);
  Result<std::shared_ptr<const Binding>> binding = cache.get(*executable, {{"n", 3}});
  ASSERT_FALSE(binding);
  EXPECT_EQ(binding.status().message(), "a tensor's size is negative: n - 5 = -2 bytes");
}

// The cache gives the same object again, and forgets the one used longest ago.
TEST(Binding, CacheKeepsTheLastUsed) {
  Variant variant = variantWithArena(n);
  std::unique_ptr<Executable> executable = std::move(*prepare(variant));
  BindingCache cache(2);
  std::shared_ptr<const Binding> one = *cache.get(*executable, {{"n", 1}});
  std::shared_ptr<const Binding> two = *cache.get(*executable, {{"n", 2}});
  EXPECT_EQ(*cache.get(*executable, {{"n", 1}}), one);
  (void)*cache.get(*executable, {{"n", 3}});
  EXPECT_EQ(*cache.get(*executable, {{"n", 1}}), one);
  EXPECT_NE(*cache.get(*executable, {{"n", 2}}), two);
}

} // namespace
} // namespace heddle
