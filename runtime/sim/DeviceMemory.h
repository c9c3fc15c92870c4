// Global memory of the simulated device: allocations, views of them, and who wrote what during a launch.
#ifndef HEDDLE_RUNTIME_SIM_DEVICEMEMORY_H
#define HEDDLE_RUNTIME_SIM_DEVICEMEMORY_H

#include "runtime/format/Status.h"
#include "runtime/sim/AddressSpace.h"
#include "runtime/sim/WriteShadow.h"
#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace heddle::sim {

struct Allocation {
  std::string name;
  uint8_t *host = nullptr;
  uint64_t base = 0; ///< Device address of the first byte.
  uint64_t bytes = 0;
  bool isFreed = false;
  bool isWritable = true;
  Allocation *root = nullptr;      ///< The allocation that a view lies in; itself otherwise.
  std::vector<Allocation *> views; ///< Of a root: the live ones.
  std::unique_ptr<uint8_t[]> storage;
  std::unique_ptr<WriteShadow> shadow; ///< Of a root: what a launch writes.
};

class DeviceMemory {
public:
  /// \param host the caller's bytes, or null for bytes of its own, filled with 0xff.
  Result<uint64_t> allocate(uint64_t bytes, void *host, bool isWritable, std::string_view name);
  Result<uint64_t> view(uint64_t start, uint64_t bytes, std::string_view name);
  Status free(uint64_t start);
  /// Host bytes of [address, address + bytes), which must lie in one live allocation.
  Result<uint8_t *> resolve(uint64_t address, uint64_t bytes, bool isWrite);

  /// The allocation whose range of addresses `address` lies in, freed ones included; null if there is none.
  Allocation *find(uint64_t address) const {
    uint64_t number = allocationNumber(address) - firstAllocation;
    return number < allocations.size() ? allocations[number].get() : nullptr;
  }
  const std::vector<std::unique_ptr<Allocation>> &all() const { return allocations; }

private:
  void release(Allocation &allocation);
  Result<uint64_t> add(std::unique_ptr<Allocation> allocation);
  std::vector<std::unique_ptr<Allocation>> allocations; ///< By number.
  /// Numbers of freed allocations, oldest first. The last ones are kept back, so that a use after free is seen as such.
  std::deque<uint64_t> freed;
};

} // namespace heddle::sim

#endif // HEDDLE_RUNTIME_SIM_DEVICEMEMORY_H
