// heddle-deduplicate-kernels: one kernel per distinct body.
#include "ir/Origins.h"
#include "mlir/IR/Remarks.h"
#include "passes/Passes.h"

namespace heddle {
#define GEN_PASS_DEF_DEDUPLICATEKERNELS
#include "passes/Passes.h.inc"
} // namespace heddle

using namespace mlir;
using namespace heddle;

/// The kernel's text without its name and locations, but those that show in messages: equal texts are equal kernels.
static std::string bodyText(KernelOp kernel) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  OpPrintingFlags flags;
  flags.useLocalScope();
  stream << kernel.getFunctionType() << kernel.getSymbols();
  if (ArrayAttr strides = kernel.getResAttrsAttr())
    stream << strides;
  if (Attribute schedule = kernel.getScheduleAttr())
    stream << schedule;
  // The checks of a gather name its ONNX node, so equal gathers of different nodes are different kernels.
  for (Operation &op : kernel.getBody().front())
    if (isa<GatherOp, GatherElementsOp, GatherNDOp, GenericOp>(op))
      stream << originText(op.getLoc());
  // Values are numbered in order of definition, so equal bodies print alike.
  AsmState state(kernel, flags);
  for (Operation &op : kernel.getBody().front()) {
    op.print(stream, state);
    stream << '\n';
  }
  return text;
}

namespace {
struct DeduplicateKernels final : heddle::impl::DeduplicateKernelsBase<DeduplicateKernels> {
  void runOnOperation() override {
    std::map<std::string, FlatSymbolRefAttr> firstOf;
    DenseMap<StringAttr, FlatSymbolRefAttr> replacement;
    for (auto kernel : llvm::make_early_inc_range(getOperation().getOps<KernelOp>())) {
      auto [found, isNew] = firstOf.try_emplace(bodyText(kernel), FlatSymbolRefAttr::get(kernel.getSymNameAttr()));
      if (isNew)
        continue;
      replacement[kernel.getSymNameAttr()] = found->second;
      kernel.erase();
    }
    if (replacement.empty())
      return markAllAnalysesPreserved();
    getOperation().walk([&](LaunchOp launch) {
      if (auto found = replacement.find(launch.getKernelAttr().getAttr()); found != replacement.end())
        launch.setKernelAttr(found->second);
    });
    remark::passed(getOperation().getLoc(), remark::RemarkOpts::name("deduplicate").category("heddle.kernels"))
        << remark::metric("removed", static_cast<int64_t>(replacement.size()));
  }
};
} // namespace
