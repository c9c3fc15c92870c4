// Row-major stand-ins for callers' buffers: kernels are compiled for dense inputs and outputs.
#ifndef HEDDLE_RUNTIME_DENSEBUFFERS_H
#define HEDDLE_RUNTIME_DENSEBUFFERS_H

#include "runtime/RuntimeTensor.h"
#include "runtime/format/Plan.h"
#include <span>

namespace heddle {

/// Dense views of a run's inputs; those that were not dense are copies.
struct DenseInputs {
  Status take(std::span<const View> inputs);

  std::vector<View> views;
  std::vector<RuntimeTensor> copies;
};

/// Dense tensors for a run's outputs; those that the caller bound with other strides are copied back at the end.
struct DenseOutputs {
  /// Checks the types of the caller's buffers. `bound` is empty or has one tensor per port.
  Status take(const std::vector<Port> &ports, const std::vector<RuntimeTensor> &bound);
  /// Hands the results over.
  void giveBack(std::vector<RuntimeTensor> &bound);

  std::vector<RuntimeTensor> tensors;
};

} // namespace heddle

#endif // HEDDLE_RUNTIME_DENSEBUFFERS_H
