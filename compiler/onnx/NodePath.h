// How messages name nodes of a model: `graph/if_then/Conv_12`.
#ifndef HEDDLE_COMPILER_ONNX_NODEPATH_H
#define HEDDLE_COMPILER_ONNX_NODEPATH_H

#include <cstddef>
#include <onnx/onnx_pb.h>
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

/// Where a walk over a model is: a chain of frames on the walk's stack, so that a path costs nothing until a message
/// needs it. A frame is the main graph (nothing set), a function's body, a node, or a graph that a node holds.
struct Place {
  const Place *outer = nullptr;
  const onnx::FunctionProto *function = nullptr;
  const onnx::NodeProto *node = nullptr;           ///< Has a name (see LoadedModel).
  const onnx::AttributeProto *attribute = nullptr; ///< The attribute that holds the graph.

  std::string path() const;
};

} // namespace heddle

#endif // HEDDLE_COMPILER_ONNX_NODEPATH_H
