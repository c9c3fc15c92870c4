// Implements running an artifact through the C interface.
#include "tools/heddle-run/ArtifactTarget.h"

#include <cstring>

namespace heddle {
namespace {

Status statusOf(heddle_status code) { return code == HEDDLE_OK ? Status::ok() : Status(Code(code), heddle_message()); }

Result<Port> portOf(const heddle_port &described) {
  Port port{described.name, dtypeFromOnnx(described.type).value_or(DType::F32), {}};
  for (size_t dim = 0; dim < described.rank; ++dim) {
    if (!described.dims[dim].expr) {
      port.shape.push_back(described.dims[dim].value);
      continue;
    }
    Result<Expr> expr = Expr::parse(described.dims[dim].expr);
    if (!expr)
      return expr.status();
    port.shape.push_back(*expr);
  }
  return port;
}

} // namespace

Result<std::unique_ptr<ArtifactTarget>> ArtifactTarget::open(const std::string &path, const heddle_options &options) {
  std::unique_ptr<ArtifactTarget> target(new ArtifactTarget);
  HEDDLE_RETURN_IF_ERROR(statusOf(heddle_open(path.c_str(), &options, &target->model)));
  HEDDLE_RETURN_IF_ERROR(statusOf(heddle_create_context(target->model, &target->context)));
  HEDDLE_RETURN_IF_ERROR(target->readPorts());
  return target;
}

ArtifactTarget::~ArtifactTarget() {
  heddle_free_context(context);
  heddle_close(model);
}

Status ArtifactTarget::readPorts() {
  heddle_port described;
  for (size_t index = 0; index < heddle_input_count(model); ++index) {
    HEDDLE_RETURN_IF_ERROR(statusOf(heddle_describe_input(model, index, &described)));
    Result<Port> port = portOf(described);
    if (!port)
      return port.status();
    inputPorts.push_back(std::move(*port));
  }
  for (size_t index = 0; index < heddle_output_count(model); ++index) {
    HEDDLE_RETURN_IF_ERROR(statusOf(heddle_describe_output(model, index, &described)));
    Result<Port> port = portOf(described);
    if (!port)
      return port.status();
    outputPorts.push_back(std::move(*port));
  }
  return Status::ok();
}

Status ArtifactTarget::bindState(size_t output, size_t input) {
  return statusOf(heddle_bind_state(context, outputPorts[output].name.c_str(), inputPorts[input].name.c_str()));
}

Status ArtifactTarget::bind(size_t input, const Tensor &tensor) {
  std::vector<const char *> strings;
  for (const std::string &text : tensor.strings())
    strings.push_back(text.c_str());
  // The interface takes writable pointers for outputs' sake; inputs are only read.
  void *data = tensor.type() == DType::String ? static_cast<void *>(strings.data())
                                              : const_cast<std::byte *>(tensor.bytes().data());
  heddle_tensor lent = {data, heddle_type(onnxNumberOf(tensor.type())), tensor.shape().size(), tensor.shape().data(),
                        nullptr};
  return statusOf(heddle_bind_input(context, inputPorts[input].name.c_str(), &lent));
}

Result<std::vector<Tensor>> ArtifactTarget::run(std::span<const Tensor *const> given) {
  for (size_t input = 0; input < given.size(); ++input)
    if (given[input])
      HEDDLE_RETURN_IF_ERROR(bind(input, *given[input]));
  HEDDLE_RETURN_IF_ERROR(statusOf(heddle_run(context)));
  std::vector<Tensor> results;
  for (size_t index = 0; index < outputPorts.size(); ++index) {
    Result<Tensor> result = takeOutput(index);
    if (!result)
      return result.status();
    results.push_back(std::move(*result));
  }
  return results;
}

Result<Tensor> ArtifactTarget::takeOutput(size_t index) {
  heddle_tensor result;
  HEDDLE_RETURN_IF_ERROR(statusOf(heddle_get_output(context, index, &result)));
  Result<Tensor> copy = Tensor::allocate(outputPorts[index].type, {result.shape, result.shape + result.rank});
  if (!copy)
    return copy;
  if (copy->type() == DType::String)
    for (int64_t i = 0; i < copy->elementCount(); ++i)
      copy->strings()[size_t(i)] = static_cast<const char *const *>(result.data)[i];
  else if (!copy->bytes().empty())
    std::memcpy(copy->bytes().data(), result.data, copy->bytes().size());
  return copy;
}

} // namespace heddle
