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

} // namespace

Result<RunInputs> RunInputs::make(const std::vector<Port> &ports, std::span<NamedTensor> always,
                                  std::vector<NamedTensor> given, const std::vector<bool> &isState,
                                  const DrawOptions &options) {
  RunInputs inputs;
  inputs.ports = &ports;
  inputs.seed = options.seed;
  inputs.tensors.resize(ports.size(), nullptr);
  inputs.owned.resize(ports.size());
  for (NamedTensor &input : given) {
    Result<size_t> index = findInput(ports, input.name);
    if (!index)
      return index.status();
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
  HEDDLE_RETURN_IF_ERROR(inputs.drawMissing(isState, options));
  return inputs;
}

/// Draws the inputs that are still missing; free sizes agree with the inputs that are there.
Status RunInputs::drawMissing(const std::vector<bool> &isState, const DrawOptions &options) {
  SymbolValues given;
  std::vector<Shape> missing;
  for (size_t index = 0; index < ports->size(); ++index) {
    if (tensors[index]) {
      bindSymbols((*ports)[index], *tensors[index], given);
    } else if (!isState[index]) {
      drawn.push_back(index);
      missing.push_back((*ports)[index].shape);
    }
  }
  freeSizes.emplace(missing, std::move(given), options.guards);
  sizes = *freeSizes->next();
  for (const std::string &name : freeSizes->names()) {
    auto known = options.noted ? options.noted->find(name) : SymbolValues::iterator();
    if (options.noted && known != options.noted->end() && known->second == sizes.at(name))
      continue;
    noteFreeSize(name, sizes.at(name));
    if (options.noted)
      (*options.noted)[name] = sizes.at(name);
  }
  return drawAt(sizes);
}

Status RunInputs::drawAt(const SymbolValues &sizes) {
  for (size_t index : drawn) {
    Result<Tensor> tensor = drawFor((*ports)[index], sizes, seed);
    if (!tensor)
      return tensor.status();
    owned[index] = std::move(*tensor);
    tensors[index] = &owned[index];
  }
  return Status::ok();
}

Status RunInputs::tryRun(const std::function<Status(const RunInputs &)> &run) {
  Status first = run(*this);
  if (first.code() != Code::Malformed || freeSizes->names().empty())
    return first;
  while (std::optional<SymbolValues> other = freeSizes->next()) {
    if (!drawAt(*other) || !run(*this))
      continue;
    std::fputs(("note: the model refuses these sizes: " + forTerminal(first.message()) + "\n").c_str(), stderr);
    for (const std::string &name : freeSizes->names())
      if (other->at(name) != sizes.at(name))
        noteFreeSize(name, other->at(name));
    sizes = std::move(*other);
    return Status::ok();
  }
  return first;
}

} // namespace heddle
