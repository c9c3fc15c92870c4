// Implements measuring.
#include "tools/driver/MeasureRuns.h"

using namespace heddle;
using Clock = std::chrono::steady_clock;

static double secondsSince(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

namespace {
/// Sums the steps of several runs.
class Profiler final : public RunObserver {
public:
  Profiler(RunProfile &profile, const std::map<std::string, Expr> &flops) : profile(profile), flops(flops) {}

  void stepEnded(const StepTiming &timing) override {
    std::string name = timing.call ? timing.call->function : timing.variant.kernels[timing.kernel].name;
    auto [position, isNew] = index.try_emplace({name, timing.origin}, profile.steps.size());
    if (isNew)
      profile.steps.push_back({std::move(name), timing.origin, timing.call != nullptr});
    StepProfile &step = profile.steps[position->second];
    ++step.calls;
    step.milliseconds += std::chrono::duration<double, std::milli>(timing.elapsed).count();
    step.bytes += double(timing.bytes);
    if (!timing.call)
      step.flops += flopsOf(timing);
  }

  void runEnded(int64_t bytes, int64_t lowerBound) override {
    ++profile.runs;
    profile.arenaBytes = bytes;
    profile.arenaLowerBound = lowerBound;
  }

private:
  double flopsOf(const StepTiming &timing) const {
    const Kernel &kernel = timing.variant.kernels[timing.kernel];
    auto known = flops.find(kernel.name);
    if (known == flops.end())
      return 0;
    SymbolValues values;
    for (size_t index = 0; index < kernel.symbols.size(); ++index)
      values[kernel.symbols[index]] = timing.sizes[index];
    Result<int64_t> count = known->second.evaluate(values);
    return count ? double(*count) : 0;
  }

  RunProfile &profile;
  const std::map<std::string, Expr> &flops;
  std::map<std::pair<std::string, std::string>, size_t> index;
};
} // namespace

Status RunMeasurement::bindOutputs() {
  std::vector<std::vector<int64_t>> shapes;
  for (const View &input : inputs)
    shapes.push_back(input.shape);
  Result<std::vector<std::vector<int64_t>>> known = session.outputShapes(shapes);
  if (!known)
    return known.status();
  for (const std::vector<int64_t> &shape : *known)
    isBound.push_back(std::find(shape.begin(), shape.end(), -1) == shape.end());
  return Status::ok();
}

Status RunMeasurement::runOnce(RunObserver *observer) {
  if (isBound.empty())
    HEDDLE_RETURN_IF_ERROR(bindOutputs());
  for (size_t index = 0; index < outputs.size(); ++index)
    if (!isBound[index] || outputs[index].view().type == DType::String)
      outputs[index] = RuntimeTensor();
  return session.run(inputs, outputs, {.observer = observer});
}

Result<std::vector<double>> RunMeasurement::latencies(const MeasureOptions &options) {
  Clock::time_point begin = Clock::now();
  do
    HEDDLE_RETURN_IF_ERROR(runOnce());
  while (secondsSince(begin) < options.warmupSeconds);
  std::vector<double> milliseconds;
  begin = Clock::now();
  do {
    Clock::time_point start = Clock::now();
    HEDDLE_RETURN_IF_ERROR(runOnce());
    milliseconds.push_back(secondsSince(start) * 1e3);
  } while (secondsSince(begin) < options.seconds || int64_t(milliseconds.size()) < options.iterations);
  return milliseconds;
}

Result<RunProfile> RunMeasurement::profile(double seconds) {
  RunProfile profile;
  Profiler profiler(profile, flops);
  Clock::time_point begin = Clock::now();
  do
    HEDDLE_RETURN_IF_ERROR(runOnce(&profiler));
  while (secondsSince(begin) < seconds);
  return profile;
}
