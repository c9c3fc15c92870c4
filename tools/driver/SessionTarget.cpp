// Implements running a session.
#include "tools/driver/SessionTarget.h"
#include <cstring>

using namespace heddle;

Result<RuntimeTensor> SessionTarget::initialState(const Port &port) const {
  std::vector<int64_t> shape;
  bool isEmpty = false;
  for (size_t dim = 0; dim < port.shape.size(); ++dim) {
    std::optional<int64_t> literal = port.shape[dim].literal();
    // The leading dimension is the batch; what grows from run to run starts empty.
    shape.push_back(literal ? *literal : dim == 0 ? 1 : 0);
    isEmpty |= shape.back() == 0;
  }
  Result<RuntimeTensor> tensor = RuntimeTensor::allocate(port.type, shape);
  if (tensor && !isEmpty)
    std::memset(tensor->view().data, 0, static_cast<size_t>(tensor->view().elementCount() * byteWidth(port.type)));
  return tensor;
}

Status SessionTarget::bindState(size_t output, size_t input) {
  Result<RuntimeTensor> value = initialState(inputs()[input]);
  if (!value)
    return value.status();
  states.push_back({output, input, std::move(*value)});
  return Status::ok();
}

View heddle::viewOf(const Tensor &tensor) {
  void *data = const_cast<std::byte *>(tensor.bytes().data());
  return {data, tensor.type(), tensor.shape(), rowMajorStrides(tensor.shape())};
}

std::vector<View> heddle::viewsOf(const RunInputs &inputs) {
  std::vector<View> views;
  for (const Tensor *tensor : inputs.tensors)
    views.push_back(viewOf(*tensor));
  return views;
}

static Result<Tensor> copyOf(const View &view) {
  Result<Tensor> tensor = Tensor::allocate(view.type, view.shape);
  if (tensor && !tensor->bytes().empty())
    std::memcpy(tensor->bytes().data(), view.data, tensor->bytes().size());
  return tensor;
}

Result<std::vector<Tensor>> SessionTarget::run(std::span<const Tensor *const> given) {
  std::vector<View> views(given.size());
  for (size_t index = 0; index < given.size(); ++index)
    if (given[index])
      views[index] = viewOf(*given[index]);
  for (const State &state : states)
    if (!given[state.input])
      views[state.input] = state.value.view();
  std::vector<RuntimeTensor> results;
  HEDDLE_RETURN_IF_ERROR(open.session->run(views, results));
  for (State &state : states)
    state.value = results[state.output];
  std::vector<Tensor> tensors;
  for (const RuntimeTensor &result : results) {
    Result<Tensor> tensor = copyOf(result.view());
    if (!tensor)
      return tensor.status();
    tensors.push_back(std::move(*tensor));
  }
  return tensors;
}
