// Implements stage code for the CPU: kernels compiled in parallel, objects linked.
#include "compiler/EmitCode.h"
#include "codegen/cpu/ObjectCache.h"
#include "compiler/KernelCache.h"
#include "ir/HeddleOps.h"
#include "mlir/Parser/Parser.h"
#include <atomic>
#include <thread>

using namespace mlir;
using namespace heddle;

namespace {
/// A kernel as text, and what became of it.
struct Job {
  std::string name, text;
  std::optional<Result<CpuKernel>> result;
};
} // namespace

/// Parses the kernel in a context of its own: contexts are not shared between compiling threads.
static Result<CpuKernel> compileText(const Job &job, const CpuLevel &level, const ObjectCache &cache,
                                     MLIRContext &context) {
  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(job.text, &context);
  assert(module && "a printed kernel parses");
  return compileKernel(*module->getOps<KernelOp>().begin(), level, cache);
}

static void compileJobs(std::vector<Job> &jobs, const CpuLevel &level, unsigned threads, const ObjectCache &cache) {
  std::atomic<size_t> next = 0;
  auto work = [&] {
    DialectRegistry registry;
    registerCpuCodegen(registry);
    MLIRContext context(registry, MLIRContext::Threading::DISABLED);
    context.loadAllAvailableDialects();
    ScopedDiagnosticHandler quiet(&context, [](Diagnostic &) { return success(); });
    for (size_t index = next++; index < jobs.size(); index = next++)
      jobs[index].result = compileText(jobs[index], level, cache, context);
  };
  std::vector<std::thread> helpers;
  for (unsigned helper = 1; helper < std::min<size_t>(threads, jobs.size()); ++helper)
    helpers.emplace_back(work);
  work();
  for (std::thread &helper : helpers)
    helper.join();
}

WeightStore &heddle::storeOf(ModuleOp module) {
  return module.getContext()->getLoadedDialect<HeddleDialect>()->weights();
}

Status heddle::emitCpuObjects(ModuleOp module, const std::string &levelName, unsigned threads,
                              const std::string &cacheFolder) {
  std::optional<CpuLevel> level = cpuLevel(levelName);
  if (!level)
    return Status(Code::Malformed, "cpu level '" + levelName + "' is not known");
  std::vector<Job> jobs;
  for (auto kernel : module.getOps<KernelOp>()) {
    Job job{kernel.getSymName().str(), "", std::nullopt};
    llvm::raw_string_ostream stream(job.text);
    kernel.print(stream, OpPrintingFlags().enableDebugInfo().useLocalScope());
    jobs.push_back(std::move(job));
  }
  compileJobs(jobs, *level, threads,
              ObjectCache(FileCache(cacheFolder.empty() ? userCacheFolder(objectCacheName) : cacheFolder)));
  OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
  for (Job &job : jobs) {
    if (!*job.result)
      return job.result->status();
    CpuKernel &compiled = **job.result;
    auto bytes = std::make_shared<std::vector<std::byte>>(std::move(compiled.object));
    std::string digest =
        storeOf(module).add({DType::U8, {static_cast<int64_t>(bytes->size())}, *bytes, bytes, job.name});
    SmallVector<StringRef> checks;
    for (const KernelCheck &check : compiled.checks)
      checks.push_back(check.message);
    ObjectOp::create(builder, module.getLoc(), job.name, levelName, compiled.name, digest, compiled.tasks.str(),
                     compiled.scratchBytes, DimsAttr(), DenseI64ArrayAttr(), 0, "0", DimsAttr(),
                     builder.getStrArrayAttr(checks), DictionaryAttr());
  }
  return Status::ok();
}

Status heddle::linkCpuCode(ModuleOp module, Program &program) {
  std::vector<std::span<const std::byte>> objects;
  for (auto object : module.getOps<ObjectOp>()) {
    std::optional<WeightStore::Entry> entry = storeOf(module).find(object.getDigest());
    if (!entry)
      return Status(Code::Malformed, "the bytes of object '" + object.getKernel().str() + "' are not there");
    objects.push_back(entry->bytes);
  }
  if (objects.empty())
    return Status::ok();
  Result<std::vector<std::byte>> linked = linkSharedObject(objects);
  if (!linked)
    return linked.status();
  auto variant = std::make_shared<Variant>(*program.variants.front());
  for (Kernel &kernel : variant->kernels)
    kernel.code = static_cast<int64_t>(program.codes.size());
  program.codes.push_back({CodeObject::Kind::CpuSharedObject, variant->target, std::move(*linked)});
  program.variants.front() = std::move(variant);
  return Status::ok();
}
