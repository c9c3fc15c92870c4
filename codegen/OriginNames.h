// The ONNX nodes behind an op, from its location.
#ifndef HEDDLE_CODEGEN_ORIGINNAMES_H
#define HEDDLE_CODEGEN_ORIGINNAMES_H

#include "mlir/IR/Location.h"
#include <string>

namespace heddle {

/// Names in a location, without repetition, joined by ", "; empty if there are none.
std::string originNames(mlir::Location loc);

} // namespace heddle

#endif // HEDDLE_CODEGEN_ORIGINNAMES_H
