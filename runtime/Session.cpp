// Implements sessions: the pool of run contexts and the way of one run.
#include "runtime/Session.h"

#include "runtime/DenseBuffers.h"
#include "runtime/Inputs.h"
#include "runtime/Variants.h"
#include "runtime/format/PlanVerifier.h"

namespace heddle {
namespace {

/// What the program offers, for the message that none of it fits the device.
std::string describeTargets(const Program &program) {
  std::string text;
  for (const std::shared_ptr<const Variant> &variant : program.variants) {
    std::string target = variant->device + " " + variant->target;
    if (text.find(target) == std::string::npos)
      text += (text.empty() ? "" : ", ") + target;
  }
  return text.empty() ? "nothing" : text;
}

} // namespace

struct Session::State {
  State(SessionParts sessionParts, SessionOptions options)
      : parts(sessionParts), options(options), variants(std::move(sessionParts), options.addedVariants) {}

  std::unique_ptr<RunContext> takeContext();
  void giveBack(std::unique_ptr<RunContext> context);

  SessionParts parts;
  SessionOptions options;
  VariantSet variants;
  mutable std::mutex mutex;
  std::vector<std::unique_ptr<RunContext>> idleContexts;
};

std::unique_ptr<RunContext> Session::State::takeContext() {
  std::lock_guard lock(mutex);
  if (idleContexts.empty())
    return std::make_unique<RunContext>(*parts.device, options.memoryLimit, options.poisonArena);
  std::unique_ptr<RunContext> context = std::move(idleContexts.back());
  idleContexts.pop_back();
  return context;
}

void Session::State::giveBack(std::unique_ptr<RunContext> context) {
  std::lock_guard lock(mutex);
  idleContexts.push_back(std::move(context));
}

Session::Session(std::unique_ptr<State> state) : state(std::move(state)) {}

Session::~Session() = default;

Result<std::unique_ptr<Session>> Session::create(SessionParts parts, SessionOptions options) {
  assert(parts.program && parts.weights && parts.device && "a session needs a program, weights and a device");
  HEDDLE_RETURN_IF_ERROR(verifyProgram(*parts.program));
  bool hasCompiler = parts.specializer != nullptr;
  std::string offer = describeTargets(*parts.program);
  std::string wanted = parts.device->describe();
  auto state = std::make_unique<State>(std::move(parts), options);
  if (!state->variants.isUsable() && !hasCompiler)
    return Status(Code::Unsupported, "the program was compiled for " + offer + "; the device is " + wanted);
  return std::unique_ptr<Session>(new Session(std::move(state)));
}

Status Session::run(std::span<const View> inputs, std::vector<RuntimeTensor> &outputs, const RunHooks &hooks) {
  const Program &program = *state->parts.program;
  Result<SymbolValues> symbols = bindInputs(program.inputs, inputs);
  if (!symbols)
    return symbols.status();
  if (!outputs.empty() && outputs.size() != program.outputs.size())
    return Status(Code::Malformed, "the model has " + std::to_string(program.outputs.size()) + " outputs, got " +
                                       std::to_string(outputs.size()) + " buffers");
  Result<std::shared_ptr<LoadedVariant>> variant = state->variants.choose(inputs, *symbols);
  if (!variant)
    return variant.status();
  Result<std::shared_ptr<const Binding>> binding = (*variant)->bindings.get(*(*variant)->executable, *symbols);
  if (!binding)
    return binding.status();
  DenseInputs dense;
  HEDDLE_RETURN_IF_ERROR(dense.take(inputs));
  DenseOutputs results;
  HEDDLE_RETURN_IF_ERROR(results.take(program.outputs, outputs));
  std::unique_ptr<RunContext> context = state->takeContext();
  Status status =
      Executor(*state->parts.device, **variant, **binding, *context, dense.views, results.tensors, hooks).run();
  state->giveBack(std::move(context));
  HEDDLE_RETURN_IF_ERROR(status);
  results.giveBack(outputs);
  return Status::ok();
}

Result<std::vector<std::vector<int64_t>>>
Session::outputShapes(std::span<const std::vector<int64_t>> inputShapes) const {
  const Program &program = *state->parts.program;
  Result<SymbolValues> symbols = bindShapes(program.inputs, inputShapes);
  if (!symbols)
    return symbols.status();
  std::vector<std::vector<int64_t>> shapes;
  for (const Port &port : program.outputs) {
    std::vector<int64_t> &shape = shapes.emplace_back();
    for (const Expr &dim : port.shape) {
      Result<int64_t> size = dim.evaluate(*symbols);
      shape.push_back(size ? *size : -1);
    }
  }
  return shapes;
}

std::shared_ptr<const Program> Session::program() const { return state->variants.program(); }

int64_t Session::arenaBytes() const {
  std::lock_guard lock(state->mutex);
  int64_t bytes = 0;
  for (const std::unique_ptr<RunContext> &context : state->idleContexts)
    bytes += context->arena.bytes();
  return bytes;
}

std::vector<std::string> Session::takeFindings() { return state->parts.device->takeFindings(); }

} // namespace heddle
