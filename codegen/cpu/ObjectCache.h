// Objects of kernels that have been compiled before.
#ifndef HEDDLE_CODEGEN_CPU_OBJECTCACHE_H
#define HEDDLE_CODEGEN_CPU_OBJECTCACHE_H

#include "codegen/FileCache.h"
#include "codegen/cpu/CpuKernel.h"

namespace heddle {

/// Compiled kernels in a cache of files, each by the digest of all that the object depends on (`objectKey`).
class ObjectCache {
public:
  explicit ObjectCache(FileCache files) : files(std::move(files)) {}

  bool isOpen() const { return files.isOpen(); }
  std::optional<CpuKernel> find(const std::string &key) const;
  void store(const std::string &key, const CpuKernel &kernel) const;
  /// Name of the kernel in an entry; empty if it is damaged or not there. Does not count as a use.
  std::string nameOf(const std::string &key) const;

private:
  FileCache files;
};

/// Digest of the kernel's text with its schedule and locations, the level, LLVM's version and the running program.
std::string objectKey(KernelOp kernel, const CpuLevel &level);

/// As `compileKernel`, but takes the kernel from the cache if it is there, and leaves it there if not.
Result<CpuKernel> compileKernel(KernelOp kernel, const CpuLevel &level, const ObjectCache &cache);

} // namespace heddle

#endif // HEDDLE_CODEGEN_CPU_OBJECTCACHE_H
