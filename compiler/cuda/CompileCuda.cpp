// Runs NVRTC over emitted kernels.
#include "compiler/cuda/CompileCuda.h"
#include "codegen/FileCache.h"
#include "codegen/device/DeviceHeaders.h"
#include "runtime/format/Digest.h"
#include "runtime/nvrtc/Nvrtc.h"
#include "runtime/nvrtc/NvrtcLog.h"
#include "llvm/ADT/StringExtras.h"
#include <atomic>
#include <thread>

using namespace heddle;

static constexpr int64_t staticSharedLimit = 48 * 1024;

namespace {

/// One run of NVRTC.
struct Job {
  const CudaKernel *kernel = nullptr;
  std::string target;
  bool isCubin = false;
  std::string code;
  std::string error;
  std::vector<std::string> warnings;
};

} // namespace

std::string heddle::locateLine(const CudaKernel &kernel, int64_t line) {
  if (line <= 0)
    return kernel.name;
  std::string nodes;
  for (const auto &[first, names] : kernel.lines)
    if (first <= line)
      nodes = names;
  return kernel.name + " (line " + std::to_string(line) + (nodes.empty() ? "" : ", " + nodes) + ")";
}

static NvrtcRequest makeRequest(const CudaKernel &kernel, const std::string &target, bool isCubin) {
  NvrtcRequest request{kernel.source, kernel.name + ".cu", {}, {}};
  for (const DeviceHeader &header : deviceHeaders())
    request.headers.emplace_back(header.name, header.text);
  // A virtual architecture stops at PTX, which spares ptxas.
  std::string architecture = isCubin ? target : "compute_" + target.substr(target.find('_') + 1);
  request.options = {"--gpu-architecture=" + architecture, "--std=c++20", "--fmad=false"};
  if (isCubin)
    request.options.push_back("--ptxas-options=-v");
  else
    request.options.push_back("-lineinfo");
  return request;
}

/// The digest of everything that the code is made from.
static std::string keyOf(const NvrtcRequest &request, const std::string &version) {
  std::string text = version;
  auto add = [&](const std::string &part) { text += "\n" + std::to_string(part.size()) + ":" + part; };
  add(request.name);
  add(request.source);
  for (const std::string &option : request.options)
    add(option);
  for (const auto &[name, header] : request.headers) {
    add(name);
    add(header);
  }
  return digestOf(text);
}

static std::string describe(const CudaKernel &kernel, const NvrtcDiagnostic &diagnostic) {
  bool isOurs = diagnostic.file == kernel.name + ".cu";
  std::string place = locateLine(kernel, isOurs ? diagnostic.line : 0);
  if (!isOurs && !diagnostic.file.empty())
    place += " in " + diagnostic.file + ":" + std::to_string(diagnostic.line);
  return place + ": " + diagnostic.text;
}

/// ptxas says C75xx where it gave up on asynchronous wgmma: correct code at a fraction of the speed.
static bool isSerializedProduct(const std::string &text) { return text.find("(C75") != std::string::npos; }

static std::string resourceError(const KernelResources &resources) {
  if (resources.spillStoreBytes != 0 || resources.spillLoadBytes != 0)
    return "registers are spilled: " + std::to_string(resources.spillStoreBytes) + " bytes of stores and " +
           std::to_string(resources.spillLoadBytes) + " bytes of loads";
  if (resources.sharedBytes > staticSharedLimit)
    return "needs " + std::to_string(resources.sharedBytes) + " bytes of static shared memory, at most " +
           std::to_string(staticSharedLimit) + " are allowed";
  return "";
}

/// Sorts the log into the error and the warnings of a job.
static void readLog(Job &job, const NvrtcResult &result) {
  NvrtcLog log = parseNvrtcLog(result.log, result.ptx);
  for (const NvrtcDiagnostic &diagnostic : log.diagnostics) {
    bool isError = diagnostic.severity == NvrtcDiagnostic::Severity::Error || isSerializedProduct(diagnostic.text);
    if (isError && job.error.empty())
      job.error = describe(*job.kernel, diagnostic);
    if (!isError)
      job.warnings.push_back(describe(*job.kernel, diagnostic));
  }
  for (const KernelResources &resources : log.resources)
    if (std::string error = resourceError(resources); !error.empty() && job.error.empty())
      job.error = job.kernel->name + ": " + error;
  if (!result.isOk() && job.error.empty())
    job.error = job.kernel->name + ": " + result.error;
}

static void runJob(Job &job, const Nvrtc &nvrtc, const FileCache &cache) {
  NvrtcRequest request = makeRequest(*job.kernel, job.target, job.isCubin);
  std::string key = keyOf(request, nvrtc.version());
  if (std::optional<std::string> known = cache.find(key)) {
    job.code = std::move(*known);
    return;
  }
  NvrtcResult result = nvrtc.compile(request);
  if (!result.isOk() && job.isCubin) {
    // Once more with line information, so that ptxas's message can be located.
    request.options.push_back("-lineinfo");
    result = nvrtc.compile(request);
  }
  readLog(job, result);
  job.code = job.isCubin ? std::move(result.cubin) : std::move(result.ptx);
  if (job.error.empty() && job.warnings.empty())
    cache.store(key, job.code);
}

static void runJobs(std::vector<Job> &jobs, const Nvrtc &nvrtc, const FileCache &cache, unsigned threads) {
  std::atomic<size_t> next = 0;
  auto work = [&] {
    for (size_t index = next++; index < jobs.size(); index = next++)
      runJob(jobs[index], nvrtc, cache);
  };
  std::vector<std::thread> helpers;
  for (unsigned helper = 1; helper < std::min<size_t>(threads, jobs.size()); ++helper)
    helpers.emplace_back(work);
  work();
  for (std::thread &helper : helpers)
    helper.join();
}

static std::vector<Job> planJobs(std::span<const CudaKernel> kernels, const CudaCompileOptions &options) {
  std::vector<Job> jobs;
  for (const CudaKernel &kernel : kernels)
    for (const std::string &target : options.targets) {
      if (options.withPtx)
        jobs.push_back({&kernel, target, /*isCubin=*/false, {}, {}, {}});
      if (options.withCubin)
        jobs.push_back({&kernel, target, /*isCubin=*/true, {}, {}, {}});
    }
  return jobs;
}

Result<std::vector<CompiledKernel>> heddle::compileCuda(std::span<const CudaKernel> kernels,
                                                        const CudaCompileOptions &options) {
  std::string missing;
  const Nvrtc *nvrtc = Nvrtc::get(missing);
  if (!nvrtc)
    return Status(Code::CompileFailed, missing);
  std::vector<Job> jobs = planJobs(kernels, options);
  runJobs(jobs, *nvrtc, FileCache(options.cacheFolder), options.threads);
  std::vector<std::string> errors;
  std::vector<CompiledKernel> results(kernels.size());
  for (Job &job : jobs) {
    if (!job.error.empty() && !llvm::is_contained(errors, job.error))
      errors.push_back(job.error);
    CompiledKernel &result = results[job.kernel - kernels.data()];
    llvm::append_range(result.warnings, job.warnings);
    if (result.codes.empty() || result.codes.back().target != job.target)
      result.codes.push_back({job.target, {}, {}});
    (job.isCubin ? result.codes.back().cubin : result.codes.back().ptx) = std::move(job.code);
  }
  if (!errors.empty())
    return Status(Code::CompileFailed, llvm::join(errors, "; "));
  return results;
}
