// Implements looking at the user's cache.
#include "compiler/KernelCache.h"
#include "codegen/cpu/ObjectCache.h"

using namespace heddle;

std::vector<CachedKernel> heddle::cachedKernels() {
  const ObjectCache cache = ObjectCache::inUserFolder();
  std::vector<CachedKernel> kernels;
  for (const CachedObject &entry : cache.list())
    kernels.push_back({cache.nameOf(entry.key), entry.key, entry.bytes});
  return kernels;
}

void heddle::clearCachedKernels() { ObjectCache::inUserFolder().clear(); }
