// heddle-opt: MLIR's driver with the heddle dialect, all its passes and pipelines, and the weights that a dump refers
// to.
#include "codegen/CodegenPasses.h"
#include "compiler/Compiler.h"
#include "compiler/CompilerPasses.h"
#include "compiler/Pipelines.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "mlir/Transforms/Passes.h"
#include "passes/Passes.h"
#include "tools/io/TensorFiles.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"

using namespace heddle;

static llvm::cl::opt<std::string> modelPath("weights", llvm::cl::desc("ONNX model that holds the weights of the input"),
                                            llvm::cl::value_desc("MODEL.onnx"));
static llvm::cl::opt<std::string> sidePath("side-file",
                                           llvm::cl::desc("STAGE.weights that `heddle compile --until` wrote"),
                                           llvm::cl::value_desc("FILE"));

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
  return mlir::asMainReturnCode(mlir::MlirOptMain(argc, argv, input, output, registry));
}
