// The weights of a compiled model: for sessions of this process, and for artifacts.
#ifndef HEDDLE_COMPILER_MODELWEIGHTS_H
#define HEDDLE_COMPILER_MODELWEIGHTS_H

#include "compiler/Compiler.h"
#include "runtime/format/Artifact.h"
#include <span>

namespace heddle {

/// Fills `target` with a weight of the store after its transform.
Status makeWeight(const WeightStore &store, const Weight &weight, std::span<std::byte> target);
/// Produces the weights of a model for `writeArtifact`, one at a time. The model outlives the producer.
WeightProducer artifactWeights(const CompiledModel &model);

} // namespace heddle

#endif // HEDDLE_COMPILER_MODELWEIGHTS_H
