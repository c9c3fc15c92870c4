// Polynomials over the atoms of expressions: sums, products and exact division with checked coefficients.
#include "runtime/format/ExprNode.h"

#include <algorithm>

namespace heddle {

namespace {

/// Bounds on one polynomial, so that a small text cannot ask for an exponential expansion.
constexpr size_t maxTerms = 256;
constexpr size_t maxDegree = 32;
constexpr int64_t maxProductSize = 1024;
constexpr int maxDivisionSteps = 256;

bool isPolynomialNode(const Expr &expr, Expr::Kind kind) {
  return expr.kind() == kind && !ExprBuilder::node(expr).opaque;
}

/// polynomial += coefficient * monomial.
bool addTerm(Polynomial &polynomial, const Monomial &monomial, int64_t coefficient) {
  auto [entry, isNew] = polynomial.try_emplace(monomial, 0);
  if (__builtin_add_overflow(entry->second, coefficient, &entry->second))
    return false;
  if (entry->second == 0)
    polynomial.erase(entry);
  return true;
}

/// Splits a non-sum into coefficient and atoms.
std::pair<Monomial, int64_t> toTerm(const Expr &expr) {
  if (auto value = expr.literal())
    return {{}, *value};
  if (!isPolynomialNode(expr, Expr::Kind::Mul))
    return {{expr}, 1};
  const std::vector<Expr> &factors = expr.operands();
  if (auto coefficient = factors.front().literal())
    return {Monomial(factors.begin() + 1, factors.end()), *coefficient};
  return {factors, 1};
}

Expr fromTerm(const Monomial &monomial, int64_t coefficient) {
  if (monomial.empty())
    return coefficient;
  if (coefficient == 1)
    return monomial.size() == 1 ? monomial.front() : ExprBuilder::make(Expr::Kind::Mul, monomial);
  std::vector<Expr> factors = {coefficient};
  factors.insert(factors.end(), monomial.begin(), monomial.end());
  return ExprBuilder::make(Expr::Kind::Mul, std::move(factors));
}

/// Nodes of the expanded product of two polynomials, roughly.
int64_t productSize(const Polynomial &a, const Polynomial &b) {
  auto atomSizes = [](const Polynomial &polynomial) {
    int64_t size = 0;
    for (const auto &entry : polynomial)
      for (const Expr &atom : entry.first)
        size += ExprBuilder::node(atom).size;
    return size;
  };
  int64_t leftSize = std::min(atomSizes(a), maxProductSize + 1), rightSize = std::min(atomSizes(b), maxProductSize + 1);
  return leftSize * static_cast<int64_t>(b.size()) + rightSize * static_cast<int64_t>(a.size());
}

/// An Add or Mul that stays as written, but for the order of its operands.
Expr makeOpaque(Expr::Kind kind, const Expr &a, const Expr &b) {
  return ExprBuilder::make(kind, b < a ? std::vector{b, a} : std::vector{a, b}, /*opaque=*/true);
}

} // namespace

bool MonomialOrder::operator()(const Monomial &a, const Monomial &b) const {
  size_t common = std::min(a.size(), b.size());
  for (size_t i = 0; i < common; ++i)
    if (a[i] != b[i])
      return a[i] < b[i];
  return a.size() > b.size();
}

Polynomial toPolynomial(const Expr &expr) {
  Polynomial polynomial;
  auto append = [&](const Expr &term) {
    auto [monomial, coefficient] = toTerm(term);
    if (coefficient != 0)
      polynomial.emplace(std::move(monomial), coefficient);
  };
  if (!isPolynomialNode(expr, Expr::Kind::Add)) {
    append(expr);
    return polynomial;
  }
  for (const Expr &term : expr.operands())
    append(term);
  return polynomial;
}

Expr fromPolynomial(const Polynomial &polynomial) {
  if (polynomial.empty())
    return 0;
  std::vector<Expr> terms;
  terms.reserve(polynomial.size());
  for (const auto &[monomial, coefficient] : polynomial)
    terms.push_back(fromTerm(monomial, coefficient));
  return terms.size() == 1 ? terms.front() : ExprBuilder::make(Expr::Kind::Add, std::move(terms));
}

bool addScaled(Polynomial &to, const Polynomial &from, int64_t factor) {
  for (const auto &[monomial, coefficient] : from) {
    int64_t scaled;
    if (__builtin_mul_overflow(coefficient, factor, &scaled) || !addTerm(to, monomial, scaled))
      return false;
  }
  return true;
}

std::optional<Polynomial> multiply(const Polynomial &a, const Polynomial &b) {
  bool isExpansion = (a.size() > 1 || b.size() > 1) && !literalOf(a) && !literalOf(b);
  if (isExpansion && (a.size() * b.size() > maxTerms || productSize(a, b) > maxProductSize))
    return std::nullopt;
  Polynomial product;
  for (const auto &[left, leftCoefficient] : a)
    for (const auto &[right, rightCoefficient] : b) {
      Monomial monomial;
      std::merge(left.begin(), left.end(), right.begin(), right.end(), std::back_inserter(monomial));
      int64_t coefficient;
      if (monomial.size() > maxDegree || __builtin_mul_overflow(leftCoefficient, rightCoefficient, &coefficient) ||
          !addTerm(product, monomial, coefficient))
        return std::nullopt;
    }
  return product;
}

std::optional<Polynomial> difference(const Expr &a, const Expr &b) {
  Polynomial result = toPolynomial(a);
  if (!addScaled(result, toPolynomial(b), -1))
    return std::nullopt;
  return result;
}

int64_t constantOf(const Polynomial &polynomial) {
  auto found = polynomial.find({});
  return found == polynomial.end() ? 0 : found->second;
}

std::optional<int64_t> literalOf(const Polynomial &polynomial) {
  if (polynomial.empty())
    return 0;
  if (polynomial.size() == 1 && polynomial.begin()->first.empty())
    return polynomial.begin()->second;
  return std::nullopt;
}

std::optional<Division> divide(const Polynomial &dividend, const Polynomial &divisor) {
  assert(!divisor.empty() && divisor.begin()->second > 0 && "the leading coefficient of a divisor is positive");
  const auto &[leadMonomial, leadCoefficient] = *divisor.begin();
  Division division;
  Polynomial rest = dividend;
  for (int step = 0; !rest.empty(); ++step) {
    if (step == maxDivisionSteps || rest.size() > maxTerms)
      return std::nullopt;
    auto [monomial, coefficient] = *rest.begin();
    bool divides = coefficient % leadCoefficient == 0 &&
                   std::includes(monomial.begin(), monomial.end(), leadMonomial.begin(), leadMonomial.end());
    if (!divides) {
      division.remainder.insert(*rest.begin());
      rest.erase(rest.begin());
      continue;
    }
    Monomial factor;
    std::set_difference(monomial.begin(), monomial.end(), leadMonomial.begin(), leadMonomial.end(),
                        std::back_inserter(factor));
    Polynomial term = {{factor, coefficient / leadCoefficient}};
    std::optional<Polynomial> product = multiply(term, divisor);
    if (!product || !addScaled(rest, *product, -1))
      return std::nullopt;
    division.quotient.insert(*term.begin());
  }
  return division;
}

Expr sumOf(const std::vector<Expr> &terms) {
  Polynomial sum;
  bool fits = true;
  for (const Expr &term : terms)
    fits = fits && addScaled(sum, toPolynomial(term), 1);
  if (fits)
    return fromPolynomial(sum);
  Expr folded = terms.front();
  for (auto term = terms.begin() + 1; term != terms.end(); ++term)
    folded = folded + *term;
  return folded;
}

Expr operator+(const Expr &a, const Expr &b) {
  Polynomial sum = toPolynomial(a);
  return addScaled(sum, toPolynomial(b), 1) ? fromPolynomial(sum) : makeOpaque(Expr::Kind::Add, a, b);
}

Expr operator-(const Expr &a, const Expr &b) {
  if (std::optional<Polynomial> result = difference(a, b))
    return fromPolynomial(*result);
  return makeOpaque(Expr::Kind::Add, a, b * -1);
}

Expr operator*(const Expr &a, const Expr &b) {
  std::optional<Polynomial> product = multiply(toPolynomial(a), toPolynomial(b));
  return product ? fromPolynomial(*product) : makeOpaque(Expr::Kind::Mul, a, b);
}

} // namespace heddle
