// Implements the registry of host functions.
#include "runtime/host/Registry.h"

#include "runtime/host/Functions.h"

namespace heddle {
namespace {

struct Entry {
  std::string_view name;
  int64_t version;
  HostFunction function;
};

constexpr Entry entries[] = {
#define HEDDLE_HOST_FUNCTION(NAME, VERSION, FUNCTION) {NAME, VERSION, host::FUNCTION},
#include "runtime/host/HostFunctions.def"
#undef HEDDLE_HOST_FUNCTION
};

} // namespace

HostFunction findHostFunction(std::string_view name, int64_t version) {
  for (const Entry &entry : entries)
    if (entry.name == name && entry.version == version)
      return entry.function;
  return nullptr;
}

} // namespace heddle
