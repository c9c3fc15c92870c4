// What a run tells about its steps to whoever asks: times and sizes of launches and host calls, and the use of the
// arena.
#ifndef HEDDLE_RUNTIME_RUNOBSERVER_H
#define HEDDLE_RUNTIME_RUNOBSERVER_H

#include "runtime/format/Plan.h"
#include <atomic>
#include <chrono>
#include <span>

namespace heddle {

/// One launch or host call that has ended. References last until the callback returns.
struct StepTiming {
  const Variant &variant;
  const std::string &origin;        ///< ONNX node names, joined by ", ".
  const HostCall *call = nullptr;   ///< Null for a launch.
  size_t kernel = 0;                ///< Index into Variant::kernels; launches only.
  std::span<const int64_t> sizes;   ///< Values of the kernel's symbols; launches only.
  int64_t bytes = 0;                ///< Bytes of all operands with known shapes, read or written once each.
  std::chrono::nanoseconds elapsed; ///< The step alone.
};

/// Called by the thread that runs the session, between steps. A run without an observer takes no times.
class RunObserver {
public:
  virtual ~RunObserver() = default;
  virtual void stepEnded(const StepTiming &timing) = 0;
  /// At the end of a run. \param bytes what the arena holds. \param lowerBound no packing of the run's values takes
  /// fewer.
  virtual void runEnded(int64_t bytes, int64_t lowerBound) = 0;
};

/// What interrupts or watches a run; neither is needed.
struct RunHooks {
  /// Once true, the run ends with Code::Interrupted before its next step.
  const std::atomic<bool> *cancel = nullptr;
  RunObserver *observer = nullptr;
};

} // namespace heddle

#endif // HEDDLE_RUNTIME_RUNOBSERVER_H
