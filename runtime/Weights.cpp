// Implements the process-wide store of transformed weights.
#include "runtime/Weights.h"

#include "runtime/RuntimeTensor.h"

#include <mutex>

namespace heddle {
namespace {

/// One transformed weight; made once, by whoever locks it first.
struct StoredWeight {
  std::mutex mutex;
  std::shared_ptr<void> memory;
};

using WeightKey = std::pair<std::string, std::string>; ///< (digest, transform)

/// The entries alive in this process.
class WeightStore {
public:
  static WeightStore &global() {
    static WeightStore store;
    return store;
  }

  std::shared_ptr<StoredWeight> entry(const WeightKey &key) {
    std::lock_guard lock(mutex);
    std::weak_ptr<StoredWeight> &known = entries[key];
    std::shared_ptr<StoredWeight> result = known.lock();
    if (!result) {
      result = std::make_shared<StoredWeight>();
      known = result;
    }
    return result;
  }

private:
  std::mutex mutex;
  std::map<WeightKey, std::weak_ptr<StoredWeight>> entries;
};

class TransformedWeights final : public WeightSource {
public:
  explicit TransformedWeights(std::shared_ptr<RawWeights> raw) : raw(std::move(raw)) {}

  Result<std::span<const std::byte>> bytes(const Weight &weight, size_t) override {
    Result<int64_t> size = denseBytes(weight.type, weight.shape);
    if (!size)
      return size.status();
    std::shared_ptr<StoredWeight> entry = hold({weight.digest, weight.transform});
    std::lock_guard lock(entry->mutex);
    if (!entry->memory) {
      std::shared_ptr<void> memory = allocateAligned(*size);
      if (!memory)
        return Status(Code::OverLimit,
                      "weight '" + weight.name + "': no memory for " + std::to_string(*size) + " bytes");
      std::span<std::byte> target(static_cast<std::byte *>(memory.get()), size_t(*size));
      HEDDLE_RETURN_IF_ERROR(raw->transformInto(weight, target));
      entry->memory = std::move(memory);
    }
    return std::span(static_cast<const std::byte *>(entry->memory.get()), size_t(*size));
  }

private:
  /// Keeps the entry alive as long as this source.
  std::shared_ptr<StoredWeight> hold(const WeightKey &key) {
    std::lock_guard lock(mutex);
    std::shared_ptr<StoredWeight> &entry = held[key];
    if (!entry)
      entry = WeightStore::global().entry(key);
    return entry;
  }

  std::shared_ptr<RawWeights> raw;
  std::mutex mutex;
  std::map<WeightKey, std::shared_ptr<StoredWeight>> held;
};

class ArtifactWeights final : public WeightSource {
public:
  explicit ArtifactWeights(std::shared_ptr<const Artifact> artifact) : artifact(std::move(artifact)) {}
  Result<std::span<const std::byte>> bytes(const Weight &, size_t index) override { return artifact->weight(index); }

private:
  std::shared_ptr<const Artifact> artifact;
};

} // namespace

std::unique_ptr<WeightSource> makeArtifactWeights(std::shared_ptr<const Artifact> artifact) {
  return std::make_unique<ArtifactWeights>(std::move(artifact));
}

std::unique_ptr<WeightSource> makeTransformedWeights(std::shared_ptr<RawWeights> raw) {
  return std::make_unique<TransformedWeights>(std::move(raw));
}

} // namespace heddle
