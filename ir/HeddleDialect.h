// The heddle dialect, its attributes and interfaces.
#ifndef HEDDLE_IR_HEDDLEDIALECT_H
#define HEDDLE_IR_HEDDLEDIALECT_H

#include "ir/WeightStore.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/IR/TensorEncoding.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "runtime/format/Expr.h"

namespace heddle {
class Scalars;
} // namespace heddle

#include "ir/HeddleDialect.h.inc"
#include "ir/HeddleEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "ir/HeddleAttributes.h.inc"

#include "ir/HeddleInterfaces.h.inc"

#endif // HEDDLE_IR_HEDDLEDIALECT_H
