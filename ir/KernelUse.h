// What must agree between a kernel and an op that runs it.
#ifndef HEDDLE_IR_KERNELUSE_H
#define HEDDLE_IR_KERNELUSE_H

#include "ir/HeddleOps.h"

namespace heddle {

/// Fails with a message at `op` unless it gives one size per symbol of the kernel, and its inputs and outputs have the
/// kernel's types with the symbols replaced by these sizes (literals agree, expressions may be written differently).
llvm::LogicalResult verifyKernelUse(mlir::Operation *op, KernelOp kernel, DimsAttr sizes, mlir::TypeRange inputs,
                                    mlir::TypeRange outputs);

} // namespace heddle

#endif // HEDDLE_IR_KERNELUSE_H
