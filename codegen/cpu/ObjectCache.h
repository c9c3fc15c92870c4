// Objects of kernels compiled before, in the user's cache folder.
#ifndef HEDDLE_CODEGEN_CPU_OBJECTCACHE_H
#define HEDDLE_CODEGEN_CPU_OBJECTCACHE_H

#include "codegen/cpu/CpuKernel.h"
#include <atomic>
#include <ctime>

namespace heddle {

/// Bytes that the user's cache may take.
inline constexpr int64_t objectCacheLimit = int64_t(256) << 20;

/// What a cache says about one of its entries.
struct CachedObject {
  std::string key;
  int64_t bytes = 0;
  timespec used = {}; ///< When it was stored or found last.
};

/// A folder of compiled kernels, one file each, named by the digest of all that the object depends on. The folder must
/// belong to the running user and be closed to others; a damaged entry counts as absent. Never fails: what cannot be
/// read is compiled, what cannot be written is forgotten. Safe from many threads and processes.
class ObjectCache {
public:
  /// `$XDG_CACHE_HOME/heddle/objects`, or the same below `~/.cache`; a cache that is always empty if there is no such
  /// place.
  static ObjectCache inUserFolder();
  /// \param folder made with mode 0700 if it is not there.
  /// \param limitBytes entries used least recently go when their sum exceeds it; it may be passed by a 64th.
  ObjectCache(const std::string &folder, int64_t limitBytes);
  ObjectCache(ObjectCache &&other) noexcept;
  ~ObjectCache();

  bool isOpen() const { return directory >= 0; }
  std::optional<CpuKernel> find(const std::string &key) const { return read(key, /*isUse=*/true); }
  void store(const std::string &key, const CpuKernel &kernel) const;
  /// All entries, those used last at the end.
  std::vector<CachedObject> list() const;
  /// Name of the kernel in an entry; empty if it is damaged or not there. Does not count as a use.
  std::string nameOf(const std::string &key) const;
  /// Removes all entries.
  void clear() const;

private:
  ObjectCache() = default;
  std::optional<CpuKernel> read(const std::string &key, bool isUse) const;
  void evict() const;

  int directory = -1;
  int64_t limitBytes = 0;
  mutable std::atomic<int64_t> unchecked = 0; ///< Bytes stored since `evict` has looked at the folder.
};

/// Digest of the kernel's text with its schedule and locations, the level, LLVM's version and the running program.
std::string objectKey(KernelOp kernel, const CpuLevel &level);

/// As `compileKernel`, but takes the kernel from the cache if it is there, and leaves it there if not.
Result<CpuKernel> compileKernel(KernelOp kernel, const CpuLevel &level, const ObjectCache &cache);

} // namespace heddle

#endif // HEDDLE_CODEGEN_CPU_OBJECTCACHE_H
