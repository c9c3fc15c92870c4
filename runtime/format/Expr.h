// Size expressions over symbols: the one arithmetic that dimensions, offsets, grids and guards are written in.
#ifndef HEDDLE_RUNTIME_FORMAT_EXPR_H
#define HEDDLE_RUNTIME_FORMAT_EXPR_H

#include "runtime/format/Status.h"
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace heddle {

/// Values of symbols by name.
using SymbolValues = std::map<std::string, int64_t, std::less<>>;

/// An immutable integer expression in a sorted normal form: equal polynomials are equal objects, whatever order they
/// were written in (`past + seq` == `seq + past`; `(batch * p) floordiv batch` == `p`). Cheap to copy (shared node).
///
/// Semantics: 64-bit signed; overflow is an evaluation error, never wraps. `floordiv` and `mod` round toward minus
/// infinity; a zero divisor is an evaluation error. Comparisons, `and`, `or`, `not` give 0 or 1; an operand is true if
/// not 0. A false operand decides an `and` (a true one an `or`) even where another operand cannot be evaluated.
///
/// Expressions are simplified as if no divisor were 0 and nothing overflowed: `(b * p) floordiv b` is `p`, also at b =
/// 0. Beyond the polynomials, divisions by a literal are reduced to lowest terms and nested ones merged; comparisons
/// are cancelled, `not` is pushed into them, and what a literal difference decides is folded.
///
/// Text: C-like with the words `floordiv`, `ceildiv`, `mod`, `min(a, b, ...)`, `max(a, b, ...)`, `and`, `or`, `not`; a
/// symbol that is not `[A-Za-z_][A-Za-z0-9_.]*` or is a word of the language is written in double quotes with the
/// escapes `\\`, `\"` and `\xHH` (every byte outside printable ASCII).
class Expr {
public:
  enum class Kind : uint8_t { Literal, Symbol, Add, Mul, FloorDiv, Mod, Min, Max, Eq, Ne, Lt, Le, And, Or };

  /// The literal 0.
  Expr();
  /// Implicit on purpose: sizes mix literals and expressions freely.
  Expr(int64_t value);
  static Expr symbol(std::string name);

  Kind kind() const;
  std::optional<int64_t> literal() const;
  bool isLiteral(int64_t value) const { return literal() == value; }
  /// The name if this is a lone symbol, else empty.
  std::string_view symbolName() const;
  /// Operands in normal order; empty for literals and symbols. An Add or Mul has two or more.
  const std::vector<Expr> &operands() const;

  /// Value under `values`; an error names the missing symbol, the overflow or the zero divisor.
  Result<int64_t> evaluate(const SymbolValues &values) const;
  /// Replaces symbols; those not in the map stay.
  Expr substitute(const std::map<std::string, Expr, std::less<>> &replacements) const;
  void collectSymbols(std::set<std::string> &symbols) const;

  /// The normal-form text; `parse(str())` gives an equal expression.
  std::string str() const;
  /// Bounded in depth (256) and length (64 KiB): safe on hostile text. An error gives the column.
  static Result<Expr> parse(std::string_view text);

  /// Structural, hence semantic for polynomials.
  friend bool operator==(const Expr &a, const Expr &b);
  friend bool operator!=(const Expr &a, const Expr &b) { return !(a == b); }
  /// A total order on structure: deterministic, not numeric.
  friend bool operator<(const Expr &a, const Expr &b);

  struct Node;
  friend struct ExprBuilder;

private:
  explicit Expr(std::shared_ptr<const Node> node);
  std::shared_ptr<const Node> node;
};

Expr operator+(const Expr &a, const Expr &b);
Expr operator-(const Expr &a, const Expr &b);
Expr operator*(const Expr &a, const Expr &b);
Expr floorDiv(const Expr &a, const Expr &b);
Expr ceilDiv(const Expr &a, const Expr &b);
Expr mod(const Expr &a, const Expr &b);
Expr min(const Expr &a, const Expr &b);
Expr max(const Expr &a, const Expr &b);
Expr equal(const Expr &a, const Expr &b);
Expr notEqual(const Expr &a, const Expr &b);
Expr lessThan(const Expr &a, const Expr &b);
Expr lessEqual(const Expr &a, const Expr &b);
Expr logicalAnd(const Expr &a, const Expr &b);
Expr logicalOr(const Expr &a, const Expr &b);
Expr logicalNot(const Expr &a);

/// Dimensions of a tensor.
using Shape = std::vector<Expr>;
/// Product of the dimensions; 1 for rank 0.
Expr elementCount(const Shape &shape);
/// `[batch, 3, 8]`.
std::string textOf(const Shape &shape);

} // namespace heddle

#endif // HEDDLE_RUNTIME_FORMAT_EXPR_H
