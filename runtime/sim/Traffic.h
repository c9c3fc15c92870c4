// Counts what memory accesses of a warp cost: sectors of global memory, bank conflicts of shared memory.
#ifndef HEDDLE_RUNTIME_SIM_TRAFFIC_H
#define HEDDLE_RUNTIME_SIM_TRAFFIC_H

#include "runtime/sim/Execution.h"

namespace heddle::sim {

/// Adds one request and the number of 32-byte sectors that the lanes in `mask` touch.
void countSectors(PlaceCounters &counters, const uint64_t (&address)[32], unsigned bytes, uint32_t mask);

/// Adds one request and its wavefronts: 32 banks of 4 bytes each serve one word per pass; lanes of one word share it.
/// Accesses of 8 and 16 bytes are served by half and quarter warps.
void countWavefronts(PlaceCounters &counters, const uint64_t (&address)[32], unsigned bytes, uint32_t mask);

} // namespace heddle::sim

#endif // HEDDLE_RUNTIME_SIM_TRAFFIC_H
