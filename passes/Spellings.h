// What the patterns of heddle-recognize-composites share: how exporters write constants, products and reductions.
#ifndef HEDDLE_PASSES_SPELLINGS_H
#define HEDDLE_PASSES_SPELLINGS_H

#include "ir/HeddleOps.h"
#include "ir/Shapes.h"
#include "mlir/IR/PatternMatch.h"
#include <optional>

namespace heddle {

/// The patterns of a family: each replaces spellings of one op by that op.
void addNormSpellings(mlir::RewritePatternSet &patterns);
void addSoftmaxSpellings(mlir::RewritePatternSet &patterns);
void addActivationSpellings(mlir::RewritePatternSet &patterns);
void addAttentionSpellings(mlir::RewritePatternSet &patterns);

/// The value of a constant whose elements are all equal; nullopt for any other value.
std::optional<double> splatOf(mlir::Value value);
/// True if `got` may stand for `expected` in constants of `type`: they differ by the rounding of that type at most.
bool isNear(double got, double expected, mlir::Type type);
/// True if `value` is a constant whose elements are all `expected`.
bool isSplat(mlir::Value value, double expected);

/// `constant * factors[0] * factors[1] * ...`
struct Product {
  double constant = 1;
  llvm::SmallVector<mlir::Value, 4> factors;
  unsigned ops = 0; ///< Read so far: a long chain of products is read no further than any spelling needs.

  /// True if this is `expected * x * x * ...`, `power` times; `x` is no constant.
  bool is(double expected, mlir::Value x, size_t power) const;
};
/// The factors of `value` or of the result of `op`: through multiplications, divisions by constants, squares and cubes,
/// as far as nothing else reads their results. A value that others read is a factor itself, whatever makes it.
Product factorsOf(mlir::Value value);
Product factorsOf(mlir::Operation *op);

/// The operand of a commutative op beside a constant with one value, which `splat` gets; null if there is none or no
/// op.
mlir::Value besideSplat(mlir::Operation *op, double &splat);
/// `x`, where `value` is the sum of `x` and `constant`; null if it is none.
mlir::Value besideTerm(mlir::Value value, double constant);
/// `x`, where `value` is 1 / x; null if it is none.
mlir::Value reciprocalOf(mlir::Value value);

/// A reduction whose dimensions stay with size 1.
struct KeptReduction {
  mlir::Value x;
  llvm::SmallVector<int64_t> axes;
};
std::optional<KeptReduction> reductionOf(mlir::Value value, ReductionKind kind);

/// Calls `matches` with the operands of a binary op, and if it fails with the operands exchanged.
bool inEitherOrder(mlir::Operation *op, llvm::function_ref<bool(mlir::Value, mlir::Value)> matches);

/// What stands for a spelling.
struct Composite {
  llvm::StringRef name;                    ///< As the remark says it.
  mlir::Type type;                         ///< Of its result; that of the spelling must be the same.
  llvm::SmallVector<mlir::Value> operands; ///< The values that the spelling reads, constants aside.
  llvm::function_ref<mlir::Value(mlir::OpBuilder &, mlir::Location)> build;
};
/// Replaces `last`, the last op of a spelling, by the composite. Fails if something outside of the spelling reads what
/// is made inside of it; if it spans blocks; if sizes are assumed to be equal in it, which the composite would not say;
/// and for floats narrower than f32: those round after each op of the spelling, and overflow where the composite, which
/// computes in f32, does not.
llvm::LogicalResult raise(mlir::PatternRewriter &rewriter, mlir::Operation *last, const Composite &composite);

} // namespace heddle

#endif // HEDDLE_PASSES_SPELLINGS_H
