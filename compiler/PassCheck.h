// Runs the evaluator on the IR before and after each pass: a pass that changes results is found where it does.
#ifndef HEDDLE_COMPILER_PASSCHECK_H
#define HEDDLE_COMPILER_PASSCHECK_H

#include "compiler/Options.h"
#include "ir/reference/TensorValue.h"
#include "mlir/IR/OperationSupport.h"
#include "mlir/Pass/PassInstrumentation.h"

namespace heddle {

/// What a pass may do to results.
enum class PassAccuracy {
  Exact,   ///< Every bit stays, but for the payload of NaNs.
  Bounded, ///< Floats may be rounded in other places; integers stay.
};
/// What the pass of this name declares; exact unless it is known to be bounded.
PassAccuracy accuracyOf(llvm::StringRef pass);

/// Checks the passes of one compilation, over all its pass managers. Contexts must not run passes on several threads.
class PassCheck {
public:
  explicit PassCheck(PassCheckRequest request) : request(std::move(request)) {}

  /// For one pass manager; the check outlives it.
  std::unique_ptr<mlir::PassInstrumentation> instrumentation();
  /// Code::Mismatch once a pass has changed a result beyond what it declares; later passes are not checked any more.
  const Status &status() const { return failure; }
  /// How many passes changed the IR and were checked, and how many could not be.
  int64_t checkedCount() const { return checked; }
  int64_t skippedCount() const { return skipped; }

private:
  friend class PassCheckInstrumentation;

  /// A value of the function that was evaluated, by the ONNX nodes behind it.
  struct Traced {
    std::string origin;
    TensorValue value;
  };
  struct Evaluation {
    std::vector<std::string> names; ///< Of the results.
    std::vector<TensorValue> results;
    std::vector<Traced> trace; ///< In the order of evaluation.
  };

  void beforePass(mlir::ModuleOp module);
  void afterPass(llvm::StringRef pass, mlir::ModuleOp module);
  Result<Evaluation> evaluate(mlir::ModuleOp module);
  Status makeInputs(mlir::func::FuncOp function);
  Status compare(llvm::StringRef pass, const Evaluation &before, const Evaluation &after) const;

  PassCheckRequest request;
  std::optional<std::vector<TensorValue>> inputs;
  std::optional<mlir::OperationFingerPrint> fingerprint; ///< Of the module that `last` is about.
  std::optional<Result<Evaluation>> last;
  Status failure;
  int64_t checked = 0, skipped = 0;
};

} // namespace heddle

#endif // HEDDLE_COMPILER_PASSCHECK_H
