// Evaluates functions given as text, on tensors given as vectors.
#ifndef HEDDLE_TEST_UNIT_REFERENCE_EVALUATETEXT_H
#define HEDDLE_TEST_UNIT_REFERENCE_EVALUATETEXT_H

#include "ir/reference/Evaluator.h"

namespace heddle::test {

/// A context with the dialects of stage graph.
std::unique_ptr<mlir::MLIRContext> makeContext();

/// What the first function of a module returns.
Result<std::vector<TensorValue>> evaluateText(const std::string &module, llvm::ArrayRef<TensorValue> arguments,
                                              SymbolValues symbols = {});

/// The result of one op with arguments `%a`, `%b`, `%c`: `op` is its text up to the types, such as
/// "heddle.add %a, %b"; `result` is the type that it yields. Records a failure and returns an empty tensor if it cannot
/// be evaluated.
TensorValue evaluateOp(const std::string &op, llvm::ArrayRef<TensorValue> arguments, const std::string &result);

template <typename T> TensorValue tensorOf(DType type, std::vector<int64_t> shape, const std::vector<T> &values) {
  std::vector<std::byte> bytes(values.size() * sizeof(T));
  if (!values.empty())
    std::memcpy(bytes.data(), values.data(), bytes.size());
  return TensorValue::of(type, std::move(shape), std::move(bytes));
}

/// Values in [-1, 1) that depend on the seed only.
TensorValue randomFloats(std::vector<int64_t> shape, unsigned seed);

} // namespace heddle::test

#endif // HEDDLE_TEST_UNIT_REFERENCE_EVALUATETEXT_H
