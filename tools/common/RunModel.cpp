// Implements the runs that `heddle run` and `heddle-run` share.
#include "tools/common/RunModel.h"

#include "runtime/format/OutputFile.h"
#include "tools/common/Json.h"
#include "tools/common/RunInputs.h"
#include "tools/common/Shapes.h"
#include "tools/io/TensorFiles.h"
#include "tools/io/TensorProto.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>

namespace heddle {

Result<std::vector<NamedTensor>> readTensors(const std::string &path) {
  std::error_code ignored;
  return std::filesystem::is_directory(path, ignored) ? readTensorFolder(path) : readNpz(path);
}

bool isThere(const std::string &path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

namespace {

/// `FOLDER/PREFIX_0.pb`, `FOLDER/PREFIX_1.pb` and so on, named after the ports at their positions.
Result<std::vector<NamedTensor>> readTestTensors(const std::string &folder, const std::string &prefix,
                                                 const std::vector<Port> &ports) {
  std::vector<NamedTensor> tensors;
  for (size_t index = 0; index < ports.size(); ++index) {
    std::string path = folder + "/" + prefix + "_" + std::to_string(index) + ".pb";
    if (!isThere(path))
      continue;
    Result<Tensor> tensor = readTensorFile(path);
    if (!tensor)
      return tensor.status();
    tensors.push_back({ports[index].name, std::move(*tensor)});
  }
  return tensors;
}

/// The work of one command.
class ModelRunner {
public:
  ModelRunner(RunTarget &target, RunRequest request)
      : target(target), request(std::move(request)), isState(target.inputs().size(), false) {}

  Status run();

private:
  Status bindStates();
  Status runTests();
  Status runTest(const std::string &folder);
  Status runFiles();
  Result<std::vector<Tensor>> runOn(std::vector<NamedTensor> given);
  Status writeOutputs(const std::string &path, const std::vector<Tensor> &outputs) const;
  void report(const std::vector<Tensor> &outputs);
  void dropFirstStates();

  RunTarget &target;
  RunRequest request;
  std::vector<bool> isState; ///< Per input port.
  SymbolValues notedSizes;   ///< Of drawn inputs, as noted last.
  std::vector<std::string> jsonRuns;
};

Status ModelRunner::run() {
  HEDDLE_RETURN_IF_ERROR(bindStates());
  Status status = request.testFolders.empty() ? runFiles() : runTests();
  if (request.jsonFile.empty() || (!status.isOk() && status.code() != Code::Mismatch))
    return status;
  JsonObject json;
  json.add("schema_version", "1");
  json.add("runs", jsonList(jsonRuns));
  HEDDLE_RETURN_IF_ERROR(writeFile(request.jsonFile, json.str() + "\n"));
  return status;
}

Status ModelRunner::bindStates() {
  for (const std::string &pattern : request.states) {
    Result<std::vector<std::pair<size_t, size_t>>> pairs = matchStates(pattern, target.outputs(), target.inputs());
    if (!pairs)
      return pairs.status();
    for (auto [output, input] : *pairs) {
      HEDDLE_RETURN_IF_ERROR(target.bindState(output, input));
      isState[input] = true;
    }
  }
  return Status::ok();
}

Status ModelRunner::runTests() {
  Status failed;
  for (const std::string &folder : request.testFolders) {
    Status status = runTest(folder);
    if (!status.isOk() && status.code() != Code::Mismatch)
      return Status(status.code(), folder + ": " + status.message());
    std::printf("%s: %s\n", folder.c_str(), status.isOk() ? "ok" : forTerminal(status.message()).c_str());
    JsonObject json;
    json.add("test", jsonString(folder));
    json.add("ok", status.isOk() ? "true" : "false");
    json.add("message", jsonString(status.message()));
    jsonRuns.push_back(json.str());
    if (failed.isOk() && !status.isOk())
      failed = Status(status.code(), folder + ": " + status.message());
  }
  return failed;
}

Status ModelRunner::runTest(const std::string &folder) {
  Result<std::vector<NamedTensor>> given = readTestTensors(folder, "input", target.inputs());
  if (!given)
    return given.status();
  Result<std::vector<NamedTensor>> expected = readTestTensors(folder, "output", target.outputs());
  if (!expected)
    return expected.status();
  if (expected->empty())
    return Status(Code::Malformed, "there is no output_0.pb to compare with");
  Result<std::vector<Tensor>> outputs = runOn(std::move(*given));
  if (!outputs)
    return outputs.status();
  for (const NamedTensor &want : *expected)
    for (size_t index = 0; index < outputs->size(); ++index)
      if (target.outputs()[index].name == want.name)
        HEDDLE_RETURN_IF_ERROR(compareTensors(want.name, (*outputs)[index], want.tensor, request.tolerance));
  return Status::ok();
}

Status ModelRunner::runFiles() {
  size_t runs = std::max<size_t>(1, request.inputFiles.size());
  if (!request.outputFiles.empty() && request.outputFiles.size() != runs)
    return Status(Code::Malformed, std::to_string(runs) + " runs need as many --outputs, got " +
                                       std::to_string(request.outputFiles.size()));
  for (size_t index = 0; index < runs; ++index) {
    std::vector<NamedTensor> given;
    if (index < request.inputFiles.size()) {
      Result<std::vector<NamedTensor>> read = readTensors(request.inputFiles[index]);
      if (!read)
        return read.status();
      given = std::move(*read);
    }
    Result<std::vector<Tensor>> outputs = runOn(std::move(given));
    if (!outputs)
      return outputs.status();
    if (!request.outputFiles.empty())
      HEDDLE_RETURN_IF_ERROR(writeOutputs(request.outputFiles[index], *outputs));
    report(*outputs);
  }
  return Status::ok();
}

Result<std::vector<Tensor>> ModelRunner::runOn(std::vector<NamedTensor> given) {
  Result<RunInputs> inputs = RunInputs::make(target.inputs(), request.inputs, std::move(given), isState,
                                             {request.seed, target.guards(), &notedSizes});
  if (!inputs)
    return inputs.status();
  std::vector<Tensor> outputs;
  HEDDLE_RETURN_IF_ERROR(inputs->tryRun([&](const RunInputs &chosen) {
    Result<std::vector<Tensor>> results = target.run(chosen.tensors);
    if (results)
      outputs = std::move(*results);
    return results.status();
  }));
  dropFirstStates();
  return outputs;
}

/// What --input gives a state is its value before the first run.
void ModelRunner::dropFirstStates() {
  std::erase_if(request.inputs, [&](const NamedTensor &input) {
    const std::vector<Port> &ports = target.inputs();
    auto port = std::find_if(ports.begin(), ports.end(), [&](const Port &port) { return port.name == input.name; });
    return port != ports.end() && isState[size_t(port - ports.begin())];
  });
}

Status ModelRunner::writeOutputs(const std::string &path, const std::vector<Tensor> &outputs) const {
  std::vector<TensorToWrite> tensors;
  for (size_t index = 0; index < outputs.size(); ++index)
    tensors.push_back({target.outputs()[index].name, &outputs[index]});
  return path.ends_with(".npz") ? writeNpz(path, tensors) : writeTensorFolder(path, tensors);
}

void ModelRunner::report(const std::vector<Tensor> &outputs) {
  std::vector<std::string> entries;
  for (size_t index = 0; index < outputs.size(); ++index) {
    const Tensor &output = outputs[index];
    const std::string summary = summarize(output);
    std::printf("%s: %s\n", forTerminal(target.outputs()[index].name).c_str(), summary.c_str());
    JsonObject json;
    json.add("name", jsonString(target.outputs()[index].name));
    json.add("type", jsonString(nameOf(output.type())));
    json.add("shape", jsonArray(output.shape()));
    json.add("summary", jsonString(summary));
    entries.push_back(json.str());
  }
  JsonObject run;
  run.add("outputs", jsonList(entries));
  jsonRuns.push_back(run.str());
}

/// What the star of `pattern` stands for in `name`; nullopt if it does not match.
std::optional<std::string> starOf(const std::string &pattern, const std::string &name) {
  size_t star = pattern.find('*');
  if (star == std::string::npos)
    return name == pattern ? std::optional<std::string>("") : std::nullopt;
  std::string head = pattern.substr(0, star), tail = pattern.substr(star + 1);
  if (name.size() < head.size() + tail.size() || !name.starts_with(head) || !name.ends_with(tail))
    return std::nullopt;
  return name.substr(star, name.size() - head.size() - tail.size());
}

} // namespace

Result<std::vector<std::pair<size_t, size_t>>> matchStates(const std::string &pattern, const std::vector<Port> &outputs,
                                                           const std::vector<Port> &inputs) {
  size_t equals = pattern.find('=');
  if (equals == std::string::npos)
    return Status(Code::Malformed, "state '" + pattern + "' is not OUTPUT=INPUT");
  std::string from = pattern.substr(0, equals), to = pattern.substr(equals + 1);
  std::vector<std::pair<size_t, size_t>> pairs;
  for (size_t output = 0; output < outputs.size(); ++output) {
    std::optional<std::string> star = starOf(from, outputs[output].name);
    if (!star)
      continue;
    std::string wanted = to;
    if (size_t position = wanted.find('*'); position != std::string::npos)
      wanted.replace(position, 1, *star);
    auto input = std::find_if(inputs.begin(), inputs.end(), [&](const Port &port) { return port.name == wanted; });
    if (input == inputs.end())
      return Status(Code::Malformed,
                    "state '" + pattern + "': output '" + outputs[output].name + "' has no input '" + wanted + "'");
    pairs.emplace_back(output, size_t(input - inputs.begin()));
  }
  if (pairs.empty())
    return Status(Code::Malformed, "state '" + pattern + "': the model has no output '" + from + "'");
  return pairs;
}

const std::vector<Flag> &runFlags() {
  static const std::vector<Flag> flags = {
      {"--input", "x=@f.npy", "an input from a file, or x=1x3xf32=0.5; may be repeated"},
      {"--inputs", "F.npz|DIR", "inputs by name; repeated: one run each; what is not given is drawn"},
      {"--outputs", "F.npz|DIR", "where to write the outputs; one per run"},
      {"--test-dir", "DIR", "read input_N.pb, compare with output_N.pb; may be repeated"},
      {"--state", "PRESENT*=PAST*", "feed these outputs to these inputs of the next run, unless it is given them"},
      {"--rtol", "X", "relative tolerance of --test-dir (1e-3)"},
      {"--atol", "X", "absolute tolerance of --test-dir (1e-7)"},
      {"--seed", "N", "of drawn inputs (0)"},
      {"--memory-limit", "BYTES", "refuse a run whose arena is larger"},
      {"--json", "FILE", "write the report as JSON"}};
  return flags;
}

Result<RunRequest> RunRequest::parse(const CommandLine &line) {
  RunRequest request;
  for (const std::string &text : line.all("--input")) {
    Result<NamedTensor> input = parseInput(text);
    if (!input)
      return input.status();
    auto isSame = [&](const NamedTensor &other) { return other.name == input->name; };
    if (std::any_of(request.inputs.begin(), request.inputs.end(), isSame))
      return Status(Code::Malformed, "input '" + input->name + "' is given twice");
    request.inputs.push_back(std::move(*input));
  }
  request.inputFiles = line.all("--inputs");
  request.outputFiles = line.all("--outputs");
  request.testFolders = line.all("--test-dir");
  request.states = line.all("--state");
  request.jsonFile = line.get("--json");
  Result<int64_t> seed = line.number("--seed", 0);
  Result<int64_t> memoryLimit = line.number("--memory-limit", 0, 1);
  Result<double> relative = line.real("--rtol", Tolerance().relative);
  Result<double> absolute = line.real("--atol", Tolerance().absolute);
  for (const Status &status : {seed.status(), memoryLimit.status(), relative.status(), absolute.status()})
    HEDDLE_RETURN_IF_ERROR(status);
  request.seed = static_cast<uint64_t>(*seed);
  request.memoryLimit = *memoryLimit;
  request.tolerance = {*relative, *absolute};
  return request;
}

Status runModel(RunTarget &target, RunRequest request) { return ModelRunner(target, std::move(request)).run(); }

} // namespace heddle
