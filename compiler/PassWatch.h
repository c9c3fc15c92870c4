// Tells an observer about each pass that has run.
#ifndef HEDDLE_COMPILER_PASSWATCH_H
#define HEDDLE_COMPILER_PASSWATCH_H

#include "compiler/Options.h"
#include "mlir/Pass/PassInstrumentation.h"

namespace heddle {

/// An instrumentation for the pass manager of one stage.
std::unique_ptr<mlir::PassInstrumentation> makePassWatch(std::shared_ptr<PassObserver> observer, Stage stage);

/// Sends the remarks of passes in this context to diagnostic handlers, with severity Remark.
void enableRemarks(mlir::MLIRContext &context);

/// The module that holds `op`, as text that heddle-opt reads back.
std::string moduleText(mlir::Operation *op);

} // namespace heddle

#endif // HEDDLE_COMPILER_PASSWATCH_H
