// From a kernel to its object: expansion, emission by kind, lowering.
#include "codegen/cpu/CpuKernel.h"
#include "codegen/cpu/Emitters.h"
#include "codegen/cpu/Lower.h"
#include "codegen/cpu/ScalarFunctions.h"
#include "codegen/cpu/WindowShape.h"

using namespace mlir;
using namespace heddle;

namespace {

/// A kernel as a function of vector ops, with what the caller must know about it.
struct EmittedKernel {
  OwningOpRef<ModuleOp> module;
  CpuKernel description;
};

Result<EmittedKernel> emitKernel(KernelOp original, const CpuLevel &level) {
  OpBuilder builder(original.getContext());
  EmittedKernel emitted;
  emitted.module = ModuleOp::create(builder.getUnknownLoc());
  builder.setInsertionPointToEnd(emitted.module->getBody());
  auto kernel = cast<KernelOp>(builder.clone(*original));
  MatmulOp gemm = findGemm(kernel);
  Operation *window = findWindow(kernel, level);
  auto isAnchor = [&](Operation *op) { return (gemm && op == gemm) || op == window; };
  expandStructured(kernel, isAnchor);
  std::string reason;
  ScopedDiagnosticHandler handler(original.getContext(), [&](Diagnostic &diagnostic) {
    if (reason.empty())
      reason = diagnostic.str();
    return success();
  });
  if (failed(checkPullable(kernel, isAnchor)))
    return Status(Code::Unsupported, "kernel " + original.getSymName().str() + ": " + reason);
  KernelFrame frame(*emitted.module, kernel, level);
  {
    CpuBackend backend(frame, kernel);
    emitted.description.tasks = gemm     ? emitGemm(backend, kernel, gemm)
                                : window ? emitWindow(backend, kernel, window)
                                         : emitMap(backend, kernel);
  }
  frame.finish();
  emitted.description.name = original.getSymName();
  emitted.description.scratchBytes = frame.scratchBytes();
  emitted.description.checks = frame.checks();
  kernel.erase();
  expandMath(*emitted.module);
  assert(succeeded(verify(*emitted.module)) && "the emitters make valid IR");
  return emitted;
}

} // namespace

Result<std::string> heddle::printVectorIR(KernelOp kernel, const CpuLevel &level) {
  Result<EmittedKernel> emitted = emitKernel(kernel, level);
  if (!emitted)
    return emitted.status();
  PassManager passes(kernel.getContext());
  passes.addPass(createCanonicalizerPass());
  passes.addPass(createCSEPass());
  if (failed(passes.run(*emitted->module)))
    return Status(Code::CompileFailed, "the vector code was not canonicalized");
  std::string text;
  llvm::raw_string_ostream stream(text);
  emitted->module->print(stream);
  return text;
}

Result<CpuKernel> heddle::compileKernel(KernelOp kernel, const CpuLevel &level) {
  Result<EmittedKernel> emitted = emitKernel(kernel, level);
  if (!emitted)
    return emitted.status();
  Result<std::vector<std::byte>> object = emitObject(*emitted->module, level);
  if (!object)
    return object.status();
  HEDDLE_RETURN_IF_ERROR(checkImports(*object));
  emitted->description.object = std::move(*object);
  return emitted->description;
}
