// heddle-verify-kernels: what must hold at the end of stage kernels.
#include "ir/StridedView.h"
#include "passes/Passes.h"

namespace heddle {
#define GEN_PASS_DEF_VERIFYKERNELS
#include "passes/Passes.h.inc"
} // namespace heddle

using namespace mlir;
using namespace heddle;

/// True for what heddle-place-parts leaves outside of kernels: a slice without gaps, or a concatenation whose parts are
/// written in place by launches, and by nothing else read.
static bool isInPlace(Operation *op) {
  if (auto slice = dyn_cast<SliceOp>(op))
    return isContiguous(slice);
  auto isMadeInPlace = [&](Value part) {
    for (Operation *maker = part.getDefiningOp(); maker && maker->getBlock() == op->getBlock() && part.hasOneUse();
         part = maker->getOperand(0), maker = part.getDefiningOp())
      if (!isa<ReshapeOp>(maker))
        return isa<LaunchOp, ConcatOp>(maker);
    return false;
  };
  return isa<ConcatOp>(op) && llvm::all_of(op->getOperands(), isMadeInPlace);
}

namespace {
struct VerifyKernels final : heddle::impl::VerifyKernelsBase<VerifyKernels> {
  void runOnOperation() override {
    std::set<StringRef> launched;
    WalkResult result = getOperation().walk<WalkOrder::PreOrder>([&](Operation *op) -> WalkResult {
      if (auto kernel = dyn_cast<KernelOp>(op)) {
        if (!kernel.getScheduleAttr())
          return kernel.emitError("kernel has no schedule");
        return WalkResult::skip();
      }
      if (auto launch = dyn_cast<LaunchOp>(op))
        launched.insert(launch.getKernel());
      bool isAllowed = isa<ModuleOp, func::FuncOp, func::ReturnOp, LaunchOp, ConstantOp, ReshapeOp, HostCallOp,
                           SetSymbolsOp, IfOp, LoopOp, FailOp, ResultOp>(op);
      if (!isAllowed && !isInPlace(op))
        return op->emitError() << op->getName() << " is outside a kernel at the end of stage kernels";
      return WalkResult::advance();
    });
    if (result.wasInterrupted())
      return signalPassFailure();
    for (auto kernel : getOperation().getOps<KernelOp>())
      if (!launched.count(kernel.getSymName())) {
        kernel.emitError("kernel is never launched");
        return signalPassFailure();
      }
  }
};
} // namespace
