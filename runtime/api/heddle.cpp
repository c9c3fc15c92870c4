// Implements the C interface.
#include "runtime/api/heddle.h"

#include "runtime/api/Model.h"
#include "runtime/cpu/ThreadPool.h"

#include <algorithm>
#include <cstring>

using namespace heddle;
using namespace heddle::api;

namespace {

thread_local std::string lastMessage;

heddle_status report(const Status &status) {
  if (!status.isOk())
    lastMessage = status.message();
  return heddle_status(int(status.code()));
}

heddle_status malformed(const std::string &message) { return report(Status(Code::Malformed, message)); }

/// The port of this name, by index; Code::Malformed lists those that there are.
Result<size_t> findPort(const std::vector<PortText> &ports, const char *kind, const char *name) {
  std::string names;
  for (size_t index = 0; index < ports.size(); ++index) {
    if (name && ports[index].name == name)
      return index;
    names += (names.empty() ? "'" : ", '") + ports[index].name + "'";
  }
  return Status(Code::Malformed, std::string("the model has no ") + kind + " '" + (name ? name : "") + "', it has " +
                                     (names.empty() ? "none" : names));
}

heddle_status describe(const std::vector<PortText> &ports, size_t index, heddle_port *port) {
  if (!port || index >= ports.size())
    return malformed("there is no port " + std::to_string(index) + ", there are " + std::to_string(ports.size()));
  *port = {ports[index].name.c_str(), ports[index].type, ports[index].dims.size(), ports[index].dims.data()};
  return HEDDLE_OK;
}

/// A tensor of std::string from one of `const char *`.
Result<RuntimeTensor> copyStrings(const View &view, const std::string &name) {
  if (view.strides != rowMajorStrides(view.shape))
    return Status(Code::Malformed, "input '" + name + "': strings must lie row-major");
  Result<RuntimeTensor> copy = RuntimeTensor::allocate(DType::String, view.shape);
  if (!copy)
    return copy;
  auto *source = static_cast<const char *const *>(view.data);
  auto *target = static_cast<std::string *>(copy->view().data);
  for (int64_t i = 0; i < view.elementCount(); ++i)
    target[i] = source[i] ? source[i] : "";
  return copy;
}

Result<std::shared_ptr<const Artifact>> openArtifact(const std::string &path, const heddle_options &options) {
  ArtifactOptions artifactOptions;
  artifactOptions.verifyWeights = options.lazy_verify == 0;
  unsigned threads = unsigned(std::max(0, options.threads));
  artifactOptions.parallelFor = [threads](int64_t count, const std::function<void(int64_t, int64_t)> &body) {
    ThreadPool::global().forRanges(count, threads, body);
  };
  return Artifact::open(path, artifactOptions);
}

Result<std::unique_ptr<heddle_model>> openModel(const std::string &path, const heddle_options &options) {
  Result<std::shared_ptr<Device>> device = makeDevice(options.device ? options.device : "cpu", options.threads);
  if (!device)
    return device.status();
  Result<std::shared_ptr<const Artifact>> artifact = openArtifact(path, options);
  if (!artifact)
    return artifact.status();
  SessionOptions sessionOptions;
  if (options.memory_limit > 0)
    sessionOptions.memoryLimit = options.memory_limit;
  sessionOptions.poisonArena = options.poison_memory != 0;
  std::shared_ptr<const Program> program = (*artifact)->program();
  Result<std::unique_ptr<Session>> session =
      Session::create({program, makeArtifactWeights(*artifact), *device, nullptr}, sessionOptions);
  if (!session)
    return session.status();
  auto model = std::make_unique<heddle_model>();
  model->session = std::move(*session);
  for (const Port &port : program->inputs)
    model->inputs.emplace_back(port);
  for (const Port &port : program->outputs)
    model->outputs.emplace_back(port);
  return model;
}

} // namespace

void heddle_options_init(heddle_options *options) {
  *options = {};
  options->size = sizeof(*options);
  options->device = "cpu";
}

const char *heddle_version(void) { return HEDDLE_VERSION; }

const char *heddle_message(void) { return lastMessage.c_str(); }

heddle_status heddle_open(const char *path, const heddle_options *options, heddle_model **model) {
  if (!model || !path)
    return malformed("heddle_open: path and model must not be null");
  *model = nullptr;
  if (!__builtin_cpu_supports("x86-64-v3"))
    return report(Status(Code::DeviceError, "this machine lacks x86-64-v3 (AVX2, FMA), which Heddle needs"));
  // A caller built against an older header has a shorter struct; what it lacks keeps its default.
  heddle_options all;
  heddle_options_init(&all);
  if (options)
    std::memcpy(&all, options, std::min(options->size, sizeof(all)));
  Result<std::unique_ptr<heddle_model>> opened = openModel(path, all);
  if (!opened)
    return report(opened.status());
  *model = opened->release();
  return HEDDLE_OK;
}

void heddle_close(heddle_model *model) { delete model; }

size_t heddle_input_count(const heddle_model *model) { return model->inputs.size(); }

size_t heddle_output_count(const heddle_model *model) { return model->outputs.size(); }

heddle_status heddle_describe_input(const heddle_model *model, size_t index, heddle_port *port) {
  return describe(model->inputs, index, port);
}

heddle_status heddle_describe_output(const heddle_model *model, size_t index, heddle_port *port) {
  return describe(model->outputs, index, port);
}

heddle_status heddle_create_context(heddle_model *model, heddle_context **context) {
  if (!model || !context)
    return malformed("heddle_create_context: model and context must not be null");
  *context = new heddle_context(model);
  return HEDDLE_OK;
}

void heddle_free_context(heddle_context *context) { delete context; }

heddle_status heddle_bind_input(heddle_context *context, const char *name, const heddle_tensor *tensor) {
  Result<size_t> index = findPort(context->model->inputs, "input", name);
  if (!index)
    return report(index.status());
  Result<View> view = viewOf(tensor, "input '" + std::string(name) + "'");
  if (!view)
    return report(view.status());
  if (view->type != DType::String) {
    context->inputs[*index] = RuntimeTensor::borrow(*view);
    return HEDDLE_OK;
  }
  Result<RuntimeTensor> strings = copyStrings(*view, name);
  if (!strings)
    return report(strings.status());
  context->inputs[*index] = *strings;
  return HEDDLE_OK;
}

heddle_status heddle_bind_output(heddle_context *context, const char *name, const heddle_tensor *tensor) {
  Result<size_t> index = findPort(context->model->outputs, "output", name);
  if (!index)
    return report(index.status());
  Result<View> view = viewOf(tensor, "output '" + std::string(name) + "'");
  if (!view)
    return report(view.status());
  bool isState = std::any_of(context->states.begin(), context->states.end(),
                             [&](const heddle_context::State &state) { return state.output == *index; });
  if (isState || view->type == DType::String)
    return malformed("output '" + std::string(name) + "' is " + (isState ? "a state" : "strings") +
                     ": its memory is the context's own");
  context->boundOutputs[*index] = RuntimeTensor::borrow(*view);
  return HEDDLE_OK;
}

heddle_status heddle_bind_state(heddle_context *context, const char *output, const char *input) {
  Result<size_t> from = findPort(context->model->outputs, "output", output);
  Result<size_t> to = findPort(context->model->inputs, "input", input);
  if (!from || !to)
    return report(from ? to.status() : from.status());
  std::string pair = "state '" + std::string(output) + "' = '" + input + "': ";
  if (context->model->outputs[*from].type != context->model->inputs[*to].type)
    return malformed(pair + "the element types differ");
  if (context->boundOutputs[*from].isDefined())
    return malformed(pair + "the output has a caller's buffer");
  for (const heddle_context::State &state : context->states)
    if (state.input == *to)
      return malformed(pair + "the input is a state already");
  context->states.push_back({*from, *to, {}});
  return HEDDLE_OK;
}

heddle_status heddle_reset_states(heddle_context *context) {
  for (heddle_context::State &state : context->states)
    state.value = {};
  return HEDDLE_OK;
}

heddle_status heddle_output_shape(heddle_context *context, size_t index, int64_t *shape, size_t capacity,
                                  size_t *rank) {
  Result<std::vector<View>> inputs = context->gatherInputs();
  if (!inputs)
    return report(inputs.status());
  std::vector<std::vector<int64_t>> shapes;
  for (const View &view : *inputs)
    shapes.push_back(view.shape);
  Result<std::vector<std::vector<int64_t>>> outputs = context->model->session->outputShapes(shapes);
  if (!outputs)
    return report(outputs.status());
  if (index >= outputs->size() || !rank)
    return malformed("there is no output " + std::to_string(index) + ", there are " + std::to_string(outputs->size()));
  const std::vector<int64_t> &result = (*outputs)[index];
  *rank = result.size();
  if (result.size() > capacity)
    return malformed("output " + std::to_string(index) + " has rank " + std::to_string(result.size()) +
                     ", there is room for " + std::to_string(capacity));
  std::copy(result.begin(), result.end(), shape);
  return HEDDLE_OK;
}

heddle_status heddle_run(heddle_context *context) {
  Result<std::vector<View>> inputs = context->gatherInputs();
  if (!inputs)
    return report(inputs.status());
  std::vector<RuntimeTensor> results = context->boundOutputs;
  Status status = context->model->session->run(*inputs, results, {.cancel = &context->cancelled});
  context->cancelled = false;
  context->findings = context->model->session->takeFindings();
  if (!status.isOk())
    return report(status);
  context->results = std::move(results);
  context->keepStates();
  return HEDDLE_OK;
}

void heddle_cancel(heddle_context *context) { context->cancelled = true; }

heddle_status heddle_get_output(heddle_context *context, size_t index, heddle_tensor *tensor) {
  if (!tensor || index >= context->results.size())
    return malformed("there is no result " + std::to_string(index) + ", the last run gave " +
                     std::to_string(context->results.size()));
  const View &view = context->results[index].view();
  *tensor = {view.data, heddle_type(onnxNumberOf(view.type)), view.shape.size(), view.shape.data(),
             view.strides.data()};
  if (view.type != DType::String)
    return HEDDLE_OK;
  std::vector<const char *> &strings = context->resultStrings[index];
  strings.clear();
  for (int64_t i = 0; i < view.elementCount(); ++i)
    strings.push_back(static_cast<const std::string *>(view.data)[i].c_str());
  tensor->data = strings.data();
  return HEDDLE_OK;
}

const char *heddle_finding(const heddle_context *context, size_t index) {
  return index < context->findings.size() ? context->findings[index].c_str() : nullptr;
}

int64_t heddle_arena_bytes(const heddle_model *model) { return model->session->arenaBytes(); }
