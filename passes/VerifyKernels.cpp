// heddle-verify-kernels: what must hold at the end of stage kernels.
#include "passes/Passes.h"

namespace heddle {
#define GEN_PASS_DEF_VERIFYKERNELS
#include "passes/Passes.h.inc"
} // namespace heddle

using namespace mlir;
using namespace heddle;

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
      if (!isAllowed)
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
