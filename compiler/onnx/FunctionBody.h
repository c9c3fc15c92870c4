// Expands ONNX ops that are defined by other ops.
#ifndef HEDDLE_COMPILER_ONNX_FUNCTIONBODY_H
#define HEDDLE_COMPILER_ONNX_FUNCTIONBODY_H

#include "compiler/onnx/Node.h"

namespace heddle::onnximport {

/// True for the names of the allow-list.
bool isExpandedOp(std::string_view op);

/// True for the ops of the allow-list: those whose body in ONNX's schema is how they are imported.
bool hasFunctionBody(const Node &node);

/// Imports the body that the schema gives the node's op for its operand types.
void importFunctionBody(Node &node);

} // namespace heddle::onnximport

#endif // HEDDLE_COMPILER_ONNX_FUNCTIONBODY_H
