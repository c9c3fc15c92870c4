// Links kernels with lld inside the process: memory in, memory out.
#include "codegen/cpu/CpuKernel.h"
#include "lld/Common/Driver.h"
#include "llvm/Support/raw_ostream.h"
#include <fcntl.h>
#include <mutex>
#include <sys/mman.h>
#include <thread>
#include <unistd.h>

LLD_HAS_DRIVER(elf)

using namespace heddle;

namespace {

/// Closes a file descriptor at the end of its scope.
class Descriptor {
public:
  explicit Descriptor(int number = -1) : number(number) {}
  Descriptor(Descriptor &&other) noexcept : number(std::exchange(other.number, -1)) {}
  ~Descriptor() { close(); }

  int get() const { return number; }
  std::string path() const { return "/proc/self/fd/" + std::to_string(number); }
  void close() {
    if (number >= 0)
      ::close(number);
    number = -1;
  }

private:
  int number;
};

Status systemFailure(const char *call) {
  return Status(Code::OverLimit, std::string("cannot link kernels: ") + call + ": " + std::strerror(errno));
}

Result<Descriptor> inMemory(std::span<const std::byte> bytes) {
  Descriptor file(memfd_create("heddle-object", MFD_CLOEXEC));
  if (file.get() < 0)
    return systemFailure("memfd_create");
  while (!bytes.empty()) {
    ssize_t written = write(file.get(), bytes.data(), bytes.size());
    if (written < 0)
      return systemFailure("write");
    bytes = bytes.subspan(size_t(written));
  }
  return file;
}

std::vector<std::byte> drain(int descriptor) {
  std::vector<std::byte> bytes;
  std::byte chunk[1 << 16];
  for (;;) {
    ssize_t count = read(descriptor, chunk, sizeof chunk);
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0)
      return bytes;
    bytes.insert(bytes.end(), chunk, chunk + count);
  }
}

/// One at a time: lldMain keeps its state in globals.
bool runLinker(llvm::ArrayRef<const char *> arguments, std::string &messages) {
  static std::mutex mutex;
  std::lock_guard lock(mutex);
  llvm::raw_string_ostream stream(messages);
  return lld::lldMain(arguments, llvm::nulls(), stream, {{lld::Gnu, &lld::elf::link}}).retCode == 0;
}

} // namespace

Result<std::vector<std::byte>> heddle::linkSharedObject(std::span<const std::span<const std::byte>> objects) {
  std::vector<Descriptor> inputs;
  for (std::span<const std::byte> object : objects) {
    Result<Descriptor> input = inMemory(object);
    if (!input)
      return input.status();
    inputs.push_back(std::move(*input));
  }
  // The linker replaces a regular file by renaming, which a memfd does not allow; a pipe it writes to in order.
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0)
    return systemFailure("pipe2");
  Descriptor output(ends[0]), sink(ends[1]);
  std::vector<std::string> words = {
      "ld.lld", "-shared", "--threads=1", "--build-id=none", "-O0", "--gc-sections", "--hash-style=gnu",
      "-z",     "now",     "-z",          "relro",           "-o",  sink.path()};
  for (const Descriptor &input : inputs)
    words.push_back(input.path());
  std::vector<const char *> arguments;
  for (const std::string &word : words)
    arguments.push_back(word.c_str());
  std::vector<std::byte> linked;
  std::thread reader([&] { linked = drain(output.get()); });
  std::string messages;
  bool ok = runLinker(arguments, messages);
  sink.close();
  reader.join();
  if (!ok)
    return Status(Code::CompileFailed, "cannot link kernels: " + messages);
  return linked;
}
