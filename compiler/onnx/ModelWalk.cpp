// Implements the walk over a model.
#include "compiler/onnx/ModelWalk.h"

namespace heddle {
namespace {

using google::protobuf::RepeatedPtrField;

class Walk {
public:
  explicit Walk(const ModelVisitor &visitor) : visitor(visitor) {}

  Status graph(onnx::GraphProto &graph, const Place &place) {
    HEDDLE_RETURN_IF_ERROR(tensors(*graph.mutable_initializer(), place));
    HEDDLE_RETURN_IF_ERROR(sparseTensors(*graph.mutable_sparse_initializer(), place));
    return nodes(*graph.mutable_node(), place);
  }

  Status nodes(RepeatedPtrField<onnx::NodeProto> &nodes, const Place &outer) {
    for (onnx::NodeProto &node : nodes) {
      const Place place{.outer = &outer, .node = &node};
      if (visitor.node)
        HEDDLE_RETURN_IF_ERROR(visitor.node(node, place));
      HEDDLE_RETURN_IF_ERROR(attributes(*node.mutable_attribute(), place));
    }
    return Status::ok();
  }

  Status attributes(RepeatedPtrField<onnx::AttributeProto> &attributes, const Place &place) {
    for (onnx::AttributeProto &attribute : attributes) {
      if (attribute.has_t() && visitor.tensor)
        HEDDLE_RETURN_IF_ERROR(visitor.tensor(*attribute.mutable_t(), place));
      HEDDLE_RETURN_IF_ERROR(tensors(*attribute.mutable_tensors(), place));
      if (attribute.has_sparse_tensor() && visitor.sparseTensor)
        HEDDLE_RETURN_IF_ERROR(visitor.sparseTensor(*attribute.mutable_sparse_tensor(), place));
      HEDDLE_RETURN_IF_ERROR(sparseTensors(*attribute.mutable_sparse_tensors(), place));
      const Place inner{.outer = &place, .attribute = &attribute};
      if (attribute.has_g())
        HEDDLE_RETURN_IF_ERROR(graph(*attribute.mutable_g(), inner));
      for (onnx::GraphProto &body : *attribute.mutable_graphs())
        HEDDLE_RETURN_IF_ERROR(graph(body, inner));
    }
    return Status::ok();
  }

private:
  Status tensors(RepeatedPtrField<onnx::TensorProto> &tensors, const Place &place) {
    if (visitor.tensor)
      for (onnx::TensorProto &tensor : tensors)
        HEDDLE_RETURN_IF_ERROR(visitor.tensor(tensor, place));
    return Status::ok();
  }

  Status sparseTensors(RepeatedPtrField<onnx::SparseTensorProto> &tensors, const Place &place) {
    if (visitor.sparseTensor)
      for (onnx::SparseTensorProto &tensor : tensors)
        HEDDLE_RETURN_IF_ERROR(visitor.sparseTensor(tensor, place));
    return Status::ok();
  }

  const ModelVisitor &visitor;
};

} // namespace

Status walkModel(onnx::ModelProto &model, const ModelVisitor &visitor) {
  Walk walk(visitor);
  HEDDLE_RETURN_IF_ERROR(walk.graph(*model.mutable_graph(), Place{}));
  for (onnx::FunctionProto &function : *model.mutable_functions()) {
    const Place place{.function = &function};
    HEDDLE_RETURN_IF_ERROR(walk.attributes(*function.mutable_attribute_proto(), place));
    HEDDLE_RETURN_IF_ERROR(walk.nodes(*function.mutable_node(), place));
  }
  return Status::ok();
}

} // namespace heddle
