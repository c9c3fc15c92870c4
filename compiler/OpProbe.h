// Models of one node, to find out what an op can do.
#ifndef HEDDLE_COMPILER_OPPROBE_H
#define HEDDLE_COMPILER_OPPROBE_H

#include "compiler/onnx/ModelFile.h"
#include "onnx/defs/schema.h"
#include "runtime/format/DType.h"
#include <optional>

namespace heddle {

/// What a probe guesses about the operands of an op.
struct ProbeShape {
  int64_t firstRank = 0; ///< Of the first operand.
  int64_t otherRank = 0; ///< Of further operands with elements of any number type.
  bool isFree = false;   ///< Sizes are free symbols instead of 2.
  enum class Constant : uint8_t { Scalar, One, PerDim, PerSide } constant = Constant::One;
};

/// Every guess for an op, the commonest first; a single one if there is an example, whose shapes are its own.
std::vector<ProbeShape> probeShapes(std::string_view op, int opset);

/// The type variable whose element type a probe chooses: that of the first operand with more than one type; empty if
/// there is none.
std::string probedVariable(const onnx::OpSchema &schema);
/// The element types that a variable can have, of those that exist here.
std::vector<DType> typesOf(const onnx::OpSchema &schema, const std::string &variable);

/// The example of the op (`exampleOf`); without one a model with one node: all operands that it must have, attributes
/// only where there is no default. It has passed ONNX's checker.
/// \returns nullopt where the op needs something that cannot be guessed, or does not take the element type.
std::optional<LoadedModel> probeModel(const onnx::OpSchema &schema, int opset, const ProbeShape &shape,
                                      const std::string &variable, DType type);

} // namespace heddle

#endif // HEDDLE_COMPILER_OPPROBE_H
