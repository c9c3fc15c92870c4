// heddle-emit-cuda FILE.mlir [--manifest]: prints each kernel of a module as CUDA text, and its manifest. For tests.
#include "codegen/cuda/CudaKernel.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/raw_ostream.h"
#include <cstring>

int main(int argc, char **argv) {
  mlir::MLIRContext context;
  context.loadDialect<heddle::HeddleDialect, mlir::arith::ArithDialect, mlir::math::MathDialect>();
  auto module = argc > 1 ? mlir::parseSourceFile<mlir::ModuleOp>(argv[1], &context) : nullptr;
  if (!module)
    return 2;
  bool withManifest = argc > 2 && std::strcmp(argv[2], "--manifest") == 0, failed = false;
  for (auto kernel : module->getOps<heddle::KernelOp>()) {
    heddle::Result<heddle::CudaKernel> emitted = heddle::emitKernel(kernel);
    if (!emitted) {
      llvm::errs() << "error: " << emitted.status().message() << "\n";
      failed = true;
      continue;
    }
    llvm::outs() << emitted->source;
    if (withManifest)
      llvm::outs() << heddle::manifestJson(*emitted);
  }
  return failed ? 1 : 0;
}
