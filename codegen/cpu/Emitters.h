// The kinds of CPU kernels. Each emitter fills the frame's function and returns the number of tasks.
#ifndef HEDDLE_CODEGEN_CPU_EMITTERS_H
#define HEDDLE_CODEGEN_CPU_EMITTERS_H

#include "codegen/cpu/CpuBackend.h"

namespace heddle {

/// Everything without an anchor: elementwise, data movement, reductions, rows.
Expr emitMap(CpuBackend &backend, KernelOp kernel);

} // namespace heddle

#endif // HEDDLE_CODEGEN_CPU_EMITTERS_H
