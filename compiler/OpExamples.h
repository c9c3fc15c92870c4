// Nodes of ops whose operands cannot be guessed one by one: bodies, sequences, operands that must fit each other.
#ifndef HEDDLE_COMPILER_OPEXAMPLES_H
#define HEDDLE_COMPILER_OPEXAMPLES_H

#include <optional>
#include <string_view>

namespace heddle {

/// A graph around a node of an op, `(operands) => (results) { nodes }` in ONNX's text syntax. `$` stands for the
/// element type of the op's first operand with a choice.
/// \param opset that the node is read at.
/// \returns nullopt for an op whose operands can be guessed.
std::optional<std::string_view> exampleOf(std::string_view op, int opset);

} // namespace heddle

#endif // HEDDLE_COMPILER_OPEXAMPLES_H
