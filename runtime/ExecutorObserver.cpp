// Implements what a run tells its observer.
#include "runtime/Executor.h"

namespace heddle {

void Executor::report(const ExecStep &current, std::chrono::nanoseconds elapsed) const {
  StepTiming timing{*loaded.variant, *current.origin, nullptr, 0, {}, 0, elapsed};
  auto add = [&](const TensorRef &ref) {
    if (!ref.isPresent() || !areKnown(ref.shape))
      return;
    int64_t bytes = byteWidth(ref.type);
    for (ExprId dim : ref.shape)
      bytes *= context.values[dim];
    timing.bytes += bytes;
  };
  if (const auto *launch = std::get_if<ExecLaunch>(&current.action)) {
    timing.kernel = launch->kernel;
    timing.sizes = context.launchSizes;
    std::for_each(launch->buffers.begin(), launch->buffers.end(), add);
  } else {
    const auto &call = std::get<ExecHostCall>(current.action);
    timing.call = call.call;
    std::for_each(call.inputs.begin(), call.inputs.end(), add);
    std::for_each(call.results.begin(), call.results.end(), add);
  }
  hooks.observer->stepEnded(timing);
}

Status Executor::reportValues(const ExecStep &current, bool hasRun) {
  StepValues values{*loaded.variant, *current.origin, nullptr, 0, {}, {}, {}};
  std::vector<View> inputs, results;
  std::vector<int64_t> sizes;
  auto add = [&](const TensorRef &ref, std::vector<View> &views) { return view(ref, views.emplace_back()); };
  if (const auto *launch = std::get_if<ExecLaunch>(&current.action)) {
    values.kernel = launch->kernel;
    HEDDLE_RETURN_IF_ERROR(dims(launch->sizes, sizes));
    for (size_t index = 0; index < launch->buffers.size(); ++index)
      HEDDLE_RETURN_IF_ERROR(add(launch->buffers[index], index < launch->inputs ? inputs : results));
  } else {
    const auto &call = std::get<ExecHostCall>(current.action);
    values.call = call.call;
    for (const TensorRef &ref : call.inputs)
      HEDDLE_RETURN_IF_ERROR(add(ref, inputs));
    // Until the call has run, nobody may know where its results will lie.
    for (const TensorRef &ref : call.results)
      if (hasRun)
        HEDDLE_RETURN_IF_ERROR(add(ref, results));
  }
  values.sizes = sizes;
  values.inputs = inputs;
  values.results = results;
  hasRun ? hooks.observer->stepHasRun(values) : hooks.observer->stepBegins(values);
  return Status::ok();
}

int64_t Executor::arenaLowerBound() const {
  std::vector<Interval> intervals;
  for (const std::vector<size_t> &epoch : executable.epochPlaces)
    for (size_t index : epoch) {
      const Place &place = plan.places[index];
      if (context.offsets[index] >= 0)
        intervals.push_back(
            {place.first, std::max(place.last, place.first + 1), context.values[executable.placeBytes[index]]});
    }
  Result<int64_t> bound = packingLowerBound(intervals, arenaAlignment);
  return bound ? *bound : 0;
}

} // namespace heddle
