// Implements loading of shared objects from memory through memfd and dlopen.
#include "runtime/cpu/SharedObject.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace heddle {
namespace {

Status systemError(const std::string &call) {
  return Status(Code::DeviceError, call + " failed: " + std::strerror(errno));
}

Status writeAll(int file, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    ssize_t written = write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0)
      return systemError("write");
    bytes = bytes.subspan(size_t(written));
  }
  return Status::ok();
}

Status keepCopy(std::span<const std::byte> bytes, const std::string &name, const char *folder) {
  std::string path = std::string(folder) + "/" + name + ".so";
  int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (file < 0)
    return systemError("HEDDLE_KEEP: open of " + path);
  Status status = writeAll(file, bytes);
  close(file);
  return status;
}

} // namespace

Result<std::unique_ptr<SharedObject>> SharedObject::load(std::span<const std::byte> bytes, const std::string &name) {
  if (const char *folder = std::getenv("HEDDLE_KEEP"))
    HEDDLE_RETURN_IF_ERROR(keepCopy(bytes, name, folder));
  int file = memfd_create(name.substr(0, 200).c_str(), MFD_CLOEXEC);
  if (file < 0)
    return systemError("memfd_create");
  Status status = writeAll(file, bytes);
  if (!status.isOk()) {
    close(file);
    return status;
  }
  // The dynamic linker takes equal paths for equal objects, so the descriptor stays open, and its number ours, for as
  // long as the object is loaded.
  std::string path = "/proc/self/fd/" + std::to_string(file);
  void *handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    const char *reason = dlerror();
    status = Status(Code::DeviceError, "dlopen of " + name + " failed: " + (reason ? reason : "unknown reason"));
    close(file);
    return status;
  }
  return std::unique_ptr<SharedObject>(new SharedObject(file, handle));
}

SharedObject::~SharedObject() {
  dlclose(handle);
  close(file);
}

void *SharedObject::find(const std::string &symbol) const { return dlsym(handle, symbol.c_str()); }

} // namespace heddle
