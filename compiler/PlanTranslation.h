// From the plan in IR to the plan that the runtime reads.
#ifndef HEDDLE_COMPILER_PLANTRANSLATION_H
#define HEDDLE_COMPILER_PLANTRANSLATION_H

#include "ir/HeddleOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "runtime/format/Plan.h"

namespace heddle {

/// Translates the `heddle.plan` of a module at the end of stage code: ports, weights and one variant whose kernels have
/// no code yet (`Kernel::code` is -1). Small constants are added to the context's WeightStore.
Program translatePlan(mlir::ModuleOp module, llvm::StringRef device, llvm::StringRef target);

} // namespace heddle

#endif // HEDDLE_COMPILER_PLANTRANSLATION_H
