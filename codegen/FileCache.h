// Compiled code on disk, found by the digest of all that it was made from.
#ifndef HEDDLE_CODEGEN_FILECACHE_H
#define HEDDLE_CODEGEN_FILECACHE_H

#include <atomic>
#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace heddle {

/// Bytes that each of the user's caches may take.
inline constexpr int64_t cacheLimit = int64_t(256) << 20;

/// `$XDG_CACHE_HOME/heddle/NAME`, or the same below `~/.cache`; empty if there is no such place.
std::string userCacheFolder(std::string_view name);

/// What a cache says about one of its entries.
struct CacheEntry {
  std::string key;
  int64_t bytes = 0;
  timespec used = {}; ///< When it was stored or found last.
};

/// A folder of files, one per entry. It must belong to the running user and be closed to others; a damaged entry counts
/// as absent. Never fails: what cannot be read is made anew, what cannot be written is forgotten. Safe from many
/// threads and processes: a file appears as a whole.
class FileCache {
public:
  /// \param folder made with mode 0700 if it is not there; empty: a cache that is always empty.
  /// \param limitBytes entries used least recently go when their sum exceeds it; it may be passed by a 64th.
  explicit FileCache(const std::string &folder, int64_t limitBytes = cacheLimit);
  FileCache(FileCache &&other) noexcept;
  ~FileCache();

  bool isOpen() const { return directory >= 0; }
  /// \param isUse counts for what is evicted first.
  std::optional<std::string> find(const std::string &key, bool isUse = true) const;
  void store(const std::string &key, std::string_view content) const;
  /// All entries, those used last at the end.
  std::vector<CacheEntry> list() const;
  /// Removes all entries.
  void clear() const;

private:
  void evict() const;

  int directory = -1;
  int64_t limitBytes = 0;
  mutable std::atomic<int64_t> unchecked = 0; ///< Bytes stored since `evict` has looked at the folder.
};

} // namespace heddle

#endif // HEDDLE_CODEGEN_FILECACHE_H
