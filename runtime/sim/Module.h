// Loaded modules: what the handles of the driver-like interface stand for.
#ifndef HEDDLE_RUNTIME_SIM_MODULE_H
#define HEDDLE_RUNTIME_SIM_MODULE_H

#include "runtime/sim/Kernel.h"

namespace heddle {

struct SimFunction {
  std::unique_ptr<sim::Kernel> kernel;
};

struct SimModule {
  std::unique_ptr<sim::PtxModule> ptx;
  std::vector<uint64_t> variables; ///< Allocations of `.global` and `.const` variables.
  std::vector<std::unique_ptr<SimFunction>> functions;
};

} // namespace heddle

#endif // HEDDLE_RUNTIME_SIM_MODULE_H
