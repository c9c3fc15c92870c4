// Implements the walk over a plan's steps.
#include "runtime/Executor.h"

#include "runtime/Inputs.h"
#include "runtime/format/PlanText.h"
#include "runtime/host/StridedCopy.h"

#include <algorithm>

namespace heddle {

Status Executor::atNode(const Status &status, const std::string &origin) {
  return status.isOk() || origin.empty() ? status : Status(status.code(), origin + ": " + status.message());
}

/// Gives a host function memory for its results.
class Executor::Outputs final : public HostOutputs {
public:
  Outputs(Executor &executor, const ExecHostCall &call) : executor(executor), call(call) {}

  Result<View> allocate(size_t index, std::vector<int64_t> shape) override {
    if (index >= call.results.size() || !call.results[index].isPresent())
      return allocateUnwanted(index, std::move(shape));
    View view;
    HEDDLE_RETURN_IF_ERROR(executor.place(call.results[index], shape, view));
    return view;
  }

private:
  /// Optional results that nobody reads still need memory while the function runs.
  Result<View> allocateUnwanted(size_t index, std::vector<int64_t> shape) {
    DType type = index < call.results.size() ? call.results[index].type : DType::I64;
    Result<RuntimeTensor> tensor = RuntimeTensor::allocate(type, std::move(shape));
    if (!tensor)
      return tensor.status();
    unwanted.push_back(*tensor);
    return tensor->view();
  }

  Executor &executor;
  const ExecHostCall &call;
  std::vector<RuntimeTensor> unwanted;
};

Executor::Executor(Device &device, LoadedVariant &loaded, const Binding &binding, RunContext &context,
                   std::span<const View> inputs, std::vector<RuntimeTensor> &outputs, const RunHooks &hooks)
    : shared(device), loaded(loaded), executable(*loaded.executable), plan(loaded.variant->plan), binding(binding),
      context(context), inputs(inputs), outputs(outputs), outputAddresses(outputs.size(), nullptr), hooks(hooks) {}

Status Executor::run() {
  HEDDLE_RETURN_IF_ERROR(prepare());
  HEDDLE_RETURN_IF_ERROR(runRegion(executable.body));
  return finish();
}

Status Executor::share(const View &view, bool writable, const std::string &name) {
  Result<int64_t> bytes = denseBytes(view.type, view.shape);
  if (!bytes)
    return bytes.status();
  return view.type == DType::String ? Status::ok() : shared.add(view.data, *bytes, writable, name);
}

Status Executor::prepare() {
  for (size_t index = 0; index < inputs.size(); ++index)
    HEDDLE_RETURN_IF_ERROR(share(inputs[index], false, "input '" + loaded.program->inputs[index].name + "'"));
  context.values = binding.values;
  context.addresses.assign(plan.places.size(), nullptr);
  context.offsets.assign(plan.places.size(), -1);
  context.runtimeTensors.assign(plan.places.size(), RuntimeTensor());
  for (size_t index = 0; index < plan.places.size(); ++index) {
    const Place &place = plan.places[index];
    // Kernels get writable pointers for all operands; they only read inputs and weights.
    if (place.kind == PlaceKind::Input)
      context.addresses[index] = static_cast<std::byte *>(inputs[size_t(place.index)].data);
    if (place.kind == PlaceKind::Weight)
      context.addresses[index] = const_cast<std::byte *>(loaded.weights[size_t(place.index)]);
  }
  return beginEpoch(0);
}

Status Executor::finish() {
  for (size_t index = 0; index < outputs.size(); ++index)
    if (!outputAddresses[index])
      HEDDLE_RETURN_IF_ERROR(placeOutput(index));
  context.runtimeTensors.clear();
  if (hooks.observer)
    hooks.observer->runEnded(context.arena.bytes(), arenaLowerBound());
  return Status::ok();
}

Status Executor::beginEpoch(size_t epoch) {
  if (epoch >= executable.epochPlaces.size() || executable.epochPlaces[epoch].empty())
    return Status::ok();
  EpochLayout around;
  if (epoch != 0) {
    Result<EpochLayout> packed = packAround(epoch);
    if (!packed)
      return packed.status();
    around = std::move(*packed);
  }
  const EpochLayout &layout = epoch == 0 ? binding.layout : around;
  HEDDLE_RETURN_IF_ERROR(epoch == 0 ? context.arena.begin(layout.end) : context.arena.growTo(layout.end));
  const std::vector<size_t> &places = executable.epochPlaces[epoch];
  for (size_t i = 0; i < places.size(); ++i) {
    context.offsets[places[i]] = layout.offsets[i];
    context.addresses[places[i]] = context.arena.address(layout.offsets[i]);
  }
  return Status::ok();
}

Result<EpochLayout> Executor::packAround(size_t epoch) {
  if (context.arena.end() == 0)
    HEDDLE_RETURN_IF_ERROR(context.arena.begin(0));
  std::vector<Interval> pinned = context.arena.walls();
  // Values of later epochs are left over from an earlier iteration of a loop around this step, and dead.
  for (size_t earlier = 0; earlier < epoch; ++earlier)
    for (size_t index : executable.epochPlaces[earlier]) {
      const Place &place = plan.places[index];
      if (context.offsets[index] >= 0)
        pinned.push_back({place.first, std::max(place.last, place.first + 1),
                          context.values[executable.placeBytes[index]], context.offsets[index]});
    }
  return packEpoch(executable, epoch, context.values, std::move(pinned), context.arena.end());
}

Status Executor::runRegion(const ExecRegion &region) {
  for (const ExecStep &current : region) {
    if (hooks.cancel && hooks.cancel->load(std::memory_order_relaxed))
      return Status(Code::Interrupted, "the run was cancelled");
    Status status = runStep(current);
    bool knowsItsNode =
        !std::holds_alternative<ExecHostCall>(current.action) && !std::holds_alternative<ExecSetSymbol>(current.action);
    if (!status.isOk())
      return knowsItsNode ? status : atNode(status, *current.origin);
  }
  return Status::ok();
}

Status Executor::runStep(const ExecStep &current) {
  auto run = [&] { return std::visit([&](const auto &action) { return step(action); }, current.action); };
  bool isWork =
      std::holds_alternative<ExecLaunch>(current.action) || std::holds_alternative<ExecHostCall>(current.action);
  if (!hooks.observer || !isWork)
    return run();
  if (hooks.observer->wantsValues())
    HEDDLE_RETURN_IF_ERROR(reportValues(current, /*hasRun=*/false));
  auto begin = std::chrono::steady_clock::now();
  Status status = run();
  report(current, std::chrono::steady_clock::now() - begin);
  return status && hooks.observer->wantsValues() ? reportValues(current, /*hasRun=*/true) : status;
}

Status Executor::step(const ExecLaunch &launch) {
  context.launchBuffers.clear();
  context.launchRanges.clear();
  for (const TensorRef &ref : launch.buffers) {
    std::byte *buffer = nullptr;
    if (ref.isPresent())
      HEDDLE_RETURN_IF_ERROR(address(ref, buffer));
    context.launchBuffers.push_back(buffer);
    MemoryRange range;
    if (ref.isPresent() && placeOf(ref).kind == PlaceKind::Arena)
      range = {context.addresses[size_t(ref.place)], context.values[executable.placeBytes[size_t(ref.place)]]};
    context.launchRanges.push_back(range);
  }
  HEDDLE_RETURN_IF_ERROR(dims(launch.sizes, context.launchSizes));
  LaunchArgs args;
  args.buffers = context.launchBuffers;
  args.ranges = context.launchRanges;
  args.sizes = context.launchSizes;
  HEDDLE_RETURN_IF_ERROR(value(launch.tasks, args.tasks));
  for (size_t axis = 0; axis < 3; ++axis)
    HEDDLE_RETURN_IF_ERROR(value(launch.grid[axis], args.grid[axis]));
  HEDDLE_RETURN_IF_ERROR(value(launch.dynamicSharedBytes, args.dynamicSharedBytes));
  return loaded.module->launch(launch.kernel, args);
}

Status Executor::step(const ExecHostCall &call) {
  std::vector<View> views(call.inputs.size());
  for (size_t i = 0; i < views.size(); ++i)
    HEDDLE_RETURN_IF_ERROR(view(call.inputs[i], views[i]));
  Outputs results(*this, call);
  return call.function(call.call->attrs, views, results);
}

Status Executor::step(const ExecSetSymbol &set) {
  int64_t result = 0;
  const std::string &symbol = set.step->symbol;
  if (set.step->source == SetSymbol::Source::Value) {
    HEDDLE_RETURN_IF_ERROR(value(set.value, result));
  } else {
    View operand;
    bool isDimension = set.step->source == SetSymbol::Source::Dimension;
    HEDDLE_RETURN_IF_ERROR(isDimension ? wholeView(set.operand, operand) : view(set.operand, operand));
    int64_t count = isDimension ? int64_t(operand.shape.size()) : operand.elementCount();
    if (set.step->index < 0 || set.step->index >= count)
      return Status(Code::Malformed, "size '" + symbol + "' is read from position " + std::to_string(set.step->index) +
                                         " of " + std::to_string(count));
    std::optional<int64_t> element =
        isDimension ? operand.shape[size_t(set.step->index)] : readInteger(operand, set.step->index);
    if (!element)
      return Status(Code::Malformed,
                    "size '" + symbol + "' is read from a tensor of " + std::string(nameOf(operand.type)));
    result = *element;
  }
  context.values.set(symbol, result);
  return beginEpoch(set.epoch);
}

Status Executor::step(const ExecIf &branch) {
  int64_t condition = 0;
  HEDDLE_RETURN_IF_ERROR(readScalar(branch.condition, condition));
  return runRegion(condition != 0 ? branch.thenRegion : branch.elseRegion);
}

Status Executor::step(const ExecFail &fail) {
  std::vector<Expr> sizes;
  std::vector<std::optional<int64_t>> values;
  for (ExprId size : fail.sizes) {
    int64_t number = 0;
    HEDDLE_RETURN_IF_ERROR(value(size, number));
    sizes.push_back(executable.exprs[size]);
    values.push_back(number);
  }
  return Status(Code::Malformed, reachedFailText(*fail.message, sizes, values));
}

} // namespace heddle
