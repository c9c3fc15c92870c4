// Implements the cache of objects.
#include "codegen/cpu/ObjectCache.h"
#include "runtime/format/Digest.h"
#include "llvm/Config/llvm-config.h"
#include <algorithm>
#include <atomic>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace heddle;

namespace {

constexpr std::string_view magic = "heddle object 1\n";
constexpr size_t digestChars = 32;

/// Numbers and strings one after another, each string with its length before it.
class EntryWriter {
public:
  void number(int64_t value) { bytes.append(reinterpret_cast<const char *>(&value), sizeof value); }
  void string(std::string_view value) {
    number(int64_t(value.size()));
    bytes.append(value);
  }
  std::string bytes;
};

/// Reads the same; an entry that ends early gives zeros and clears `ok`.
class EntryReader {
public:
  explicit EntryReader(std::string_view bytes) : rest(bytes) {}
  int64_t number() {
    int64_t value = 0;
    std::string_view raw = take(sizeof value);
    if (ok)
      std::memcpy(&value, raw.data(), sizeof value);
    return value;
  }
  std::string_view string() {
    int64_t length = number();
    return take(length < 0 ? rest.size() + 1 : size_t(length));
  }
  bool ok = true;

private:
  std::string_view take(size_t count) {
    if (!ok || count > rest.size()) {
      ok = false;
      return {};
    }
    std::string_view taken = rest.substr(0, count);
    rest.remove_prefix(count);
    return taken;
  }
  std::string_view rest;
};

std::string encode(const CpuKernel &kernel) {
  EntryWriter writer;
  writer.string(kernel.name);
  writer.string(kernel.tasks.str());
  writer.number(kernel.scratchBytes);
  writer.number(int64_t(kernel.checks.size()));
  for (const KernelCheck &check : kernel.checks)
    writer.string(check.message);
  writer.string({reinterpret_cast<const char *>(kernel.object.data()), kernel.object.size()});
  return std::string(magic) + digestOf(std::string_view(writer.bytes)) + writer.bytes;
}

std::optional<CpuKernel> decode(std::string_view bytes) {
  size_t headerBytes = magic.size() + digestChars;
  if (bytes.size() < headerBytes || !bytes.starts_with(magic))
    return std::nullopt;
  std::string_view content = bytes.substr(headerBytes);
  if (digestOf(content) != bytes.substr(magic.size(), digestChars))
    return std::nullopt;
  EntryReader reader(content);
  CpuKernel kernel;
  kernel.name = reader.string();
  Result<Expr> tasks = Expr::parse(reader.string());
  kernel.scratchBytes = reader.number();
  for (int64_t left = reader.number(); left > 0 && reader.ok; --left)
    kernel.checks.push_back({std::string(reader.string())});
  std::string_view object = reader.string();
  if (!reader.ok || !tasks)
    return std::nullopt;
  kernel.tasks = *tasks;
  auto raw = std::as_bytes(std::span(object.data(), object.size()));
  kernel.object.assign(raw.begin(), raw.end());
  return kernel;
}

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

/// The running program's own bytes: another build may emit other code for the same kernel.
const std::string &programDigest() {
  static const std::string digest = [] {
    int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    struct stat info;
    if (file < 0 || fstat(file, &info) != 0 || info.st_size == 0)
      return std::string();
    void *bytes = mmap(nullptr, size_t(info.st_size), PROT_READ, MAP_PRIVATE, file, 0);
    close(file);
    if (bytes == MAP_FAILED)
      return std::string();
    std::string result = digestOf({static_cast<const std::byte *>(bytes), size_t(info.st_size)});
    munmap(bytes, size_t(info.st_size));
    return result;
  }();
  return digest;
}

} // namespace

ObjectCache ObjectCache::inUserFolder() {
  const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
  if (cache && cache[0] == '/')
    return ObjectCache(std::string(cache) + "/heddle/objects", objectCacheLimit);
  if (home && home[0] == '/')
    return ObjectCache(std::string(home) + "/.cache/heddle/objects", objectCacheLimit);
  return ObjectCache();
}

ObjectCache::ObjectCache(const std::string &folder, int64_t limitBytes)
    : directory(openOwnFolder(folder)), limitBytes(limitBytes) {}

ObjectCache::ObjectCache(ObjectCache &&other) noexcept
    : directory(std::exchange(other.directory, -1)), limitBytes(other.limitBytes), unchecked(other.unchecked.load()) {}

ObjectCache::~ObjectCache() {
  if (directory >= 0)
    close(directory);
}

std::optional<CpuKernel> ObjectCache::read(const std::string &key, bool isUse) const {
  if (!isOpen())
    return std::nullopt;
  int file = openat(directory, key.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  if (file < 0)
    return std::nullopt;
  std::string bytes;
  char chunk[1 << 16];
  for (ssize_t count; (count = ::read(file, chunk, sizeof chunk)) > 0;)
    bytes.append(chunk, size_t(count));
  struct stat info;
  bool isOwn = fstat(file, &info) == 0 && S_ISREG(info.st_mode) && info.st_uid == geteuid();
  // The time of the last use decides what is evicted.
  if (isUse)
    futimens(file, nullptr);
  close(file);
  return isOwn ? decode(bytes) : std::nullopt;
}

std::string ObjectCache::nameOf(const std::string &key) const {
  std::optional<CpuKernel> kernel = read(key, /*isUse=*/false);
  return kernel ? kernel->name : "";
}

void ObjectCache::store(const std::string &key, const CpuKernel &kernel) const {
  static std::atomic<unsigned> counter = 0;
  if (!isOpen())
    return;
  std::string temporary = ".tmp-" + std::to_string(getpid()) + "-" + std::to_string(counter++);
  int file = openat(directory, temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (file < 0)
    return;
  const std::string bytes = encode(kernel);
  bool ok = writeAll(file, bytes);
  close(file);
  if (!ok || renameat(directory, temporary.c_str(), directory, key.c_str()) != 0)
    unlinkat(directory, temporary.c_str(), 0);
  // To look at every entry after each of many kernels would cost more than their compilation.
  if ((unchecked += int64_t(bytes.size())) < limitBytes / 64)
    return;
  unchecked = 0;
  evict();
}

std::vector<CachedObject> ObjectCache::list() const {
  std::vector<CachedObject> entries;
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
  std::sort(entries.begin(), entries.end(), [](const CachedObject &a, const CachedObject &b) {
    return std::tie(a.used.tv_sec, a.used.tv_nsec, a.key) < std::tie(b.used.tv_sec, b.used.tv_nsec, b.key);
  });
  return entries;
}

void ObjectCache::clear() const {
  for (const CachedObject &entry : list())
    unlinkat(directory, entry.key.c_str(), 0);
}

/// Removes the entries used least recently until the rest fits.
void ObjectCache::evict() const {
  const std::vector<CachedObject> entries = list();
  int64_t total = 0;
  for (const CachedObject &entry : entries)
    total += entry.bytes;
  for (const CachedObject &entry : entries) {
    if (total <= limitBytes)
      return;
    if (unlinkat(directory, entry.key.c_str(), 0) == 0)
      total -= entry.bytes;
  }
}

std::string heddle::objectKey(KernelOp kernel, const CpuLevel &level) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  // Locations give the messages of checks.
  kernel.print(stream, mlir::OpPrintingFlags().enableDebugInfo().useLocalScope());
  stream << '\n' << level.name << '\n' << level.features << '\n' << LLVM_VERSION_STRING << '\n' << programDigest();
  return digestOf(std::string_view(text));
}

Result<CpuKernel> heddle::compileKernel(KernelOp kernel, const CpuLevel &level, const ObjectCache &cache) {
  if (!cache.isOpen())
    return compileKernel(kernel, level);
  std::string key = objectKey(kernel, level);
  if (std::optional<CpuKernel> known = cache.find(key))
    return *known;
  Result<CpuKernel> compiled = compileKernel(kernel, level);
  if (compiled)
    cache.store(key, *compiled);
  return compiled;
}
