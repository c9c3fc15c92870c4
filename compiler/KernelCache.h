// The user's cache of compiled kernels, for those who look at it from outside.
#ifndef HEDDLE_COMPILER_KERNELCACHE_H
#define HEDDLE_COMPILER_KERNELCACHE_H

#include <cstdint>
#include <string>
#include <vector>

namespace heddle {

struct CachedKernel {
  std::string name; ///< Made from ONNX node names; empty for a damaged entry.
  std::string key;
  int64_t bytes = 0; ///< On disk.
};

/// All kernels in the user's cache, those used last at the end.
std::vector<CachedKernel> cachedKernels();
/// Empties the user's cache.
void clearCachedKernels();

} // namespace heddle

#endif // HEDDLE_COMPILER_KERNELCACHE_H
