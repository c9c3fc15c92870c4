// Evaluates ops and functions of the graph level on concrete tensors: the oracle of folding, verification and tests.
#ifndef HEDDLE_IR_REFERENCE_EVALUATOR_H
#define HEDDLE_IR_REFERENCE_EVALUATOR_H

#include "ir/reference/ScalarBody.h"
#include "ir/reference/TensorValue.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include <functional>

namespace heddle {

/// Interprets the meanings that ops state themselves: elementwise ops by their scalar expression, computing ops by
/// their expansion, all scalar code op by op over strips of elements, with the functions of ScalarMath. No code is
/// generated.
///
/// Evaluates elementwise, structured and movement ops, constants and weights, heddle.generic, launches of kernels, and
/// host steps: set_symbols, host_call, if and loop. Strings fail with Code::Unsupported.
class Evaluator {
public:
  /// Sees the results of an op as soon as they are known; an error ends the evaluation.
  using Observer = std::function<Status(mlir::Operation *, llvm::ArrayRef<TensorValue> operands,
                                        llvm::ArrayRef<TensorValue> results)>;

  /// `symbols` binds the symbols of types and size expressions; host steps add to it. `observer` may be null; it is
  /// called for the ops of evaluated functions, their branches and loop bodies, not for those of expansions and
  /// launched kernels.
  Evaluator(SymbolValues symbols, const WeightStore &weights, Observer observer = nullptr)
      : symbols(std::move(symbols)), weights(weights), observer(std::move(observer)) {}

  /// The results of one op. Fails with Code::Malformed where the data breaks a rule (an index out of bounds), and with
  /// Code::Unsupported for an op or element type that is not evaluated; the message names the op.
  Result<std::vector<TensorValue>> evaluate(mlir::Operation *op, llvm::ArrayRef<TensorValue> operands);

  /// What a function or kernel with one block returns. Binds the symbols of its argument types that are lone symbols.
  Result<std::vector<TensorValue>> evaluate(mlir::FunctionOpInterface function, llvm::ArrayRef<TensorValue> arguments);

  const SymbolValues &symbolValues() const { return symbols; }

private:
  using Values = std::vector<TensorValue>;

  Result<Values> evaluateBlock(mlir::Block &block);
  Result<Values> evaluateKnown(mlir::Operation *op, llvm::ArrayRef<TensorValue> operands);
  Result<TensorValue> evaluateElementwise(mlir::Operation *op, llvm::ArrayRef<TensorValue> operands);
  Result<TensorValue> evaluateGeneric(GenericOp op, llvm::ArrayRef<TensorValue> operands);
  Result<Values> evaluateExpansion(StructuredOpInterface op, llvm::ArrayRef<TensorValue> operands);
  Result<Values> evaluateLaunch(LaunchOp op, llvm::ArrayRef<TensorValue> operands);
  Result<Values> evaluateHostCall(HostCallOp op, llvm::ArrayRef<TensorValue> operands);
  Result<Values> evaluateIf(IfOp op, llvm::ArrayRef<TensorValue> operands);
  Result<Values> evaluateLoop(LoopOp op, llvm::ArrayRef<TensorValue> operands);
  Status setSymbols(SetSymbolsOp op, const TensorValue &x);
  void defineSymbols(mlir::ArrayAttr defines, mlir::TypeRange types, llvm::ArrayRef<TensorValue> values);
  Status bindSymbols(mlir::TypeRange types, llvm::ArrayRef<TensorValue> arguments);
  Result<Values> operandsOf(mlir::Operation *op) const;

  SymbolValues symbols;
  const WeightStore &weights;
  Observer observer;
  int expansions = 0;                             ///< Being evaluated, one inside the other.
  llvm::DenseMap<mlir::Value, TensorValue> known; ///< Of the blocks being evaluated.
};

/// How a run ends that reaches `op`: Code::Malformed with its message, and the values of its sizes.
Status reachedFail(FailOp op, const SymbolValues &symbols);

} // namespace heddle

#endif // HEDDLE_IR_REFERENCE_EVALUATOR_H
