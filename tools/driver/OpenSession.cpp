// Implements opening models and artifacts.
#include "tools/driver/OpenSession.h"
#include "compiler/Compiler.h"
#include "compiler/ModelWeights.h"
#include "ir/WeightStore.h"
#include "runtime/cpu/CpuDevice.h"
#include "runtime/format/Artifact.h"

using namespace heddle;

namespace {
/// Weights of a model compiled in this process.
class StoreWeights final : public RawWeights {
public:
  explicit StoreWeights(std::shared_ptr<WeightStore> store) : store(std::move(store)) {}
  Status transformInto(const Weight &weight, std::span<std::byte> target) override {
    return makeWeight(*store, weight, target);
  }

private:
  std::shared_ptr<WeightStore> store;
};

/// Weights in a mapped artifact.
class ArtifactWeights final : public WeightSource {
public:
  explicit ArtifactWeights(std::shared_ptr<const Artifact> artifact) : artifact(std::move(artifact)) {}
  Result<std::span<const std::byte>> bytes(const Weight &, size_t index) override { return artifact->weight(index); }

private:
  std::shared_ptr<const Artifact> artifact;
};
} // namespace

static Result<OpenSession> makeSession(SessionParts parts) {
  OpenSession open{parts.program, nullptr};
  Result<std::unique_ptr<Session>> session = Session::create(std::move(parts));
  if (!session)
    return session.status();
  open.session = std::move(*session);
  return open;
}

static Result<OpenSession> openArtifact(const std::string &path, const CompileOptions &options) {
  Result<std::shared_ptr<const Artifact>> artifact = Artifact::open(path);
  if (!artifact)
    return artifact.status();
  return makeSession({(*artifact)->program(), std::make_shared<ArtifactWeights>(*artifact),
                      makeCpuDevice(options.threads), nullptr});
}

/// Elements of the inputs that the import asked for.
static CompileOptions withAssumptions(CompileOptions options, std::span<const NamedTensor> inputs,
                                      const std::vector<std::string> &needed) {
  for (const NamedTensor &input : inputs) {
    bool isNeeded = std::find(needed.begin(), needed.end(), input.name) != needed.end();
    DType type = input.tensor.type();
    if (!isNeeded || (type != DType::I64 && type != DType::I32))
      continue;
    std::vector<int64_t> &elements = options.assumedContents[input.name];
    for (int64_t index = 0; index < input.tensor.elementCount(); ++index)
      elements.push_back(type == DType::I64 ? reinterpret_cast<const int64_t *>(input.tensor.bytes().data())[index]
                                            : reinterpret_cast<const int32_t *>(input.tensor.bytes().data())[index]);
  }
  return options;
}

Result<OpenSession> heddle::openSession(const std::string &path, const CompileOptions &options,
                                        std::span<const NamedTensor> inputs) {
  if (path.ends_with(".hdl"))
    return openArtifact(path, options);
  Result<std::shared_ptr<Compiler>> compiler = Compiler::open(path);
  if (!compiler)
    return compiler.status();
  std::vector<std::string> needed;
  Result<CompiledModel> compiled = (*compiler)->compile(options, &needed);
  if (!compiled && !needed.empty())
    compiled = (*compiler)->compile(withAssumptions(options, inputs, needed));
  if (!compiled)
    return compiled.status();
  return makeSession({compiled->program, makeTransformedWeights(std::make_shared<StoreWeights>(compiled->weights)),
                      makeCpuDevice(options.threads), (*compiler)->specializer(options, compiled->program)});
}
