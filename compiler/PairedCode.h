// The same kernels as code for a GPU and for the CPU, so that one can be checked against the other.
#ifndef HEDDLE_COMPILER_PAIREDCODE_H
#define HEDDLE_COMPILER_PAIREDCODE_H

#include "compiler/Compiler.h"

namespace mlir {
class ModuleOp;
} // namespace mlir

namespace heddle {

/// Two programs with the same plan and the same kernels in the same order.
struct PairedModel {
  std::shared_ptr<const Program> cpu; ///< Its launches give the grids of the GPU's too.
  std::shared_ptr<const Program> cuda;
  /// Type and shape of each kernel's results, in the kernel's symbols.
  std::vector<std::vector<Port>> results;
};

/// Makes both from a module at the end of stage plan, scheduled for a GPU. The CPU's schedules are chosen anew, nothing
/// else.
Result<PairedModel> emitPaired(mlir::ModuleOp module, const CompileOptions &options);

} // namespace heddle

#endif // HEDDLE_COMPILER_PAIREDCODE_H
