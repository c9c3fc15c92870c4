// Where a Session gets the bytes of a program's weights.
#ifndef HEDDLE_RUNTIME_WEIGHTS_H
#define HEDDLE_RUNTIME_WEIGHTS_H

#include "runtime/format/Artifact.h"
#include <memory>
#include <span>

namespace heddle {

/// The bytes of weights after their transforms. Safe from many threads.
class WeightSource {
public:
  virtual ~WeightSource() = default;
  /// The bytes of `weight`, number `index` of its program: row-major, aligned to 64 bytes, alive as long as the source.
  virtual Result<std::span<const std::byte>> bytes(const Weight &weight, size_t index) = 0;
};

/// The weights of an open artifact, without a copy.
std::unique_ptr<WeightSource> makeArtifactWeights(std::shared_ptr<const Artifact> artifact);

/// The untransformed bytes of a model's weights, by digest.
class RawWeights {
public:
  virtual ~RawWeights() = default;
  /// Makes the weight after its transform.
  /// \param target `bytes` bytes, 64-byte aligned, to fill completely.
  virtual Status transformInto(const Weight &weight, std::span<std::byte> target) = 0;
};

/// Weights of a model that is being compiled in this process: transformed when first asked for, and shared by all
/// sources of the process through (digest, transform), so that a second Session adds nothing.
std::unique_ptr<WeightSource> makeTransformedWeights(std::shared_ptr<RawWeights> raw);

} // namespace heddle

#endif // HEDDLE_RUNTIME_WEIGHTS_H
