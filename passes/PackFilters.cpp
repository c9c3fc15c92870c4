// heddle-pack-filters: constant filters of channels-last convolutions become panels that vectors of output channels
// read.
#include "ir/Schedule.h"
#include "ir/Shapes.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"
#include "passes/Passes.h"
#include "passes/WeightValue.h"
#include <numeric>

namespace heddle {
#define GEN_PASS_DEF_PACKFILTERS
#include "passes/Passes.h.inc"
} // namespace heddle

using namespace mlir;
using namespace heddle;

namespace {
/// conv(x, [O, C / groups, window...]) -> conv(x, [O / nr][window... * C / groups][nr])   [constant filters]
struct PackConv final : OpRewritePattern<ConvOp> {
  PackConv(MLIRContext *context, int64_t vectorBytes, int64_t &packed)
      : OpRewritePattern(context), vectorBytes(vectorBytes), packed(packed) {}

  LogicalResult matchAndRewrite(ConvOp conv, PatternRewriter &rewriter) const override {
    if (conv.getLayout() != ConvLayout::NHWC || conv.getPackedNr() != 0)
      return rewriter.notifyMatchFailure(conv, "not channels last, or packed already");
    auto type = cast<RankedTensorType>(conv.getW().getType());
    if (!type.getElementType().isF32() || !type.hasStaticShape() || type.getNumElements() == 0)
      return rewriter.notifyMatchFailure(conv, "filters are not f32 of known sizes");
    std::optional<WeightValue> filters = weightValueOf(conv.getW());
    if (!filters)
      return rewriter.notifyMatchFailure(conv, "filters are no constant");
    ArrayRef<int64_t> shape = type.getShape();
    int64_t outputs = shape[0], rows = type.getNumElements() / outputs;
    int64_t nr = filterPanel(outputs, conv.getGroups(), shape[1], vectorBytes);
    if (nr == 0)
      return rewriter.notifyMatchFailure(conv, "no panel width fits the groups");
    std::vector<int64_t> order = {1, 0};
    order.insert(order.begin(), shape.size() - 2, 0);
    std::iota(order.begin(), order.end() - 2, 2);
    weight::Step steps[] = {weight::Permute{order}, weight::Reshape{{rows, outputs}}, weight::Pack{{nr, 1}}};
    auto packedType = RankedTensorType::get({llvm::divideCeilSigned(outputs, nr), rows, nr}, type.getElementType());
    Value panels = filters->build(rewriter, conv.getW().getLoc(), steps, packedType);
    rewriter.modifyOpInPlace(conv, [&] {
      conv.getWMutable().assign(panels);
      conv.setPackedNr(nr);
      conv.setWindow(shape.drop_front(2));
      conv.setOutputs(outputs);
    });
    ++packed;
    return success();
  }

  int64_t vectorBytes;
  int64_t &packed;
};

struct PackFilters final : heddle::impl::PackFiltersBase<PackFilters> {
  using PackFiltersBase::PackFiltersBase;

  void runOnOperation() override {
    int64_t packed = 0;
    RewritePatternSet patterns(&getContext());
    patterns.add<PackConv>(&getContext(), vectorBytes, packed);
    walkAndApplyPatterns(getOperation(), std::move(patterns));
    remark::passed(getOperation().getLoc(), remark::RemarkOpts::name("pack-filters").category("heddle.graph"))
        << remark::metric("packed", packed);
  }
};
} // namespace
