// Implements the cache of compiled code.
#include "codegen/FileCache.h"
#include "runtime/format/Digest.h"
#include <algorithm>
#include <cstdlib>
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <tuple>
#include <unistd.h>
#include <utility>

using namespace heddle;

namespace {

constexpr size_t digestChars = 32;

/// Opens the folder, made if need be, but only if nobody else may write to it.
int openOwnFolder(const std::string &path) {
  for (size_t slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1))
    mkdir(path.substr(0, slash).c_str(), 0700);
  mkdir(path.c_str(), 0700);
  int directory = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  struct stat info;
  bool isOwn = directory >= 0 && fstat(directory, &info) == 0 && info.st_uid == geteuid() && (info.st_mode & 077) == 0;
  if (directory >= 0 && !isOwn) {
    close(directory);
    return -1;
  }
  return directory;
}

bool writeAll(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t written = write(file, bytes.data(), bytes.size());
    if (written <= 0)
      return false;
    bytes.remove_prefix(size_t(written));
  }
  return true;
}

} // namespace

std::string heddle::userCacheFolder(std::string_view name) {
  const char *cache = std::getenv("XDG_CACHE_HOME"), *home = std::getenv("HOME");
  if (cache && cache[0] == '/')
    return std::string(cache) + "/heddle/" + std::string(name);
  return home && home[0] == '/' ? std::string(home) + "/.cache/heddle/" + std::string(name) : std::string();
}

FileCache::FileCache(const std::string &folder, int64_t limitBytes)
    : directory(folder.empty() ? -1 : openOwnFolder(folder)), limitBytes(limitBytes) {}

FileCache::FileCache(FileCache &&other) noexcept
    : directory(std::exchange(other.directory, -1)), limitBytes(other.limitBytes), unchecked(other.unchecked.load()) {}

FileCache::~FileCache() {
  if (directory >= 0)
    close(directory);
}

std::optional<std::string> FileCache::find(const std::string &key, bool isUse) const {
  if (!isOpen())
    return std::nullopt;
  int file = openat(directory, key.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  if (file < 0)
    return std::nullopt;
  std::string bytes;
  char chunk[1 << 16];
  for (ssize_t count; (count = read(file, chunk, sizeof chunk)) > 0;)
    bytes.append(chunk, size_t(count));
  struct stat info;
  bool isOwn = fstat(file, &info) == 0 && S_ISREG(info.st_mode) && info.st_uid == geteuid();
  // The time of the last use decides what is evicted.
  if (isUse)
    futimens(file, nullptr);
  close(file);
  if (!isOwn || bytes.size() < digestChars)
    return std::nullopt;
  std::string content = bytes.substr(digestChars);
  bytes.resize(digestChars);
  return digestOf(std::string_view(content)) == bytes ? std::optional(std::move(content)) : std::nullopt;
}

void FileCache::store(const std::string &key, std::string_view content) const {
  static std::atomic<unsigned> counter = 0;
  if (!isOpen())
    return;
  std::string temporary = ".tmp-" + std::to_string(getpid()) + "-" + std::to_string(counter++);
  int file = openat(directory, temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (file < 0)
    return;
  bool ok = writeAll(file, digestOf(content)) && writeAll(file, content);
  close(file);
  if (!ok || renameat(directory, temporary.c_str(), directory, key.c_str()) != 0)
    unlinkat(directory, temporary.c_str(), 0);
  // To look at every entry after each of many kernels would cost more than their compilation.
  if ((unchecked += int64_t(content.size())) < limitBytes / 64)
    return;
  unchecked = 0;
  evict();
}

std::vector<CacheEntry> FileCache::list() const {
  std::vector<CacheEntry> entries;
  int copy = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *listing = copy < 0 ? nullptr : fdopendir(copy);
  if (!listing)
    return entries;
  while (dirent *entry = readdir(listing)) {
    struct stat info;
    if (fstatat(directory, entry->d_name, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(info.st_mode))
      entries.push_back({entry->d_name, info.st_size, info.st_mtim});
  }
  closedir(listing);
  std::sort(entries.begin(), entries.end(), [](const CacheEntry &a, const CacheEntry &b) {
    return std::tie(a.used.tv_sec, a.used.tv_nsec, a.key) < std::tie(b.used.tv_sec, b.used.tv_nsec, b.key);
  });
  return entries;
}

void FileCache::clear() const {
  for (const CacheEntry &entry : list())
    unlinkat(directory, entry.key.c_str(), 0);
}

/// Removes the entries used least recently until the rest fits.
void FileCache::evict() const {
  const std::vector<CacheEntry> entries = list();
  int64_t total = 0;
  for (const CacheEntry &entry : entries)
    total += entry.bytes;
  for (const CacheEntry &entry : entries) {
    if (total <= limitBytes)
      return;
    if (unlinkat(directory, entry.key.c_str(), 0) == 0)
      total -= entry.bytes;
  }
}
