// Implements opening models and artifacts.
#include "tools/driver/OpenSession.h"
#include "compiler/Compiler.h"
#include "compiler/ModelWeights.h"
#include "runtime/cpu/CpuDevice.h"
#include "runtime/format/Artifact.h"
#include "runtime/sim/SimSessionDevice.h"
#include "tools/driver/CommonFlags.h"
#include "tools/driver/SessionTarget.h"
#include "tools/io/TensorProto.h"

using namespace heddle;

namespace {
/// Weights of a model compiled in this process.
class StoreWeights final : public RawWeights {
public:
  explicit StoreWeights(std::shared_ptr<const Compiler> compiler) : compiler(std::move(compiler)) {}
  Status transformInto(const Weight &weight, std::span<std::byte> target) override {
    Status status = makeWeight(*compiler->weightStore(), weight, target);
    compiler->releaseSource(weight.digest);
    return status;
  }

private:
  std::shared_ptr<const Compiler> compiler;
};
} // namespace

std::shared_ptr<WeightSource> heddle::weightsOf(std::shared_ptr<const Compiler> compiler) {
  return makeTransformedWeights(std::make_shared<StoreWeights>(std::move(compiler)));
}

Result<ModelCommand> ModelCommand::parse(const CommandLine &line) {
  Result<std::string> path = onlyModel(line);
  if (!path)
    return path.status();
  Result<CompileOptions> options = compileOptions(line);
  if (!options)
    return options.status();
  Result<RunRequest> run = RunRequest::parse(line);
  if (!run)
    return run.status();
  return ModelCommand{std::move(*path), std::move(*options), std::move(*run)};
}

static Result<OpenSession> makeSession(SessionParts parts, const CompileOptions &options, const RunRequest &request) {
  OpenSession open{parts.program, nullptr, options, {}};
  SessionOptions limits;
  if (request.memoryLimit > 0)
    limits.memoryLimit = request.memoryLimit;
  Result<std::unique_ptr<Session>> session = Session::create(std::move(parts), limits);
  if (!session)
    return session.status();
  open.session = std::move(*session);
  return open;
}

static Result<std::shared_ptr<Device>> openDevice(const CompileOptions &options) {
  if (options.device == "cuda")
    return makeSimSessionDevice(options.smVersions.front(), static_cast<int>(options.threads));
  return std::shared_ptr<Device>(makeCpuDevice(options.threads));
}

/// An artifact is compiled: what a flag would have changed is done, and a run that ignored it would mislead.
static Status refuseCompilation(const std::string &path, const CompileOptions &options) {
  const std::pair<const char *, bool> given[] = {{"--shapes", !options.inputShapes.empty()},
                                                 {"--disable-pass", !options.disabledPasses.empty()},
                                                 {"--dump-phases", !options.dumpPhases.empty()},
                                                 {"--verify-each", options.verifyEach != nullptr}};
  for (const auto &[flag, isGiven] : given)
    if (isGiven)
      return Status(Code::Malformed,
                    "flag '" + std::string(flag) + "' is for models, but '" + path + "' is compiled already");
  return Status::ok();
}

static Result<OpenSession> openArtifact(const std::string &path, const CompileOptions &options,
                                        const RunRequest &request) {
  HEDDLE_RETURN_IF_ERROR(refuseCompilation(path, options));
  Result<std::shared_ptr<const Artifact>> artifact = Artifact::open(path);
  if (!artifact)
    return artifact.status();
  Result<std::shared_ptr<Device>> device = openDevice(options);
  if (!device)
    return device.status();
  return makeSession({(*artifact)->program(), makeArtifactWeights(*artifact), *device, nullptr}, options, request);
}

Result<std::vector<NamedTensor>> heddle::firstInputs(const RunRequest &request, const std::vector<std::string> &names) {
  std::vector<NamedTensor> tensors;
  if (!request.inputFiles.empty()) {
    Result<std::vector<NamedTensor>> stored = readTensors(request.inputFiles.front());
    if (!stored)
      return stored.status();
    tensors = std::move(*stored);
  }
  for (size_t index = 0; index < names.size() && !request.testFolders.empty(); ++index) {
    Result<Tensor> stored = readTensorFile(request.testFolders.front() + "/input_" + std::to_string(index) + ".pb");
    if (stored)
      tensors.push_back({names[index], std::move(*stored)});
  }
  return tensors;
}

std::vector<Expr> heddle::guardsOf(const Program &program) {
  return program.variants.empty() ? std::vector<Expr>() : program.variants.front()->guards;
}

Result<RunInputs> heddle::inputsOfFirstRun(RunRequest &request, const std::vector<Port> &ports,
                                           std::vector<Expr> guards) {
  std::vector<std::string> names;
  for (const Port &port : ports)
    names.push_back(port.name);
  Result<std::vector<NamedTensor>> given = firstInputs(request, names);
  if (!given)
    return given.status();
  return RunInputs::make(ports, request.inputs, std::move(*given), std::vector<bool>(ports.size(), false),
                         {request.seed, std::move(guards)});
}

/// Assumes the elements of one of the inputs that the import asked for.
static void assume(CompileOptions &options, const std::string &name, const Tensor &tensor,
                   const std::vector<std::string> &needed) {
  bool isNeeded = std::find(needed.begin(), needed.end(), name) != needed.end();
  if (!isNeeded || (tensor.type() != DType::I64 && tensor.type() != DType::I32))
    return;
  options.assumedContents[name] = integerElements(viewOf(tensor));
}

/// Binds the sizes of all inputs: to those of the tensors that are given, the rest to usual ones.
/// \returns the sizes chosen for free symbols, in order of appearance.
static std::vector<std::pair<std::string, int64_t>> bindSizes(const std::vector<Compiler::DeclaredInput> &inputs,
                                                              const std::vector<const NamedTensor *> &given,
                                                              CompileOptions &options) {
  for (const NamedTensor *input : given)
    options.inputShapes[input->name] = Shape(input->tensor.shape().begin(), input->tensor.shape().end());
  SymbolValues known;
  std::vector<Shape> free;
  for (const Compiler::DeclaredInput &input : inputs) {
    auto bound = options.inputShapes.find(input.name);
    if (input.shape && bound == options.inputShapes.end())
      free.push_back(*input.shape);
    for (size_t dim = 0; input.shape && bound != options.inputShapes.end() && dim < bound->second.size(); ++dim)
      if (dim < input.shape->size() && !(*input.shape)[dim].symbolName().empty() && bound->second[dim].literal())
        known.emplace((*input.shape)[dim].symbolName(), *bound->second[dim].literal());
  }
  FreeSizes sizes(free, std::move(known), {});
  const SymbolValues chosen = *sizes.next();
  for (const Compiler::DeclaredInput &input : inputs) {
    if (!input.shape || options.inputShapes.contains(input.name))
      continue;
    Shape &shape = options.inputShapes[input.name];
    for (const Expr &size : *input.shape)
      shape.push_back(size.symbolName().empty() ? size : Expr(chosen.find(size.symbolName())->second));
  }
  std::vector<std::pair<std::string, int64_t>> noted;
  for (const std::string &name : sizes.names())
    noted.emplace_back(name, chosen.at(name));
  return noted;
}

/// Compiles a model with what the inputs of the first run say where the model alone does not suffice: first the
/// elements that decide ranks and axes, one input after another as they turn out to be needed, then all sizes.
/// \param options become those that it compiled with.
static Result<CompiledModel> compileFor(const Compiler &compiler, CompileOptions &options, const RunRequest &request) {
  std::vector<std::string> needed;
  Result<CompiledModel> compiled = compiler.compile(options, &needed);
  if (compiled || compiled.status().code() != Code::Unsupported)
    return compiled;
  const std::vector<Compiler::DeclaredInput> inputs = compiler.inputs();
  std::vector<std::string> names;
  for (const Compiler::DeclaredInput &input : inputs)
    names.push_back(input.name);
  Result<std::vector<NamedTensor>> stored = firstInputs(request, names);
  if (!stored)
    return stored.status();
  std::vector<const NamedTensor *> given;
  for (const std::vector<NamedTensor> *tensors : {&std::as_const(*stored), &request.inputs})
    for (const NamedTensor &input : *tensors)
      if (std::find(names.begin(), names.end(), input.name) != names.end())
        given.push_back(&input);
  for (size_t assumed = options.assumedContents.size();; assumed = options.assumedContents.size()) {
    for (const NamedTensor *input : given)
      assume(options, input->name, input->tensor, needed);
    if (options.assumedContents.size() == assumed)
      break;
    compiled = compiler.compile(options, &needed);
    if (compiled || compiled.status().code() != Code::Unsupported)
      return compiled;
  }
  CompileOptions bound = options;
  const std::vector<std::pair<std::string, int64_t>> chosen = bindSizes(inputs, given, bound);
  Result<CompiledModel> compiledForSizes = compiler.compile(bound);
  if (!compiledForSizes && given.empty())
    return compiled;
  options = std::move(bound);
  for (const auto &[name, size] : chosen)
    noteFreeSize(name, size);
  return compiledForSizes;
}

Result<OpenSession> heddle::openSession(const std::string &path, const CompileOptions &options,
                                        const RunRequest &request) {
  if (path.ends_with(".hdl"))
    return openArtifact(path, options, request);
  Result<std::shared_ptr<Compiler>> compiler = Compiler::open(path);
  if (!compiler)
    return compiler.status();
  CompileOptions assuming = options;
  Result<CompiledModel> compiled = compileFor(**compiler, assuming, request);
  if (!compiled)
    return compiled.status();
  Result<std::shared_ptr<Device>> device = openDevice(options);
  if (!device)
    return device.status();
  Result<OpenSession> open = makeSession(
      {compiled->program, weightsOf(*compiler), *device, (*compiler)->specializer(options, compiled->program)},
      assuming, request);
  if (open)
    open->flops = std::move(compiled->flops);
  return open;
}
