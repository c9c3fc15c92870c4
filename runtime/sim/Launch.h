// Runs the blocks of one launch on host threads.
#ifndef HEDDLE_RUNTIME_SIM_LAUNCH_H
#define HEDDLE_RUNTIME_SIM_LAUNCH_H

#include "runtime/sim/Execution.h"

namespace heddle::sim {

struct LaunchResult {
  FindingLog findings;
  std::vector<PlaceCounters> counters; ///< By PTX instruction.
  bool failed = false;                 ///< A block deadlocked, trapped or passed the step limit.
};

/// \param blocks linear ids, ascending; empty for all. What comes out does not depend on the number of threads.
LaunchResult runBlocks(LaunchContext &launch, const std::vector<uint64_t> &blocks);

} // namespace heddle::sim

#endif // HEDDLE_RUNTIME_SIM_LAUNCH_H
