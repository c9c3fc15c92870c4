// Implements dumping the IR between passes.
#include "compiler/PhaseDump.h"
#include "compiler/PassWatch.h"
#include "mlir/Pass/Pass.h"
#include "runtime/format/OutputFile.h"
#include "llvm/Support/FileSystem.h"

using namespace mlir;
using namespace heddle;

namespace {
class PhaseDump final : public PassInstrumentation {
public:
  PhaseDump(std::string folder, Stage stage, Status &failure)
      : folder(std::move(folder)), stage(stage), failure(failure) {}

  void runBeforePass(Pass *pass, Operation *op) override {
    if (previous.empty())
      previous = moduleText(op);
  }

  void runAfterPass(Pass *pass, Operation *op) override {
    // Adaptors run the passes of nested ops, which report for themselves.
    if (pass->getArgument().empty())
      return;
    std::string text = moduleText(op);
    if (text == previous)
      return;
    // Numbered by stage and step, so that the files sort in the order of execution.
    std::string count = std::to_string(number++);
    std::string path = folder + "/" + std::to_string(static_cast<int>(stage)) + "-" + std::string(nameOf(stage)) + "-" +
                       std::string(2 - std::min<size_t>(2, count.size()), '0') + count + "-" +
                       pass->getArgument().str() + ".mlir";
    if (failure.isOk())
      failure = writeFile(path, text);
    previous = std::move(text);
  }

private:
  std::string folder;
  Stage stage;
  Status &failure;
  std::string previous;
  int number = 0;
};
} // namespace

std::unique_ptr<PassInstrumentation> heddle::makePhaseDump(const std::string &folder, Stage stage, Status &failure) {
  llvm::sys::fs::create_directories(folder); // what keeps it from being made also fails the first file, which says why
  return std::make_unique<PhaseDump>(folder, stage, failure);
}
