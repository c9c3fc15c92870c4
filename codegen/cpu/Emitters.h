// The kinds of CPU kernels. Each emitter fills the frame's function and returns the number of tasks.
#ifndef HEDDLE_CODEGEN_CPU_EMITTERS_H
#define HEDDLE_CODEGEN_CPU_EMITTERS_H

#include "codegen/cpu/CpuBackend.h"

namespace heddle {

/// Everything without an anchor: elementwise, data movement, reductions, rows.
Expr emitMap(CpuBackend &backend, KernelOp kernel);

/// The matrix product that register tiles can compute together with the rest of the kernel; null if there is none.
MatmulOp findGemm(KernelOp kernel);
Expr emitGemm(CpuBackend &backend, KernelOp kernel, MatmulOp matmul);

/// True if only elementwise ops of the anchor's own shape lie between it and the results, or with `mayTranspose`
/// transposes that end the kernel and leave rows in one piece.
bool hasPlainEpilogue(KernelOp kernel, mlir::Operation *anchor, bool mayTranspose);

/// A convolution or pooling that `findWindow` has found.
Expr emitWindow(CpuBackend &backend, KernelOp kernel, mlir::Operation *anchor);
/// A convolution that is not depthwise.
Expr emitConv(CpuBackend &backend, KernelOp kernel, ConvOp conv);

} // namespace heddle

#endif // HEDDLE_CODEGEN_CPU_EMITTERS_H
