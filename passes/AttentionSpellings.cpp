// The spellings of attention.
#include "passes/Spellings.h"
#include <numeric>

using namespace mlir;
using namespace heddle;

namespace {
/// What a spelling of attention consists of.
struct Attention {
  Value q, k, v, mask;        ///< The mask may be null.
  std::optional<double> fill; ///< Of a mask of bool.
  double scale = 1;
  bool nanIsZero = false;
  bool isKeyTransposed = false; ///< `k` has keys as columns.
  SmallVector<Location> parts;  ///< Labelled as the expansion of the op wants them.

  void addPart(Operation *op, StringRef label) {
    MLIRContext *context = op->getContext();
    parts.push_back(FusedLoc::get({op->getLoc()}, StringAttr::get(context, label), context));
  }
};
} // namespace

/// x, where `value` is x times a constant that nothing else reads and that does not broadcast x; else `value` itself.
static Value unscaled(Value value, Attention &attention) {
  Product product = factorsOf(value);
  if (product.factors.size() != 1 || product.factors[0] == value || product.factors[0].getType() != value.getType())
    return value;
  attention.scale *= product.constant;
  attention.addPart(value.getDefiningOp(), "scale");
  return product.factors[0];
}

/// Reads `scale * (q * scale) * (k * scale)`, a product of matrices.
static bool readProduct(Value value, Attention &attention) {
  attention.scale = 1;
  attention.parts.clear();
  auto product = unscaled(value, attention).getDefiningOp<MatmulOp>();
  if (!product || product.getPackedNr() != 0 || product.getTransposeA())
    return false;
  attention.addPart(product, "product");
  attention.q = unscaled(product.getA(), attention);
  attention.k = unscaled(product.getB(), attention);
  attention.isKeyTransposed = !product.getTransposeB();
  auto transpose = attention.k.getDefiningOp<TransposeOp>();
  if (attention.isKeyTransposed && transpose && transpose->hasOneUse() && transpose.swapsLastTwo()) {
    attention.k = unscaled(transpose.getX(), attention);
    attention.isKeyTransposed = false;
  }
  return true;
}

/// Reads what the softmax reads: a product, its sum with a mask, or a choice between it and a constant.
static bool readScores(Value value, Attention &attention) {
  if (readProduct(value, attention))
    return true;
  if (auto choice = value.getDefiningOp<WhereOp>()) {
    attention.mask = choice.getCondition();
    attention.fill = splatOf(choice.getB());
    return attention.fill && choice.getA().getType() == value.getType() && readProduct(choice.getA(), attention);
  }
  auto sum = value.getDefiningOp<AddOp>();
  return sum && inEitherOrder(sum, [&](Value product, Value mask) {
           attention.mask = mask;
           return product.getType() == value.getType() && readProduct(product, attention);
         });
}

/// Reads a softmax along the last dimension.
static bool readSoftmax(SoftmaxOp softmax, Attention &attention) {
  if (!softmax || softmax.getLog() || softmax.getAxis() + 1 != shapeOf(softmax.getX().getType()).size() ||
      !readScores(softmax.getX(), attention))
    return false;
  if (attention.mask)
    attention.addPart(softmax.getX().getDefiningOp(), "mask");
  attention.addPart(softmax, "softmax");
  return true;
}

/// Reads the weights: a softmax, perhaps with 0 for NaN.
static bool readWeights(Value value, Attention &attention) {
  auto choice = value.getDefiningOp<WhereOp>();
  if (!choice)
    return readSoftmax(value.getDefiningOp<SoftmaxOp>(), attention);
  auto test = choice.getCondition().getDefiningOp<IsNaNOp>();
  if (!test || test.getX() != choice.getB() || !isSplat(choice.getA(), 0) ||
      choice.getB().getType() != value.getType() || !readSoftmax(choice.getB().getDefiningOp<SoftmaxOp>(), attention))
    return false;
  attention.nanIsZero = true;
  attention.addPart(choice, "nan");
  return true;
}

static Value buildAttention(OpBuilder &b, MatmulOp last, Attention &attention) {
  attention.addPart(last, "result");
  Value k = attention.k;
  if (attention.isKeyTransposed) {
    Shape shape = shapeOf(k.getType());
    SmallVector<int64_t> perm(shape.size());
    std::iota(perm.begin(), perm.end(), 0);
    std::swap(perm.end()[-1], perm.end()[-2]);
    std::swap(shape.end()[-1], shape.end()[-2]);
    k = TransposeOp::create(b, k.getLoc(), tensorType(shape, getElementTypeOrSelf(k)), k, perm);
  }
  return AttentionOp::create(b, FusedLoc::get(b.getContext(), attention.parts), last.getY().getType(), attention.q, k,
                             attention.v, attention.mask,
                             attention.fill ? b.getF64FloatAttr(*attention.fill) : FloatAttr(),
                             b.getF64FloatAttr(attention.scale), attention.nanIsZero ? b.getUnitAttr() : UnitAttr());
}

namespace {
/// softmax(q * k * scale + mask) * v -> attention(q, k, v)   [the scale on q, k or their product]
struct WeightedMean final : OpRewritePattern<MatmulOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(MatmulOp op, PatternRewriter &rewriter) const override {
    Attention attention;
    attention.v = op.getB();
    if (op.getTransposeA() || op.getTransposeB() || op.getPackedNr() != 0 || !readWeights(op.getA(), attention))
      return rewriter.notifyMatchFailure(op, "the first operand is no softmax of products");
    // One factor for q must not overflow or vanish where two, on q and on k, do not.
    if (!(std::abs(attention.scale) <= 0x1p40 && std::abs(attention.scale) >= 0x1p-40))
      return rewriter.notifyMatchFailure(op, "the scale is very large or very small");
    SmallVector<Value> operands = {attention.q, attention.k, attention.v};
    if (attention.mask)
      operands.push_back(attention.mask);
    auto build = [&](OpBuilder &b, Location) { return buildAttention(b, op, attention); };
    return raise(rewriter, op, {"attention", op.getY().getType(), operands, build});
  }
};
} // namespace

void heddle::addAttentionSpellings(RewritePatternSet &patterns) { patterns.add<WeightedMean>(patterns.getContext()); }
