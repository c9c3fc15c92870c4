// Implements the models and contexts behind the C interface.
#include "runtime/api/Model.h"

#include "runtime/cpu/CpuDevice.h"
#include "runtime/sim/SimSessionDevice.h"

#include <algorithm>
#include <cstring>

namespace heddle::api {

PortText::PortText(const Port &port) : name(port.name), type(heddle_type(onnxNumberOf(port.type))) {
  for (const Expr &dim : port.shape) {
    std::optional<int64_t> literal = dim.literal();
    exprs.push_back(std::make_unique<std::string>(dim.str()));
    dims.push_back({literal.value_or(-1), literal ? nullptr : exprs.back()->c_str()});
  }
}

Result<View> viewOf(const heddle_tensor *tensor, const std::string &what) {
  if (!tensor || (tensor->rank != 0 && !tensor->shape))
    return Status(Code::Malformed, what + ": the tensor has no shape");
  std::optional<DType> type = dtypeFromOnnx(tensor->type);
  if (!type)
    return Status(Code::Malformed, what + ": " + std::to_string(int(tensor->type)) + " is no element type");
  View view{tensor->data, *type, {tensor->shape, tensor->shape + tensor->rank}, {}};
  Result<int64_t> bytes = denseBytes(*type, view.shape);
  if (!bytes)
    return Status(Code::Malformed, what + ": " + bytes.status().message());
  if (*bytes != 0 && !tensor->data)
    return Status(Code::Malformed, what + ": the tensor has no data");
  view.strides = tensor->strides ? std::vector<int64_t>(tensor->strides, tensor->strides + tensor->rank)
                                 : rowMajorStrides(view.shape);
  return view;
}

Result<std::shared_ptr<Device>> makeDevice(const std::string &name, int threads) {
  if (name == "cpu")
    return std::shared_ptr<Device>(makeCpuDevice(unsigned(std::max(0, threads))));
  if (name == "sim" || name.starts_with("sim:"))
    return makeSimSessionDevice(name == "sim" ? std::string() : name.substr(4), threads);
  if (name == "cuda" || name.starts_with("cuda:"))
    return Status(Code::Unsupported, "device '" + name + "': this runtime drives no GPU, it has cpu and sim");
  return Status(Code::Malformed, "no device '" + name + "', there are cpu, sim and sim:SM");
}

} // namespace heddle::api

using namespace heddle;

heddle_context::heddle_context(heddle_model *model)
    : model(model), inputs(model->inputs.size()), boundOutputs(model->outputs.size()),
      resultStrings(model->outputs.size()) {}

SymbolValues heddle_context::boundSymbols() const {
  const std::vector<Port> &ports = model->session->program()->inputs;
  SymbolValues symbols;
  for (size_t index = 0; index < ports.size(); ++index) {
    if (!inputs[index].isDefined())
      continue;
    const std::vector<int64_t> &shape = inputs[index].view().shape;
    for (size_t dim = 0; dim < std::min(shape.size(), ports[index].shape.size()); ++dim)
      if (!ports[index].shape[dim].symbolName().empty())
        symbols.emplace(ports[index].shape[dim].symbolName(), shape[dim]);
  }
  return symbols;
}

Status heddle_context::startState(State &state, const SymbolValues &symbols) const {
  const Port &port = model->session->program()->inputs[state.input];
  std::vector<int64_t> shape;
  for (const Expr &dim : port.shape) {
    Result<int64_t> size = dim.evaluate(symbols);
    shape.push_back(size ? *size : 0);
  }
  Result<RuntimeTensor> zeros = RuntimeTensor::allocate(port.type, shape);
  if (!zeros)
    return zeros.status();
  state.value = *zeros;
  Result<int64_t> bytes = denseBytes(port.type, shape);
  if (bytes && port.type != DType::String)
    std::memset(zeros->view().data, 0, size_t(*bytes));
  return Status::ok();
}

Result<std::vector<View>> heddle_context::gatherInputs() {
  std::vector<RuntimeTensor> tensors = inputs;
  SymbolValues symbols = boundSymbols();
  for (State &state : states) {
    if (!state.value.isDefined() && !inputs[state.input].isDefined())
      HEDDLE_RETURN_IF_ERROR(startState(state, symbols));
    if (state.value.isDefined())
      tensors[state.input] = state.value;
  }
  std::vector<View> views;
  for (size_t index = 0; index < tensors.size(); ++index) {
    if (!tensors[index].isDefined())
      return Status(Code::Malformed, "input '" + model->inputs[index].name + "' is not bound");
    views.push_back(tensors[index].view());
  }
  return views;
}

void heddle_context::keepStates() {
  for (State &state : states)
    state.value = results[state.output];
}
