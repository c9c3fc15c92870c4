// From vector-level IR to object code.
#ifndef HEDDLE_CODEGEN_CPU_LOWER_H
#define HEDDLE_CODEGEN_CPU_LOWER_H

#include "codegen/cpu/CpuKernel.h"
#include "mlir/IR/BuiltinOps.h"

namespace heddle {

/// Lowers the module's functions to LLVM and compiles them for the level. The module is consumed.
Result<std::vector<std::byte>> emitObject(mlir::ModuleOp module, const CpuLevel &level);

/// Fails if the object needs a symbol that no kernel may need.
Status checkImports(std::span<const std::byte> object);

} // namespace heddle

#endif // HEDDLE_CODEGEN_CPU_LOWER_H
