// Implements watching passes.
#include "compiler/PassWatch.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Pass/Pass.h"

using namespace mlir;
using namespace heddle;

static std::string printed(Operation *op, const OpPrintingFlags &flags) {
  while (op->getParentOp())
    op = op->getParentOp();
  std::string text;
  llvm::raw_string_ostream stream(text);
  op->print(stream, flags);
  return text;
}

std::string heddle::moduleText(Operation *op) { return printed(op, OpPrintingFlags().enableDebugInfo()); }

namespace {
class PassWatch final : public PassInstrumentation {
public:
  PassWatch(std::shared_ptr<PassObserver> observer, Stage stage) : observer(std::move(observer)), stage(stage) {}

  void runBeforePass(Pass *pass, Operation *op) override {
    // Adaptors run the passes of nested ops, which come here themselves.
    if (pass->getArgument().empty())
      return;
    before = observer->wantsText(pass->getArgument()) ? printed(op, OpPrintingFlags()) : std::string();
    begin = std::chrono::steady_clock::now();
  }

  void runAfterPass(Pass *pass, Operation *op) override {
    if (pass->getArgument().empty())
      return;
    PassRun run{stage, pass->getArgument(), std::chrono::steady_clock::now() - begin, std::move(before), {}, {}};
    if (observer->wantsText(run.pass)) {
      run.after = printed(op, OpPrintingFlags());
      run.dump = moduleText(op);
    }
    observer->passEnded(run);
  }

private:
  std::shared_ptr<PassObserver> observer;
  Stage stage;
  std::string before;
  std::chrono::steady_clock::time_point begin;
};
} // namespace

std::unique_ptr<PassInstrumentation> heddle::makePassWatch(std::shared_ptr<PassObserver> observer, Stage stage) {
  return std::make_unique<PassWatch>(std::move(observer), stage);
}

void heddle::enableRemarks(MLIRContext &context) {
  // MLIR 22.1 heeds the category `all` only together with the others.
  remark::RemarkCategories all;
  all.passed = all.missed = all.failed = all.analysis = ".*";
  LogicalResult enabled = remark::enableOptimizationRemarks(context, /*streamer=*/nullptr,
                                                            std::make_unique<remark::RemarkEmittingPolicyAll>(), all,
                                                            /*printAsEmitRemarks=*/true);
  assert(succeeded(enabled) && "remarks without a file can always be enabled");
  (void)enabled;
}
