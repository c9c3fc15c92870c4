// Implements the inputs of one run.
#include "tools/common/RunInputs.h"

#include "tools/common/CommandLine.h"
#include "tools/common/RunData.h"

#include <algorithm>
#include <cstdio>

namespace heddle {
namespace {

Result<size_t> findInput(const std::vector<Port> &ports, const std::string &name) {
  auto port = std::find_if(ports.begin(), ports.end(), [&](const Port &candidate) { return candidate.name == name; });
  if (port != ports.end())
    return size_t(port - ports.begin());
  std::vector<std::string_view> names;
  for (const Port &candidate : ports)
    names.push_back(candidate.name);
  return Status(Code::Malformed, "the model has no input '" + name + "'" + didYouMean(name, names));
}

/// Gives `symbols` the sizes of a tensor where its port has lone symbols.
void bindSymbols(const Port &port, const Tensor &tensor, SymbolValues &symbols) {
  for (size_t dim = 0; dim < std::min(tensor.shape().size(), port.shape.size()); ++dim)
    if (std::string_view name = port.shape[dim].symbolName(); !name.empty())
      symbols.emplace(name, tensor.shape()[dim]);
}

Result<Tensor> drawFor(const Port &port, const SymbolValues &symbols, uint64_t seed) {
  std::vector<int64_t> shape;
  for (const Expr &dim : port.shape) {
    Result<int64_t> size = dim.evaluate(symbols);
    if (!size)
      return Status(Code::Malformed, "input '" + port.name + "': " + size.status().message());
    shape.push_back(*size);
  }
  return drawTensor(port.name, port.type, shape, seed);
}

/// Draws the inputs that are still missing; free sizes agree with the inputs that are there.
Status drawMissing(const std::vector<Port> &ports, const std::vector<bool> &isState, uint64_t seed, RunInputs &inputs) {
  SymbolValues symbols;
  std::vector<Shape> missing;
  for (size_t index = 0; index < ports.size(); ++index) {
    if (inputs.tensors[index])
      bindSymbols(ports[index], *inputs.tensors[index], symbols);
    else if (!isState[index])
      missing.push_back(ports[index].shape);
  }
  for (const auto &[name, size] : defaultSizes(missing, symbols))
    std::fprintf(stderr, "note: free size '%s' is set to %lld\n", forTerminal(name).c_str(),
                 static_cast<long long>(size));
  for (size_t index = 0; index < ports.size(); ++index) {
    if (inputs.tensors[index] || isState[index])
      continue;
    Result<Tensor> drawn = drawFor(ports[index], symbols, seed);
    if (!drawn)
      return drawn.status();
    inputs.owned[index] = std::move(*drawn);
    inputs.tensors[index] = &inputs.owned[index];
  }
  return Status::ok();
}

} // namespace

Result<RunInputs> RunInputs::make(const std::vector<Port> &ports, std::span<NamedTensor> always,
                                  std::vector<NamedTensor> given, const std::vector<bool> &isState, uint64_t seed) {
  RunInputs inputs;
  inputs.tensors.resize(ports.size(), nullptr);
  inputs.owned.resize(ports.size());
  for (NamedTensor &input : given) {
    Result<size_t> index = findInput(ports, input.name);
    if (!index)
      return index.status();
    if (isState[*index])
      continue;
    // bf16 and f8 travel as raw integers in .npy files.
    input.tensor.reinterpretAs(ports[*index].type);
    inputs.owned[*index] = std::move(input.tensor);
    inputs.tensors[*index] = &inputs.owned[*index];
  }
  for (NamedTensor &input : always) {
    Result<size_t> index = findInput(ports, input.name);
    if (!index)
      return index.status();
    input.tensor.reinterpretAs(ports[*index].type);
    inputs.tensors[*index] = &input.tensor;
  }
  HEDDLE_RETURN_IF_ERROR(drawMissing(ports, isState, seed, inputs));
  return inputs;
}

} // namespace heddle
