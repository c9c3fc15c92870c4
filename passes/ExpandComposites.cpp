// heddle-expand-composites: softmax along leading dimensions becomes its expansion.
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
    SmallVector<SoftmaxOp> leading;
    getOperation().walk([&](SoftmaxOp op) {
      if (op.getAxis() + 1 != shapeOf(op.getX().getType()).size())
        leading.push_back(op);
    });
    for (SoftmaxOp op : leading) {
      OpBuilder builder(op);
      SmallVector<Value> expansion = op.buildBody(builder, op->getOperands());
      op->replaceAllUsesWith(expansion);
      op->erase();
    }
  }
};
} // namespace
