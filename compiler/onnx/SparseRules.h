// The rules for sparse tensors, whose indices address memory once they are expanded.
#ifndef HEDDLE_COMPILER_ONNX_SPARSERULES_H
#define HEDDLE_COMPILER_ONNX_SPARSERULES_H

#include "compiler/onnx/ModelFile.h"

namespace heddle {

/// Code::Malformed unless `values` has shape [NNZ], the dense dimensions are positive, and `indices` is int64 of shape
/// [NNZ] (linear) or [NNZ, rank], in range and strictly ascending. Source: SparseTensorProto in onnx-ml.proto.
Status checkSparseTensor(const LoadedModel &model, const onnx::SparseTensorProto &tensor);

} // namespace heddle

#endif // HEDDLE_COMPILER_ONNX_SPARSERULES_H
