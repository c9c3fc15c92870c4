// The rules for model-local functions that call each other.
#ifndef HEDDLE_COMPILER_ONNX_FUNCTIONRULES_H
#define HEDDLE_COMPILER_ONNX_FUNCTIONRULES_H

#include "compiler/onnx/Limits.h"
#include "runtime/format/Status.h"
#include <onnx/onnx_pb.h>

namespace heddle {

/// Code::Malformed for two functions of one name or one that reaches itself (the message prints the calls), wherever
/// in nested graphs the calls are; Code::OverLimit if calls nest too deep or inlining all of them would give the main
/// graph more nodes than Limits::nodes. Linear in the size of the model.
Status checkFunctions(const onnx::ModelProto &model, const Limits &limits);

} // namespace heddle

#endif // HEDDLE_COMPILER_ONNX_FUNCTIONRULES_H
