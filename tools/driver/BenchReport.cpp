// Implements the report of a benchmark.
#include "tools/driver/BenchReport.h"
#include "tools/common/CommandLine.h"
#include "tools/common/Json.h"
#include <cstdarg>
#include <cstdio>
#include <tuple>

using namespace heddle;

/// printf into a string.
[[gnu::format(printf, 1, 2)]] static std::string format(const char *pattern, ...) {
  char line[256];
  va_list arguments;
  va_start(arguments, pattern);
  std::vsnprintf(line, sizeof line, pattern, arguments);
  va_end(arguments);
  return line;
}

static std::string jsonNumber(double value) { return format("%.9g", value); }

static std::string jsonStatistics(const Statistics &figures) {
  JsonObject json;
  json.add("min", jsonNumber(figures.min));
  json.add("mean", jsonNumber(figures.mean));
  json.add("median", jsonNumber(figures.median));
  json.add("p90", jsonNumber(figures.p90));
  json.add("p95", jsonNumber(figures.p95));
  json.add("p99", jsonNumber(figures.p99));
  return json.str();
}

static double totalMilliseconds(const RunProfile &profile) {
  double total = 0;
  for (const StepProfile &step : profile.steps)
    total += step.milliseconds;
  return total;
}

/// How much of what the machine can do a step did. Beyond 1 for bytes that came from a cache.
static double shareOfFlops(const StepProfile &step, const MachinePeak &peak) {
  return step.flops / (step.milliseconds * 1e-3) / peak.flops;
}

static double shareOfBandwidth(const StepProfile &step, const MachinePeak &peak) {
  return step.bytes / (step.milliseconds * 1e-3) / peak.bandwidth;
}

static std::string jsonPeak(const std::optional<MachinePeak> &peak) {
  if (!peak)
    return "null";
  JsonObject json;
  json.add("flops_per_s", jsonNumber(peak->flops));
  json.add("bytes_per_s", jsonNumber(peak->bandwidth));
  json.add("source", jsonString(peakSource));
  return json.str();
}

static std::string jsonKernels(const BenchReport &report) {
  const RunProfile &profile = report.profile;
  const double runs = double(profile.runs), total = totalMilliseconds(profile);
  std::vector<std::string> kernels;
  for (const StepProfile &step : profile.steps) {
    JsonObject json;
    json.add("name", jsonString(step.name));
    json.add("kind", step.isHostCall ? "\"host\"" : "\"kernel\"");
    json.add("nodes", jsonString(step.origin));
    json.add("calls", jsonNumber(double(step.calls) / runs));
    json.add("ms", jsonNumber(step.milliseconds / runs));
    json.add("share", jsonNumber(step.milliseconds / total));
    json.add("bytes", jsonNumber(step.bytes / runs));
    json.add("flops", jsonNumber(step.flops / runs));
    if (report.peak) {
      json.add("peak_flops_share", jsonNumber(shareOfFlops(step, *report.peak)));
      json.add("peak_bandwidth_share", jsonNumber(shareOfBandwidth(step, *report.peak)));
    }
    kernels.push_back(json.str());
  }
  return jsonList(kernels);
}

std::string heddle::benchJson(const BenchReport &report) {
  JsonObject compile;
  compile.add("cold", report.coldCompile ? jsonNumber(*report.coldCompile) : "null");
  compile.add("warm", report.coldCompile ? jsonNumber(report.warmCompile) : "null");
  JsonObject json;
  json.add("schema_version", "1");
  json.add("model", jsonString(report.model));
  json.add("device", jsonString(report.device));
  json.add("threads", std::to_string(report.threads));
  json.add("runs", std::to_string(report.runs));
  json.add("latency_ms", jsonStatistics(report.latency));
  json.add("throughput_per_s", jsonNumber(double(report.runs) / report.seconds));
  json.add("compile_ms", compile.str());
  json.add("open_ms", jsonNumber(report.warmCompile));
  json.add("peak_bytes", std::to_string(report.peakBytes));
  json.add("arena_bytes", std::to_string(report.profile.arenaBytes));
  json.add("arena_lower_bound", std::to_string(report.profile.arenaLowerBound));
  json.add("peak", jsonPeak(report.peak));
  json.add("kernels", jsonKernels(report));
  return json.str() + "\n";
}

static std::string kernelRow(const StepProfile &step, double runs, double total,
                             const std::optional<MachinePeak> &peak) {
  std::string text =
      format("%10.4f %5.1f%% %6.4g %8.1f %8.1f ", step.milliseconds / runs, 100 * step.milliseconds / total,
             double(step.calls) / runs, step.flops / step.milliseconds / 1e6, step.bytes / step.milliseconds / 1e6);
  if (peak)
    text += format("%5.0f%% %5.0f%% ", 100 * shareOfFlops(step, *peak), 100 * shareOfBandwidth(step, *peak));
  return text + " " + forTerminal((step.isHostCall ? "host " : "") + step.name + ": " + step.origin) + "\n";
}

static std::string kernelTable(const BenchReport &report) {
  const RunProfile &profile = report.profile;
  constexpr size_t mostRows = 20;
  std::vector<const StepProfile *> steps;
  for (const StepProfile &step : profile.steps)
    steps.push_back(&step);
  std::sort(steps.begin(), steps.end(), [](const StepProfile *a, const StepProfile *b) {
    return std::tie(b->milliseconds, a->name, a->origin) < std::tie(a->milliseconds, b->name, b->origin);
  });
  const double runs = double(profile.runs), total = totalMilliseconds(profile);
  std::string text;
  if (report.peak)
    text = format("\npeak %.1f GFLOP/s, %.1f GB/s (%s)\n", report.peak->flops / 1e9, report.peak->bandwidth / 1e9,
                  std::string(peakSource).c_str());
  text += format("\n%10s %6s %6s %8s %8s %s kernel: ONNX nodes\n", "ms", "share", "calls", "GFLOP/s", "GB/s",
                 report.peak ? "flops  bytes " : "");
  double rest = total;
  for (size_t row = 0; row < std::min(mostRows, steps.size()); ++row) {
    rest -= steps[row]->milliseconds;
    text += kernelRow(*steps[row], runs, total, report.peak);
  }
  if (steps.size() > mostRows)
    text += format("%10.4f %5.1f%%                  %zu others\n", rest / runs, 100 * rest / total,
                   steps.size() - mostRows);
  return text;
}

std::string heddle::benchText(const BenchReport &report) {
  const Statistics &latency = report.latency;
  constexpr double mebi = 1 << 20;
  std::string text = forTerminal(report.model) + format(" on %s, %u threads\n", report.device.c_str(), report.threads);
  text += format("latency     min %.4g  mean %.4g  median %.4g  p90 %.4g  p95 %.4g  p99 %.4g ms (%zu runs)\n",
                 latency.min, latency.mean, latency.median, latency.p90, latency.p95, latency.p99, report.runs);
  text += format("throughput  %.4g runs per second\n", double(report.runs) / report.seconds);
  if (report.coldCompile)
    text += format("compile     cold %.0f ms, warm %.0f ms\n", *report.coldCompile, report.warmCompile);
  else
    text += format("open        %.1f ms\n", report.warmCompile);
  text += format("memory      peak %.1f MiB resident, arena %.2f MiB (lower bound %.2f MiB)\n", report.peakBytes / mebi,
                 report.profile.arenaBytes / mebi, report.profile.arenaLowerBound / mebi);
  return text + kernelTable(report);
}
