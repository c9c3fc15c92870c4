// heddle-expand-composites: attention, and softmax along leading dimensions, become their expansions.
#include "ir/Shapes.h"
#include "passes/Passes.h"

namespace heddle {
#define GEN_PASS_DEF_EXPANDCOMPOSITES
#include "passes/Passes.h.inc"
} // namespace heddle

using namespace mlir;
using namespace heddle;

namespace {
struct ExpandComposites final : heddle::impl::ExpandCompositesBase<ExpandComposites> {
  void runOnOperation() override {
    SmallVector<StructuredOpInterface> composites;
    getOperation().walk([&](StructuredOpInterface op) {
      auto softmax = dyn_cast<SoftmaxOp>(op.getOperation());
      bool isLeading = softmax && softmax.getAxis() + 1 != shapeOf(softmax.getX().getType()).size();
      if (isLeading || isa<AttentionOp>(op))
        composites.push_back(op);
    });
    for (StructuredOpInterface op : composites) {
      OpBuilder builder(op);
      SmallVector<Value> expansion = op.buildBody(builder, op->getOperands());
      op->replaceAllUsesWith(expansion);
      op->erase();
    }
  }
};
} // namespace
