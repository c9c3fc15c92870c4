// Runs a prepared plan once: walks its steps, gives values their memory, launches kernels and calls host functions.
#ifndef HEDDLE_RUNTIME_EXECUTOR_H
#define HEDDLE_RUNTIME_EXECUTOR_H

#include "runtime/Arena.h"
#include "runtime/Binding.h"
#include "runtime/RunObserver.h"
#include "runtime/RuntimeTensor.h"
#include "runtime/SharedMemory.h"
#include <atomic>

namespace heddle {

/// A variant as a Session holds it: plan, kernels and the addresses of its weights.
struct LoadedVariant {
  explicit LoadedVariant(Device &device) : sharedWeights(device) {}

  std::shared_ptr<const Program> program;
  std::shared_ptr<const Variant> variant;
  std::unique_ptr<Executable> executable;
  std::unique_ptr<DeviceModule> module;
  std::vector<const std::byte *> weights; ///< Per weight of the program; null for those that the plan does not use.
  SharedMemory sharedWeights;
  BindingCache bindings{64};
};

/// Memory that a run needs and the next run uses again.
struct RunContext {
  RunContext(Device &device, int64_t memoryLimit, bool poison) : arena(device, memoryLimit, poison) {}

  Arena arena;
  ExprValues values;
  std::vector<std::byte *> addresses;        ///< Per place; null where nothing has been written yet.
  std::vector<int64_t> offsets;              ///< Per place: in the arena; -1 where not packed in this run.
  std::vector<RuntimeTensor> runtimeTensors; ///< Per place: the tensor of a Runtime place.
  std::vector<void *> launchBuffers;         ///< Arguments of the launch being made.
  std::vector<MemoryRange> launchRanges;
  std::vector<int64_t> launchSizes;
};

/// One run of one variant.
class Executor {
public:
  /// \param inputs dense, one per port of the program.
  /// \param outputs one per port: those defined are the caller's, dense, and filled; the others get memory.
  /// \param hooks what interrupts or watches the run.
  Executor(Device &device, LoadedVariant &loaded, const Binding &binding, RunContext &context,
           std::span<const View> inputs, std::vector<RuntimeTensor> &outputs, const RunHooks &hooks);

  Status run();

private:
  class Outputs;
  struct Stack;

  Status prepare();
  Status finish();
  Status beginEpoch(size_t epoch);
  /// Packs a later epoch around what is in the arena, and adds memory for what does not fit.
  Result<EpochLayout> packAround(size_t epoch);
  Status runRegion(const ExecRegion &region);
  /// Runs a step and tells the observer about it, if there is one and the step is no control flow.
  Status runStep(const ExecStep &current);
  void report(const ExecStep &current, std::chrono::nanoseconds elapsed) const;
  /// Shows the observer what a step reads, and, when it has run, what it gives.
  Status reportValues(const ExecStep &current, bool hasRun);
  /// Bytes that any packing of the values placed in this run takes; 0 if they do not fit in 64 bits.
  int64_t arenaLowerBound() const;

  Status step(const ExecLaunch &launch);
  Status step(const ExecHostCall &call);
  Status step(const ExecSetSymbol &set);
  Status step(const ExecIf &branch);
  Status step(const ExecLoop &loop);
  Status step(const ExecFail &fail);

  Status enterLoop(const ExecLoop &loop, int64_t &trips, bool &condition);
  Status runIteration(const ExecLoop &loop, int64_t iteration, bool &condition, std::vector<Stack> &stacks);
  /// Puts the node's name before a message that does not know it.
  static Status atNode(const Status &status, const std::string &origin);
  Status append(Stack &stack, const TensorRef &element);
  Status finishStack(const Stack &stack, const TensorRef &result);

  Status value(ExprId id, int64_t &result) const;
  Status dims(const std::vector<ExprId> &ids, std::vector<int64_t> &result) const;
  bool areKnown(const std::vector<ExprId> &ids) const;
  /// The first byte of an operand that has been written or, in the arena or an output, is about to be.
  Status address(const TensorRef &ref, std::byte *&result);
  /// Refuses a part that reaches outside of its place: an artifact can say anything.
  Status checkPart(const TensorRef &ref, int64_t offset);
  /// Bytes of a place that has its memory.
  Result<int64_t> bytesOf(const TensorRef &ref);
  /// What an operand holds; a null view for an absent one.
  Status view(const TensorRef &ref, View &result);
  /// All of a value as the step that wrote it left it: in a Runtime place symbols may still hold an earlier iteration's
  /// sizes.
  Status wholeView(const TensorRef &ref, View &result);
  /// Memory for a result whose shape the step knows; checks it against a planned shape.
  Status place(const TensorRef &ref, const std::vector<int64_t> &shape, View &result);
  Status placeOutput(size_t index, const std::vector<int64_t> &shape);
  Status placeOutput(size_t index);
  /// Lets the device's kernels use dense memory of this run until the run ends.
  Status share(const View &view, bool writable, const std::string &name);
  Status copy(const TensorRef &from, const TensorRef &to, bool isWhole = false);
  void swapPlaces(size_t a, size_t b);
  Status readScalar(const TensorRef &ref, int64_t &result);

  const Place &placeOf(const TensorRef &ref) const { return plan.places[size_t(ref.place)]; }

  SharedMemory shared;
  LoadedVariant &loaded;
  const Executable &executable;
  const Plan &plan;
  const Binding &binding;
  RunContext &context;
  std::span<const View> inputs;
  std::vector<RuntimeTensor> &outputs;
  std::vector<std::byte *> outputAddresses;
  const RunHooks hooks;
};

} // namespace heddle

#endif // HEDDLE_RUNTIME_EXECUTOR_H
