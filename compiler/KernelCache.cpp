// Implements looking at the user's cache.
#include "compiler/KernelCache.h"
#include "codegen/cpu/ObjectCache.h"

using namespace heddle;

std::vector<CachedKernel> heddle::cachedKernels() {
  const std::string folder = userCacheFolder(objectCacheName);
  const ObjectCache objects{FileCache(folder)};
  std::vector<CachedKernel> kernels;
  for (const CacheEntry &entry : FileCache(folder).list())
    kernels.push_back({"cpu", objects.nameOf(entry.key), entry.key, entry.bytes});
  for (const CacheEntry &entry : FileCache(userCacheFolder(cudaCacheName)).list())
    kernels.push_back({"cuda", "", entry.key, entry.bytes});
  return kernels;
}

void heddle::clearCachedKernels() {
  for (std::string_view name : {objectCacheName, cudaCacheName})
    FileCache(userCacheFolder(name)).clear();
}
