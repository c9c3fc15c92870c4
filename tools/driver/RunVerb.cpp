// `heddle run`: runs a model or artifact once on given, stored or random inputs.
#include "tools/common/RunData.h"
#include "tools/common/Shapes.h"
#include "tools/driver/CommonFlags.h"
#include "tools/driver/OpenSession.h"
#include "tools/driver/Verbs.h"
#include "tools/io/TensorFiles.h"
#include "tools/io/TensorProto.h"
#include <cstdio>
#include <cstring>
#include <filesystem>

using namespace heddle;

/// Tensors that the command line gives by name.
static Result<std::vector<NamedTensor>> namedInputs(const CommandLine &line) {
  std::vector<NamedTensor> tensors;
  if (std::string path = line.get("--inputs"); !path.empty()) {
    Result<std::vector<NamedTensor>> read =
        std::filesystem::is_directory(path) ? readTensorFolder(path) : readNpz(path);
    if (!read)
      return read.status();
    tensors = std::move(*read);
  }
  for (const std::string &text : line.all("--input")) {
    Result<NamedTensor> input = parseInput(text);
    if (!input)
      return input.status();
    tensors.push_back(std::move(*input));
  }
  return tensors;
}

static View viewOf(const Tensor &tensor) {
  void *data = const_cast<std::byte *>(tensor.bytes().data());
  return {data, tensor.type(), tensor.shape(), rowMajorStrides(tensor.shape())};
}

/// Sizes of symbols that the given inputs have.
static void bindSymbols(const Port &port, const Tensor &tensor, SymbolValues &values) {
  for (size_t dim = 0; dim < std::min(port.shape.size(), tensor.shape().size()); ++dim)
    if (std::string_view name = port.shape[dim].symbolName(); !name.empty())
      values.emplace(std::string(name), tensor.shape()[dim]);
}

/// One tensor per port: given by name, or drawn.
static Result<std::vector<Tensor>> completeInputs(const std::vector<Port> &ports, std::vector<NamedTensor> given,
                                                  uint64_t seed) {
  GivenInputs byPort(ports.size());
  for (NamedTensor &input : given) {
    auto port = std::find_if(ports.begin(), ports.end(), [&](const Port &p) { return p.name == input.name; });
    if (port == ports.end())
      return Status(Code::Malformed, "the model has no input '" + input.name + "'");
    if (input.tensor.type() != port->type)
      input.tensor.reinterpretAs(port->type);
    byPort[port - ports.begin()] = std::move(input.tensor);
  }
  SymbolValues symbols;
  std::vector<Shape> missing;
  for (size_t index = 0; index < ports.size(); ++index) {
    if (byPort[index])
      bindSymbols(ports[index], *byPort[index], symbols);
    else
      missing.push_back(ports[index].shape);
  }
  for (const auto &[name, size] : defaultSizes(missing, symbols))
    std::fprintf(stderr, "heddle: note: free size '%s' is set to %lld\n", name.c_str(), static_cast<long long>(size));
  std::vector<Tensor> tensors;
  for (size_t index = 0; index < ports.size(); ++index) {
    if (!byPort[index]) {
      std::vector<int64_t> shape;
      for (const Expr &size : ports[index].shape) {
        Result<int64_t> value = size.evaluate(symbols);
        if (!value)
          return Status(Code::Malformed, "input '" + ports[index].name + "': " + value.status().message());
        shape.push_back(*value);
      }
      Result<Tensor> drawn = drawTensor(ports[index].name, ports[index].type, shape, seed);
      if (!drawn)
        return drawn.status();
      byPort[index] = std::move(*drawn);
    }
    tensors.push_back(std::move(*byPort[index]));
  }
  return tensors;
}

static Result<Tensor> copyOf(const View &view) {
  Result<Tensor> tensor = Tensor::allocate(view.type, view.shape);
  if (tensor && !tensor->bytes().empty())
    std::memcpy(tensor->bytes().data(), view.data, tensor->bytes().size());
  return tensor;
}

static Result<std::vector<Tensor>> runOnce(OpenSession &open, const std::vector<Tensor> &inputs) {
  std::vector<View> views;
  for (const Tensor &input : inputs)
    views.push_back(viewOf(input));
  std::vector<RuntimeTensor> outputs;
  HEDDLE_RETURN_IF_ERROR(open.session->run(views, outputs));
  std::vector<Tensor> tensors;
  for (const RuntimeTensor &output : outputs) {
    Result<Tensor> tensor = copyOf(output.view());
    if (!tensor)
      return tensor.status();
    tensors.push_back(std::move(*tensor));
  }
  return tensors;
}

/// `DIR/PREFIX_0.pb`, `DIR/PREFIX_1.pb`, ...
static Result<std::vector<NamedTensor>> readTestTensors(const std::string &folder, const std::string &prefix,
                                                        const std::vector<Port> &ports) {
  std::vector<NamedTensor> tensors;
  for (size_t index = 0; index < ports.size(); ++index) {
    std::string path = folder + "/" + prefix + "_" + std::to_string(index) + ".pb";
    if (!std::filesystem::exists(path))
      break;
    Result<Tensor> tensor = readTensorFile(path);
    if (!tensor)
      return tensor.status();
    tensors.push_back({ports[index].name, std::move(*tensor)});
  }
  return tensors;
}

static Status runTestDir(OpenSession &open, const std::string &folder, const Tolerance &tolerance, uint64_t seed) {
  Result<std::vector<NamedTensor>> given = readTestTensors(folder, "input", open.program->inputs);
  if (!given)
    return given.status();
  Result<std::vector<Tensor>> inputs = completeInputs(open.program->inputs, std::move(*given), seed);
  if (!inputs)
    return inputs.status();
  Result<std::vector<Tensor>> outputs = runOnce(open, *inputs);
  if (!outputs)
    return outputs.status();
  Result<std::vector<NamedTensor>> expected = readTestTensors(folder, "output", open.program->outputs);
  if (!expected)
    return expected.status();
  if (expected->empty())
    return Status(Code::Malformed, "'" + folder + "' has no output_0.pb");
  for (size_t index = 0; index < expected->size(); ++index)
    HEDDLE_RETURN_IF_ERROR(compareTensors((*expected)[index].name, (*outputs)[index], (*expected)[index].tensor, tolerance));
  std::printf("%s: %zu outputs agree\n", folder.c_str(), expected->size());
  return Status::ok();
}

static Status writeOutputs(const std::string &path, const std::vector<Port> &ports, const std::vector<Tensor> &outputs) {
  std::vector<TensorToWrite> tensors;
  for (size_t index = 0; index < outputs.size(); ++index)
    tensors.push_back({ports[index].name, &outputs[index]});
  return path.ends_with(".npz") ? writeNpz(path, tensors) : writeTensorFolder(path, tensors);
}

static Status run(const CommandLine &line) {
  Result<std::string> path = onlyModel(line);
  if (!path)
    return path.status();
  Result<CompileOptions> options = compileOptions(line);
  Result<int64_t> seed = line.number("--seed", 0);
  Result<double> relative = line.real("--rtol", 1e-3), absolute = line.real("--atol", 1e-7);
  for (const Status &status : {options.status(), seed.status(), relative.status(), absolute.status()})
    HEDDLE_RETURN_IF_ERROR(status);
  Result<std::vector<NamedTensor>> given = namedInputs(line);
  if (!given)
    return given.status();
  Result<OpenSession> open = openSession(*path, *options, *given);
  if (!open)
    return open.status();
  if (line.has("--test-dir")) {
    for (const std::string &folder : line.all("--test-dir"))
      HEDDLE_RETURN_IF_ERROR(runTestDir(*open, folder, {*relative, *absolute}, static_cast<uint64_t>(*seed)));
    return Status::ok();
  }
  Result<std::vector<Tensor>> inputs = completeInputs(open->program->inputs, std::move(*given), static_cast<uint64_t>(*seed));
  if (!inputs)
    return inputs.status();
  Result<std::vector<Tensor>> outputs = runOnce(*open, *inputs);
  if (!outputs)
    return outputs.status();
  if (line.has("--outputs"))
    HEDDLE_RETURN_IF_ERROR(writeOutputs(line.get("--outputs"), open->program->outputs, *outputs));
  for (size_t index = 0; index < outputs->size(); ++index)
    std::printf("%s: %s\n", open->program->outputs[index].name.c_str(), summarize((*outputs)[index]).c_str());
  return Status::ok();
}

const Verb &heddle::runVerb() {
  static const Verb verb = {"run", "run MODEL.onnx|ART.hdl", "Runs a model or artifact once and summarizes its outputs.",
                            withCompileFlags({{"--input", "x=@f.npy", "an input from a file, or x=1x3xf32=0.5; may be repeated"},
                                              {"--inputs", "F.npz|DIR", "inputs by name; what is not given is drawn"},
                                              {"--outputs", "F.npz|DIR", "where to write the outputs"},
                                              {"--test-dir", "DIR", "read input_N.pb, compare with output_N.pb; may be repeated"},
                                              {"--rtol", "X", "relative tolerance of --test-dir (1e-3)"},
                                              {"--atol", "X", "absolute tolerance of --test-dir (1e-7)"},
                                              {"--seed", "N", "of drawn inputs (0)"}}),
                            run};
  return verb;
}
