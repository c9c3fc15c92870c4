// Broadcasts between sizes of which only the run knows whether one of them is 1.
#ifndef HEDDLE_COMPILER_ONNX_BROADCASTS_H
#define HEDDLE_COMPILER_ONNX_BROADCASTS_H

#include "compiler/onnx/Node.h"

namespace heddle::onnximport {

/// `x` broadcast to `target`, in both directions as an Expand does. Of two sizes a literal 1 gives way; where sizes of
/// inputs decide, they are equal under a guard; what else may be 1 is compared by the run, which ends there if the
/// sizes do not fit, and a dimension that turns out to be 1 is read with step 0.
mlir::Value expandTo(Node &node, mlir::Value x, Shape target);
/// Repeats operands that broadcast against each other, all dimensions but the last `ownDims`, where guards cannot say
/// that their sizes are equal.
void expandTogether(Node &node, llvm::MutableArrayRef<mlir::Value> operands, size_t ownDims);

} // namespace heddle::onnximport

#endif // HEDDLE_COMPILER_ONNX_BROADCASTS_H
