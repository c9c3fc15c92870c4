// Implements weights of compiled models.
#include "compiler/ModelWeights.h"
#include "ir/WeightStore.h"
#include "runtime/format/WeightTransform.h"

using namespace heddle;

Status heddle::makeWeight(const WeightStore &store, const Weight &weight, std::span<std::byte> target) {
  std::optional<WeightStore::Entry> entry = store.find(weight.digest);
  if (!entry)
    return Status(Code::Malformed, "the bytes of weight '" + weight.name + "' are not there");
  Result<WeightTransform> transform = parseTransform(weight.transform);
  if (!transform)
    return Status(transform.status().code(), "weight '" + weight.name + "': " + transform.status().message());
  WeightLookup lookup = [&store](std::string_view digest) -> std::optional<DenseTensor> {
    std::optional<WeightStore::Entry> other = store.find(digest);
    return other ? std::optional(DenseTensor{{other->type, other->shape}, other->bytes}) : std::nullopt;
  };
  Status status = applyTransform({{entry->type, entry->shape}, entry->bytes}, *transform, lookup, target);
  return status ? status : Status(status.code(), "weight '" + weight.name + "': " + status.message());
}

WeightProducer heddle::artifactWeights(const CompiledModel &model) {
  return [&model](size_t index, const WeightSink &sink) -> Status {
    const Weight &weight = model.program->weights[index];
    std::optional<WeightStore::Entry> entry = model.weights->find(weight.digest);
    if (entry && weight.transform.empty())
      return sink(entry->bytes);
    Result<int64_t> bytes = denseBytes({weight.type, weight.shape});
    if (!bytes)
      return bytes.status();
    std::vector<std::byte> made(static_cast<size_t>(*bytes));
    HEDDLE_RETURN_IF_ERROR(makeWeight(*model.weights, weight, made));
    return sink(made);
  };
}
