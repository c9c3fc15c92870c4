// From graph ops to what can be pulled.
#include "codegen/Pull.h"
#include "ir/Shapes.h"

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

LogicalResult heddle::checkPullable(KernelOp kernel, function_ref<bool(Operation *)> isAnchor) {
  bool ok = true;
  auto refuse = [&](Operation &op, StringRef reason) {
    op.emitOpError() << reason;
    ok = false;
  };
  for (Operation &op : kernel.getBody().front()) {
    if (isAnchor(&op) || isa<ReturnOp>(op))
      continue;
    bool known = isa<GenericOp, ElementwiseOpInterface, ConstantOp, SizesOp, ReshapeOp, TransposeOp, BroadcastOp,
                     SliceOp, ConcatOp, PadOp>(op);
    if (!known)
      refuse(op, "cannot be part of a kernel");
    else if (auto constant = dyn_cast<ConstantOp>(op); constant && !isa<DenseElementsAttr>(constant.getValue()))
      refuse(op, "refers to a weight, which a kernel must take as an argument");
  }
  return success(ok);
}
