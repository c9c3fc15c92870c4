// Walks over every graph, function and tensor of a model, however deep it lies.
#ifndef HEDDLE_COMPILER_ONNX_MODELWALK_H
#define HEDDLE_COMPILER_ONNX_MODELWALK_H

#include "compiler/onnx/NodePath.h"
#include "runtime/format/Status.h"
#include <functional>

namespace heddle {

using NodeVisitor = std::function<Status(onnx::NodeProto &, const Place &)>;
using TensorVisitor = std::function<Status(onnx::TensorProto &, const Place &)>;
using SparseTensorVisitor = std::function<Status(onnx::SparseTensorProto &, const Place &)>;

/// What to call on the way; empty functions are skipped. The first failure ends the walk.
struct ModelVisitor {
  NodeVisitor node;                 ///< Before the node's attributes. The place is the node's.
  TensorVisitor tensor;             ///< Dense tensors: initializers and attributes. The place is the graph or node.
  SparseTensorVisitor sparseTensor; ///< Sparse ones; their parts do not reach `tensor`.
};

/// Visits the main graph, then the functions, in file order. Graphs nest no deeper than Limits::graphDepth.
Status walkModel(onnx::ModelProto &model, const ModelVisitor &visitor);

} // namespace heddle

#endif // HEDDLE_COMPILER_ONNX_MODELWALK_H
