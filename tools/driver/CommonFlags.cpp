// Implements the flags that several verbs take.
#include "tools/driver/CommonFlags.h"
#include "runtime/cpu/ThreadPool.h"
#include "runtime/format/Target.h"
#include "tools/common/Shapes.h"
#include "tools/driver/PassReport.h"

using namespace heddle;

const std::vector<Flag> &heddle::compileFlags() {
  static const std::vector<Flag> flags = {
      {"--device", "cpu|sim", "where to run (cpu); sim:sm_90a names the simulated architecture"},
      {"--cpu", "LEVEL", "CPU level such as x86-64-v3 (best of this machine)"},
      {"--sm", "80,90a", "GPU architectures (80); the first runs on the simulator"},
      {"--shapes", "x:1x3,...", "bind the shapes of inputs"},
      {"--threads", "N", "threads (all cores)"},
      {"--disable-pass", "NAME", "leave a pass out; may be repeated"},
      {"--dump-phases", "DIR", "write the IR after each pass that changed it"},
      {"--verify-each", "", "check each pass: the evaluator runs the IR before and after it"},
      {"--timeout", "S", "give up after so many seconds (exit code 6)"},
      {"-v", "", "print the times and decisions of passes"},
  };
  return flags;
}

std::vector<Flag> heddle::withCompileFlags(std::vector<Flag> flags) {
  flags.insert(flags.end(), compileFlags().begin(), compileFlags().end());
  return flags;
}

/// The best level that this machine runs; the floor on a machine below it, where running says so.
static std::string hostCpuLevel() {
  const CpuTarget *best = hostCpuTarget();
  return std::string((best ? *best : cpuTargets().front()).name);
}

/// Only passes that make a program faster can be left out.
static Status checkOptional(const std::string &pass) {
  std::span<const std::string_view> names = optionalPasses();
  if (std::find(names.begin(), names.end(), pass) != names.end())
    return Status::ok();
  return Status(Code::Malformed,
                "flag '--disable-pass' got '" + pass + "', which cannot be left out" + didYouMean(pass, names));
}

/// The names of a comma-separated list; none for an empty one.
static Result<std::vector<std::string>> parseArchitectures(const std::string &list) {
  std::vector<std::string> names;
  for (size_t begin = 0; !list.empty() && begin <= list.size();) {
    size_t end = std::min(list.find(',', begin), list.size());
    Result<const CudaTarget *> target = parseCudaTarget(list.substr(begin, end - begin));
    if (!target)
      return target.status();
    names.emplace_back((*target)->name);
    begin = end + 1;
  }
  return names;
}

Result<CompileOptions> heddle::compileOptions(const CommandLine &line) {
  CompileOptions options;
  std::string device = line.get("--device", "cpu");
  if (device != "cpu" && device != "sim" && !device.starts_with("sim:"))
    return Status(Code::Malformed, "flag '--device' got '" + device + "', expected cpu, sim or sim:ARCHITECTURE");
  options.device = device == "cpu" ? "cpu" : "cuda";
  std::string architectures = device.starts_with("sim:") ? device.substr(4) : "";
  Result<std::vector<std::string>> smVersions = parseArchitectures(line.get("--sm", architectures));
  if (!smVersions)
    return smVersions.status();
  if (!smVersions->empty())
    options.smVersions = std::move(*smVersions);
  options.cpuLevel = line.get("--cpu", hostCpuLevel());
  if (Result<const CpuTarget *> level = parseCpuTarget(options.cpuLevel); !level)
    return level.status();
  std::string shapesText;
  for (const std::string &text : line.all("--shapes"))
    shapesText += (shapesText.empty() ? "" : ",") + text;
  Result<std::map<std::string, Shape, std::less<>>> shapes = parseShapes(shapesText);
  if (!shapes)
    return shapes.status();
  options.inputShapes = std::move(*shapes);
  Result<int64_t> threads = line.number("--threads", availableThreads(), 1);
  if (!threads)
    return threads.status();
  options.threads = static_cast<unsigned>(*threads);
  options.disabledPasses = line.all("--disable-pass");
  for (const std::string &name : options.disabledPasses)
    HEDDLE_RETURN_IF_ERROR(checkOptional(name));
  options.dumpPhases = line.get("--dump-phases");
  Result<std::shared_ptr<PassObserver>> observer = makePassReport(line);
  if (!observer)
    return observer.status();
  options.observer = std::move(*observer);
  if (!line.has("--verify-each"))
    return options;
  Result<std::shared_ptr<const PassCheckRequest>> check = makePassCheckRequest(line);
  if (!check)
    return check.status();
  options.verifyEach = std::move(*check);
  return options;
}

Result<std::string> heddle::onlyModel(const CommandLine &line) {
  if (line.positional().size() != 1)
    return Status(Code::Malformed, "got " + std::to_string(line.positional().size()) + " models, expected one");
  return line.positional().front();
}
