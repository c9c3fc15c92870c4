// Ranges of indices.
#include "codegen/IndexRange.h"
#include <algorithm>

using namespace heddle;

std::optional<Expr> heddle::divideExactly(const Expr &value, const Expr &divisor) {
  if (divisor.isLiteral(0))
    return std::nullopt;
  Expr quotient = floorDiv(value, divisor);
  if (quotient * divisor == value)
    return quotient;
  return std::nullopt;
}

void PositiveSizes::add(const Expr &size) {
  if (size.literal())
    return;
  if (!size.symbolName().empty())
    raised.emplace(size.symbolName(), size + 1);
  else if (std::find(sizes.begin(), sizes.end(), size) == sizes.end())
    sizes.push_back(size);
}

void PositiveSizes::collect(const Index &index) {
  for (const Index::Term &term : index.terms()) {
    if (term.atom->extent)
      add(*term.atom->extent);
    if (term.atom->kind == Index::AtomKind::FloorDiv || term.atom->kind == Index::AtomKind::Mod) {
      add(term.atom->divisor);
      collect(term.atom->operand);
    }
  }
}

/// What holds for all positive sizes holds for small ones: a counterexample is far cheaper than the proof that fails.
static bool isNegativeSomewhere(const Expr &expr) {
  std::set<std::string> symbols;
  expr.collectSymbols(symbols);
  SymbolValues values;
  for (const std::string &symbol : symbols)
    values[symbol] = values.size() < 32 ? 2 : 1; // The product of all must not overflow.
  Result<int64_t> value = expr.evaluate(values);
  return value && *value < 0;
}

/// `expr` is non-negative if all parts of its sum are, once each positive symbol s is written as 1 + (a symbol >= 0).
bool PositiveSizes::provesWithSymbols(const Expr &expr) const {
  if (isNegativeSomewhere(expr))
    return false;
  auto nonNegative = [&](auto &self, const Expr &part) -> bool {
    auto all = [&] {
      return std::all_of(part.operands().begin(), part.operands().end(),
                         [&](const Expr &operand) { return self(self, operand); });
    };
    switch (part.kind()) {
    case Expr::Kind::Literal:
      return *part.literal() >= 0;
    case Expr::Kind::Symbol:
      return raised.find(part.symbolName()) != raised.end();
    case Expr::Kind::Add:
    case Expr::Kind::Mul:
    case Expr::Kind::Min:
      return all();
    case Expr::Kind::Max:
      return std::any_of(part.operands().begin(), part.operands().end(),
                         [&](const Expr &operand) { return self(self, operand); });
    case Expr::Kind::FloorDiv:
    case Expr::Kind::Mod:
      return all();
    default:
      return true; // A comparison.
    }
  };
  return nonNegative(nonNegative, expr.substitute(raised));
}

bool PositiveSizes::provesNonNegative(const Expr &expr) const {
  if (std::optional<int64_t> value = expr.literal())
    return *value >= 0;
  if (provesWithSymbols(expr))
    return true;
  // A multiple of a positive size has the sign of the other factor; a size less at most 1 is not negative.
  return std::any_of(sizes.begin(), sizes.end(), [&](const Expr &size) {
    std::optional<Expr> quotient = divideExactly(expr, size);
    return (quotient && provesNonNegative(*quotient)) || provesWithSymbols(expr - size + 1);
  });
}

namespace {

std::optional<Index::Range> atomRange(const Index::Atom &atom) {
  switch (atom.kind) {
  case Index::AtomKind::Variable:
  case Index::AtomKind::Opaque:
    if (!atom.extent)
      return std::nullopt;
    return Index::Range{Expr(0), *atom.extent - 1};
  case Index::AtomKind::Mod:
    return Index::Range{Expr(0), atom.divisor - 1};
  case Index::AtomKind::FloorDiv: {
    std::optional<Index::Range> operand = atom.operand.range();
    if (!operand)
      return std::nullopt;
    return Index::Range{floorDiv(operand->lower, atom.divisor), floorDiv(operand->upper, atom.divisor)};
  }
  }
  return std::nullopt;
}

} // namespace

std::optional<Index::Range> Index::range() const {
  PositiveSizes positive(*this);
  Range result{constantPart, constantPart};
  for (const Term &term : sum) {
    std::optional<Range> atom = atomRange(*term.atom);
    if (!atom)
      return std::nullopt;
    bool rising = positive.provesNonNegative(term.coefficient);
    if (!rising && !positive.provesNonNegative(Expr(0) - term.coefficient))
      return std::nullopt;
    result.lower = result.lower + term.coefficient * (rising ? atom->lower : atom->upper);
    result.upper = result.upper + term.coefficient * (rising ? atom->upper : atom->lower);
  }
  return result;
}

bool Index::isWithin(const Expr &lower, const Expr &upper) const {
  std::optional<Range> bounds = range();
  if (!bounds)
    return false;
  PositiveSizes positive(*this);
  return positive.provesNonNegative(bounds->lower - lower) && positive.provesNonNegative(upper - 1 - bounds->upper);
}
