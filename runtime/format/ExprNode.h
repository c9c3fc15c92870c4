// Inside of Expr: its nodes, and the polynomials that its normal form is computed with.
#ifndef HEDDLE_RUNTIME_FORMAT_EXPRNODE_H
#define HEDDLE_RUNTIME_FORMAT_EXPRNODE_H

#include "runtime/format/Expr.h"

namespace heddle {

struct Expr::Node {
  Kind kind = Kind::Literal;
  /// An Add or Mul that could not be expanded (a coefficient would overflow, or the text would grow too much): it
  /// behaves as an atom of the polynomials it appears in.
  bool opaque = false;
  /// 1 for leaves, else 1 + the deepest operand.
  int depth = 1;
  /// Nodes of the expression written as a tree, up to a large bound.
  int64_t size = 1;
  int64_t value = 0;
  std::string name;
  std::vector<Expr> operands;
};

/// Makes expressions from parts that are already in normal form. Friend of Expr.
struct ExprBuilder {
  static Expr make(Expr::Kind kind, std::vector<Expr> operands, bool opaque = false);
  static const Expr::Node &node(const Expr &expr) { return *expr.node; }
};

/// A product of atoms, sorted; powers repeat their atom. An atom is any expression but a literal, an Add or a Mul.
using Monomial = std::vector<Expr>;

/// The lexicographic term order: the monomial with more of the smallest atom comes first, the constant last. It is
/// compatible with multiplication, which polynomial division needs.
struct MonomialOrder {
  bool operator()(const Monomial &a, const Monomial &b) const;
};

/// Coefficients by monomial, none of them 0.
using Polynomial = std::map<Monomial, int64_t, MonomialOrder>;

Polynomial toPolynomial(const Expr &expr);
Expr fromPolynomial(const Polynomial &polynomial);
/// to += factor * from; false if a coefficient overflows (`to` is then unspecified).
bool addScaled(Polynomial &to, const Polynomial &from, int64_t factor);
/// a * b; nullopt if a coefficient overflows or the product is too large.
std::optional<Polynomial> multiply(const Polynomial &a, const Polynomial &b);
/// a - b; nullopt on overflow.
std::optional<Polynomial> difference(const Expr &a, const Expr &b);
/// The coefficient of the constant term.
int64_t constantOf(const Polynomial &polynomial);
/// The value of a polynomial without symbols.
std::optional<int64_t> literalOf(const Polynomial &polynomial);

/// dividend = divisor * quotient + remainder, by long division that leaves what does not divide in the remainder.
struct Division {
  Polynomial quotient;
  Polynomial remainder;
};
/// nullopt if a coefficient overflows or the division takes too many steps. The leading coefficient of
/// `divisor` is positive.
std::optional<Division> divide(const Polynomial &dividend, const Polynomial &divisor);

/// The sum of all terms; linear, where repeated `+` would be quadratic.
Expr sumOf(const std::vector<Expr> &terms);
/// Min, Max, And or Or of all operands (one or more).
Expr extremumOf(Expr::Kind kind, const std::vector<Expr> &operands);
Expr connectiveOf(Expr::Kind kind, const std::vector<Expr> &operands);

/// Integer division that rounds toward minus infinity; nullopt for a zero divisor and for INT64_MIN / -1.
std::optional<int64_t> checkedFloorDiv(int64_t a, int64_t b);
/// a - b * floorDiv(a, b): it has the sign of b; nullopt for a zero divisor.
std::optional<int64_t> checkedMod(int64_t a, int64_t b);

} // namespace heddle

#endif // HEDDLE_RUNTIME_FORMAT_EXPRNODE_H
