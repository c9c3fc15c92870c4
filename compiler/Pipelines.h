// The named stages as pass pipelines.
#ifndef HEDDLE_COMPILER_PIPELINES_H
#define HEDDLE_COMPILER_PIPELINES_H

#include "compiler/Options.h"
#include "mlir/Pass/PassManager.h"

namespace heddle {

/// Appends the passes of one of the stages graph, kernels, plan and code. `vectorBytes` is the CPU level's, 0 for a
/// GPU. Of stage code only the passes behind the emission, which depends on the device.
void buildStage(mlir::OpPassManager &passes, Stage stage, int64_t vectorBytes,
                const std::vector<std::string> &disabledPasses = {});

/// Registers `heddle-graph-pipeline`, `heddle-kernels-pipeline`, `heddle-plan-pipeline` and `heddle-code-pipeline` (for
/// the CPU).
void registerPipelines();

} // namespace heddle

#endif // HEDDLE_COMPILER_PIPELINES_H
