// Builds and registers the pipeline of each stage.
#include "compiler/Pipelines.h"
#include "compiler/CompilerPasses.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"
#include "passes/Passes.h"
#include <array>

using namespace mlir;
using namespace heddle;

static constexpr std::array<std::string_view, 6> stageNames = {"import", "graph", "kernels",
                                                               "plan",   "code",  "artifact"};

std::string_view heddle::nameOf(Stage stage) { return stageNames[static_cast<size_t>(stage)]; }

std::optional<Stage> heddle::stageFromName(std::string_view name) {
  for (size_t index = 0; index < stageNames.size(); ++index)
    if (stageNames[index] == name)
      return static_cast<Stage>(index);
  return std::nullopt;
}

std::span<const std::string_view> heddle::optionalPasses() {
  static constexpr std::string_view names[] = {"canonicalize",
                                               "cse",
                                               "heddle-fold-constants",
                                               "heddle-recognize-composites",
                                               "heddle-fold-batch-norms",
                                               "heddle-choose-layouts",
                                               "heddle-pack-filters",
                                               "heddle-sink-movement",
                                               "heddle-fold-transposes",
                                               "heddle-pack-weights",
                                               "heddle-place-parts",
                                               "heddle-deduplicate-kernels",
                                               "heddle-order-launches"};
  return names;
}

namespace {
/// Adds passes, but for those that the user has disabled.
class StageBuilder {
public:
  /// \param names receives the name of each pass that is added; may be null.
  StageBuilder(OpPassManager &passes, const std::vector<std::string> &disabled, std::vector<std::string> *names)
      : passes(passes), disabled(disabled), names(names) {}

  void add(std::unique_ptr<Pass> pass) { addTo(passes, std::move(pass)); }
  template <typename Op> void nest(std::unique_ptr<Pass> pass) { addTo(passes.nest<Op>(), std::move(pass)); }

private:
  void addTo(OpPassManager &manager, std::unique_ptr<Pass> pass) {
    std::string name = pass->getArgument().str();
    if (llvm::is_contained(disabled, name))
      return;
    manager.addPass(std::move(pass));
    if (names)
      names->push_back(std::move(name));
  }

  OpPassManager &passes;
  const std::vector<std::string> &disabled;
  std::vector<std::string> *names;
};
} // namespace

static void buildGraph(StageBuilder stage, int64_t vectorBytes) {
  stage.add(createCanonicalizerPass());
  stage.add(createFoldConstants());
  stage.add(createCSEPass());
  stage.nest<func::FuncOp>(createRecognizeComposites());
  stage.nest<func::FuncOp>(createFoldBatchNorms());
  if (vectorBytes > 0) {
    PackFiltersOptions filters;
    filters.vectorBytes = vectorBytes;
    stage.nest<func::FuncOp>(createChooseLayouts());
    stage.nest<func::FuncOp>(createPackFilters(filters));
    stage.add(createCanonicalizerPass());
    stage.add(createCSEPass());
  }
  stage.nest<func::FuncOp>(createExpandComposites());
  stage.nest<func::FuncOp>(createSinkMovement());
  stage.nest<func::FuncOp>(createFoldTransposes());
  stage.add(createCanonicalizerPass());
  stage.nest<func::FuncOp>(createCollectGuards());
  stage.add(createVerifyGraph());
}

static void buildKernels(StageBuilder stage, int64_t vectorBytes) {
  ChooseSchedulesOptions schedules;
  schedules.vectorBytes = vectorBytes;
  PlacePartsOptions parts;
  parts.vectorBytes = vectorBytes;
  if (vectorBytes != 0) {
    PackWeightsOptions packing;
    packing.vectorBytes = vectorBytes;
    stage.add(createPackWeights(packing));
  }
  stage.add(createFuseKernels());
  stage.add(createPlaceParts(parts));
  stage.add(createDeduplicateKernels());
  stage.add(createChooseSchedules(schedules));
  stage.add(createVerifyKernels());
}

static void buildPlan(StageBuilder stage) {
  stage.nest<func::FuncOp>(createOrderLaunches());
  stage.add(createBuildPlan());
  stage.nest<PlanOp>(createPlanMemory());
  stage.nest<PlanOp>(createVerifyPlan());
}

static void build(StageBuilder builder, Stage stage, int64_t vectorBytes) {
  switch (stage) {
  case Stage::Graph:
    return buildGraph(builder, vectorBytes);
  case Stage::Kernels:
    return buildKernels(builder, vectorBytes);
  case Stage::Plan:
    return buildPlan(builder);
  case Stage::Code:
    return builder.add(createVerifyCode());
  case Stage::Import:
  case Stage::Artifact:
    break;
  }
  llvm_unreachable("import and artifact are no pass pipelines");
}

void heddle::buildStage(OpPassManager &passes, Stage stage, int64_t vectorBytes,
                        const std::vector<std::string> &disabledPasses) {
  build(StageBuilder(passes, disabledPasses, nullptr), stage, vectorBytes);
}

std::vector<std::string> heddle::pipelinePasses() {
  constexpr int64_t anyVectorBytes = 32; // The stages of a CPU run all passes, those of a GPU some of them.
  OpPassManager passes(ModuleOp::getOperationName());
  std::vector<std::string> all, distinct;
  for (Stage stage : {Stage::Graph, Stage::Kernels, Stage::Plan, Stage::Code})
    build(StageBuilder(passes, {}, &all), stage, anyVectorBytes);
  for (const std::string &name : all)
    if (!llvm::is_contained(distinct, name))
      distinct.push_back(name);
  return distinct;
}

namespace {
struct PipelineOptions : PassPipelineOptions<PipelineOptions> {
  Option<int64_t> vectorBytes{*this, "vector-bytes",
                              llvm::cl::desc("Bytes of a vector register of the CPU level; 0: a GPU"),
                              llvm::cl::init(32)};
};
struct CodeOptions : PassPipelineOptions<CodeOptions> {
  Option<std::string> level{*this, "level", llvm::cl::desc("CPU level of the code"), llvm::cl::init("x86-64-v3")};
  Option<unsigned> threads{*this, "threads", llvm::cl::desc("Threads that compile kernels"), llvm::cl::init(1)};
};
} // namespace

void heddle::registerPipelines() {
  auto add = [](Stage stage, StringRef name, StringRef description) {
    PassPipelineRegistration<PipelineOptions>(name, description,
                                              [stage](OpPassManager &passes, const PipelineOptions &options) {
                                                buildStage(passes, stage, options.vectorBytes);
                                              });
  };
  add(Stage::Graph, "heddle-graph-pipeline", "Stage graph: fewer, canonical graph ops");
  add(Stage::Kernels, "heddle-kernels-pipeline", "Stage kernels: fused kernels and launches");
  add(Stage::Plan, "heddle-plan-pipeline", "Stage plan: steps over places");
  PassPipelineRegistration<CodeOptions>("heddle-code-pipeline", "Stage code: an object for each kernel",
                                        [](OpPassManager &passes, const CodeOptions &options) {
                                          passes.addPass(createEmitObjects({options.level, options.threads}));
                                          buildStage(passes, Stage::Code, 0);
                                        });
}
