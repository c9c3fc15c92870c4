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

static std::string jsonKernels(const RunProfile &profile) {
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
  json.add("kernels", jsonKernels(report.profile));
  return json.str() + "\n";
}

static std::string kernelTable(const RunProfile &profile) {
  constexpr size_t mostRows = 20;
  std::vector<const StepProfile *> steps;
  for (const StepProfile &step : profile.steps)
    steps.push_back(&step);
  std::sort(steps.begin(), steps.end(), [](const StepProfile *a, const StepProfile *b) {
    return std::tie(b->milliseconds, a->name, a->origin) < std::tie(a->milliseconds, b->name, b->origin);
  });
  const double runs = double(profile.runs), total = totalMilliseconds(profile);
  std::string text = format("\n%10s %6s %6s %8s  %s\n", "ms", "share", "calls", "GB/s", "kernel: ONNX nodes");
  double rest = total;
  for (size_t row = 0; row < std::min(mostRows, steps.size()); ++row) {
    const StepProfile &step = *steps[row];
    rest -= step.milliseconds;
    text += format("%10.4f %5.1f%% %6.4g %8.1f  ", step.milliseconds / runs, 100 * step.milliseconds / total,
                   double(step.calls) / runs, step.bytes / step.milliseconds / 1e6);
    text += forTerminal((step.isHostCall ? "host " : "") + step.name + ": " + step.origin) + "\n";
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
  return text + kernelTable(report.profile);
}
