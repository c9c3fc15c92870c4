// Checks that a kernel holds only what can be pulled.
#include "codegen/Pull.h"

using namespace mlir;
using namespace heddle;

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
