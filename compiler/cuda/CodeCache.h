// Compiled code on disk, found by the digest of everything that it was made from.
#ifndef HEDDLE_COMPILER_CUDA_CODECACHE_H
#define HEDDLE_COMPILER_CUDA_CODECACHE_H

#include <optional>
#include <string>
#include <string_view>

namespace heddle {

/// A folder of files `KEY`, each the digest of its content, a newline and the content. Safe under threads and
/// processes: a file appears as a whole. A cache that cannot be read or written is one without entries; nothing fails
/// because of it.
class CodeCache {
public:
  /// \param folder made if it is not there (mode 0700). Empty, of another user or writable for others: the cache stays
  /// empty.
  /// \param limit bytes that the files may take together; the ones that were not used for longest go first.
  explicit CodeCache(std::string folder, int64_t limit = int64_t(256) << 20);

  bool isOpen() const { return !folder.empty(); }
  /// nullopt if there is no entry, or a damaged one.
  std::optional<std::string> find(std::string_view key) const;
  void insert(std::string_view key, std::string_view content) const;

private:
  void evict() const;

  std::string folder;
  int64_t limit;
};

} // namespace heddle

#endif // HEDDLE_COMPILER_CUDA_CODECACHE_H
