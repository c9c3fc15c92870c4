// How device addresses are built: the number of an allocation above an offset.
#ifndef HEDDLE_RUNTIME_SIM_ADDRESSSPACE_H
#define HEDDLE_RUNTIME_SIM_ADDRESSSPACE_H

#include "runtime/sim/Ptx.h"

namespace heddle::sim {

/// Bits of an address below the allocation's number. An allocation begins in the middle of its range, so that an access
/// far before or behind it still names it.
constexpr unsigned addressOffsetBits = 40;
constexpr uint64_t allocationStart = 1ull << (addressOffsetBits - 1);

/// Numbers of the windows through which generic addresses reach the other spaces; allocations follow.
constexpr uint64_t sharedWindow = 1, localWindow = 2, paramWindow = 3, firstAllocation = 4;

constexpr uint64_t allocationNumber(uint64_t address) { return address >> addressOffsetBits; }

/// What cvta adds: 0 for spaces whose addresses are generic already.
constexpr uint64_t windowBase(PtxSpace space) {
  switch (space) {
  case PtxSpace::Shared:
    return sharedWindow << addressOffsetBits;
  case PtxSpace::Local:
    return localWindow << addressOffsetBits;
  case PtxSpace::Param:
    return paramWindow << addressOffsetBits;
  default:
    return 0;
  }
}

constexpr uint64_t genericAddress(PtxSpace space, uint64_t address) { return windowBase(space) + address; }

} // namespace heddle::sim

#endif // HEDDLE_RUNTIME_SIM_ADDRESSSPACE_H
