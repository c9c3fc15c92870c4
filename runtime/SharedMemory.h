// The host's memory that a device's kernels may use, released together.
#ifndef HEDDLE_RUNTIME_SHAREDMEMORY_H
#define HEDDLE_RUNTIME_SHAREDMEMORY_H

#include "runtime/Device.h"

namespace heddle {

/// A set of ranges shared with one device, until it is destroyed.
class SharedMemory {
public:
  explicit SharedMemory(Device &device) : device(device) {}
  ~SharedMemory() {
    for (const void *memory : ranges)
      device.unshare(memory);
  }
  SharedMemory(const SharedMemory &) = delete;
  SharedMemory &operator=(const SharedMemory &) = delete;

  /// Empty ranges need no sharing.
  Status add(const void *memory, int64_t bytes, bool writable, const std::string &name) {
    if (bytes == 0)
      return Status::ok();
    HEDDLE_RETURN_IF_ERROR(device.share(memory, bytes, writable, name));
    ranges.push_back(memory);
    return Status::ok();
  }

private:
  Device &device;
  std::vector<const void *> ranges;
};

} // namespace heddle

#endif // HEDDLE_RUNTIME_SHAREDMEMORY_H
