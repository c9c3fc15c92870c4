// Integer expressions over loop variables: what a code generator knows about the place of an access.
#ifndef HEDDLE_CODEGEN_INDEX_H
#define HEDDLE_CODEGEN_INDEX_H

#include "runtime/format/Expr.h"
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace heddle {

/// An immutable index: a constant plus a sum of coefficients times *atoms*, in a canonical form, so that equal linear
/// forms are equal objects. Coefficients, extents and divisors are size expressions.
///
/// An index stands inside loops that run at least once, so every extent and every divisor counts as positive: that is
/// what makes `(b * S + s) floordiv S` equal to `b` where `s` runs over S. What the ranges of the atoms prove is
/// simplified, also with symbolic sizes; what they do not prove stays a division.
class Index {
public:
  enum class AtomKind : uint8_t { Variable, Opaque, FloorDiv, Mod };
  struct Atom;
  struct Term {
    Expr coefficient;
    std::shared_ptr<const Atom> atom;
  };
  /// Inclusive bounds.
  struct Range {
    Expr lower, upper;
  };

  /// 0.
  Index() = default;
  Index(Expr constant);
  Index(int64_t constant) : Index(Expr(constant)) {}

  /// A loop variable in [0, extent). Equal ids must come with equal extents.
  static Index variable(int id, Expr extent);
  /// A value known at run time only, in [0, extent) if that is given. `dependsOn` lists the loop variables that it is
  /// computed from. Ids are separate from those of variables.
  static Index opaque(int id, std::optional<Expr> extent, std::vector<int> dependsOn);
  /// One atom of another index.
  static Index of(std::shared_ptr<const Atom> atom);

  const Expr &constant() const { return constantPart; }
  const std::vector<Term> &terms() const { return sum; }
  bool isConstant() const { return sum.empty(); }
  /// The id if this is a lone loop variable.
  std::optional<int> variableId() const;

  bool dependsOn(int variable) const;
  /// Loop variables that this index depends on, ascending.
  std::vector<int> variables() const;
  /// How far the index moves when `variable` moves by one: 0 if independent, nullopt if that is not one expression.
  std::optional<Expr> slope(int variable) const;
  /// Bounds from the ranges of the atoms; nullopt if an atom has none, or a coefficient's sign is unknown.
  std::optional<Range> range() const;
  /// True only if `lower <= *this < upper` is proven.
  bool isWithin(const Expr &lower, const Expr &upper) const;

  /// Replaces a loop variable. No opaque value may depend on it (asserted): it would have to be computed again.
  Index substitute(int variable, const Index &replacement) const;

  /// Such as `64 * i0 + i1 + 3`, with `i` for loop variables and `v` for opaque values.
  std::string str() const;

  /// A total order on structure.
  static int compare(const Index &a, const Index &b);
  friend bool operator==(const Index &a, const Index &b) { return compare(a, b) == 0; }
  friend bool operator!=(const Index &a, const Index &b) { return compare(a, b) != 0; }
  friend bool operator<(const Index &a, const Index &b) { return compare(a, b) < 0; }

  friend Index operator+(const Index &a, const Index &b);
  friend Index operator*(const Index &a, const Expr &factor);
  friend Index floorDiv(const Index &a, const Expr &divisor);
  friend Index mod(const Index &a, const Expr &divisor);

private:
  static Index ofAtom(Atom atom);
  void add(const Expr &coefficient, const std::shared_ptr<const Atom> &atom);
  void recombine();
  std::optional<size_t> findTerm(const Expr &coefficient, const Atom &atom) const;

  Expr constantPart;
  std::vector<Term> sum; ///< Ascending by atom, no coefficient 0, no atom twice.
};

/// Operand of an index sum. FloorDiv and Mod hold what no proof could remove.
struct Index::Atom {
  AtomKind kind = AtomKind::Variable;
  int id = 0;                 ///< Variable, Opaque.
  std::optional<Expr> extent; ///< Variable; Opaque where known.
  Index operand;              ///< FloorDiv, Mod.
  Expr divisor;               ///< FloorDiv, Mod.
  /// Mod: operand floordiv divisor, which is asked for at every sum that holds the atom.
  std::shared_ptr<const Index> quotient;
  std::vector<int> variables; ///< Loop variables it depends on, ascending.
};

Index operator+(const Index &a, const Index &b);
Index operator-(const Index &a, const Index &b);
Index operator*(const Index &a, const Expr &factor);
/// Rounds toward minus infinity. `divisor` is positive wherever the index is evaluated.
Index floorDiv(const Index &a, const Expr &divisor);
/// In [0, divisor). `divisor` is positive wherever the index is evaluated.
Index mod(const Index &a, const Expr &divisor);

/// Row-major position of a place in a box of these sizes.
Index linearize(const std::vector<Index> &indices, const Shape &shape);
/// The same with distances of its own for each dimension; dimensions without gaps between them count as one.
Index linearize(const std::vector<Index> &indices, const Shape &shape, const std::vector<Expr> &strides);
/// The place in a box of these sizes that has this row-major position.
std::vector<Index> delinearize(const Index &position, const Shape &shape);

} // namespace heddle

#endif // HEDDLE_CODEGEN_INDEX_H
