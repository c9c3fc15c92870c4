// heddle-fold-transposes: a matrix product reads a transposed operand in place.
#include "ir/Shapes.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "passes/Passes.h"

namespace heddle {
#define GEN_PASS_DEF_FOLDTRANSPOSES
#include "passes/Passes.h.inc"
} // namespace heddle

using namespace mlir;
using namespace heddle;

namespace {
/// matmul(transpose(a), b) -> matmul(a, b) transpose_a, and the same for b   [the last two dimensions swapped]
struct ReadTransposedOperand final : OpRewritePattern<MatmulOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(MatmulOp op, PatternRewriter &rewriter) const override {
    if (op.getPackedNr() != 0)
      return rewriter.notifyMatchFailure(op, "the second operand is packed");
    auto sourceOf = [](Value operand) -> Value {
      auto transpose = operand.getDefiningOp<TransposeOp>();
      return transpose && transpose.swapsLastTwo() ? transpose.getX() : Value();
    };
    Value a = sourceOf(op.getA()), b = sourceOf(op.getB());
    if (!a && !b)
      return rewriter.notifyMatchFailure(op, "no operand swaps its last two dimensions");
    rewriter.modifyOpInPlace(op, [&] {
      if (a) {
        op.getAMutable().assign(a);
        op.setTransposeA(!op.getTransposeA());
      }
      if (b) {
        op.getBMutable().assign(b);
        op.setTransposeB(!op.getTransposeB());
      }
    });
    return success();
  }
};

struct FoldTransposes final : heddle::impl::FoldTransposesBase<FoldTransposes> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<ReadTransposedOperand>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
