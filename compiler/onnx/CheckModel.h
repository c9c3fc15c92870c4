// The rules for a parsed model: versions, graphs, functions, sparse tensors, and ONNX's own checker.
#ifndef HEDDLE_COMPILER_ONNX_CHECKMODEL_H
#define HEDDLE_COMPILER_ONNX_CHECKMODEL_H

#include "compiler/onnx/ModelFile.h"

namespace heddle {

/// Oldest and newest version of the standard operator set that Heddle reads.
constexpr int64_t oldestOpset = 6, newestOpset = 27;

/// Checks a model that has been scanned, whose external data has been replaced by placeholders and whose nodes have
/// names. Sorts its nodes and fills LoadedModel::unknownOps. Code::Malformed with the path of the node wins over
/// Code::Unsupported (versions), and that over Code::OverLimit. The checker sees stubs in place of large and sparse
/// tensors, so that it opens no file; no exception leaves this function but std::bad_alloc.
Status checkModel(LoadedModel &model, const Limits &limits);

} // namespace heddle

#endif // HEDDLE_COMPILER_ONNX_CHECKMODEL_H
