// Host function `identity`: each result is a row-major copy of the input at its position.
#include "runtime/host/Functions.h"
#include "runtime/host/StridedCopy.h"

namespace heddle::host {

Status identity(const HostAttrs &, std::span<const View> inputs, HostOutputs &outputs) {
  for (size_t i = 0; i < inputs.size(); ++i) {
    Result<View> result = outputs.allocate(i, inputs[i].shape);
    if (!result)
      return result.status();
    copyElements(inputs[i], *result);
  }
  return Status::ok();
}

} // namespace heddle::host
