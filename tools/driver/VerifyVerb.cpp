// `heddle verify`: compares a model or artifact with a reference, and finds the step that is wrong.
#include "compiler/Compiler.h"
#include "runtime/format/OutputFile.h"
#include "tools/common/RunInputs.h"
#include "tools/driver/CommonFlags.h"
#include "tools/driver/SessionTarget.h"
#include "tools/driver/Verbs.h"
#include "tools/driver/VerifyReport.h"
#include "tools/io/TensorProto.h"
#include <cstdio>

using namespace heddle;

namespace {
/// The work of one command.
class Verifier {
public:
  Status open(const CommandLine &line);
  Status run(bool withLayers, bool withNotFinite);
  const VerifyReport &report() const { return result; }

private:
  bool isEvaluated() const { return !referenceModel.empty(); }
  const std::vector<Port> &outputPorts() const { return model.program->outputs; }
  /// Runs the model once, on inputs that it takes.
  Status openInputs();
  Status runSession(RunObserver *observer);
  Status checkOutputs();
  Status checkStoredOutputs();
  void addOutput(size_t index, const View &want);
  Status checkLayers();
  Status checkNotFinite();
  Result<std::unique_ptr<ReferenceModel>> reference(Stage stage) const;
  Status diagnose(ReferenceModel &evaluator, const WrongStep &wrong);
  Status findNode(WrongStep &wrong, bool isNan);

  RunRequest request;
  std::string against, referenceModel; ///< The second is empty if outputs come from a file.
  OpenSession model;
  std::optional<RunInputs> inputs;
  std::vector<View> views;            ///< Of the inputs.
  std::vector<RuntimeTensor> outputs; ///< Of the last run.
  VerifyReport result;
};
} // namespace

//===----------------------------------------------------------------------===//
// Inputs and reference
//===----------------------------------------------------------------------===//

Status Verifier::open(const CommandLine &line) {
  Result<ModelCommand> command = ModelCommand::parse(line);
  if (!command)
    return command.status();
  request = std::move(command->run);
  if (request.inputFiles.size() > 1)
    return Status(Code::Malformed, "flag '--inputs' may be given once");
  against = line.get("--against", "reference");
  if (against == "reference" || against.ends_with(".onnx"))
    referenceModel = against == "reference" ? command->path : against;
  else if (!isThere(against))
    return Status(Code::Malformed, "flag '--against' got '" + against +
                                       "', expected reference, MODEL.onnx, or a folder or .npz file that is there");
  if (referenceModel.ends_with(".hdl"))
    return Status(Code::Malformed, "an artifact holds no graph for the evaluator: give --against MODEL.onnx, DIR or "
                                   "F.npz");
  bool hasTestInputs = isThere(against + "/input_0.pb");
  if (hasTestInputs && request.inputFiles.empty())
    request.testFolders = {against};
  result.against = isEvaluated() ? "the evaluator" : against;
  Result<OpenSession> opened = openSession(command->path, command->options, request);
  if (!opened)
    return opened.status();
  model = std::move(*opened);
  return openInputs();
}

Status Verifier::openInputs() {
  Result<RunInputs> made = inputsOfFirstRun(request, model.program->inputs, guardsOf(*model.program));
  if (!made)
    return made.status();
  inputs = std::move(*made);
  return inputs->tryRun([this](const RunInputs &chosen) {
    views = viewsOf(chosen);
    return runSession(nullptr);
  });
}

/// Runs the model; `observer` may be null.
Status Verifier::runSession(RunObserver *observer) {
  outputs.clear();
  return model.session->run(views, outputs, {.observer = observer});
}

/// The model for the evaluator, under the assumptions of the variant that has run.
Result<std::unique_ptr<ReferenceModel>> Verifier::reference(Stage stage) const {
  Result<std::shared_ptr<Compiler>> compiler = Compiler::open(referenceModel);
  if (!compiler)
    return compiler.status();
  CompileOptions options = model.options;
  bool isSpecialized = model.session->program()->variants.size() > model.program->variants.size();
  if (isSpecialized)
    options = optionsForInputs(options, model.program->inputs, views);
  options.verifyEach = nullptr;
  options.observer = nullptr;
  options.dumpPhases.clear();
  std::vector<std::string> needed;
  Result<std::unique_ptr<ReferenceModel>> made = (*compiler)->reference(options, stage, &needed);
  if (made || needed.empty())
    return made;
  CompileOptions all = optionsForInputs(options, model.program->inputs, views);
  for (const std::string &name : needed)
    options.assumedContents[name] = all.assumedContents[name];
  return (*compiler)->reference(options, stage);
}

//===----------------------------------------------------------------------===//
// Outputs
//===----------------------------------------------------------------------===//

void Verifier::addOutput(size_t index, const View &want) {
  const View &got = outputs[index].view();
  result.outputs.push_back({outputPorts()[index].name, describe(got), compareViews(got, want, request.tolerance)});
}

Status Verifier::checkOutputs() {
  if (!isEvaluated())
    return checkStoredOutputs();
  Result<std::unique_ptr<ReferenceModel>> evaluator = reference(Stage::Import);
  if (!evaluator)
    return evaluator.status();
  Result<std::vector<SharedTensor>> wanted = (*evaluator)->run(views, nullptr);
  if (!wanted)
    return Status(wanted.status().code(), "the evaluator cannot run the model: " + wanted.status().message());
  if (wanted->size() != outputs.size())
    return Status(Code::Malformed, "'" + referenceModel + "' has " + std::to_string(wanted->size()) +
                                       " outputs, expected " + std::to_string(outputs.size()));
  for (size_t index = 0; index < outputs.size(); ++index)
    addOutput(index, (*wanted)[index].view);
  return Status::ok();
}

/// Outputs in ONNX's test data, or by name in a .npz file or folder of .npy files.
Status Verifier::checkStoredOutputs() {
  std::vector<NamedTensor> stored;
  bool isTestData = isThere(against + "/output_0.pb");
  for (size_t index = 0; index < outputPorts().size() && isTestData; ++index) {
    std::string path = against + "/output_" + std::to_string(index) + ".pb";
    if (!isThere(path))
      continue;
    Result<Tensor> tensor = readTensorFile(path);
    if (!tensor)
      return tensor.status();
    stored.push_back({outputPorts()[index].name, std::move(*tensor)});
  }
  if (!isTestData) {
    Result<std::vector<NamedTensor>> read = readTensors(against);
    if (!read)
      return read.status();
    stored = std::move(*read);
  }
  for (size_t index = 0; index < outputPorts().size(); ++index) {
    const Port &port = outputPorts()[index];
    auto found = std::find_if(stored.begin(), stored.end(), [&](const NamedTensor &t) { return t.name == port.name; });
    if (found == stored.end() || port.type == DType::String) {
      result.missing.push_back(port.name);
      continue;
    }
    found->tensor.reinterpretAs(port.type);
    addOutput(index, viewOf(found->tensor));
  }
  if (result.outputs.empty())
    return Status(Code::Malformed, "'" + against + "' holds no output of the model");
  return Status::ok();
}

//===----------------------------------------------------------------------===//
// Steps
//===----------------------------------------------------------------------===//

Status Verifier::checkLayers() {
  if (!isEvaluated())
    return Status(Code::Malformed, "flag '--layers' compares with the evaluator: leave out --against, or give a model");
  Result<std::unique_ptr<ReferenceModel>> evaluator = reference(Stage::Kernels);
  if (!evaluator)
    return evaluator.status();
  LayerCheck check(request.tolerance);
  if (Status status = check.prepare(**evaluator, views); !status)
    return Status(status.code(), "the evaluator cannot run the model: " + status.message());
  HEDDLE_RETURN_IF_ERROR(runSession(&check));
  result.layers.emplace();
  result.layers->compared = check.comparedCount();
  result.layers->differing = check.differingCount();
  result.layers->unmatched = check.unmatchedCount();
  result.layers->first = check.first();
  return check.first() ? diagnose(**evaluator, *check.first()) : Status::ok();
}

/// Tells a wrong kernel from one that was given wrong values.
Status Verifier::diagnose(ReferenceModel &evaluator, const WrongStep &wrong) {
  StepCapture capture(wrong.position);
  HEDDLE_RETURN_IF_ERROR(runSession(&capture));
  Result<std::vector<SharedTensor>> alone =
      capture.isLaunch ? evaluator.runKernel(capture.kernel, capture.sizes, capture.inputViews(), nullptr)
                       : Status(Code::Unsupported, "a host function is no kernel");
  bool isWrongAlone = false;
  for (size_t index = 0; alone && index < alone->size(); ++index)
    isWrongAlone |= !compareViews(capture.results[index].view, (*alone)[index].view, request.tolerance).agrees;
  result.layers->diagnosis = !alone ? "not run alone: " + alone.status().message()
                             : isWrongAlone
                                 ? "the kernel is wrong on the values that it reads"
                                 : "the kernel is right on the values that it reads: they have changed since "
                                   "a step gave them, or the rest of the model differs";
  return Status::ok();
}

Status Verifier::checkNotFinite() {
  NotFiniteCheck check;
  HEDDLE_RETURN_IF_ERROR(runSession(&check));
  result.notFinite = VerifyReport::Special{check.firstNan(), check.firstInfinity()};
  std::optional<WrongStep> &nan = result.notFinite->nan, &infinity = result.notFinite->infinity;
  if (infinity)
    HEDDLE_RETURN_IF_ERROR(findNode(*infinity, false));
  if (!nan)
    return Status::ok();
  // An infinity that turned into a NaN within one kernel is in no result.
  WrongStep inside = *nan;
  HEDDLE_RETURN_IF_ERROR(findNode(inside, false));
  if (inside.value != nan->origin && (!infinity || infinity->position > inside.position))
    infinity = inside;
  return findNode(*nan, true);
}

/// Replaces the nodes of a kernel by the first one in it that gives a NaN (or an infinity), if there is one.
Status Verifier::findNode(WrongStep &wrong, bool isNan) {
  auto isFound = [&](const View &view) {
    NotFinite found = findNotFinite(view);
    return isNan ? found.nan : found.infinity;
  };
  StepCapture capture(wrong.position);
  HEDDLE_RETURN_IF_ERROR(runSession(&capture));
  for (const SharedTensor &input : capture.inputs)
    if (isFound(input.view))
      wrong.message = ", which an input or a constant of the model holds already";
  if (!isEvaluated() || !capture.isLaunch || !wrong.message.empty())
    return Status::ok();
  Result<std::unique_ptr<ReferenceModel>> evaluator = reference(Stage::Kernels);
  if (!evaluator)
    return evaluator.status();
  bool isNamed = false;
  auto look = [&](const std::string &origin, const SharedTensor &value) {
    if (isNamed || !isFound(value.view))
      return;
    wrong.value = origin;
    isNamed = true;
  };
  // A kernel that the evaluator cannot run keeps all its nodes.
  (void)(*evaluator)->runKernel(capture.kernel, capture.sizes, capture.inputViews(), look);
  return Status::ok();
}

Status Verifier::run(bool withLayers, bool withNotFinite) {
  HEDDLE_RETURN_IF_ERROR(checkOutputs());
  if (withLayers)
    HEDDLE_RETURN_IF_ERROR(checkLayers());
  return withNotFinite ? checkNotFinite() : Status::ok();
}

//===----------------------------------------------------------------------===//
// Verb
//===----------------------------------------------------------------------===//

static Status verify(const CommandLine &line) {
  Verifier verifier;
  HEDDLE_RETURN_IF_ERROR(verifier.open(line));
  HEDDLE_RETURN_IF_ERROR(verifier.run(line.has("--layers"), line.has("--check-nan")));
  std::fputs(verifyText(verifier.report()).c_str(), stdout);
  if (line.has("--json"))
    HEDDLE_RETURN_IF_ERROR(writeFile(line.get("--json"), verifyJson(verifier.report())));
  return verifyStatus(verifier.report());
}

const Verb &heddle::verifyVerb() {
  static const Verb verb = {
      "verify", "verify MODEL.onnx|ART.hdl", "Compares outputs, or all values between kernels, with a reference.",
      withCompileFlags(
          {{"--against", "REFERENCE", "reference (the evaluator), MODEL.onnx, test data DIR, or F.npz|DIR"},
           {"--layers", "", "compare what each kernel gives; name the first that differs"},
           {"--check-nan", "", "name the first node that gives a NaN, and the first infinity"},
           {"--input", "x=@f.npy", "an input from a file, or x=1x3xf32=0.5; may be repeated"},
           {"--inputs", "F.npz|DIR", "inputs by name; what is not given is drawn"},
           {"--seed", "N", "of drawn inputs (0)"},
           {"--memory-limit", "BYTES", "refuse a run whose arena is larger"},
           {"--rtol", "X", "tolerance relative to the largest element (1e-3)"},
           {"--atol", "X", "absolute tolerance (1e-7)"},
           {"--json", "FILE", "write the report as JSON"}}),
      verify};
  return verb;
}
