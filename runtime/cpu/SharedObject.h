// Shared objects loaded from bytes in memory.
#ifndef HEDDLE_RUNTIME_CPU_SHAREDOBJECT_H
#define HEDDLE_RUNTIME_CPU_SHAREDOBJECT_H

#include "runtime/format/Status.h"
#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace heddle {

/// A shared object that the dynamic linker has loaded from an anonymous file. Unloaded when destroyed.
class SharedObject {
public:
  /// Loads an ELF shared object. With HEDDLE_KEEP=DIR in the environment the bytes are also written to DIR/`name`.so,
  /// so that perf and gdb find its symbols. Fails with Code::DeviceError, naming the call and its message.
  static Result<std::unique_ptr<SharedObject>> load(std::span<const std::byte> bytes, const std::string &name);
  ~SharedObject();
  SharedObject(const SharedObject &) = delete;
  SharedObject &operator=(const SharedObject &) = delete;

  /// The address of a symbol; null if there is none.
  void *find(const std::string &symbol) const;

private:
  SharedObject(int file, void *handle) : file(file), handle(handle) {}

  int file;
  void *handle;
};

} // namespace heddle

#endif // HEDDLE_RUNTIME_CPU_SHAREDOBJECT_H
