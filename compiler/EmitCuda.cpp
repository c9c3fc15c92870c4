// Implements stage code for CUDA: kernels emitted as text, compiled to PTX.
#include "codegen/FileCache.h"
#include "codegen/device/DeviceHeaders.h"
#include "compiler/EmitCode.h"
#include "compiler/KernelCache.h"
#include "compiler/cuda/CompileCuda.h"
#include "ir/HeddleOps.h"

using namespace mlir;
using namespace heddle;

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
  DimsAttr guards = kernel.guards.empty() ? DimsAttr() : DimsAttr::get(module.getContext(), kernel.guards);
  ObjectOp::create(builder, module.getLoc(), symbol, code.target, kernel.name, digest, /*tasks=*/"1", /*scratch=*/0,
                   DimsAttr::get(module.getContext(), Shape(kernel.grid.begin(), kernel.grid.end())),
                   builder.getDenseI64ArrayAttr(kernel.block), kernel.staticSharedBytes,
                   kernel.dynamicSharedBytes.str(), guards, builder.getStrArrayAttr(checks),
                   builder.getDictionaryAttr(lines));
}

static Result<std::vector<CudaKernel>> emitKernels(ModuleOp module) {
  std::vector<CudaKernel> kernels;
  for (auto kernel : module.getOps<KernelOp>()) {
    Result<CudaKernel> emitted = emitKernel(kernel);
    if (!emitted)
      return emitted.status();
    kernels.push_back(std::move(*emitted));
  }
  return kernels;
}

Status heddle::emitCudaObjects(ModuleOp module, const std::string &sm, unsigned threads,
                               const std::string &cacheFolder) {
  Result<std::vector<CudaKernel>> kernels = emitKernels(module);
  if (!kernels)
    return kernels.status();
  CudaCompileOptions options;
  options.targets = {sm};
  options.withCubin = false;
  options.threads = threads;
  options.cacheFolder = cacheFolder.empty() ? userCacheFolder(cudaCacheName) : cacheFolder;
  Result<std::vector<CompiledKernel>> compiled = compileCuda(*kernels, options);
  if (!compiled)
    return compiled.status();
  OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
  for (auto [kernel, codes] : llvm::zip(*kernels, *compiled))
    addObject(builder, module, kernel.symbol, kernel, codes.codes.front());
  return Status::ok();
}

Result<std::vector<EmittedFile>> heddle::emitCudaFiles(ModuleOp module, const CudaFileOptions &wanted,
                                                       std::vector<std::string> &warnings) {
  Result<std::vector<CudaKernel>> kernels = emitKernels(module);
  if (!kernels)
    return kernels.status();
  std::vector<EmittedFile> files;
  for (const CudaKernel &kernel : *kernels) {
    if (!wanted.withSource)
      break;
    files.push_back({kernel.name + ".cu", kernel.source});
    files.push_back({kernel.name + ".json", manifestJson(kernel)});
  }
  for (const DeviceHeader &header : deviceHeaders())
    if (wanted.withSource)
      files.push_back({header.name, header.text});
  if (!wanted.withPtx && !wanted.withCubin)
    return files;
  CudaCompileOptions options;
  options.targets = wanted.smVersions;
  options.withPtx = wanted.withPtx;
  options.withCubin = wanted.withCubin;
  options.threads = wanted.threads;
  options.cacheFolder = userCacheFolder(cudaCacheName);
  Result<std::vector<CompiledKernel>> compiled = compileCuda(*kernels, options);
  if (!compiled)
    return compiled.status();
  for (auto [kernel, codes] : llvm::zip(*kernels, *compiled)) {
    llvm::append_range(warnings, codes.warnings);
    for (const CudaCode &code : codes.codes) {
      if (wanted.withPtx)
        files.push_back({kernel.name + "." + code.target + ".ptx", code.ptx});
      if (wanted.withCubin)
        files.push_back({kernel.name + "." + code.target + ".cubin", code.cubin});
    }
  }
  return files;
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
