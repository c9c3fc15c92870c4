// Proofs about the sign of size expressions, from extents that are known to be positive.
#ifndef HEDDLE_CODEGEN_INDEXRANGE_H
#define HEDDLE_CODEGEN_INDEXRANGE_H

#include "codegen/Index.h"

namespace heddle {

/// Size expressions that are at least 1: the extents and divisors of an index.
class PositiveSizes {
public:
  explicit PositiveSizes(const Index &index) { collect(index); }
  void add(const Expr &size);

  /// True only if `expr >= 0` follows from the sizes.
  bool provesNonNegative(const Expr &expr) const;

private:
  void collect(const Index &index);
  bool provesWithSymbols(const Expr &expr) const;

  std::vector<Expr> sizes;                         ///< Not literal, not lone symbols.
  std::map<std::string, Expr, std::less<>> raised; ///< Positive symbol -> symbol + 1.
};

/// `value / divisor` if that is exact as an expression.
std::optional<Expr> divideExactly(const Expr &value, const Expr &divisor);

} // namespace heddle

#endif // HEDDLE_CODEGEN_INDEXRANGE_H
