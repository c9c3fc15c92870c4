// `heddle bench`: how fast a model or artifact runs, what it needs, and where the time goes.
#include "runtime/format/OutputFile.h"
#include "runtime/format/Target.h"
#include "tools/common/RunInputs.h"
#include "tools/driver/BenchReport.h"
#include "tools/driver/CommonFlags.h"
#include "tools/driver/SessionTarget.h"
#include "tools/driver/TemporaryFolder.h"
#include "tools/driver/Verbs.h"
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <malloc.h>

using namespace heddle;

namespace {
/// What the flags ask for.
struct BenchRequest : ModelCommand {
  MeasureOptions measure;
};
} // namespace

static Result<BenchRequest> parseRequest(const CommandLine &line) {
  Result<ModelCommand> command = ModelCommand::parse(line);
  if (!command)
    return command.status();
  BenchRequest request{std::move(*command), {}};
  if (request.run.inputFiles.size() > 1)
    return Status(Code::Malformed, "flag '--inputs' may be given once: all runs have the same inputs");
  Result<double> warmup = line.real("--warmup", request.measure.warmupSeconds * 1e3);
  Result<int64_t> iterations = line.number("--iterations", request.measure.iterations, 1);
  Result<double> seconds = line.real("--duration", line.has("--iterations") ? 0 : request.measure.seconds);
  for (const Status &status : {warmup.status(), iterations.status(), seconds.status()})
    HEDDLE_RETURN_IF_ERROR(status);
  request.measure = {*warmup / 1e3, *iterations, *seconds};
  return request;
}

/// Bytes that this process has been resident with at most, since `resetPeak`.
static int64_t peakBytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmHWM:"))
      return std::stoll(line.substr(6)) * 1024;
  return 0;
}

/// Forgets the peak of the cold compilation, which a user has once.
static void resetPeak() {
  malloc_trim(0);
  std::ofstream("/proc/self/clear_refs") << "5";
}

static Result<OpenSession> timedOpen(const BenchRequest &request, double &milliseconds) {
  auto begin = std::chrono::steady_clock::now();
  Result<OpenSession> open = openSession(request.path, request.options, request.run);
  milliseconds = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
  return open;
}

/// Opens the model twice: with an empty object cache, then with a full one.
static Result<OpenSession> openTwice(const BenchRequest &request, BenchReport &report) {
  if (request.path.ends_with(".hdl"))
    return timedOpen(request, report.warmCompile);
  double cold = 0;
  if (Result<OpenSession> first = timedOpen(request, cold); !first)
    return first.status();
  report.coldCompile = cold;
  resetPeak();
  return timedOpen(request, report.warmCompile);
}

static Status measure(BenchRequest &request, OpenSession &open, BenchReport &report) {
  Result<RunInputs> inputs = inputsOfFirstRun(request.run, open.program->inputs, guardsOf(*open.program));
  if (!inputs)
    return inputs.status();
  HEDDLE_RETURN_IF_ERROR(inputs->tryRun([&](const RunInputs &chosen) {
    std::vector<RuntimeTensor> outputs;
    return open.session->run(viewsOf(chosen), outputs);
  }));
  RunMeasurement runs(*open.session, open.flops, viewsOf(*inputs));
  Result<std::vector<double>> samples = runs.latencies(request.measure);
  if (!samples)
    return samples.status();
  for (double sample : *samples)
    report.seconds += sample / 1e3;
  report.runs = samples->size();
  report.latency = describe(std::move(*samples));
  Result<RunProfile> profile = runs.profile(std::min(1.0, request.measure.seconds / 4));
  if (!profile)
    return profile.status();
  report.profile = std::move(*profile);
  return Status::ok();
}

static int64_t cpuVectorBytes(const std::string &level) {
  Result<const CpuTarget *> target = parseCpuTarget(level);
  return target ? (*target)->vectorBytes : 0;
}

static Status bench(const CommandLine &line) {
  Result<BenchRequest> request = parseRequest(line);
  if (!request)
    return request.status();
  BenchReport report;
  report.model = std::filesystem::path(request->path).filename().string();
  report.device = line.get("--device", "cpu");
  report.threads = request->options.threads;
  // A session may compile more kernels as long as it lives.
  Result<TemporaryFolder> cache = TemporaryFolder::make();
  if (!cache)
    return cache.status();
  request->options.cacheFolder = cache->path();
  Result<OpenSession> open = openTwice(*request, report);
  if (!open)
    return open.status();
  HEDDLE_RETURN_IF_ERROR(measure(*request, *open, report));
  report.peakBytes = peakBytes();
  if (request->options.device == "cpu")
    report.peak = measurePeak(request->options.threads, cpuVectorBytes(request->options.cpuLevel));
  std::fputs(benchText(report).c_str(), stdout);
  return request->run.jsonFile.empty() ? Status::ok() : writeFile(request->run.jsonFile, benchJson(report));
}

const Verb &heddle::benchVerb() {
  static const Verb verb = {"bench", "bench MODEL.onnx|ART.hdl",
                            "Measures latency, memory and compile time, and where the time goes.",
                            withCompileFlags({{"--warmup", "MS", "run so long before measuring, at least once (200)"},
                                              {"--iterations", "N", "measure at least so many runs (1)"},
                                              {"--duration", "S", "measure so long (3; with --iterations alone 0)"},
                                              {"--input", "x=@f.npy", "an input from a file, or x=1x3xf32=0.5"},
                                              {"--inputs", "F.npz|DIR", "inputs by name; what is not given is drawn"},
                                              {"--seed", "N", "of drawn inputs (0)"},
                                              {"--memory-limit", "BYTES", "refuse a run whose arena is larger"},
                                              {"--json", "FILE", "write the report as JSON"}}),
                            bench};
  return verb;
}
