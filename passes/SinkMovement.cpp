// heddle-sink-movement: transposes and reshapes follow arithmetic, so that products meet them as views of their
// operands.
#include "ir/Shapes.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "passes/Passes.h"

namespace heddle {
#define GEN_PASS_DEF_SINKMOVEMENT
#include "passes/Passes.h.inc"
} // namespace heddle

using namespace mlir;
using namespace heddle;

/// True if `operand` broadcasts to `from` as it does to `to`: a scalar, or a vector along a last dimension that both
/// have.
static bool alignsWithBoth(Value operand, const Shape &from, const Shape &to, bool keepsLast) {
  Shape shape = shapeOf(operand.getType());
  bool isScalar = llvm::all_of(shape, [](const Expr &size) { return size.isLiteral(1); });
  return isScalar ? shape.size() <= std::min(from.size(), to.size()) : keepsLast && shape.size() == 1;
}

/// The sizes of `fine` that each size of `coarse` is the product of; nullopt if it is not just split.
static std::optional<SmallVector<Shape>> splitInto(const Shape &coarse, const Shape &fine) {
  SmallVector<Shape> groups;
  size_t next = 0;
  for (const Expr &size : coarse) {
    groups.emplace_back();
    Expr product(1);
    while (next < fine.size() && (product != size || groups.back().empty())) {
      product = product * fine[next];
      groups.back().push_back(fine[next++]);
    }
    if (product != size || groups.back().empty())
      return std::nullopt;
  }
  return next == fine.size() ? std::optional(groups) : std::nullopt;
}

namespace {
/// f(move(x), c) -> move(f(x, c))   [f elementwise, move a transpose or reshape with no other use, c a scalar or, where
/// a reshape keeps the last dimension, a vector along that]
struct SinkBelowElementwise final : OpInterfaceRewritePattern<ElementwiseOpInterface> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;
  LogicalResult matchAndRewrite(ElementwiseOpInterface op, PatternRewriter &rewriter) const override {
    Operation *move = nullptr;
    for (Value operand : op->getOperands())
      if (Operation *maker = operand.getDefiningOp(); isa_and_nonnull<TransposeOp, ReshapeOp>(maker))
        move = maker;
    if (!move || !llvm::all_of(move->getUsers(), [&](Operation *user) { return user == op; }))
      return rewriter.notifyMatchFailure(op, "no operand is moved for this op alone");
    Value source = move->getOperand(0), moved = move->getResult(0);
    Shape from = shapeOf(source.getType()), to = shapeOf(moved.getType());
    bool keepsLast = isa<ReshapeOp>(move) && !from.empty() && !to.empty() && from.back() == to.back();
    for (Value operand : op->getOperands())
      if (operand != moved && !alignsWithBoth(operand, from, to, keepsLast))
        return rewriter.notifyMatchFailure(op, "an operand is neither moved nor a scalar");
    if (op->getNumResults() != 1 || shapeOf(op->getResult(0).getType()) != to)
      return rewriter.notifyMatchFailure(op, "the result is broadcast");
    IRMapping mapping;
    mapping.map(moved, source);
    Operation *computed = rewriter.clone(*op, mapping);
    Type result = op->getResult(0).getType();
    computed->getResult(0).setType(tensorType(from, getElementTypeOrSelf(result)));
    mapping.map(source, computed->getResult(0));
    Operation *after = rewriter.clone(*move, mapping);
    after->getResult(0).setType(result);
    rewriter.replaceOp(op, after);
    return success();
  }
};

/// reshape(transpose(x)) -> transpose(reshape(x))   [the reshape only splits dimensions]
struct SinkBelowReshape final : OpRewritePattern<ReshapeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ReshapeOp op, PatternRewriter &rewriter) const override {
    auto transpose = op.getX().getDefiningOp<TransposeOp>();
    if (!transpose || !transpose->hasOneUse())
      return rewriter.notifyMatchFailure(op, "operand is no transpose for this op alone");
    Shape moved = shapeOf(transpose.getY().getType());
    std::optional<SmallVector<Shape>> groups = splitInto(moved, shapeOf(op.getY().getType()));
    if (!groups)
      return rewriter.notifyMatchFailure(op, "dimensions are merged");
    ArrayRef<int64_t> perm = transpose.getPerm();
    SmallVector<size_t> groupOf(perm.size()); // by dimension of x
    for (auto [dim, from] : llvm::enumerate(perm))
      groupOf[from] = dim;
    Shape split;
    SmallVector<int64_t> firstOf(perm.size());
    for (size_t from = 0; from < perm.size(); ++from) {
      firstOf[from] = split.size();
      llvm::append_range(split, (*groups)[groupOf[from]]);
    }
    SmallVector<int64_t> order;
    for (auto [dim, from] : llvm::enumerate(perm))
      for (size_t part = 0; part < (*groups)[dim].size(); ++part)
        order.push_back(firstOf[from] + part);
    Type type = tensorType(split, getElementTypeOrSelf(op.getY()));
    Value reshaped = ReshapeOp::create(rewriter, op.getLoc(), type, transpose.getX());
    rewriter.replaceOpWithNewOp<TransposeOp>(op, op.getY().getType(), reshaped, order);
    return success();
  }
};

/// matmul(reshape(x), w) -> reshape(matmul(x, w))   [the reshape joins rows, w is one matrix]
struct SinkBelowMatmul final : OpRewritePattern<MatmulOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(MatmulOp op, PatternRewriter &rewriter) const override {
    auto reshape = op.getA().getDefiningOp<ReshapeOp>();
    if (!reshape || op.getTransposeA() || shapeOf(op.getB().getType()).size() != 2)
      return rewriter.notifyMatchFailure(op, "rows are not reshaped, or the second operand is a batch");
    Shape from = shapeOf(reshape.getX().getType()), to = shapeOf(reshape.getY().getType());
    size_t leading = from.size();
    while (leading > 0 && productOf(from, leading, from.size()) != to.back())
      --leading;
    Shape rows(from.begin(), from.begin() + leading);
    if (leading < to.size() || elementCount(rows) != productOf(to, 0, to.size() - 1))
      return rewriter.notifyMatchFailure(op, "the reshape joins no rows");
    Type element = getElementTypeOrSelf(op.getA());
    rows.push_back(to.back());
    Value a = reshape.getX();
    if (rows != from)
      a = ReshapeOp::create(rewriter, reshape.getLoc(), tensorType(rows, element), a);
    rows.back() = shapeOf(op.getY().getType()).back();
    auto product = cast<MatmulOp>(rewriter.clone(*op));
    product.getAMutable().assign(a);
    product.getY().setType(cast<RankedTensorType>(tensorType(rows, getElementTypeOrSelf(op.getY()))));
    rewriter.replaceOpWithNewOp<ReshapeOp>(op, op.getY().getType(), product);
    return success();
  }
};

/// gather(x, c) -> reshape(slice(x))   [c a constant position along a known dimension]
struct GatherIsSlice final : OpRewritePattern<GatherOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(GatherOp op, PatternRewriter &rewriter) const override {
    auto constant = op.getIndices().getDefiningOp<ConstantOp>();
    auto position = constant ? dyn_cast<DenseIntElementsAttr>(constant.getValue()) : DenseIntElementsAttr();
    Shape shape = shapeOf(op.getX().getType());
    size_t axis = op.getAxis();
    std::optional<int64_t> size = shape[axis].literal();
    if (!position || position.getType().getRank() != 0 || !size)
      return rewriter.notifyMatchFailure(op, "the position or the size is not known");
    int64_t start = position.getSplatValue<APInt>().getSExtValue();
    start += start < 0 ? *size : 0;
    if (start < 0 || start >= *size)
      return rewriter.notifyMatchFailure(op, "the position is out of bounds, which a run reports");
    Shape starts(shape.size(), Expr(0)), steps(shape.size(), Expr(1)), part = shape;
    starts[axis] = start;
    part[axis] = 1;
    MLIRContext *context = op.getContext();
    Value slice = SliceOp::create(rewriter, op.getLoc(), tensorType(part, getElementTypeOrSelf(op.getX())), op.getX(),
                                  DimsAttr::get(context, starts), DimsAttr::get(context, steps));
    rewriter.replaceOpWithNewOp<ReshapeOp>(op, op.getY().getType(), slice);
    return success();
  }
};

/// Gives each user a transpose, reshape or slice of its own, where all users only move elements or multiply: what is
/// shared would be made in memory.
struct CopyMovement final : RewritePattern {
  explicit CopyMovement(MLIRContext *context) : RewritePattern(MatchAnyOpTypeTag(), 1, context) {}
  LogicalResult matchAndRewrite(Operation *op, PatternRewriter &rewriter) const override {
    auto readsThrough = [](Operation *user) { return isa<MatmulOp, TransposeOp, ReshapeOp, SliceOp>(user); };
    if (!isa<TransposeOp, ReshapeOp, SliceOp>(op) || op->use_empty() || op->hasOneUse() ||
        !llvm::all_of(op->getUsers(), readsThrough))
      return rewriter.notifyMatchFailure(op, "one user, or one that needs the value in memory");
    SmallVector<OpOperand *> uses;
    for (OpOperand &use : op->getUses())
      uses.push_back(&use);
    for (OpOperand *use : ArrayRef(uses).drop_front())
      rewriter.modifyOpInPlace(use->getOwner(), [&] { use->set(rewriter.clone(*op)->getResult(0)); });
    return success();
  }
};

struct SinkMovement final : heddle::impl::SinkMovementBase<SinkMovement> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<SinkBelowElementwise, SinkBelowReshape, SinkBelowMatmul, GatherIsSlice, CopyMovement>(&getContext());
    ReshapeOp::getCanonicalizationPatterns(patterns, &getContext());
    TransposeOp::getCanonicalizationPatterns(patterns, &getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
