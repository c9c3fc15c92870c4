// Implements compilation: import, the pass pipelines, code, and the translation to a program.
#include "compiler/Compiler.h"
#include "codegen/cpu/CpuKernel.h"
#include "compiler/EmitCode.h"
#include "compiler/ModuleReference.h"
#include "compiler/PairedCode.h"
#include "compiler/PassCheck.h"
#include "compiler/PassWatch.h"
#include "compiler/PhaseDump.h"
#include "compiler/Pipelines.h"
#include "compiler/PlanTranslation.h"
#include "compiler/onnx/Import.h"
#include "ir/FlopCount.h"
#include "ir/HeddleOps.h"
#include "ir/Origins.h"
#include "passes/Passes.h"
#include "runtime/format/PlanText.h"
#include <set>

using namespace mlir;
using namespace heddle;

/// A compilation on its way: the context and the module in it.
struct Compiler::Work {
  MLIRContext context;
  OwningOpRef<ModuleOp> module;
  std::string level;

  static DialectRegistry registry() {
    DialectRegistry registry;
    registry.insert<HeddleDialect, arith::ArithDialect, func::FuncDialect, math::MathDialect>();
    return registry;
  }
  Work() : context(registry(), MLIRContext::Threading::DISABLED) { context.loadAllAvailableDialects(); }
};

Compiler::Compiler() : weights(std::make_shared<WeightStore>()) {}
Compiler::~Compiler() = default;

Result<std::shared_ptr<Compiler>> Compiler::open(const std::string &path, const Limits &limits) {
  Result<std::unique_ptr<LoadedModel>> model = loadModel(path, limits);
  if (!model)
    return model.status();
  std::shared_ptr<Compiler> compiler(new Compiler());
  compiler->model = std::move(*model);
  return compiler;
}

static Expr declaredSize(const onnx::TensorShapeProto_Dimension &dim, const std::string &anonymous) {
  if (dim.has_dim_value() && dim.dim_value() >= 0)
    return dim.dim_value();
  return Expr::symbol(freeSizeName(dim, anonymous));
}

std::vector<Compiler::DeclaredInput> Compiler::inputs() const {
  std::set<std::string> initializers;
  for (const onnx::TensorProto &tensor : model->proto.graph().initializer())
    initializers.insert(tensor.name());
  std::vector<DeclaredInput> declared;
  for (const onnx::ValueInfoProto &input : model->proto.graph().input()) {
    if (initializers.contains(input.name()))
      continue;
    declared.push_back({input.name(), std::nullopt});
    if (!input.type().tensor_type().has_shape())
      continue;
    Shape shape;
    for (const auto &dim : input.type().tensor_type().shape().dim())
      shape.push_back(declaredSize(dim, input.name() + ".dim" + std::to_string(shape.size())));
    declared.back().shape = std::move(shape);
  }
  return declared;
}

/// Runs one pass pipeline; the first error that a pass reports becomes the status. `check` may be null.
static Status runPasses(ModuleOp module, Stage stage, int64_t vectorBytes, const CompileOptions &options,
                        PassCheck *check) {
  Status dumped;
  PassManager passes(module.getContext());
  buildStage(passes, stage, vectorBytes, options.disabledPasses);
  if (!options.dumpPhases.empty())
    passes.addInstrumentation(makePhaseDump(options.dumpPhases, stage, dumped));
  if (check)
    passes.addInstrumentation(check->instrumentation());
  // The last one is the first behind a pass: its times are those of the pass alone.
  if (options.observer)
    passes.addInstrumentation(makePassWatch(options.observer, stage));
  std::string message;
  ScopedDiagnosticHandler handler(module.getContext(), [&](Diagnostic &diagnostic) {
    std::string origin = originText(diagnostic.getLocation());
    std::string text = (origin.empty() ? "" : origin + ": ") + diagnostic.str();
    if (diagnostic.getSeverity() == DiagnosticSeverity::Error && message.empty())
      message = text;
    if (diagnostic.getSeverity() == DiagnosticSeverity::Remark && options.observer)
      options.observer->decided(stage, text);
    return success();
  });
  if (failed(passes.run(module)))
    return Status(Code::CompileFailed, "stage " + std::string(nameOf(stage)) + ": " + message);
  if (!dumped.isOk())
    return dumped;
  return check ? check->status() : Status::ok();
}

Status Compiler::runTo(Work &work, const CompileOptions &options, Stage until,
                       std::vector<std::string> *neededInputs) const {
  work.context.getOrLoadDialect<HeddleDialect>()->setWeights(weights);
  ImportOptions import;
  import.inputShapes = options.inputShapes;
  import.assumedContents = options.assumedContents;
  ImportOutcome outcome = importModel(work.context, *model, import);
  if (neededInputs)
    *neededInputs = outcome.neededInputs;
  if (!outcome.module)
    return outcome.status();
  work.module = std::move(outcome.module);
  work.level = options.cpuLevel;
  std::optional<CpuLevel> level = cpuLevel(work.level);
  if (!level)
    return Status(Code::Malformed, "cpu level '" + work.level + "' is not known");
  int64_t vectorBytes = options.device == "cuda" ? 0 : level->vectorBytes;
  if (options.observer && options.observer->wantsDecisions())
    enableRemarks(work.context);
  std::optional<PassCheck> check;
  if (options.verifyEach)
    check.emplace(*options.verifyEach);
  for (Stage stage : {Stage::Graph, Stage::Kernels, Stage::Plan})
    if (stage <= until)
      HEDDLE_RETURN_IF_ERROR(runPasses(*work.module, stage, vectorBytes, options, check ? &*check : nullptr));
  if (until < Stage::Code)
    return Status::ok();
  HEDDLE_RETURN_IF_ERROR(
      options.device == "cuda"
          ? emitCudaObjects(*work.module, options.smVersions.front(), options.threads, options.cacheFolder)
          : emitCpuObjects(*work.module, work.level, options.threads, options.cacheFolder));
  return runPasses(*work.module, Stage::Code, vectorBytes, options, /*check=*/nullptr);
}

Result<CompiledModel> Compiler::compile(const CompileOptions &options, std::vector<std::string> *neededInputs) const {
  Work work;
  HEDDLE_RETURN_IF_ERROR(runTo(work, options, Stage::Artifact, neededInputs));
  bool isCuda = options.device == "cuda";
  auto program = std::make_shared<Program>(
      translatePlan(*work.module, options.device, isCuda ? options.smVersions.front() : work.level));
  HEDDLE_RETURN_IF_ERROR(isCuda ? linkCudaCode(*work.module, *program) : linkCpuCode(*work.module, *program));
  CompiledModel compiled{std::move(program), weights, {}};
  for (auto kernel : work.module->getOps<KernelOp>())
    compiled.flops[kernel.getSymName().str()] = flopCount(kernel);
  return compiled;
}

Result<PairedModel> Compiler::compilePaired(const CompileOptions &options) const {
  CompileOptions gpu = options;
  gpu.device = "cuda";
  Work work;
  HEDDLE_RETURN_IF_ERROR(runTo(work, gpu, Stage::Plan, nullptr));
  return emitPaired(*work.module, gpu);
}

Result<std::string> Compiler::print(const CompileOptions &options, Stage until,
                                    std::map<std::string, WeightStore::Entry> *objects) const {
  Work work;
  HEDDLE_RETURN_IF_ERROR(runTo(work, options, until, nullptr));
  if (objects) {
    for (auto object : work.module->getOps<ObjectOp>())
      (*objects)[object.getDigest().str()] = *weights->find(object.getDigest());
    // What passes make has no name in the model.
    for (const std::string &key : weights->keys())
      if (std::optional<WeightStore::Entry> entry = weights->find(key); entry->name.empty())
        (*objects)[key] = *entry;
  }
  return moduleText(*work.module);
}

Result<std::unique_ptr<ReferenceModel>> Compiler::reference(const CompileOptions &options, Stage stage,
                                                            std::vector<std::string> *neededInputs) const {
  assert(stage <= Stage::Kernels && "the evaluator runs functions, not plans");
  auto work = std::make_shared<Work>();
  HEDDLE_RETURN_IF_ERROR(runTo(*work, options, stage, neededInputs));
  NodeOutputs outputs;
  for (const onnx::NodeProto &node : model->proto.graph().node())
    outputs[node.name()].assign(node.output().begin(), node.output().end());
  return makeModuleReference(*work->module, work, std::move(outputs));
}

Result<std::vector<EmittedFile>> Compiler::emit(const CompileOptions &options, const std::set<std::string> &kinds,
                                                std::vector<std::string> &warnings) const {
  std::vector<EmittedFile> files;
  if (kinds.contains("cuda") || kinds.contains("ptx") || kinds.contains("cubin")) {
    Work work;
    CompileOptions gpu = options;
    gpu.device = "cuda";
    HEDDLE_RETURN_IF_ERROR(runTo(work, gpu, Stage::Plan, nullptr));
    Result<std::vector<EmittedFile>> emitted = emitCudaFiles(
        *work.module,
        {options.smVersions, options.threads, kinds.contains("cuda"), kinds.contains("ptx"), kinds.contains("cubin")},
        warnings);
    if (!emitted)
      return emitted.status();
    files = std::move(*emitted);
  }
  if (!kinds.contains("obj") && !kinds.contains("plan"))
    return files;
  Result<CompiledModel> compiled = compile(options);
  if (!compiled)
    return compiled.status();
  if (kinds.contains("plan"))
    files.push_back({"plan.txt", planText(*compiled->program)});
  for (const CodeObject &code : compiled->program->codes)
    if (kinds.contains("obj") && code.kind == CodeObject::Kind::CpuSharedObject)
      files.push_back(
          {code.target + ".so", std::string(reinterpret_cast<const char *>(code.bytes.data()), code.bytes.size())});
  return files;
}

void Compiler::releaseSource(const std::string &digest) const {
  std::optional<WeightStore::Entry> entry = weights->find(digest);
  for (const SourceFile &file : model->files) {
    std::span<const std::byte> all = file.content->bytes();
    bool isPart = entry && entry->bytes.data() >= all.data() && entry->bytes.data() < all.data() + all.size();
    if (isPart && file.content->isMapped())
      releasePages(entry->bytes);
  }
}

namespace {
class ModelSpecializer final : public Specializer {
public:
  ModelSpecializer(std::shared_ptr<const Compiler> compiler, CompileOptions options,
                   std::shared_ptr<const Program> program)
      : compiler(std::move(compiler)), options(std::move(options)), program(std::move(program)) {}

  Result<std::shared_ptr<const Program>> specialize(std::span<const View> inputs) override;

private:
  std::shared_ptr<const Compiler> compiler;
  CompileOptions options;
  std::shared_ptr<const Program> program; ///< What every added variant extends: the session evicts them one by one.
};
} // namespace

/// Appends the only variant of `added` to `program`, under further guards.
static void appendVariant(Program &program, const Program &added, const std::vector<Expr> &guards) {
  auto variant = std::make_shared<Variant>(*added.variants.front());
  for (Place &place : variant->plan.places)
    if (place.kind == PlaceKind::Weight)
      place.index += static_cast<int64_t>(program.weights.size());
  for (Kernel &kernel : variant->kernels)
    kernel.code += static_cast<int64_t>(program.codes.size());
  variant->guards.insert(variant->guards.begin(), guards.begin(), guards.end());
  program.weights.insert(program.weights.end(), added.weights.begin(), added.weights.end());
  program.codes.insert(program.codes.end(), added.codes.begin(), added.codes.end());
  program.variants.push_back(std::move(variant));
}

std::vector<int64_t> heddle::integerElements(const View &tensor) {
  std::vector<int64_t> elements;
  for (int64_t index = 0; index < tensor.elementCount(); ++index)
    elements.push_back(tensor.type == DType::I64 ? static_cast<const int64_t *>(tensor.data)[index]
                                                 : static_cast<const int32_t *>(tensor.data)[index]);
  return elements;
}

CompileOptions heddle::optionsForInputs(CompileOptions options, const std::vector<Port> &ports,
                                        std::span<const View> inputs) {
  constexpr int64_t maxAssumedElements = 64;
  for (size_t index = 0; index < inputs.size(); ++index) {
    const View &view = inputs[index];
    options.inputShapes[ports[index].name] = Shape(view.shape.begin(), view.shape.end());
    bool isInteger = view.type == DType::I64 || view.type == DType::I32;
    if (!isInteger || view.elementCount() > maxAssumedElements || view.strides != rowMajorStrides(view.shape))
      continue;
    options.assumedContents[ports[index].name] = integerElements(view);
  }
  return options;
}

Result<std::shared_ptr<const Program>> ModelSpecializer::specialize(std::span<const View> inputs) {
  std::vector<Expr> guards;
  for (size_t index = 0; index < inputs.size(); ++index) {
    const Shape &shape = program->inputs[index].shape;
    for (size_t dim = 0; dim < shape.size(); ++dim)
      if (!shape[dim].literal())
        guards.push_back(equal(shape[dim], inputs[index].shape[dim]));
  }
  Result<CompiledModel> compiled = compiler->compile(optionsForInputs(options, program->inputs, inputs));
  if (!compiled)
    return compiled.status();
  auto extended = std::make_shared<Program>(*program);
  // Where a guard has failed, the result's sizes are other ones than the first variant's expressions say.
  extended->outputs = compiled->program->outputs;
  appendVariant(*extended, *compiled->program, guards);
  return std::shared_ptr<const Program>(std::move(extended));
}

std::shared_ptr<Specializer> Compiler::specializer(const CompileOptions &options,
                                                   std::shared_ptr<const Program> program) const {
  return std::make_shared<ModelSpecializer>(shared_from_this(), options, std::move(program));
}
