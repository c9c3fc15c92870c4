// Implements running kernels in tests.
#include "test/unit/codegen/KernelRunner.h"
#include "ir/Shapes.h"
#include "ir/StridedView.h"
#include "mlir/Parser/Parser.h"
#include "runtime/format/DType.h"
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

using namespace heddle;
using namespace heddle::test;

GuardedBuffer::GuardedBuffer(size_t bytes) {
  size_t page = size_t(sysconf(_SC_PAGESIZE)), used = (bytes + page - 1) / page * page;
  mappedBytes = used + page;
  mapping = mmap(nullptr, mappedBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapping == MAP_FAILED)
    abort();
  mprotect(static_cast<char *>(mapping) + used, page, PROT_NONE);
  std::memset(mapping, 0xA5, used);
  start = static_cast<char *>(mapping) + used - bytes;
}

GuardedBuffer::GuardedBuffer(GuardedBuffer &&other) noexcept
    : mapping(std::exchange(other.mapping, nullptr)), mappedBytes(other.mappedBytes), start(other.start) {}

GuardedBuffer::~GuardedBuffer() {
  if (mapping)
    munmap(mapping, mappedBytes);
}

std::string LoadedKernel::hostLevel() { return __builtin_cpu_supports("x86-64-v4") ? "x86-64-v4" : "x86-64-v3"; }

static int64_t elementBytes(mlir::Type type) {
  return std::max<int64_t>(1, mlir::getElementTypeOrSelf(type).getIntOrFloatBitWidth() / 8);
}

std::string LoadedKernel::print(const std::string &text, const std::string &level) {
  mlir::DialectRegistry registry;
  registerCpuCodegen(registry);
  mlir::MLIRContext context(registry);
  context.loadAllAvailableDialects();
  auto module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
  EXPECT_TRUE(module) << "the kernel does not parse";
  return module ? *printVectorIR(*module->getOps<KernelOp>().begin(), *cpuLevel(level)) : "";
}

LoadedKernel LoadedKernel::compile(const std::string &text, const std::string &level) {
  LoadedKernel loaded;
  mlir::DialectRegistry registry;
  registerCpuCodegen(registry);
  mlir::MLIRContext context(registry);
  context.loadAllAvailableDialects();
  auto module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
  EXPECT_TRUE(module) << "the kernel does not parse";
  if (!module)
    return loaded;
  KernelOp op = *module->getOps<KernelOp>().begin();
  for (llvm::StringRef name : op.getSymbols().getAsValueRange<mlir::StringAttr>())
    loaded.symbolNames.push_back(name.str());
  for (auto [result, type] : llvm::enumerate(op.getResultTypes()))
    loaded.results.push_back({shapeOf(type), storedStrides(op, result), elementBytes(type)});
  Result<CpuKernel> kernel = compileKernel(op, *cpuLevel(level));
  EXPECT_TRUE(kernel.isOk()) << kernel.status().message();
  if (!kernel)
    return loaded;
  loaded.kernel = *kernel;
  std::span<const std::byte> object = loaded.kernel.object;
  Result<std::vector<std::byte>> shared = linkSharedObject({&object, 1});
  EXPECT_TRUE(shared.isOk()) << shared.status().message();
  if (!shared)
    return loaded;
  int file = memfd_create("kernel", MFD_CLOEXEC);
  EXPECT_EQ(write(file, shared->data(), shared->size()), ssize_t(shared->size()));
  loaded.library = dlopen(("/proc/self/fd/" + std::to_string(file)).c_str(), RTLD_NOW | RTLD_LOCAL);
  close(file);
  EXPECT_TRUE(loaded.library) << dlerror();
  if (loaded.library)
    loaded.entry = reinterpret_cast<Entry>(dlsym(loaded.library, loaded.kernel.name.c_str()));
  EXPECT_TRUE(loaded.entry) << "the shared object has no entry " << loaded.kernel.name;
  return loaded;
}

LoadedKernel::LoadedKernel(LoadedKernel &&other) noexcept
    : kernel(std::move(other.kernel)), library(std::exchange(other.library, nullptr)), entry(other.entry),
      symbolNames(std::move(other.symbolNames)), results(std::move(other.results)) {}

LoadedKernel::~LoadedKernel() {
  if (library)
    dlclose(library);
}

std::vector<size_t> LoadedKernel::resultBytes(const SymbolValues &symbols) const {
  std::vector<size_t> bytes;
  for (const Stored &result : results) {
    int64_t last = 0;
    for (auto [size, stride] : llvm::zip(result.shape, result.strides))
      last += (*size.evaluate(symbols) - 1) * *stride.evaluate(symbols);
    bool isEmpty = *elementCount(result.shape).evaluate(symbols) == 0;
    bytes.push_back(isEmpty ? 0 : size_t((last + 1) * result.width));
  }
  return bytes;
}

std::vector<Bytes> LoadedKernel::run(const std::vector<Bytes> &inputs, const SymbolValues &symbols, int parts,
                                     int32_t *failure) const {
  if (!entry)
    return std::vector<Bytes>(results.size());
  std::vector<GuardedBuffer> buffers;
  std::vector<void *> pointers;
  std::vector<int64_t> sizes;
  for (const std::string &name : symbolNames)
    sizes.push_back(symbols.at(name));
  for (const Bytes &input : inputs) {
    buffers.emplace_back(input.raw.size());
    if (!input.raw.empty())
      std::memcpy(buffers.back().data(), input.raw.data(), input.raw.size());
  }
  std::vector<size_t> bytes = resultBytes(symbols);
  for (size_t size : bytes)
    buffers.emplace_back(size);
  for (const GuardedBuffer &buffer : buffers)
    pointers.push_back(buffer.data());
  GuardedBuffer scratch(size_t(kernel.scratchBytes + 63) / 64 * 64);
  int64_t tasks = *kernel.tasks.evaluate(symbols);
  int32_t code = 0;
  for (int part = 0; part < parts; ++part) {
    int64_t begin = tasks * part / parts, end = tasks * (part + 1) / parts;
    if (begin < end && code == 0)
      code = entry(pointers.data(), sizes.data(), begin, end, scratch.data());
  }
  if (failure)
    *failure = code;
  else
    EXPECT_EQ(code, 0) << kernel.checks[size_t(code - 1)].message;
  std::vector<Bytes> outputs;
  for (size_t result = 0; result < results.size(); ++result) {
    const char *data = static_cast<const char *>(pointers[inputs.size() + result]);
    outputs.push_back({std::vector<char>(data, data + bytes[result])});
  }
  return outputs;
}
