// The spellings of layer and RMS normalization.
#include "passes/Spellings.h"

using namespace mlir;
using namespace heddle;

namespace {
/// x and the first of the trailing dimensions that its mean is taken along.
struct Mean {
  Value x;
  size_t axis = 0;
};

/// What a spelling of a normalization consists of.
struct Norm {
  Value x, scale, bias; ///< Scale and bias may be null.
  size_t axis = 0;
  double epsilon = 0;
  bool isRms = false;
};
} // namespace

/// True if `value` holds the number `count` as a float.
static bool isCount(Value value, const Expr &count) {
  if (std::optional<int64_t> literal = count.literal())
    return isSplat(value, static_cast<double>(*literal));
  auto cast = value.getDefiningOp<CastOp>();
  auto sizes = cast ? cast.getX().getDefiningOp<SizesOp>() : SizesOp();
  return sizes && sizes.getValues().exprs() == Shape(1, count);
}

/// sum(x) / count or sum(x) * (1 / count), along trailing dimensions, which stay.
static std::optional<Mean> meanOf(Value value) {
  auto reshape = value.getDefiningOp<ReshapeOp>(); // of a mean whose dimensions were dropped
  Operation *op = reshape ? reshape.getX().getDefiningOp() : value.getDefiningOp();
  if (!isa_and_nonnull<DivOp, MulOp>(op))
    return std::nullopt;
  Value sum = op->getOperand(0), divisor = op->getOperand(1);
  if (auto kept = sum.getDefiningOp<ReshapeOp>())
    sum = kept.getX();
  auto reduce = sum.getDefiningOp<ReduceOp>();
  if (!reduce || reduce.getKind() != ReductionKind::Add || reduce.getAxes().empty())
    return std::nullopt;
  Shape shape = shapeOf(reduce.getX().getType()), kept = shape;
  size_t axis = reduce.getAxes().front();
  for (size_t dim = axis; dim < shape.size(); ++dim)
    kept[dim] = 1;
  bool isTrailing = axis + reduce.getAxes().size() == shape.size(); // the axes ascend
  Expr count = isTrailing ? productOf(shape, axis, shape.size()) : Expr(0);
  std::optional<int64_t> literal = count.literal();
  bool isMean = isa<DivOp>(op) ? isCount(divisor, count)
                               : literal && *literal > 0 && isSplat(divisor, 1 / static_cast<double>(*literal));
  if (!isTrailing || !isMean || shapeOf(value.getType()) != kept)
    return std::nullopt;
  return Mean{reduce.getX(), axis};
}

/// y, where `value` is the square root of y.
static Value radicandOf(Value value) {
  if (auto root = value.getDefiningOp<SqrtOp>())
    return root.getX();
  auto power = value.getDefiningOp<PowOp>();
  return power && isSplat(power.getB(), 0.5) ? power.getA() : Value();
}

/// y, where `value` is 1 / sqrt(y).
static Value inverseRadicandOf(Value value) {
  if (Value root = reciprocalOf(value))
    return radicandOf(root);
  if (Value radicand = radicandOf(value))
    return reciprocalOf(radicand);
  auto power = value.getDefiningOp<PowOp>();
  return power && isSplat(power.getB(), -0.5) ? power.getA() : Value();
}

/// Reads `mean(y * y) + epsilon`; returns y.
static std::optional<Mean> readVariance(Value value, double &epsilon) {
  Value squares = besideSplat(value.getDefiningOp<AddOp>(), epsilon);
  if (!squares)
    return std::nullopt;
  std::optional<Mean> mean = meanOf(squares);
  Product product = mean ? factorsOf(mean->x) : Product();
  if (product.factors.size() != 2 || !product.is(1, product.factors[0], 2))
    return std::nullopt;
  return Mean{product.factors[0], mean->axis};
}

/// Reads `centered` and the radicand of its deviation; false if they belong to no normalization. What is centered along
/// other dimensions than its squares is left alone.
static bool readCore(Value centered, Value radicand, Norm &norm) {
  std::optional<Mean> squared = radicand ? readVariance(radicand, norm.epsilon) : std::nullopt;
  if (!squared || squared->x != centered)
    return false;
  norm.axis = squared->axis;
  auto difference = centered.getDefiningOp<SubOp>();
  std::optional<Mean> mean = difference ? meanOf(difference.getB()) : std::nullopt;
  norm.isRms = !mean;
  norm.x = mean ? difference.getA() : centered;
  return norm.isRms || (mean->x == norm.x && mean->axis == norm.axis);
}

/// True for a value with one element per normalized element, or one element.
static bool isAlongNormalized(Value value, const Norm &norm) {
  Shape shape = shapeOf(value.getType()), row = shapeOf(norm.x.getType());
  if (shape.size() > row.size() || getElementTypeOrSelf(value) != getElementTypeOrSelf(norm.x))
    return false;
  size_t added = row.size() - shape.size();
  for (auto [dim, size] : llvm::enumerate(shape))
    if (!size.isLiteral(1) && (dim + added < norm.axis || size != row[dim + added]))
      return false;
  return true;
}

/// The other operand of the OpT that alone reads the result of `op`; null if there is none.
template <typename OpT> static Value operandBehind(Operation *op, OpT &user) {
  Value result = op->getResult(0);
  user = result.hasOneUse() ? dyn_cast<OpT>(*result.user_begin()) : OpT();
  return user ? user->getOperand(user->getOperand(0) == result ? 1 : 0) : Value();
}

/// Takes the scale and the bias behind the core of a normalization; returns the last op. Null for what looks like an
/// instance normalization: several normalized dimensions, or a factor per channel. Channels last keeps that as its
/// parts.
static Operation *readAffine(Operation *core, Norm &norm) {
  MulOp product;
  Value scale = operandBehind(core, product);
  if (!scale || !isAlongNormalized(scale, norm)) {
    bool isOneDim = norm.axis + 1 == shapeOf(norm.x.getType()).size();
    bool isPerChannel = scale && shapeOf(scale.getType()).back().isLiteral(1);
    return isOneDim && !isPerChannel ? core : nullptr;
  }
  norm.scale = scale;
  AddOp sum;
  Value bias = norm.isRms ? Value() : operandBehind<AddOp>(product, sum);
  if (!bias || !isAlongNormalized(bias, norm))
    return product;
  norm.bias = bias;
  return sum;
}

static LogicalResult raiseNorm(PatternRewriter &rewriter, Operation *last, const Norm &norm) {
  SmallVector<Value> operands = {norm.x};
  for (Value value : {norm.scale, norm.bias})
    if (value)
      operands.push_back(value);
  auto build = [&](OpBuilder &b, Location loc) -> Value {
    Value scale = norm.scale;
    if (!scale) {
      auto type = RankedTensorType::get({}, getElementTypeOrSelf(norm.x));
      scale = ConstantOp::create(b, loc, type, DenseElementsAttr::get(type, b.getFloatAttr(type.getElementType(), 1)));
    }
    return LayerNormOp::create(b, loc, norm.x.getType(), norm.x, scale, norm.bias, b.getI64IntegerAttr(norm.axis),
                               b.getF64FloatAttr(norm.epsilon), norm.isRms ? b.getUnitAttr() : UnitAttr());
  };
  return raise(rewriter, last, {norm.isRms ? "rms_norm" : "layer_norm", norm.x.getType(), operands, build});
}

namespace {
/// c / sqrt(mean(c * c) + epsilon) * scale + bias -> layer_norm(x)   [c = x - mean(x), or x itself for RMS]
struct CenteredNorm final : RewritePattern {
  explicit CenteredNorm(MLIRContext *context) : RewritePattern(MatchAnyOpTypeTag(), 1, context) {}
  LogicalResult matchAndRewrite(Operation *op, PatternRewriter &rewriter) const override {
    Norm norm;
    auto isScaled = [&](Value a, Value b) { return readCore(a, inverseRadicandOf(b), norm); };
    bool isCore = (isa<DivOp>(op) && readCore(op->getOperand(0), radicandOf(op->getOperand(1)), norm)) ||
                  (isa<MulOp>(op) && inEitherOrder(op, isScaled));
    Operation *last = isCore ? readAffine(op, norm) : nullptr;
    if (!last)
      return rewriter.notifyMatchFailure(op, "no value over its deviation, or with a scale of another shape");
    return raiseNorm(rewriter, last, norm);
  }
};

/// x * f + (bias - mean(x) * f) -> layer_norm(x)   [f = scale / sqrt(mean((x - mean(x))^2) + epsilon), as Keras writes
/// it]
struct ShiftedNorm final : OpRewritePattern<AddOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(AddOp op, PatternRewriter &rewriter) const override {
    Norm norm;
    auto matches = [&](Value scaled, Value shift) { return read(scaled, shift, norm); };
    if (!inEitherOrder(op, matches) || !isAlongNormalized(norm.bias, norm) || !isAlongNormalized(norm.scale, norm))
      return rewriter.notifyMatchFailure(op, "no x * factor + (bias - mean * factor)");
    return raiseNorm(rewriter, op, norm);
  }

private:
  static bool read(Value scaled, Value shift, Norm &norm) {
    auto product = scaled.getDefiningOp<MulOp>();
    auto difference = shift.getDefiningOp<SubOp>();
    auto shifted = difference ? difference.getB().getDefiningOp<MulOp>() : MulOp();
    if (!product || !shifted)
      return false;
    norm.bias = difference.getA();
    return inEitherOrder(product, [&](Value x, Value factor) {
      Value mean = shifted.getA() == factor ? shifted.getB() : shifted.getA();
      bool isShared = shifted.getA() == factor || shifted.getB() == factor;
      return isShared && readFactor(factor, norm) && !norm.isRms && norm.x == x && isMeanOf(mean, norm);
    });
  }

  static bool isMeanOf(Value value, const Norm &norm) {
    std::optional<Mean> mean = meanOf(value);
    return mean && mean->x == norm.x && mean->axis == norm.axis;
  }

  static bool readFactor(Value factor, Norm &norm) {
    auto product = factor.getDefiningOp<MulOp>();
    return product && inEitherOrder(product, [&](Value inverse, Value scale) {
             double epsilon;
             Value radicand = inverseRadicandOf(inverse);
             std::optional<Mean> squared = radicand ? readVariance(radicand, epsilon) : std::nullopt;
             norm.scale = scale;
             return squared && readCore(squared->x, radicand, norm);
           });
  }
};
} // namespace

void heddle::addNormSpellings(RewritePatternSet &patterns) {
  patterns.add<CenteredNorm, ShiftedNorm>(patterns.getContext());
}
