// Evaluates ops and functions of the graph level on concrete tensors: the oracle of folding, verification and tests.
#ifndef HEDDLE_IR_REFERENCE_EVALUATOR_H
#define HEDDLE_IR_REFERENCE_EVALUATOR_H

#include "ir/reference/ScalarBody.h"
#include "ir/reference/TensorValue.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

namespace heddle {

/// Interprets the meanings that ops state themselves: elementwise ops by their scalar expression, computing ops by
/// their expansion, all scalar code op by op over strips of elements, with the functions of ScalarMath. No code is
/// generated.
///
/// Evaluates elementwise, structured and movement ops, constants and weights, heddle.generic, set_symbols, if, and
/// launches of kernels. Host calls and loops fail with Code::Unsupported.
class Evaluator {
public:
  /// `symbols` binds the symbols of types and size expressions; `set_symbols` adds to it.
  Evaluator(SymbolValues symbols, const WeightStore &weights) : symbols(std::move(symbols)), weights(weights) {}

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
  Status setSymbols(SetSymbolsOp op, const TensorValue &x);
  Status bindSymbols(mlir::TypeRange types, llvm::ArrayRef<TensorValue> arguments);
  Result<Values> operandsOf(mlir::Operation *op) const;

  SymbolValues symbols;
  const WeightStore &weights;
  llvm::DenseMap<mlir::Value, TensorValue> known; ///< Of the blocks being evaluated.
};

} // namespace heddle

#endif // HEDDLE_IR_REFERENCE_EVALUATOR_H
