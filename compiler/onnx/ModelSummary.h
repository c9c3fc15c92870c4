// What an ONNX model holds, for people.
#ifndef HEDDLE_COMPILER_ONNX_MODELSUMMARY_H
#define HEDDLE_COMPILER_ONNX_MODELSUMMARY_H

#include "compiler/onnx/Limits.h"
#include "runtime/format/Status.h"
#include <string>

namespace heddle {

/// Opens a model as `loadModel` does and describes it, one fact per line: IR version, opsets, inputs and outputs with
/// declared shapes, nodes by type (subgraphs included), parameters and their bytes. Names are printed without control
/// characters.
Result<std::string> modelSummary(const std::string &path, const Limits &limits = {});

} // namespace heddle

#endif // HEDDLE_COMPILER_ONNX_MODELSUMMARY_H
