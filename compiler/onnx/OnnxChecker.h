// ONNX's own checker, kept away from files and from ops that it does not know.
#ifndef HEDDLE_COMPILER_ONNX_ONNXCHECKER_H
#define HEDDLE_COMPILER_ONNX_ONNXCHECKER_H

#include "runtime/format/Status.h"
#include <onnx/onnx_pb.h>
#include <string>
#include <vector>

namespace heddle {

/// Runs onnx::checker::check_model, without shape inference. The model is changed for the time of the call and comes
/// back as it was.
/// - Tensors whose data is not in the protobuf, and sparse ones, are replaced by empty ones of the same type.
/// - Nodes that a standard domain does not have at the model's version are hidden; their list goes to `unknownOps`.
/// Code::Malformed with the path of the node and the checker's words on one line.
Status runOnnxChecker(onnx::ModelProto &model, std::vector<std::string> &unknownOps);

} // namespace heddle

#endif // HEDDLE_COMPILER_ONNX_ONNXCHECKER_H
