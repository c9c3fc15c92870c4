// Registration of the passes that print what code generators do first.
#ifndef HEDDLE_CODEGEN_CODEGENPASSES_H
#define HEDDLE_CODEGEN_CODEGENPASSES_H

#include "ir/HeddleOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Pass/Pass.h"

namespace heddle {

#define GEN_PASS_DECL
#include "codegen/CodegenPasses.h.inc"

#define GEN_PASS_REGISTRATION
#include "codegen/CodegenPasses.h.inc"

} // namespace heddle

#endif // HEDDLE_CODEGEN_CODEGENPASSES_H
