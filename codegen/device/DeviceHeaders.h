// The CUDA headers that emitted kernels include, as text.
#ifndef HEDDLE_CODEGEN_DEVICE_DEVICEHEADERS_H
#define HEDDLE_CODEGEN_DEVICE_DEVICEHEADERS_H

#include <span>

namespace heddle {

/// A header as kernels name it ("heddle/core.cuh") and its text, zero-terminated.
struct DeviceHeader {
  const char *name;
  const char *text;
};

/// All headers, sorted by name. They include nothing but each other.
std::span<const DeviceHeader> deviceHeaders();

} // namespace heddle

#endif // HEDDLE_CODEGEN_DEVICE_DEVICEHEADERS_H
