// Measures runs of a session: their latencies, and where their time goes.
#ifndef HEDDLE_TOOLS_DRIVER_MEASURERUNS_H
#define HEDDLE_TOOLS_DRIVER_MEASURERUNS_H

#include "runtime/Session.h"
#include <map>

namespace heddle {

struct MeasureOptions {
  double warmupSeconds = 0.2; ///< At least one run.
  int64_t iterations = 1;     ///< At least.
  double seconds = 3;         ///< At least, but for the run that crosses it.
};

/// All launches of one kernel for the same ONNX nodes, or all calls of a host function for them.
struct StepProfile {
  std::string name;   ///< Of the kernel or the host function.
  std::string origin; ///< ONNX node names, joined by ", ".
  bool isHostCall = false;
  int64_t calls = 0;
  double milliseconds = 0; ///< Of all calls.
  double bytes = 0;        ///< Of all calls: operands, read or written once each.
  double flops = 0;        ///< Of all calls; 0 where they are not known.
};

/// Figures of profiled runs. Observed runs are a little slower, so they are not those that give latencies.
struct RunProfile {
  int64_t runs = 0;
  std::vector<StepProfile> steps; ///< In the order of their first call.
  int64_t arenaBytes = 0;
  int64_t arenaLowerBound = 0;
};

/// Runs one session again and again on bound inputs and outputs: no copies that a program of the user's would not have.
class RunMeasurement {
public:
  /// \param flops as CompiledModel::flops; may lack kernels.
  /// \param inputs one per port; the memory outlives this.
  RunMeasurement(Session &session, const std::map<std::string, Expr> &flops, std::vector<View> inputs)
      : session(session), flops(flops), inputs(std::move(inputs)) {}

  /// Warms up, then measures. \returns milliseconds of each run.
  Result<std::vector<double>> latencies(const MeasureOptions &options);
  /// Observes runs for about `seconds`, at least one.
  Result<RunProfile> profile(double seconds);

private:
  Status runOnce(RunObserver *observer = nullptr);
  Status bindOutputs();

  Session &session;
  const std::map<std::string, Expr> &flops;
  std::vector<View> inputs;
  std::vector<RuntimeTensor> outputs;
  std::vector<bool> isBound; ///< Per output: its shape does not depend on data, so that its buffer serves all runs.
};

} // namespace heddle

#endif // HEDDLE_TOOLS_DRIVER_MEASURERUNS_H
