// heddle-opt: MLIR's driver with the heddle dialect, all its passes and pipelines, and the weights that a dump refers
// to.
#include "codegen/CodegenPasses.h"
#include "compiler/Compiler.h"
#include "compiler/CompilerPasses.h"
#include "compiler/PassCheck.h"
#include "compiler/Pipelines.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Support/FileUtilities.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "mlir/Transforms/Passes.h"
#include "passes/Passes.h"
#include "tools/common/RunInputs.h"
#include "tools/io/TensorFiles.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/ToolOutputFile.h"

using namespace heddle;

static llvm::cl::opt<std::string> modelPath("weights", llvm::cl::desc("ONNX model that holds the weights of the input"),
                                            llvm::cl::value_desc("MODEL.onnx"));
static llvm::cl::opt<std::string> sidePath("side-file",
                                           llvm::cl::desc("STAGE.weights that `heddle compile --until` wrote"),
                                           llvm::cl::value_desc("FILE"));

static llvm::cl::opt<bool> checkResults("check-results",
                                        llvm::cl::desc("Evaluate the IR before and after each pass on drawn inputs; "
                                                       "a difference is an error (as `heddle compile --verify-each`)"));

namespace {
/// Gives every context of this program the same weights.
struct WeightsExtension final : mlir::DialectExtension<WeightsExtension, HeddleDialect> {
  explicit WeightsExtension(std::shared_ptr<WeightStore> store) : store(std::move(store)) {}
  void apply(mlir::MLIRContext *, HeddleDialect *dialect) const final { dialect->setWeights(store); }

  std::shared_ptr<WeightStore> store;
};
} // namespace

/// The bytes that the input refers to by digest.
static Result<std::shared_ptr<WeightStore>> openStore() {
  auto store = std::make_shared<WeightStore>();
  if (!modelPath.empty()) {
    Result<std::shared_ptr<Compiler>> compiler = Compiler::open(modelPath);
    if (!compiler)
      return compiler.status();
    Result<std::string> imported = (*compiler)->print({}, Stage::Import); // registers the weights
    if (!imported)
      return imported.status();
    store = (*compiler)->weightStore();
  }
  if (sidePath.empty())
    return store;
  Result<std::vector<NamedTensor>> objects = readNpz(sidePath);
  if (!objects)
    return objects.status();
  for (NamedTensor &object : *objects) {
    auto tensor = std::make_shared<Tensor>(std::move(object.tensor));
    std::string key = store->add({tensor->type(), tensor->shape(), tensor->bytes(), tensor, object.name});
    if (key != object.name)
      return Status(Code::BadArtifact, "side file: '" + object.name + "' has the digest '" + key + "'");
  }
  return store;
}

/// Inputs for `--check-results`: free sizes get their defaults.
static Result<std::vector<SharedTensor>> drawInputs(const std::vector<Port> &ports) {
  std::vector<bool> isState(ports.size(), false);
  Result<RunInputs> drawn = RunInputs::make(ports, {}, {}, isState, {});
  if (!drawn)
    return drawn.status();
  auto owner = std::make_shared<RunInputs>(std::move(*drawn));
  std::vector<SharedTensor> tensors;
  for (Tensor &tensor : owner->owned)
    tensors.push_back({{tensor.bytes().data(), tensor.type(), tensor.shape(), rowMajorStrides(tensor.shape())}, owner});
  return tensors;
}

/// Adds the check of results to whatever passes the command line asks for.
static mlir::MlirOptMainConfig withCheck(const mlir::MlirOptMainConfig &given, PassCheck &check) {
  mlir::MlirOptMainConfig config = given;
  config.setPassPipelineSetupFn([&given, &check](mlir::PassManager &passes) {
    passes.getContext()->disableMultithreading();
    passes.getContext()->loadAllAvailableDialects(); // the evaluator builds scalar code
    passes.addInstrumentation(check.instrumentation());
    return given.setupPassPipeline(passes);
  });
  return config;
}

static int runOpt(const std::string &input, const std::string &output, mlir::DialectRegistry &registry) {
  std::string message;
  std::unique_ptr<llvm::MemoryBuffer> buffer = mlir::openInputFile(input, &message);
  std::unique_ptr<llvm::ToolOutputFile> file = buffer ? mlir::openOutputFile(output, &message) : nullptr;
  if (!file) {
    llvm::errs() << message << "\n";
    return static_cast<int>(Code::Malformed);
  }
  PassCheck check({drawInputs, [](const std::string &line) { llvm::errs() << "check-results: " << line << "\n"; }});
  mlir::MlirOptMainConfig config = mlir::MlirOptMainConfig::createFromCLOptions();
  mlir::LogicalResult result =
      mlir::MlirOptMain(file->os(), std::move(buffer), registry, checkResults ? withCheck(config, check) : config);
  if (!check.status()) {
    llvm::errs() << "heddle-opt: error: " << check.status().message() << "\n";
    return static_cast<int>(check.status().code());
  }
  if (mlir::succeeded(result))
    file->keep();
  return mlir::asMainReturnCode(result);
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  mlir::DialectRegistry registry;
  registry.insert<HeddleDialect, mlir::arith::ArithDialect, mlir::func::FuncDialect, mlir::math::MathDialect>();
  mlir::registerTransformsPasses();
  registerHeddlePasses();
  registerHeddleCodegenPasses();
  registerHeddleCompilerPasses();
  registerPipelines();
  auto [input, output] =
      mlir::registerAndParseCLIOptions(argc, argv, "heddle-opt: runs passes on heddle IR\n", registry);
  Result<std::shared_ptr<WeightStore>> store = openStore();
  if (!store) {
    llvm::errs() << "heddle-opt: error: " << store.status().message() << "\n";
    return static_cast<int>(store.status().code());
  }
  registry.addExtension(mlir::TypeID::get<WeightsExtension>(), std::make_unique<WeightsExtension>(*store));
  return runOpt(input, output, registry);
}
