// Implements dumping the IR between passes.
#include "compiler/PhaseDump.h"
#include "compiler/PassWatch.h"
#include "mlir/Pass/Pass.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace heddle;

namespace {
class PhaseDump final : public PassInstrumentation {
public:
  PhaseDump(std::string folder, Stage stage) : folder(std::move(folder)), stage(stage) {}

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
    std::error_code error;
    llvm::raw_fd_ostream file(path, error);
    if (!error)
      file << text;
    previous = std::move(text);
  }

private:
  std::string folder;
  Stage stage;
  std::string previous;
  int number = 0;
};
} // namespace

std::unique_ptr<PassInstrumentation> heddle::makePhaseDump(const std::string &folder, Stage stage) {
  llvm::sys::fs::create_directories(folder);
  return std::make_unique<PhaseDump>(folder, stage);
}
