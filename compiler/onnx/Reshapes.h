// The target shapes of reshapes and squeezes, and conditions on sizes that only the run can check.
#ifndef HEDDLE_COMPILER_ONNX_RESHAPES_H
#define HEDDLE_COMPILER_ONNX_RESHAPES_H

#include "compiler/onnx/Node.h"

namespace heddle::onnximport {

/// The shape that a Reshape with shape operand at position 1 gives its first input.
Shape reshapedShape(Node &node);
/// The shape of the first input without the dimensions that a Squeeze names.
Shape squeezedShape(Node &node);
/// The shape of the first input with the dimensions of size 1 that an Unsqueeze names.
Shape unsqueezedShape(Node &node);

/// The permutation of a Transpose: by default all dimensions in reverse order.
std::vector<int64_t> transposePermutation(Node &node);

/// True if the caller's inputs decide, before anything runs, whether `condition` holds, and the node is sure to run.
bool isCheckedAtEntry(Node &node, const Expr &condition);
/// Makes the model's validity depend on a condition: an error if it is false, a guard if sizes of inputs decide it, and
/// otherwise a `heddle.fail` that is reached where it does not hold.
void require(Node &node, const Expr &condition, const llvm::Twine &message);
/// Reaches a `heddle.fail` where a bool scalar that the run computes is false; the values of `sizes` follow the
/// message.
void require(Node &node, mlir::Value holds, const llvm::Twine &message, const Shape &sizes = {});
/// Requires a size to be 0 or more. Where only a step of the run can check that, the result is 0 for a negative one:
/// memory is planned before the step is reached.
Expr requireSize(Node &node, const Expr &size, const llvm::Twine &message);
/// Requires the elements of an integer scalar or vector to be 0 or more; the message gives their values by these names.
void requireSizes(Node &node, mlir::Value sizes, const llvm::Twine &message, llvm::ArrayRef<std::string> names);

} // namespace heddle::onnximport

#endif // HEDDLE_COMPILER_ONNX_RESHAPES_H
