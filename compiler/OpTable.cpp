// Implements the search for what compiles.
#include "compiler/OpTable.h"
#include "codegen/Pull.h"
#include "codegen/cuda/CudaKernel.h"
#include "compiler/OpProbe.h"
#include "compiler/Pipelines.h"
#include "compiler/onnx/CheckModel.h"
#include "compiler/onnx/Import.h"
#include "ir/HeddleOps.h"
#include "runtime/format/Target.h"
#include <algorithm>
#include <map>

using namespace mlir;
using namespace heddle;

std::string_view heddle::nameOf(OpForm form) {
  switch (form) {
  case OpForm::Unknown:
    return "unknown";
  case OpForm::Movement:
    return "movement";
  case OpForm::Structured:
    return "structured";
  case OpForm::Composite:
    return "composite";
  case OpForm::Host:
    return "host";
  }
  llvm_unreachable("every form has a name");
}

static bool computes(Operation &op) {
  return isa<ElementwiseOpInterface>(op) || (isa<StructuredOpInterface>(op) && !isa<IotaOp>(op));
}

/// What the ops of an imported function are, those of a constant's making aside.
static OpForm formOf(ModuleOp module) {
  int computing = 0;
  bool isHost = false;
  module.walk([&](Operation *op) {
    isHost |= isa<HostCallOp>(op);
    computing += computes(*op);
  });
  if (isHost)
    return OpForm::Host;
  return computing == 0 ? OpForm::Movement : computing == 1 ? OpForm::Structured : OpForm::Composite;
}

namespace {
/// Looks at one op after the other.
class OpSearch {
public:
  OpSearch() : context(MLIRContext::Threading::DISABLED) {
    context.loadDialect<HeddleDialect, arith::ArithDialect, func::FuncDialect>();
    context.getLoadedDialect<HeddleDialect>()->setWeights(std::make_shared<WeightStore>());
  }

  /// \param schemas of one op, ascending by version, with one that ends it if it is deprecated.
  OpRecord look(const std::vector<const onnx::OpSchema *> &schemas);

private:
  void findTypes(const onnx::OpSchema &schema, OpVersion &version);
  OwningOpRef<ModuleOp> tryImport(const onnx::OpSchema &schema, int opset, const ProbeShape &shape, DType type);
  bool compilesFor(ModuleOp imported, bool isGpu);

  MLIRContext context;
  std::optional<ProbeShape> working; ///< A guess that the importer took for this version.
};
} // namespace

OwningOpRef<ModuleOp> OpSearch::tryImport(const onnx::OpSchema &schema, int opset, const ProbeShape &shape,
                                          DType type) {
  std::optional<LoadedModel> model = probeModel(schema, opset, shape, probedVariable(schema), type);
  return model ? importModel(context, *model, {}).module : OwningOpRef<ModuleOp>();
}

void OpSearch::findTypes(const onnx::OpSchema &schema, OpVersion &version) {
  std::vector<DType> types = typesOf(schema, probedVariable(schema));
  // Guesses are made with the commonest types: others have no other shapes.
  if (auto f32 = std::find(types.begin(), types.end(), DType::F32); f32 != types.end())
    std::rotate(types.begin(), f32, f32 + 1);
  if (types.empty())
    types.push_back(DType::F32);
  working.reset();
  constexpr size_t typesToGuessWith = 3;
  for (size_t index = 0; index < std::min(typesToGuessWith, types.size()) && !working; ++index)
    for (const ProbeShape &shape : probeShapes(schema.Name(), version.until))
      if (OwningOpRef<ModuleOp> module = tryImport(schema, version.until, shape, types[index])) {
        working = shape;
        version.form = formOf(*module);
        break;
      }
  if (!working || probedVariable(schema).empty())
    return;
  for (DType type : types)
    if (tryImport(schema, version.until, *working, type))
      version.types.push_back(type);
  std::sort(version.types.begin(), version.types.end());
}

/// Everything but the last steps of each code generator, which cannot fail for one kernel and not for another.
static bool canEmit(KernelOp kernel, bool isGpu) {
  if (isGpu)
    return emitKernel(kernel).isOk();
  OwningOpRef<KernelOp> expanded = kernel.clone();
  auto isAnchor = [](Operation *) { return false; };
  expandStructured(*expanded, isAnchor);
  return succeeded(checkPullable(*expanded, isAnchor));
}

bool OpSearch::compilesFor(ModuleOp imported, bool isGpu) {
  OwningOpRef<ModuleOp> module = imported.clone();
  ScopedDiagnosticHandler quiet(&context, [](Diagnostic &) { return success(); });
  PassManager passes(&context);
  for (Stage stage : {Stage::Graph, Stage::Kernels})
    buildStage(passes, stage, isGpu ? 0 : cpuTargets().front().vectorBytes);
  if (failed(passes.run(*module)))
    return false;
  auto kernels = module->getOps<KernelOp>();
  return std::all_of(kernels.begin(), kernels.end(), [&](KernelOp kernel) { return canEmit(kernel, isGpu); });
}

OpRecord OpSearch::look(const std::vector<const onnx::OpSchema *> &schemas) {
  OpRecord record;
  record.name = schemas.front()->Name();
  working.reset();
  for (size_t index = 0; index < schemas.size(); ++index) {
    int until = index + 1 < schemas.size() ? schemas[index + 1]->SinceVersion() - 1 : int(newestOpset);
    if (until < oldestOpset || schemas[index]->Deprecated())
      continue;
    OpVersion &version = record.versions.emplace_back();
    version.since = std::max(schemas[index]->SinceVersion(), int(oldestOpset));
    version.until = until;
    findTypes(*schemas[index], version);
  }
  if (!working)
    return record;
  const OpVersion &newest = record.versions.back();
  const onnx::OpSchema &schema = **std::find_if(schemas.rbegin(), schemas.rend(),
                                                [](const onnx::OpSchema *schema) { return !schema->Deprecated(); });
  std::vector<DType> types = newest.types.empty() ? std::vector<DType>{DType::F32} : newest.types;
  for (DType type : types) {
    OwningOpRef<ModuleOp> module = tryImport(schema, newest.until, *working, type);
    for (bool isGpu : {false, true})
      if (module && compilesFor(*module, isGpu))
        record.devices.insert(isGpu ? "cuda" : "cpu");
  }
  return record;
}

std::vector<OpRecord> heddle::findSupportedOps() {
  std::map<std::string, std::map<int, const onnx::OpSchema *>> history;
  const std::vector<onnx::OpSchema> all = onnx::OpSchemaRegistry::get_all_schemas_with_history();
  for (const onnx::OpSchema &schema : all)
    if (schema.domain().empty() && isImportedOp(schema.Name()))
      history[schema.Name()][schema.SinceVersion()] = &schema;
  std::vector<OpRecord> records;
  OpSearch search;
  for (const auto &[name, versions] : history) {
    std::vector<const onnx::OpSchema *> schemas;
    for (const auto &[since, schema] : versions)
      schemas.push_back(schema);
    records.push_back(search.look(schemas));
  }
  return records;
}
