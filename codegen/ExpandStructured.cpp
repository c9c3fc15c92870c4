// heddle-expand-structured: from graph ops to what can be pulled.
#include "codegen/CodegenPasses.h"
#include "codegen/Pull.h"
#include "ir/Shapes.h"

namespace heddle {
#define GEN_PASS_DEF_EXPANDSTRUCTURED
#include "codegen/CodegenPasses.h.inc"
} // namespace heddle

using namespace mlir;
using namespace heddle;

void heddle::expandStructured(KernelOp kernel, function_ref<bool(Operation *)> keep) {
  SmallVector<Operation *> pending;
  auto collect = [&](Operation *op) {
    if (isa<StructuredOpInterface>(op) && !keep(op))
      pending.push_back(op);
  };
  for (Operation &op : kernel.getBody().front())
    collect(&op);
  while (!pending.empty()) {
    Operation *op = pending.pop_back_val();
    OpBuilder builder(op);
    Operation *before = op->getPrevNode();
    SmallVector<Value> results = cast<StructuredOpInterface>(op).buildBody(builder, op->getOperands());
    Operation *first = before ? before->getNextNode() : &op->getBlock()->front();
    for (Operation *added = first; added != op; added = added->getNextNode())
      collect(added);
    op->replaceAllUsesWith(results);
    op->erase();
  }
}

namespace {
struct ExpandStructured final : heddle::impl::ExpandStructuredBase<ExpandStructured> {
  void runOnOperation() override {
    expandStructured(getOperation(), [](Operation *) { return false; });
  }
};
} // namespace
