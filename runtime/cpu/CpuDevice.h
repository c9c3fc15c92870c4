// The CPU as a device: kernels are functions of shared objects, run by the thread pool.
#ifndef HEDDLE_RUNTIME_CPU_CPUDEVICE_H
#define HEDDLE_RUNTIME_CPU_CPUDEVICE_H

#include "runtime/Device.h"
#include <memory>

namespace heddle {

/// The entry of every CPU kernel: runs tasks [begin, end). Returns 0, or 1 + the number of the failed check.
/// `scratch` has Kernel::scratchBytes bytes, 64-byte aligned, and belongs to the calling thread.
using CpuKernelEntry = int32_t (*)(void *const *buffers, const int64_t *sizes, int64_t begin, int64_t end,
                                   void *scratch);

/// The device "cpu".
/// \param threads at most so many threads per launch; 0: all that the process may use. Never changes a result.
std::unique_ptr<Device> makeCpuDevice(unsigned threads = 0);

} // namespace heddle

#endif // HEDDLE_RUNTIME_CPU_CPUDEVICE_H
