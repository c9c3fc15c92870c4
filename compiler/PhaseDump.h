// Writes the IR after each pass that changed it.
#ifndef HEDDLE_COMPILER_PHASEDUMP_H
#define HEDDLE_COMPILER_PHASEDUMP_H

#include "compiler/Options.h"
#include "mlir/Pass/PassInstrumentation.h"
#include <memory>

namespace heddle {

/// An instrumentation that writes `FOLDER/STAGE-NN-PASS.mlir` after each pass that changed the module. The first file
/// that cannot be written goes to `failure`, which must outlive the instrumentation.
std::unique_ptr<mlir::PassInstrumentation> makePhaseDump(const std::string &folder, Stage stage, Status &failure);

} // namespace heddle

#endif // HEDDLE_COMPILER_PHASEDUMP_H
