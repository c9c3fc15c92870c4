// Declares every host function of HostFunctions.def.
#ifndef HEDDLE_RUNTIME_HOST_FUNCTIONS_H
#define HEDDLE_RUNTIME_HOST_FUNCTIONS_H

#include "runtime/format/HostFunction.h"

namespace heddle::host {

#define HEDDLE_HOST_FUNCTION(NAME, VERSION, FUNCTION)                                                                  \
  Status FUNCTION(const HostAttrs &attrs, std::span<const View> inputs, HostOutputs &outputs);
#include "runtime/host/HostFunctions.def"
#undef HEDDLE_HOST_FUNCTION

} // namespace heddle::host

#endif // HEDDLE_RUNTIME_HOST_FUNCTIONS_H
