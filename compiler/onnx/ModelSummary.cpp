// Implements the description of ONNX models.
#include "compiler/onnx/ModelSummary.h"
#include "compiler/onnx/ModelFile.h"
#include "compiler/onnx/NodePath.h"
#include <map>

using namespace heddle;

namespace {
/// What is counted over a graph and its subgraphs.
struct Counts {
  std::map<std::string, int64_t> nodes;
  int64_t parameters = 0, bytes = 0;
};
} // namespace

static void count(const onnx::GraphProto &graph, Counts &counts) {
  for (const onnx::TensorProto &tensor : graph.initializer()) {
    int64_t elements = 1;
    for (int64_t size : tensor.dims())
      elements *= size;
    counts.parameters += elements;
    if (std::optional<DType> type = dtypeFromOnnx(tensor.data_type()))
      counts.bytes += elements * byteWidth(*type);
  }
  for (const onnx::NodeProto &node : graph.node()) {
    ++counts.nodes[node.op_type()];
    for (const onnx::AttributeProto &attribute : node.attribute())
      if (attribute.has_g())
        count(attribute.g(), counts);
  }
}

static std::string portText(const onnx::ValueInfoProto &value) {
  if (!value.type().has_tensor_type())
    return "not a tensor";
  const onnx::TypeProto::Tensor &tensor = value.type().tensor_type();
  std::optional<DType> type = dtypeFromOnnx(tensor.elem_type());
  std::string text = std::string(type ? nameOf(*type) : "unknown") + " [";
  for (int dim = 0; dim < tensor.shape().dim_size(); ++dim) {
    const onnx::TensorShapeProto::Dimension &size = tensor.shape().dim(dim);
    text += (dim ? ", " : "") + (size.has_dim_value()       ? std::to_string(size.dim_value())
                                 : size.dim_param().empty() ? "?"
                                                            : printable(size.dim_param()));
  }
  return text + "]";
}

Result<std::string> heddle::modelSummary(const std::string &path, const Limits &limits) {
  Result<std::unique_ptr<LoadedModel>> model = loadModel(path, limits);
  if (!model)
    return model.status();
  const onnx::ModelProto &proto = (*model)->proto;
  std::string text =
      "model " + printable(proto.graph().name()) + ", IR version " + std::to_string(proto.ir_version()) + "\n";
  for (const onnx::OperatorSetIdProto &opset : proto.opset_import())
    text += "opset " + (opset.domain().empty() ? "ai.onnx" : printable(opset.domain())) + " " +
            std::to_string(opset.version()) + "\n";
  for (const onnx::ValueInfoProto &input : proto.graph().input())
    text += "input " + printable(input.name()) + ": " + portText(input) + "\n";
  for (const onnx::ValueInfoProto &output : proto.graph().output())
    text += "output " + printable(output.name()) + ": " + portText(output) + "\n";
  Counts counts;
  count(proto.graph(), counts);
  for (const auto &[type, number] : counts.nodes)
    text += "nodes " + printable(type) + ": " + std::to_string(number) + "\n";
  return text + "parameters: " + std::to_string(counts.parameters) + ", " + std::to_string(counts.bytes) + " bytes\n";
}
