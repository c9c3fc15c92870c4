// Implements the cache of objects.
#include "codegen/cpu/ObjectCache.h"
#include "runtime/format/Digest.h"
#include "llvm/Config/llvm-config.h"
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace heddle;

namespace {

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
  return writer.bytes;
}

std::optional<CpuKernel> decode(std::string_view bytes) {
  EntryReader reader(bytes);
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

std::optional<CpuKernel> ObjectCache::find(const std::string &key) const {
  std::optional<std::string> entry = files.find(key);
  return entry ? decode(*entry) : std::nullopt;
}

std::string ObjectCache::nameOf(const std::string &key) const {
  std::optional<std::string> entry = files.find(key, /*isUse=*/false);
  std::optional<CpuKernel> kernel = entry ? decode(*entry) : std::nullopt;
  return kernel ? kernel->name : "";
}

void ObjectCache::store(const std::string &key, const CpuKernel &kernel) const {
  if (isOpen())
    files.store(key, encode(kernel));
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
