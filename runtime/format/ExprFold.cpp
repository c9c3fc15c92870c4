// Normal forms of division, modulo, extrema, comparisons and logic.
#include "runtime/format/ExprNode.h"

#include <algorithm>
#include <numeric>

namespace heddle {

namespace {

using Kind = Expr::Kind;

/// Above this number of operands, min and max no longer compare every pair.
constexpr size_t maxPairwiseOperands = 16;

int64_t leadingCoefficient(const Polynomial &polynomial) { return polynomial.begin()->second; }

std::optional<Polynomial> negated(const Polynomial &polynomial) {
  Polynomial result;
  return addScaled(result, polynomial, -1) ? std::optional(std::move(result)) : std::nullopt;
}

/// Takes the constant out of a polynomial.
int64_t removeConstant(Polynomial &polynomial) {
  int64_t constant = constantOf(polynomial);
  polynomial.erase(Monomial{});
  return constant;
}

void setConstant(Polynomial &polynomial, int64_t constant) {
  polynomial.erase(Monomial{});
  if (constant != 0)
    polynomial.emplace(Monomial{}, constant);
}

/// The greatest common divisor of the coefficients and `start`; 0 if it does not fit.
int64_t commonDivisor(const Polynomial &polynomial, int64_t start) {
  auto magnitude = [](int64_t value) {
    return value < 0 ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
  };
  uint64_t divisor = magnitude(start);
  for (const auto &entry : polynomial)
    divisor = std::gcd(divisor, magnitude(entry.second));
  return divisor > static_cast<uint64_t>(INT64_MAX) ? 0 : static_cast<int64_t>(divisor);
}

void divideCoefficients(Polynomial &polynomial, int64_t divisor) {
  for (auto &entry : polynomial)
    entry.second /= divisor;
}

/// The operands of the atom if `polynomial` is one atom of `kind` whose second operand is a positive literal.
const std::vector<Expr> *loneAtom(const Polynomial &polynomial, Kind kind) {
  if (polynomial.size() != 1 || leadingCoefficient(polynomial) != 1)
    return nullptr;
  const Monomial &monomial = polynomial.begin()->first;
  if (monomial.size() != 1 || monomial.front().kind() != kind)
    return nullptr;
  const std::vector<Expr> &operands = monomial.front().operands();
  return operands[1].literal().value_or(0) > 0 ? &operands : nullptr;
}

/// What remains of a division by a literal once all that divides is taken out: divisor * quotient + terms + constant,
/// where 0 <= constant < divisor and no coefficient of `terms` is a multiple of the divisor.
struct LiteralDivision {
  Polynomial quotient;
  Polynomial terms;
  int64_t constant = 0;
};

std::optional<LiteralDivision> divideByLiteral(const Polynomial &dividend, int64_t divisor) {
  LiteralDivision result;
  result.terms = dividend;
  int64_t constant = removeConstant(result.terms);
  std::optional<Division> division = divide(result.terms, {{Monomial{}, divisor}});
  if (!division)
    return std::nullopt;
  result.quotient = std::move(division->quotient);
  result.terms = std::move(division->remainder);
  result.constant = *checkedMod(constant, divisor);
  setConstant(result.quotient, *checkedFloorDiv(constant, divisor));
  return result;
}

/// floor(x floordiv inner + constant, outer) -> (x + constant * inner) floordiv (inner * outer); nullopt on overflow.
std::optional<Expr> mergeNestedDivisions(const std::vector<Expr> &inner, int64_t constant, int64_t outer) {
  int64_t innerDivisor = *inner[1].literal(), merged, offset;
  if (__builtin_mul_overflow(innerDivisor, outer, &merged) || __builtin_mul_overflow(innerDivisor, constant, &offset))
    return std::nullopt;
  return floorDiv(inner[0] + Expr(offset), merged);
}

/// The quotient by a positive literal, in lowest terms and with a positive leading coefficient; nullopt on overflow.
std::optional<Expr> floorDivByLiteral(const Polynomial &dividend, int64_t divisor) {
  std::optional<LiteralDivision> parts = divideByLiteral(dividend, divisor);
  if (!parts)
    return std::nullopt;
  auto &[quotient, terms, constant] = *parts;
  if (terms.empty())
    return fromPolynomial(quotient);
  // floor(-x / d) = -floor((x + d - 1) / d)
  int64_t sign = leadingCoefficient(terms) < 0 ? -1 : 1;
  if (sign < 0) {
    std::optional<Polynomial> positive = negated(terms);
    if (!positive)
      return std::nullopt;
    terms = std::move(*positive);
    constant = divisor - 1 - constant;
  }
  int64_t common = commonDivisor(terms, divisor);
  divideCoefficients(terms, common);
  divisor /= common;
  constant /= common;
  std::optional<Expr> rest;
  if (const std::vector<Expr> *inner = loneAtom(terms, Kind::FloorDiv))
    rest = mergeNestedDivisions(*inner, constant, divisor);
  if (!rest) {
    setConstant(terms, constant);
    rest = ExprBuilder::make(Kind::FloorDiv, {fromPolynomial(terms), divisor});
  }
  return fromPolynomial(quotient) + *rest * sign;
}

/// The remainder by a positive literal; nullopt on overflow.
std::optional<Expr> modByLiteral(const Polynomial &dividend, int64_t divisor) {
  std::optional<LiteralDivision> parts = divideByLiteral(dividend, divisor);
  if (!parts)
    return std::nullopt;
  auto &[quotient, terms, constant] = *parts;
  if (terms.empty())
    return Expr(constant);
  if (const std::vector<Expr> *inner = loneAtom(terms, Kind::Mod))
    if (*(*inner)[1].literal() % divisor == 0)
      return mod((*inner)[0] + Expr(constant), divisor);
  for (auto &entry : terms)
    entry.second = *checkedMod(entry.second, divisor);
  // (g * x + c) mod (g * d) = g * ((x + c / g) mod d) + c mod g
  int64_t common = commonDivisor(terms, divisor);
  divideCoefficients(terms, common);
  setConstant(terms, constant / common);
  return ExprBuilder::make(Kind::Mod, {fromPolynomial(terms), divisor / common}) * common + Expr(constant % common);
}

/// The operands of floorDiv or mod, both negated where that makes the divisor's leading coefficient positive.
struct Operands {
  Polynomial dividend, divisor;
  bool isNegated = false;
};

/// nullopt for a divisor of 0, and on overflow.
std::optional<Operands> divisionOperands(const Expr &a, const Expr &b) {
  Operands result = {toPolynomial(a), toPolynomial(b)};
  if (result.divisor.empty())
    return std::nullopt;
  if (leadingCoefficient(result.divisor) > 0)
    return result;
  std::optional<Polynomial> dividend = negated(result.dividend), divisor = negated(result.divisor);
  if (!dividend || !divisor)
    return std::nullopt;
  return Operands{std::move(*dividend), std::move(*divisor), true};
}

/// The division by symbols; nullopt if nothing comes out of it: the quotient is 0, or the remainder may not be smaller
/// than a divisor of several terms.
std::optional<Division> divideBySymbols(const Operands &operands) {
  std::optional<Division> division = divide(operands.dividend, operands.divisor);
  bool isExact = division && division->remainder.empty();
  if (!isExact && division && (operands.divisor.size() > 1 || division->quotient.empty()))
    return std::nullopt;
  return division;
}

/// A comparison of the terms with positive coefficients on the left and the negated others on the right; nullopt if a
/// coefficient cannot be negated.
std::optional<Expr> splitSides(Kind kind, const Polynomial &polynomial) {
  Polynomial left, right;
  for (const auto &[monomial, coefficient] : polynomial) {
    if (coefficient == INT64_MIN)
      return std::nullopt;
    (coefficient > 0 ? left : right).emplace(monomial, coefficient > 0 ? coefficient : -coefficient);
  }
  return ExprBuilder::make(kind, {fromPolynomial(left), fromPolynomial(right)});
}

/// a == b, or a != b; nullopt on overflow.
std::optional<Expr> equality(Kind kind, const Expr &a, const Expr &b) {
  bool isEqual = kind == Kind::Eq;
  std::optional<Polynomial> delta = difference(a, b);
  if (!delta)
    return std::nullopt;
  if (std::optional<int64_t> value = literalOf(*delta))
    return Expr((*value == 0) == isEqual);
  int64_t constant = removeConstant(*delta);
  int64_t common = commonDivisor(*delta, 0);
  if (common == 0)
    return std::nullopt;
  if (constant % common != 0)
    return Expr(!isEqual);
  divideCoefficients(*delta, common);
  setConstant(*delta, constant / common);
  if (leadingCoefficient(*delta) < 0)
    delta = negated(*delta);
  return delta ? splitSides(kind, *delta) : std::nullopt;
}

/// a - b + offset <= 0; nullopt on overflow.
std::optional<Expr> ordering(const Expr &a, const Expr &b, int64_t offset) {
  std::optional<Polynomial> delta = difference(a, b);
  if (!delta || !addScaled(*delta, {{Monomial{}, offset}}, offset == 0 ? 0 : 1))
    return std::nullopt;
  if (std::optional<int64_t> value = literalOf(*delta))
    return Expr(*value <= 0);
  int64_t constant = removeConstant(*delta);
  int64_t common = commonDivisor(*delta, 0);
  if (common == 0 || constant == INT64_MIN)
    return std::nullopt;
  // common * x + constant <= 0  <=>  x <= floor(-constant / common)
  divideCoefficients(*delta, common);
  int64_t rest = -*checkedFloorDiv(-constant, common);
  // x + 1 <= 0 is written as x < 0.
  setConstant(*delta, rest == 1 ? 0 : rest);
  return splitSides(rest == 1 ? Kind::Lt : Kind::Le, *delta);
}

/// 0, 1, a comparison or a connective: `expr != 0`.
Expr truth(const Expr &expr) { return expr.kind() >= Kind::Eq ? expr : notEqual(expr, 0); }

/// Appends `operands` with those of kind `kind` replaced by their own operands.
void flatten(Kind kind, const std::vector<Expr> &operands, std::vector<Expr> &flat) {
  for (const Expr &operand : operands) {
    if (operand.kind() == kind)
      flat.insert(flat.end(), operand.operands().begin(), operand.operands().end());
    else
      flat.push_back(operand);
  }
}

void sortUnique(std::vector<Expr> &operands) {
  std::sort(operands.begin(), operands.end());
  operands.erase(std::unique(operands.begin(), operands.end()), operands.end());
}

/// Does `a` always win against `b` in a Min or Max? Equal operands have been removed.
bool dominates(Kind kind, const Expr &a, const Expr &b) {
  std::optional<Polynomial> delta = difference(a, b);
  std::optional<int64_t> value = delta ? literalOf(*delta) : std::nullopt;
  return value && (kind == Kind::Min ? *value < 0 : *value > 0);
}

} // namespace

std::optional<int64_t> checkedFloorDiv(int64_t a, int64_t b) {
  if (b == 0 || (a == INT64_MIN && b == -1))
    return std::nullopt;
  return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

std::optional<int64_t> checkedMod(int64_t a, int64_t b) {
  if (b == 0)
    return std::nullopt;
  if (b == -1)
    return 0;
  int64_t remainder = a % b;
  return remainder != 0 && (remainder < 0) != (b < 0) ? remainder + b : remainder;
}

Expr floorDiv(const Expr &a, const Expr &b) {
  Expr asWritten = ExprBuilder::make(Kind::FloorDiv, {a, b});
  if (a.literal() && b.literal()) {
    std::optional<int64_t> value = checkedFloorDiv(*a.literal(), *b.literal());
    return value ? Expr(*value) : asWritten;
  }
  std::optional<Operands> operands = divisionOperands(a, b);
  if (!operands)
    return asWritten;
  if (operands->isNegated)
    return floorDiv(fromPolynomial(operands->dividend), fromPolynomial(operands->divisor));
  if (b.literal())
    return floorDivByLiteral(operands->dividend, *b.literal()).value_or(asWritten);
  std::optional<Division> division = divideBySymbols(*operands);
  if (!division)
    return asWritten;
  Expr quotient = fromPolynomial(division->quotient);
  return division->remainder.empty()
             ? quotient
             : quotient + ExprBuilder::make(Kind::FloorDiv, {fromPolynomial(division->remainder), b});
}

Expr ceilDiv(const Expr &a, const Expr &b) {
  if (b.literal().value_or(0) > 0)
    return floorDiv(a + Expr(*b.literal() - 1), b);
  return floorDiv(a * -1, b) * -1;
}

Expr mod(const Expr &a, const Expr &b) {
  Expr asWritten = ExprBuilder::make(Kind::Mod, {a, b});
  if (a.literal() && b.literal()) {
    std::optional<int64_t> value = checkedMod(*a.literal(), *b.literal());
    return value ? Expr(*value) : asWritten;
  }
  std::optional<Operands> operands = divisionOperands(a, b);
  if (!operands)
    return asWritten;
  if (operands->isNegated)
    return mod(fromPolynomial(operands->dividend), fromPolynomial(operands->divisor)) * -1;
  if (b.literal())
    return modByLiteral(operands->dividend, *b.literal()).value_or(asWritten);
  std::optional<Division> division = divideBySymbols(*operands);
  if (!division)
    return asWritten;
  return division->remainder.empty() ? Expr(0) : ExprBuilder::make(Kind::Mod, {fromPolynomial(division->remainder), b});
}

Expr extremumOf(Kind kind, const std::vector<Expr> &operands) {
  std::vector<Expr> flat;
  flatten(kind, operands, flat);
  sortUnique(flat);
  // Literals sort first, in ascending order: only the winning one stays.
  auto firstOther = std::find_if(flat.begin(), flat.end(), [](const Expr &operand) { return !operand.literal(); });
  if (firstOther - flat.begin() > 1)
    kind == Kind::Min ? flat.erase(flat.begin() + 1, firstOther) : flat.erase(flat.begin(), firstOther - 1);
  if (flat.size() <= maxPairwiseOperands) {
    std::vector<Expr> kept;
    for (const Expr &operand : flat)
      if (std::none_of(flat.begin(), flat.end(), [&](const Expr &other) { return dominates(kind, other, operand); }))
        kept.push_back(operand);
    flat = std::move(kept);
  }
  return flat.size() == 1 ? flat.front() : ExprBuilder::make(kind, std::move(flat));
}

Expr connectiveOf(Kind kind, const std::vector<Expr> &operands) {
  // The operand that decides the result, and the one that never changes it.
  const Expr deciding = kind == Kind::And ? 0 : 1, neutral = kind == Kind::And ? 1 : 0;
  std::vector<Expr> truths, flat;
  for (const Expr &operand : operands)
    truths.push_back(truth(operand));
  flatten(kind, truths, flat);
  sortUnique(flat);
  flat.erase(std::remove(flat.begin(), flat.end(), neutral), flat.end());
  for (const Expr &operand : flat)
    if (operand == deciding || std::binary_search(flat.begin(), flat.end(), logicalNot(operand)))
      return deciding;
  if (flat.empty())
    return neutral;
  return flat.size() == 1 ? flat.front() : ExprBuilder::make(kind, std::move(flat));
}

Expr min(const Expr &a, const Expr &b) { return extremumOf(Kind::Min, {a, b}); }
Expr max(const Expr &a, const Expr &b) { return extremumOf(Kind::Max, {a, b}); }

Expr equal(const Expr &a, const Expr &b) {
  return equality(Kind::Eq, a, b).value_or(ExprBuilder::make(Kind::Eq, {a, b}));
}

Expr notEqual(const Expr &a, const Expr &b) {
  return equality(Kind::Ne, a, b).value_or(ExprBuilder::make(Kind::Ne, {a, b}));
}

Expr lessThan(const Expr &a, const Expr &b) { return ordering(a, b, 1).value_or(ExprBuilder::make(Kind::Lt, {a, b})); }

Expr lessEqual(const Expr &a, const Expr &b) { return ordering(a, b, 0).value_or(ExprBuilder::make(Kind::Le, {a, b})); }

Expr logicalAnd(const Expr &a, const Expr &b) { return connectiveOf(Kind::And, {a, b}); }
Expr logicalOr(const Expr &a, const Expr &b) { return connectiveOf(Kind::Or, {a, b}); }

Expr logicalNot(const Expr &a) {
  const std::vector<Expr> &operands = a.operands();
  switch (a.kind()) {
  case Kind::Eq:
    return notEqual(operands[0], operands[1]);
  case Kind::Ne:
    return equal(operands[0], operands[1]);
  case Kind::Lt:
    return lessEqual(operands[1], operands[0]);
  case Kind::Le:
    return lessThan(operands[1], operands[0]);
  case Kind::And:
  case Kind::Or: {
    std::vector<Expr> inverted;
    for (const Expr &operand : operands)
      inverted.push_back(logicalNot(operand));
    // The operands fit together already: checking them against their inverses again would be exponential in the depth.
    sortUnique(inverted);
    return ExprBuilder::make(a.kind() == Kind::And ? Kind::Or : Kind::And, std::move(inverted));
  }
  default:
    return equal(a, 0);
  }
}

} // namespace heddle
