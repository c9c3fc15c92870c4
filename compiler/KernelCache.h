// The user's cache of compiled kernels, for those who look at it from outside.
#ifndef HEDDLE_COMPILER_KERNELCACHE_H
#define HEDDLE_COMPILER_KERNELCACHE_H

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace heddle {

/// The folders below the user's cache: objects for CPUs, and what NVRTC makes.
inline constexpr std::string_view objectCacheName = "objects", cudaCacheName = "cuda";

struct CachedKernel {
  std::string device; ///< "cpu" or "cuda".
  std::string name;   ///< Made from ONNX node names; empty for a damaged entry, and for code of a GPU.
  std::string key;
  int64_t bytes = 0; ///< On disk.
};

/// All kernels in the user's cache, per device those used last at the end.
std::vector<CachedKernel> cachedKernels();
/// Empties the user's cache.
void clearCachedKernels();

} // namespace heddle

#endif // HEDDLE_COMPILER_KERNELCACHE_H
