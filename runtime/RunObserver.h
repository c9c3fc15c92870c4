// What a run tells about its steps to whoever asks: times, sizes and values of launches and host calls, and the use of
// the arena.
#ifndef HEDDLE_RUNTIME_RUNOBSERVER_H
#define HEDDLE_RUNTIME_RUNOBSERVER_H

#include "runtime/format/Plan.h"
#include "runtime/format/View.h"
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

/// The operands of a launch or host call, where they lie. References and views last until the callback returns.
struct StepValues {
  const Variant &variant;
  const std::string &origin;
  const HostCall *call = nullptr; ///< As in StepTiming, like `kernel` and `sizes`.
  size_t kernel = 0;
  std::span<const int64_t> sizes;
  std::span<const View> inputs;  ///< A null view for an absent operand.
  std::span<const View> results; ///< Before the step: undefined contents; empty where only the step knows the shapes.
};

/// Called by the thread that runs the session, between steps. A run without an observer takes no times.
class RunObserver {
public:
  virtual ~RunObserver() = default;
  virtual void stepEnded(const StepTiming &) {}
  /// At the end of a run. \param bytes what the arena holds. \param lowerBound no packing of the run's values takes
  /// fewer.
  virtual void runEnded([[maybe_unused]] int64_t bytes, [[maybe_unused]] int64_t lowerBound) {}

  /// True to be told of values too.
  virtual bool wantsValues() const { return false; }
  virtual void stepBegins(const StepValues &) {}
  /// Not called for a step that fails.
  virtual void stepHasRun(const StepValues &) {}
};

/// What interrupts or watches a run; neither is needed.
struct RunHooks {
  /// Once true, the run ends with Code::Interrupted before its next step.
  const std::atomic<bool> *cancel = nullptr;
  RunObserver *observer = nullptr;
};

} // namespace heddle

#endif // HEDDLE_RUNTIME_RUNOBSERVER_H
