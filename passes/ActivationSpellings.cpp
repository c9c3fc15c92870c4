// The spellings of GELU, Swish and HardSwish.
#include "passes/Spellings.h"
#include <cmath>
#include <numbers>

using namespace mlir;
using namespace heddle;

/// True if `value` is sqrt(2 / pi) * (x + 0.044715 * x^3), or the same with x before the bracket.
static bool isTanhArgument(Value value, Value x) {
  constexpr double cubic = 0.044715, slope = 0.79788456080286535588;
  Product product = factorsOf(value);
  if (product.factors.size() == 1 && isNear(product.constant, slope, x.getType())) {
    auto sum = product.factors[0].getDefiningOp<AddOp>();
    return sum &&
           inEitherOrder(sum, [&](Value term, Value cube) { return term == x && factorsOf(cube).is(cubic, x, 3); });
  }
  if (product.factors.size() != 2 || !isNear(product.constant, slope, x.getType()))
    return false;
  Value bracket = product.factors[product.factors[0] == x ? 1 : 0];
  Value square = llvm::is_contained(product.factors, x) ? besideTerm(bracket, 1) : Value();
  return square && factorsOf(square).is(cubic, x, 2);
}

/// Whether GELU has its tanh form, where `gate` is 1 + erf or 1 + tanh of what GELU asks for; nullopt if it is neither.
static std::optional<bool> readGeluGate(Value x, Value gate) {
  Value curve = besideTerm(gate, 1);
  auto erf = curve ? curve.getDefiningOp<ErfOp>() : ErfOp();
  auto tanh = curve ? curve.getDefiningOp<TanhOp>() : TanhOp();
  if (erf && factorsOf(erf.getX()).is(std::numbers::sqrt2 / 2, x, 1))
    return false;
  if (tanh && isTanhArgument(tanh.getX(), x))
    return true;
  return std::nullopt;
}

namespace {
/// min(max(line, low), high)
struct Clamp {
  Value line;
  double low = 0, high = 0;
};
} // namespace

/// Reads one bound of a clamp; returns what is bounded.
template <typename OpT> static Value readBound(Value value, double &bound) {
  if (auto relu = value.getDefiningOp<ReluOp>(); relu && std::is_same_v<OpT, MaxOp>) {
    bound = 0;
    return relu.getX();
  }
  return besideSplat(value.getDefiningOp<OpT>(), bound);
}

static std::optional<Clamp> clampOf(Value value) {
  Clamp clamp;
  if (Value below = readBound<MinOp>(value, clamp.high); below && (clamp.line = readBound<MaxOp>(below, clamp.low)))
    return clamp;
  if (Value above = readBound<MaxOp>(value, clamp.low); above && (clamp.line = readBound<MinOp>(above, clamp.high)))
    return clamp;
  return std::nullopt;
}

/// True if `factor * gate` is max(0, min(1, x / 6 + 0.5)).
static bool isHardSigmoid(double factor, Value gate, Value x) {
  constexpr double alpha = 1.0 / 6.0, beta = 0.5;
  Type type = x.getType();
  if (auto whole = gate.getDefiningOp<HardSigmoidOp>())
    return whole.getX() == x && isNear(factor, 1, type) && isNear(whole.getAlpha().convertToDouble(), alpha, type) &&
           isNear(whole.getBeta().convertToDouble(), beta, type);
  std::optional<Clamp> clamp = clampOf(gate);
  auto sum = clamp ? clamp->line.getDefiningOp<AddOp>() : AddOp();
  return sum && factor > 0 && clamp->low == 0 && isNear(factor * clamp->high, 1, type) &&
         inEitherOrder(sum, [&](Value term, Value slope) {
           std::optional<double> offset = splatOf(term);
           Product line = factorsOf(slope);
           line.constant *= factor;
           return offset && isNear(factor * *offset, beta, type) && line.is(alpha, x, 1);
         });
}

/// Calls `matches(x, gate)` with the two factors of a product that are no constants, in either order.
static bool hasGate(const Product &product, function_ref<bool(Value, Value)> matches) {
  ArrayRef<Value> factors = product.factors;
  return factors.size() == 2 && (matches(factors[0], factors[1]) || matches(factors[1], factors[0]));
}

namespace {
/// x * (1 + erf(x / sqrt(2))) / 2 -> gelu(x), and so the tanh form   [the factors in any order]
struct GeluProduct final : RewritePattern {
  explicit GeluProduct(MLIRContext *context) : RewritePattern(MatchAnyOpTypeTag(), 1, context) {}
  LogicalResult matchAndRewrite(Operation *op, PatternRewriter &rewriter) const override {
    Product product = isa<MulOp, DivOp>(op) ? factorsOf(op) : Product();
    Value x;
    std::optional<bool> isTanh;
    auto isGelu = [&](Value first, Value gate) {
      x = first;
      isTanh = readGeluGate(x, gate);
      return isTanh.has_value();
    };
    if (!hasGate(product, isGelu) || !isNear(product.constant, 0.5, x.getType()))
      return rewriter.notifyMatchFailure(op, "no half of x * (1 + erf or tanh of x)");
    auto build = [&](OpBuilder &b, Location loc) -> Value { return GeluOp::create(b, loc, x.getType(), x, *isTanh); };
    return raise(rewriter, op, {"gelu", x.getType(), {x}, build});
  }
};

/// x * sigmoid(alpha * x) -> swish(x)
struct SwishProduct final : OpRewritePattern<MulOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(MulOp op, PatternRewriter &rewriter) const override {
    Value x;
    double alpha = 1;
    auto isSwish = [&](Value first, Value gate) {
      auto sigmoid = gate.getDefiningOp<SigmoidOp>();
      Product product = sigmoid && sigmoid.getX() != first ? factorsOf(sigmoid.getX()) : Product();
      x = first;
      alpha = product.constant;
      // An alpha beyond f32 would turn 0 to NaN where its factors, one by one, do not.
      bool isScaled = ArrayRef<Value>(product.factors) == ArrayRef(first) && std::abs(alpha) <= 0x1p60;
      return sigmoid && (sigmoid.getX() == first || isScaled);
    };
    if (!inEitherOrder(op, isSwish))
      return rewriter.notifyMatchFailure(op, "no product with the sigmoid of a factor");
    auto build = [&](OpBuilder &b, Location loc) -> Value {
      return SwishOp::create(b, loc, x.getType(), x, b.getF64FloatAttr(alpha));
    };
    return raise(rewriter, op, {"swish", x.getType(), {x}, build});
  }
};

/// x * max(0, min(6, x + 3)) / 6 -> hard_swish(x)   [the factors in any order, or with hard_sigmoid]
struct HardSwishProduct final : RewritePattern {
  explicit HardSwishProduct(MLIRContext *context) : RewritePattern(MatchAnyOpTypeTag(), 1, context) {}
  LogicalResult matchAndRewrite(Operation *op, PatternRewriter &rewriter) const override {
    Product product = isa<MulOp, DivOp>(op) ? factorsOf(op) : Product();
    Value x;
    auto isHardSwish = [&](Value first, Value gate) {
      x = first;
      return isHardSigmoid(product.constant, gate, x);
    };
    if (!hasGate(product, isHardSwish))
      return rewriter.notifyMatchFailure(op, "no product with the hard sigmoid of a factor");
    auto build = [&](OpBuilder &b, Location loc) -> Value { return HardSwishOp::create(b, loc, x.getType(), x); };
    return raise(rewriter, op, {"hard_swish", x.getType(), {x}, build});
  }
};
} // namespace

void heddle::addActivationSpellings(RewritePatternSet &patterns) {
  patterns.add<GeluProduct, SwishProduct, HardSwishProduct>(patterns.getContext());
}
