// Registration of the compiler's own passes.
#ifndef HEDDLE_COMPILER_COMPILERPASSES_H
#define HEDDLE_COMPILER_COMPILERPASSES_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace heddle {

#define GEN_PASS_DECL
#include "compiler/CompilerPasses.h.inc"

#define GEN_PASS_REGISTRATION
#include "compiler/CompilerPasses.h.inc"

} // namespace heddle

#endif // HEDDLE_COMPILER_COMPILERPASSES_H
