// heddle-emit-cuda FILE.mlir [--manifest | --compile]: prints each kernel of a module as CUDA text, and its manifest;
// or compiles all of them and prints what NVRTC has to say. For tests.
#include "compiler/cuda/CompileCuda.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/raw_ostream.h"

using namespace heddle;

/// Compiles for both architectures; false if NVRTC says anything.
static bool compileAll(const std::vector<CudaKernel> &kernels) {
  CudaCompileOptions options;
  options.targets = {"sm_80", "sm_90a"};
  options.threads = 2;
  Result<std::vector<CompiledKernel>> compiled = compileCuda(kernels, options);
  if (!compiled) {
    llvm::errs() << "error: " << compiled.status().message() << "\n";
    return false;
  }
  size_t warnings = 0;
  for (const CompiledKernel &kernel : *compiled)
    for (const std::string &warning : kernel.warnings) {
      llvm::errs() << "warning: " << warning << "\n";
      ++warnings;
    }
  llvm::outs() << kernels.size() << " kernels compiled, " << warnings << " warnings\n";
  return warnings == 0;
}

int main(int argc, char **argv) {
  mlir::MLIRContext context;
  context.loadDialect<HeddleDialect, mlir::arith::ArithDialect, mlir::func::FuncDialect, mlir::math::MathDialect>();
  auto module = argc > 1 ? mlir::parseSourceFile<mlir::ModuleOp>(argv[1], &context) : nullptr;
  if (!module)
    return 2;
  llvm::StringRef mode = argc > 2 ? argv[2] : "";
  std::vector<CudaKernel> kernels;
  bool failed = false;
  for (auto kernel : module->getOps<KernelOp>()) {
    Result<CudaKernel> emitted = emitKernel(kernel);
    if (!emitted) {
      llvm::errs() << "error: " << emitted.status().message() << "\n";
      failed = true;
      continue;
    }
    kernels.push_back(*emitted);
  }
  if (mode == "--compile")
    return compileAll(kernels) && !failed ? 0 : 1;
  for (const CudaKernel &kernel : kernels) {
    llvm::outs() << kernel.source;
    if (mode == "--manifest")
      llvm::outs() << manifestJson(kernel);
  }
  return failed ? 1 : 0;
}
