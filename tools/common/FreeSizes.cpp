// Implements the choice of sizes.
#include "tools/common/FreeSizes.h"

#include "tools/common/CommandLine.h"

#include <algorithm>
#include <cstdio>

namespace heddle {
namespace {

constexpr int64_t leadingSize = 1, otherSize = 64;
constexpr int64_t largestChange = 1024; ///< Of a size, to make it agree with a relation.
constexpr size_t mostChoices = 24;

/// One way to choose: a size for leading symbols, one for the others, and one for a single symbol.
struct Pattern {
  int64_t leading = leadingSize, other = otherSize;
  std::optional<size_t> single = std::nullopt; ///< Index of a symbol.
  int64_t singleSize = 0;
};

/// For a model that refuses the usual sizes: a window longer than 64 samples, one step of a sequence, a batch that is
/// not the first dimension, a length that is the sum of two others.
std::vector<Pattern> patternsFor(const std::vector<bool> &isLeading) {
  std::vector<Pattern> patterns = {{}, {.other = 256}, {.other = 512}, {.other = 1}, {.leading = otherSize}};
  for (size_t symbol = 0; symbol < isLeading.size(); ++symbol) {
    if (isLeading[symbol]) {
      patterns.push_back({.single = symbol, .singleSize = otherSize});
      continue;
    }
    for (int64_t other : {otherSize, 4 * otherSize, 8 * otherSize})
      patterns.push_back({.other = other, .single = symbol, .singleSize = 1});
    patterns.push_back({.single = symbol, .singleSize = 2 * otherSize});
  }
  patterns.resize(std::min(patterns.size(), mostChoices));
  return patterns;
}

/// True unless `relation` is known to fail.
bool mayHold(const Expr &relation, const SymbolValues &sizes) {
  Result<int64_t> value = relation.evaluate(sizes);
  return !value || *value != 0;
}

/// `past_plus_seq` -> `past + seq`.
std::string withOperators(std::string name) {
  for (const auto &[word, sign] : {std::pair("_plus_", " + "), {"_minus_", " - "}, {"_times_", " * "}})
    for (size_t at = name.find(word); at != std::string::npos; at = name.find(word))
      name.replace(at, std::string_view(word).size(), sign);
  return name;
}

/// What the name of a size says that it is; nullopt if it says nothing.
std::optional<Expr> meaningOf(const std::string &name, const std::set<std::string> &known) {
  constexpr std::string_view total = "total_";
  if (name.starts_with(total)) {
    std::string rest = name.substr(total.size());
    if (known.contains(rest) && known.contains("past_" + rest))
      return Expr::symbol(rest) + Expr::symbol("past_" + rest);
  }
  Result<Expr> meaning = Expr::parse(withOperators(name));
  if (!meaning || meaning->literal() || !meaning->symbolName().empty())
    return std::nullopt;
  std::set<std::string> used;
  meaning->collectSymbols(used);
  if (!std::includes(known.begin(), known.end(), used.begin(), used.end()))
    return std::nullopt;
  return *meaning;
}

} // namespace

void noteFreeSize(const std::string &name, int64_t size) {
  std::fprintf(stderr, "note: free size '%s' is set to %lld\n", forTerminal(name).c_str(),
               static_cast<long long>(size));
}

FreeSizes::FreeSizes(std::span<const Shape> shapes, SymbolValues givenSizes, std::span<const Expr> guards)
    : given(std::move(givenSizes)) {
  for (const Shape &shape : shapes)
    for (size_t dim = 0; dim < shape.size(); ++dim) {
      std::string name(shape[dim].symbolName());
      if (name.empty() || given.contains(name) || std::find(symbols.begin(), symbols.end(), name) != symbols.end())
        continue;
      symbols.push_back(name);
      isLeading.push_back(dim == 0);
    }
  addNamedRelations();
  relations.insert(relations.end(), guards.begin(), guards.end());
}

void FreeSizes::addNamedRelations() {
  std::set<std::string> known(symbols.begin(), symbols.end());
  for (const auto &[name, size] : given)
    known.insert(name);
  for (const std::string &name : known)
    if (std::optional<Expr> meaning = meaningOf(name, known))
      relations.push_back(equal(Expr::symbol(name), *meaning));
}

SymbolValues FreeSizes::choice(size_t index) const {
  const Pattern pattern = patternsFor(isLeading)[index];
  SymbolValues sizes = given;
  for (size_t symbol = 0; symbol < symbols.size(); ++symbol)
    sizes[symbols[symbol]] = pattern.single == symbol ? pattern.singleSize
                             : isLeading[symbol]      ? pattern.leading
                                                      : pattern.other;
  return sizes;
}

std::optional<SymbolValues> FreeSizes::next() {
  for (const size_t count = patternsFor(isLeading).size(); nextIndex < count;) {
    SymbolValues sizes = choice(nextIndex++);
    const bool agrees = makeAgree(sizes), isNew = std::find(tried.begin(), tried.end(), sizes) == tried.end();
    if (!tried.empty() && (!agrees || !isNew))
      continue;
    tried.push_back(sizes);
    return sizes;
  }
  return std::nullopt;
}

/// False if some relation cannot be made to hold.
bool FreeSizes::makeAgree(SymbolValues &sizes) const {
  bool agrees = true;
  for (size_t relation = 0; relation < relations.size(); ++relation)
    agrees &= mayHold(relations[relation], sizes) || changeOne(sizes, relation);
  return agrees;
}

/// Gives one symbol another size, as near as possible, with which a relation and those before it hold; false if there
/// is none. Symbols met last are changed first: they are the derived ones.
bool FreeSizes::changeOne(SymbolValues &sizes, size_t relation) const {
  std::set<std::string> used;
  relations[relation].collectSymbols(used);
  auto holds = [&] {
    auto end = relations.begin() + ptrdiff_t(relation);
    return mayHold(*end, sizes) &&
           std::all_of(relations.begin(), end, [&](const Expr &earlier) { return mayHold(earlier, sizes); });
  };
  for (auto symbol = symbols.rbegin(); symbol != symbols.rend(); ++symbol) {
    if (!used.contains(*symbol))
      continue;
    const int64_t chosen = sizes[*symbol];
    auto holdsWith = [&](int64_t size) {
      sizes[*symbol] = size;
      return size > 0 && holds();
    };
    for (int64_t distance = 1; distance <= largestChange; ++distance)
      if (holdsWith(chosen + distance) || holdsWith(chosen - distance))
        return true;
    sizes[*symbol] = chosen;
  }
  return false;
}

} // namespace heddle
