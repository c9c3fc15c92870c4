// Checks the element types of a node's operands against ONNX's schema.
#ifndef HEDDLE_COMPILER_ONNX_TYPECONSTRAINTS_H
#define HEDDLE_COMPILER_ONNX_TYPECONSTRAINTS_H

#include "compiler/onnx/Node.h"

namespace heddle::onnximport {

/// Throws a malformed ImportError if an operand has an element type that its op does not take at this opset version, or
/// operands that share a type variable differ.
void checkOperandTypes(Node &node);

} // namespace heddle::onnximport

#endif // HEDDLE_COMPILER_ONNX_TYPECONSTRAINTS_H
