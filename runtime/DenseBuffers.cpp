// Implements the copies between strided and dense buffers around a run.
#include "runtime/DenseBuffers.h"

#include "runtime/host/StridedCopy.h"

namespace heddle {

Status DenseInputs::take(std::span<const View> inputs) {
  views.assign(inputs.begin(), inputs.end());
  for (View &view : views) {
    if (isDense(view))
      continue;
    Result<RuntimeTensor> copy = RuntimeTensor::allocate(view.type, view.shape);
    if (!copy)
      return copy.status();
    copyElements(view, copy->view());
    view = copy->view();
    copies.push_back(*copy);
  }
  return Status::ok();
}

Status DenseOutputs::take(const std::vector<Port> &ports, const std::vector<RuntimeTensor> &bound) {
  tensors.resize(ports.size());
  for (size_t index = 0; index < bound.size(); ++index) {
    if (!bound[index].isDefined())
      continue;
    const View &view = bound[index].view();
    if (view.type != ports[index].type)
      return Status(Code::Malformed, "output '" + ports[index].name + "': the buffer's type is " +
                                         std::string(nameOf(view.type)) + ", expected " +
                                         std::string(nameOf(ports[index].type)));
    if (isDense(view)) {
      tensors[index] = bound[index];
      continue;
    }
    Result<RuntimeTensor> dense = RuntimeTensor::allocate(view.type, view.shape);
    if (!dense)
      return dense.status();
    tensors[index] = *dense;
  }
  return Status::ok();
}

void DenseOutputs::giveBack(std::vector<RuntimeTensor> &bound) {
  bound.resize(tensors.size());
  for (size_t index = 0; index < tensors.size(); ++index) {
    if (bound[index].isDefined() && !isDense(bound[index].view()))
      copyElements(tensors[index].view(), bound[index].view());
    else
      bound[index] = tensors[index];
  }
}

} // namespace heddle
