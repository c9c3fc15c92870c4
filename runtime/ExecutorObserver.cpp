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
