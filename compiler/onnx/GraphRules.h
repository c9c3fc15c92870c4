// The rules that names of values obey in a graph, and the order of its nodes.
#ifndef HEDDLE_COMPILER_ONNX_GRAPHRULES_H
#define HEDDLE_COMPILER_ONNX_GRAPHRULES_H

#include "runtime/format/Status.h"
#include <onnx/onnx_pb.h>

namespace heddle {

/// Checks every graph and function body: each value has one definition, no name is also that of a value of an
/// enclosing graph, every input of a node and every output of a graph is defined, and nodes do not depend on
/// themselves (the message prints the cycle). Then sorts the nodes topologically; among ready nodes the file's order
/// stays. Code::Malformed with the path of the node. O(n log n) in the number of values.
Status checkAndSortGraphs(onnx::ModelProto &model);

} // namespace heddle

#endif // HEDDLE_COMPILER_ONNX_GRAPHRULES_H
