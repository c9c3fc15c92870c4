// heddle-write-artifact: the last stage, as a pass.
#include "compiler/CompilerPasses.h"
#include "compiler/EmitCode.h"
#include "compiler/ModelWeights.h"
#include "compiler/PlanTranslation.h"
#include "ir/HeddleOps.h"

namespace heddle {
#define GEN_PASS_DEF_WRITEARTIFACT
#include "compiler/CompilerPasses.h.inc"
} // namespace heddle

using namespace mlir;
using namespace heddle;

/// The target that all objects are made for.
static Result<std::string> targetOf(ModuleOp module) {
  auto objects = module.getOps<ObjectOp>();
  if (objects.empty())
    return Status(Code::Malformed, "the module has no heddle.object");
  return (*objects.begin()).getTarget().str();
}

static Status writeModule(ModuleOp module, const std::string &path) {
  if (module.getOps<PlanOp>().empty())
    return Status(Code::Malformed, "the module has no heddle.plan");
  Result<std::string> target = targetOf(module);
  if (!target)
    return target.status();
  auto program = std::make_shared<Program>(translatePlan(module, "cpu", *target));
  HEDDLE_RETURN_IF_ERROR(linkCpuCode(module, *program));
  CompiledModel model{program, module.getContext()->getLoadedDialect<HeddleDialect>()->sharedWeights(), {}};
  return writeArtifact(path, *model.program, artifactWeights(model));
}

namespace {
struct WriteArtifact final : heddle::impl::WriteArtifactBase<WriteArtifact> {
  using Base::Base;
  void runOnOperation() override {
    Status status =
        output.empty() ? Status(Code::Malformed, "option 'output' is empty") : writeModule(getOperation(), output);
    if (!status) {
      getOperation().emitError(status.message());
      return signalPassFailure();
    }
    markAllAnalysesPreserved();
  }
};
} // namespace
