// The spellings of softmax.
#include "passes/Spellings.h"

using namespace mlir;
using namespace heddle;

/// `x` and the dimension, where `value` is x minus its largest element along one dimension.
static std::optional<std::pair<Value, int64_t>> centeredBelow(Value value) {
  auto difference = value.getDefiningOp<SubOp>();
  std::optional<KeptReduction> largest = difference ? reductionOf(difference.getB(), ReductionKind::Max) : std::nullopt;
  if (!largest || largest->x != difference.getA() || largest->axes.size() != 1)
    return std::nullopt;
  return std::pair(largest->x, largest->axes[0]);
}

/// exp(c), where `value` is the sum of exp(c) along `axis`.
static ExpOp summedExponential(Value value, int64_t axis) {
  std::optional<KeptReduction> sum = reductionOf(value, ReductionKind::Add);
  return sum && ArrayRef(sum->axes) == ArrayRef(axis) ? sum->x.getDefiningOp<ExpOp>() : ExpOp();
}

static LogicalResult raiseSoftmax(PatternRewriter &rewriter, Operation *last, Value x, int64_t axis, bool isLog) {
  auto build = [&](OpBuilder &b, Location loc) -> Value {
    return SoftmaxOp::create(b, loc, x.getType(), x, b.getI64IntegerAttr(axis), isLog ? b.getUnitAttr() : UnitAttr());
  };
  return raise(rewriter, last, {isLog ? "log_softmax" : "softmax", x.getType(), {x}, build});
}

namespace {
/// exp(c) / sum(exp(c)) or exp(c) * (1 / sum(exp(c))) -> softmax(x)   [c = x - max(x)]
struct SoftmaxQuotient final : RewritePattern {
  explicit SoftmaxQuotient(MLIRContext *context) : RewritePattern(MatchAnyOpTypeTag(), 1, context) {}
  LogicalResult matchAndRewrite(Operation *op, PatternRewriter &rewriter) const override {
    Value x;
    int64_t axis = 0;
    auto isQuotient = [&](Value dividend, Value sum) {
      auto exponential = dividend.getDefiningOp<ExpOp>();
      auto centered = exponential ? centeredBelow(exponential.getX()) : std::nullopt;
      if (!centered || !sum || summedExponential(sum, centered->second) != exponential)
        return false;
      std::tie(x, axis) = *centered;
      return true;
    };
    auto isProduct = [&](Value dividend, Value inverse) { return isQuotient(dividend, reciprocalOf(inverse)); };
    bool matches = (isa<DivOp>(op) && isQuotient(op->getOperand(0), op->getOperand(1))) ||
                   (isa<MulOp>(op) && inEitherOrder(op, isProduct));
    if (!matches)
      return rewriter.notifyMatchFailure(op, "no exponential over its sum");
    return raiseSoftmax(rewriter, op, x, axis, /*isLog=*/false);
  }
};

/// c - log(sum(exp(c))) -> softmax(x) log   [c = x - max(x)]
struct LogSoftmaxDifference final : OpRewritePattern<SubOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(SubOp op, PatternRewriter &rewriter) const override {
    auto centered = centeredBelow(op.getA());
    auto logarithm = op.getB().getDefiningOp<LogOp>();
    ExpOp exponential = centered && logarithm ? summedExponential(logarithm.getX(), centered->second) : ExpOp();
    if (!exponential || exponential.getX() != op.getA())
      return rewriter.notifyMatchFailure(op, "no difference to the logarithm of a sum of exponentials");
    return raiseSoftmax(rewriter, op, centered->first, centered->second, /*isLog=*/true);
  }
};
} // namespace

void heddle::addSoftmaxSpellings(RewritePatternSet &patterns) {
  patterns.add<SoftmaxQuotient, LogSoftmaxDifference>(patterns.getContext());
}
