// Looks at the values between the steps of a run, without changing which steps there are.
#ifndef HEDDLE_TOOLS_DRIVER_STEPCHECKS_H
#define HEDDLE_TOOLS_DRIVER_STEPCHECKS_H

#include "compiler/ReferenceModel.h"
#include "runtime/Session.h"
#include "tools/driver/CompareViews.h"

namespace heddle {

/// The kernel of a launch, or the host function of a call.
std::string nameOf(const StepValues &step);

/// The first step that does something wrong.
struct WrongStep {
  int64_t position = 0;       ///< Among all launches and host calls of the run, in order.
  std::string kernel, origin; ///< Or host function; ONNX nodes, joined by ", ".
  std::string value;          ///< ONNX value, or node.
  std::string message;
};

/// Compares the results of every launch and host call with those of the evaluator on the same IR.
class LayerCheck final : public RunObserver {
public:
  explicit LayerCheck(Tolerance tolerance) : tolerance(tolerance) {}

  /// Runs the evaluator and keeps what its steps give.
  Status prepare(ReferenceModel &reference, std::span<const View> inputs);

  bool wantsValues() const override { return true; }
  void stepHasRun(const StepValues &step) override;

  int64_t comparedCount() const { return compared; }
  int64_t differingCount() const { return differing; }
  /// Steps that only one of the two has run.
  int64_t unmatchedCount() const;
  const std::optional<WrongStep> &first() const { return wrong; }

private:
  using Key = std::pair<std::string, std::string>; ///< Kernel and origin: equal ones run in one order.

  void compare(const StepValues &step, const ReferenceStep &expected);

  Tolerance tolerance;
  std::map<Key, std::vector<ReferenceStep>> steps;
  std::map<Key, size_t> seen;
  int64_t position = 0, compared = 0, differing = 0, unmatched = 0;
  std::optional<WrongStep> wrong;
};

/// Finds the first step that gives a NaN, and the first that gives an infinity.
class NotFiniteCheck final : public RunObserver {
public:
  bool wantsValues() const override { return true; }
  void stepHasRun(const StepValues &step) override;

  const std::optional<WrongStep> &firstNan() const { return nan; }
  const std::optional<WrongStep> &firstInfinity() const { return infinity; }

private:
  int64_t position = 0;
  std::optional<WrongStep> nan, infinity;
};

/// Keeps what one step of a run reads, and what it gives.
class StepCapture final : public RunObserver {
public:
  explicit StepCapture(int64_t position) : wanted(position) {}

  bool wantsValues() const override { return true; }
  void stepBegins(const StepValues &step) override;
  void stepHasRun(const StepValues &step) override;

  bool isLaunch = false;
  std::string kernel;
  std::vector<int64_t> sizes;
  std::vector<SharedTensor> inputs, results;

  std::vector<View> inputViews() const;

private:
  int64_t wanted, position = 0;
};

} // namespace heddle

#endif // HEDDLE_TOOLS_DRIVER_STEPCHECKS_H
