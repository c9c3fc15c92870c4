// Evaluates index maps, a scalar body and a combiner over an iteration space: the structured form on concrete tensors.
#ifndef HEDDLE_IR_REFERENCE_NEST_H
#define HEDDLE_IR_REFERENCE_NEST_H

#include "ir/reference/ScalarBody.h"
#include "mlir/IR/AffineMap.h"

namespace heddle {

/// A loop nest with its operands bound.
struct Nest {
  struct Input {
    TensorValue tensor;
    mlir::AffineMap map; ///< From parallel, then reduction dimensions to the tensor's.
  };

  std::vector<int64_t> parallel; ///< Sizes of the result.
  std::vector<int64_t> reduce;   ///< Empty: the yielded scalar is the element.
  std::vector<Input> inputs;     ///< One per argument of the body.
  mlir::Block *body = nullptr;
  llvm::SmallVector<mlir::Value> yielded; ///< The element; value and index with arg_min and arg_max.
  llvm::StringRef combiner = "none";
  mlir::Attribute init; ///< A scalar of the compute type, with add, mul, min and max.
  bool last = false;    ///< Of equal values the larger index wins.
  mlir::Type element;   ///< Element type of the result.
};

/// The result of a nest. Reduction values are combined in ascending order of the reduction dimensions. Fails where an
/// operand would be read out of bounds, or the body cannot run.
Result<TensorValue> runNest(const Nest &nest, const SymbolValues &symbols, TensorLookup lookup);

} // namespace heddle

#endif // HEDDLE_IR_REFERENCE_NEST_H
