// Finds host functions by the name and version that a plan stores.
#ifndef HEDDLE_RUNTIME_HOST_REGISTRY_H
#define HEDDLE_RUNTIME_HOST_REGISTRY_H

#include "runtime/format/HostFunction.h"
#include <string_view>

namespace heddle {

/// The function of this name and version; null if there is none. A version changes whenever the meaning of a stored
/// call would.
HostFunction findHostFunction(std::string_view name, int64_t version);

} // namespace heddle

#endif // HEDDLE_RUNTIME_HOST_REGISTRY_H
