// Checks every GPU kernel of a model against the CPU, some blocks of each.
#ifndef HEDDLE_TOOLS_DRIVER_CHECKBLOCKS_H
#define HEDDLE_TOOLS_DRIVER_CHECKBLOCKS_H

#include "compiler/Options.h"
#include "runtime/sim/BlockCheck.h"
#include "tools/common/RunModel.h"

namespace heddle {

/// Runs the model once on the CPU with the kernels of a GPU, and some blocks of each kernel on the simulated GPU.
/// \returns one outcome per kernel; what differs is in the outcomes.
Result<std::vector<BlockCheckOutcome>> checkBlocks(const std::string &path, const CompileOptions &options,
                                                   RunRequest request, const BlockCheckOptions &blocks);

} // namespace heddle

#endif // HEDDLE_TOOLS_DRIVER_CHECKBLOCKS_H
