// Implements code for a GPU and for the CPU from the same kernels.
#include "compiler/PairedCode.h"
#include "codegen/cpu/CpuLevel.h"
#include "compiler/EmitCode.h"
#include "compiler/PlanTranslation.h"
#include "ir/Schedule.h"
#include "ir/Shapes.h"

using namespace mlir;
using namespace heddle;

/// Gives the launches of `to` the grids of the same launches in `from`.
static void copyGrids(const heddle::Region &from, heddle::Region &to) {
  for (size_t i = 0; i < from.steps.size(); ++i) {
    const Step &source = from.steps[i];
    Step &target = to.steps[i];
    if (auto *launch = std::get_if<Launch>(&target.action)) {
      launch->grid = std::get<Launch>(source.action).grid;
      launch->dynamicSharedBytes = std::get<Launch>(source.action).dynamicSharedBytes;
    } else if (auto *branch = std::get_if<If>(&target.action)) {
      copyGrids(std::get<If>(source.action).thenRegion, branch->thenRegion);
      copyGrids(std::get<If>(source.action).elseRegion, branch->elseRegion);
    } else if (auto *loop = std::get_if<Loop>(&target.action)) {
      copyGrids(std::get<Loop>(source.action).body, loop->body);
    }
  }
}

static std::vector<Port> resultsOf(KernelOp kernel) {
  std::vector<Port> results;
  for (Type type : kernel.getResultTypes())
    results.push_back({"", *dtypeOf(type), shapeOf(type)});
  return results;
}

Result<PairedModel> heddle::emitPaired(ModuleOp module, const CompileOptions &options) {
  std::optional<CpuLevel> level = cpuLevel(options.cpuLevel);
  if (!level)
    return Status(Code::Malformed, "cpu level '" + options.cpuLevel + "' is not known");
  PairedModel paired;
  OwningOpRef<ModuleOp> onCpu = module.clone();
  for (auto kernel : onCpu->getOps<KernelOp>()) {
    kernel.setScheduleAttr(chooseSchedule(kernel, level->vectorBytes));
    paired.results.push_back(resultsOf(kernel));
  }
  HEDDLE_RETURN_IF_ERROR(emitCudaObjects(module, options.smVersions.front(), options.threads));
  HEDDLE_RETURN_IF_ERROR(emitCpuObjects(*onCpu, options.cpuLevel, options.threads));
  auto cuda = std::make_shared<Program>(translatePlan(module, "cuda", options.smVersions.front()));
  auto cpu = std::make_shared<Program>(translatePlan(*onCpu, "cpu", options.cpuLevel));
  HEDDLE_RETURN_IF_ERROR(linkCudaCode(module, *cuda));
  HEDDLE_RETURN_IF_ERROR(linkCpuCode(*onCpu, *cpu));
  auto variant = std::make_shared<Variant>(*cpu->variants.front());
  copyGrids(cuda->variants.front()->plan.body, variant->plan.body);
  cpu->variants.front() = std::move(variant);
  paired.cpu = std::move(cpu);
  paired.cuda = std::move(cuda);
  return paired;
}
