// Implements stage code for CUDA: kernels emitted as text, compiled to PTX.
#include "codegen/cuda/CompileCuda.h"
#include "compiler/EmitCode.h"
#include "ir/HeddleOps.h"

using namespace mlir;
using namespace heddle;

static WeightStore &storeOf(ModuleOp module) {
  return module.getContext()->getLoadedDialect<HeddleDialect>()->weights();
}

/// Adds the object of the kernel `symbol`, whose entry may have a name of its own; its PTX goes to the store.
static void addObject(OpBuilder &builder, ModuleOp module, StringRef symbol, const CudaKernel &kernel,
                      const CudaCode &code) {
  auto ptx = std::make_shared<std::string>(code.ptx);
  auto bytes = std::as_bytes(std::span(ptx->data(), ptx->size()));
  std::string digest = storeOf(module).add({DType::U8, {static_cast<int64_t>(bytes.size())}, bytes, ptx, kernel.name});
  SmallVector<StringRef> checks(kernel.checks.begin(), kernel.checks.end());
  SmallVector<NamedAttribute> lines;
  for (const auto &[line, nodes] : kernel.lines)
    lines.push_back(builder.getNamedAttr("L" + std::to_string(line), builder.getStringAttr(nodes)));
  ObjectOp::create(builder, module.getLoc(), symbol, code.target, kernel.name, digest, /*tasks=*/"1", /*scratch=*/0,
                   DimsAttr::get(module.getContext(), Shape(kernel.grid.begin(), kernel.grid.end())),
                   builder.getDenseI64ArrayAttr(kernel.block), kernel.staticSharedBytes,
                   kernel.dynamicSharedBytes.str(), builder.getStrArrayAttr(checks), builder.getDictionaryAttr(lines));
}

Status heddle::emitCudaObjects(ModuleOp module, const std::string &sm, unsigned threads) {
  std::vector<CudaKernel> kernels;
  SmallVector<StringRef> symbols;
  for (auto kernel : module.getOps<KernelOp>()) {
    symbols.push_back(kernel.getSymName());
    Result<CudaKernel> emitted = emitKernel(kernel);
    if (!emitted)
      return emitted.status();
    kernels.push_back(std::move(*emitted));
  }
  CudaCompileOptions options;
  options.targets = {sm};
  options.withCubin = false;
  options.threads = threads;
  Result<std::vector<CompiledKernel>> compiled = compileCuda(kernels, options);
  if (!compiled)
    return compiled.status();
  OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
  for (auto [symbol, kernel, codes] : llvm::zip(symbols, kernels, *compiled))
    addObject(builder, module, symbol, kernel, codes.codes.front());
  return Status::ok();
}

Status heddle::linkCudaCode(ModuleOp module, Program &program) {
  auto variant = std::make_shared<Variant>(*program.variants.front());
  for (auto object : module.getOps<ObjectOp>()) {
    auto kernel = llvm::find_if(variant->kernels, [&](const Kernel &k) { return k.name == object.getKernel(); });
    std::optional<WeightStore::Entry> entry = storeOf(module).find(object.getDigest());
    if (!entry)
      return Status(Code::Malformed, "the bytes of object '" + object.getKernel().str() + "' are not there");
    kernel->code = static_cast<int64_t>(program.codes.size());
    program.codes.push_back({CodeObject::Kind::Ptx, object.getTarget().str(),
                             std::vector<std::byte>(entry->bytes.begin(), entry->bytes.end())});
  }
  program.variants.front() = std::move(variant);
  return Status::ok();
}
