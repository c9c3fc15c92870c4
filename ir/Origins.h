// The ONNX names behind a location.
#ifndef HEDDLE_IR_ORIGINS_H
#define HEDDLE_IR_ORIGINS_H

#include "mlir/IR/Location.h"
#include <string>
#include <vector>

namespace heddle {

/// The distinct names in a location, in order of appearance: one for an imported op, several for a fused one.
std::vector<std::string> originsOf(mlir::Location loc);
/// The same, joined by ", ".
std::string originText(mlir::Location loc);

} // namespace heddle

#endif // HEDDLE_IR_ORIGINS_H
