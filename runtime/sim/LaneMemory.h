// From the addresses of a warp's lanes to host memory, with all checks.
#ifndef HEDDLE_RUNTIME_SIM_LANEMEMORY_H
#define HEDDLE_RUNTIME_SIM_LANEMEMORY_H

#include "runtime/sim/Execution.h"

namespace heddle::sim {

enum class AccessKind : uint8_t { Read, Write, Atomic };

/// Where the lanes of one warp access memory.
struct LaneMemory {
  uint8_t *host[32];
  uint32_t mask = 0;         ///< Lanes whose access is valid; the others must not be executed.
  bool isContiguous = false; ///< All 32 lanes are valid and follow each other without a gap.
};

/// Resolves the address operand `inst.op[addressOperand]` of the lanes in `mask`, each accessing inst.bytes *
/// inst.count bytes. Reports what is wrong, records the accesses, counts traffic.
void resolveLanes(Warp &warp, const Inst &inst, unsigned addressOperand, uint32_t mask, AccessKind kind,
                  LaneMemory &lanes);

} // namespace heddle::sim

#endif // HEDDLE_RUNTIME_SIM_LANEMEMORY_H
