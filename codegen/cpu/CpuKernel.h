// Kernels as x86-64 object code: what the compiler asks for and gets.
#ifndef HEDDLE_CODEGEN_CPU_CPUKERNEL_H
#define HEDDLE_CODEGEN_CPU_CPUKERNEL_H

#include "codegen/cpu/CpuLevel.h"
#include "ir/HeddleOps.h"
#include "runtime/format/Plan.h"
#include <cstddef>
#include <span>

namespace heddle {

/// A compiled kernel. Its entry is the symbol `name`, with the signature
/// `int32_t(void *const *buffers, const int64_t *sizes, int64_t begin, int64_t end, void *scratch)`:
/// `buffers` are the inputs, then the results, dense and row-major, aligned to their elements only; `sizes` the values
/// of the kernel's symbols; `[begin, end)` a range of `[0, tasks)`. Returns 0, or 1 + the number of a failed check.
struct CpuKernel {
  std::string name;
  std::vector<std::byte> object; ///< ELF relocatable; imports at most memcpy, memmove, memset.
  Expr tasks;                    ///< In the kernel's symbols. 0 where there is nothing to compute.
  int64_t scratchBytes = 0;      ///< Per thread, 64-byte aligned.
  std::vector<KernelCheck> checks;
};

/// Registers the dialects and translations that `compileKernel` needs in a context. Contexts are not shared between
/// threads that compile.
void registerCpuCodegen(mlir::DialectRegistry &registry);

/// Compiles one kernel; the kernel itself is not changed. Diagnostics about what cannot be compiled go to the kernel's
/// context as well. The object depends on the kernel's text, the level and the version of LLVM only.
Result<CpuKernel> compileKernel(KernelOp kernel, const CpuLevel &level);

/// The vector-level IR that `compileKernel` lowers, for tests and for `--emit`.
Result<std::string> printVectorIR(KernelOp kernel, const CpuLevel &level);

/// Links objects into one shared object, in memory. Deterministic: no build id, no time, no path. Safe from many
/// threads (one links at a time).
Result<std::vector<std::byte>> linkSharedObject(std::span<const std::span<const std::byte>> objects);

} // namespace heddle

#endif // HEDDLE_CODEGEN_CPU_CPUKERNEL_H
