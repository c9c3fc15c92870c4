// How messages name nodes of a model: `graph/if_then/Conv_12`.
#ifndef HEDDLE_COMPILER_ONNX_NODEPATH_H
#define HEDDLE_COMPILER_ONNX_NODEPATH_H

#include <cstddef>
#include <string>
#include <string_view>

namespace heddle {

/// Text from a model made fit for a terminal and a single line: control characters and what is not ASCII become \xNN,
/// long text is cut.
std::string printable(std::string_view text);

/// The name of a node in a path: its own, or the op type and its position in the file's graph.
std::string nodeLabel(std::string_view name, std::string_view opType, size_t index);

/// The name of the graph that a node holds as an attribute: node `if`, attribute `then_branch` -> `if_then`.
std::string subgraphLabel(std::string_view nodeLabel, std::string_view attribute);

} // namespace heddle

#endif // HEDDLE_COMPILER_ONNX_NODEPATH_H
