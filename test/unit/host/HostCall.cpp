// Implements calls of host functions from tests.
#include "test/unit/host/HostCall.h"

#include "runtime/host/Registry.h"

namespace heddle::test {
namespace {

View viewOf(const Tensor &tensor) {
  Tensor &writable = const_cast<Tensor &>(tensor);
  void *data = tensor.type() == DType::String ? static_cast<void *>(writable.strings().data())
                                              : static_cast<void *>(writable.bytes().data());
  return {data, tensor.type(), tensor.shape(), rowMajorStrides(tensor.shape())};
}

/// Results in memory of their own, each allocated once.
class TensorOutputs final : public HostOutputs {
public:
  explicit TensorOutputs(std::vector<DType> types) : types(std::move(types)), tensors(this->types.size()) {}

  Result<View> allocate(size_t index, std::vector<int64_t> shape) override {
    if (index >= types.size()) {
      // A result that the test does not look at.
      unwanted.push_back(std::move(*Tensor::allocate(DType::I64, std::move(shape))));
      return viewOf(unwanted.back());
    }
    Result<Tensor> tensor = Tensor::allocate(types[index], std::move(shape));
    if (!tensor)
      return tensor.status();
    tensors[index] = std::move(*tensor);
    return viewOf(tensors[index]);
  }

  std::vector<DType> types;
  std::vector<Tensor> tensors, unwanted;
};

} // namespace

Result<std::vector<Tensor>> callHost(const std::string &name, const HostAttrs &attrs,
                                     const std::vector<const Tensor *> &inputs, const std::vector<DType> &types,
                                     int64_t version) {
  HostFunction function = findHostFunction(name, version);
  if (!function)
    return Status(Code::BadArtifact, "no host function '" + name + "'");
  std::vector<View> views;
  for (const Tensor *input : inputs)
    views.push_back(input ? viewOf(*input) : View());
  TensorOutputs outputs(types);
  HEDDLE_RETURN_IF_ERROR(function(attrs, views, outputs));
  return std::move(outputs.tensors);
}

} // namespace heddle::test
