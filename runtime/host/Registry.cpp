// Implements the registry of host functions.
#include "runtime/host/Registry.h"

#include "runtime/host/Functions.h"

namespace heddle {
namespace {

constexpr HostFunctionEntry entries[] = {
#define HEDDLE_HOST_FUNCTION(NAME, VERSION, FUNCTION) {NAME, VERSION, host::FUNCTION},
#include "runtime/host/HostFunctions.def"
#undef HEDDLE_HOST_FUNCTION
};

} // namespace

HostFunction findHostFunction(std::string_view name, int64_t version) {
  for (const HostFunctionEntry &entry : entries)
    if (entry.name == name && entry.version == version)
      return entry.function;
  return nullptr;
}

std::span<const HostFunctionEntry> hostFunctions() { return entries; }

} // namespace heddle
