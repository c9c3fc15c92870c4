// Asks ONNX's schemas for function bodies, with types that the import has computed itself.
#include "compiler/onnx/FunctionBody.h"
#include <algorithm>

using namespace heddle;
using namespace heddle::onnximport;

namespace {

constexpr std::string_view expandedOps[] = {
    "Attention",
    "BlackmanWindow",
    "CausalConvWithState",
    "CenterCropPad",
    "DynamicQuantizeLinear",
    "GroupNormalization",
    "HammingWindow",
    "HannWindow",
    "LinearAttention",
    "NegativeLogLikelihoodLoss",
    "RotaryEmbedding",
    "SoftmaxCrossEntropyLoss",
};

onnx::TypeProto typeOf(const Tensor &tensor) {
  onnx::TypeProto type;
  auto *tensorType = type.mutable_tensor_type();
  tensorType->set_elem_type(onnxNumberOf(*dtypeOf(tensor.element)));
  auto *shape = tensorType->mutable_shape();
  for (const Expr &size : tensor.shape) {
    auto *dim = shape->add_dim();
    if (std::optional<int64_t> literal = size.literal())
      dim->set_dim_value(*literal);
    else
      dim->set_dim_param(size.str());
  }
  return type;
}

/// The node with the attributes of the function around it filled in.
onnx::NodeProto resolvedNode(const Node &node) {
  onnx::NodeProto resolved = node.proto();
  resolved.clear_attribute();
  for (const onnx::AttributeProto &attribute : node.proto().attribute())
    if (const onnx::AttributeProto *found = node.attribute(attribute.name())) {
      onnx::AttributeProto *copy = resolved.add_attribute();
      *copy = *found;
      copy->set_name(attribute.name());
    }
  return resolved;
}

} // namespace

bool onnximport::isExpandedOp(std::string_view op) {
  return std::find(std::begin(expandedOps), std::end(expandedOps), op) != std::end(expandedOps);
}

bool onnximport::hasFunctionBody(const Node &node) {
  const onnx::OpSchema *schema = node.schema();
  return node.proto().domain().empty() && (schema->HasFunction() || schema->HasContextDependentFunction()) &&
         isExpandedOp(node.proto().op_type());
}

void onnximport::importFunctionBody(Node &node) {
  const onnx::OpSchema &schema = *node.schema();
  int opset = static_cast<int>(node.frame().opsets.at(""));
  if (schema.HasFunction()) {
    const onnx::FunctionProto *body = schema.GetFunction(opset);
    if (!body)
      unsupported("op " + node.opType() + " has no function body at opset " + llvm::Twine(opset));
    return node.importer().importFunction(node, *body);
  }
  std::vector<onnx::TypeProto> types;
  for (int input = 0; input < node.inputCount(); ++input)
    types.push_back(node.hasInput(input) ? typeOf(node.tensor(input)) : onnx::TypeProto());
  onnx::NodeProto resolved = resolvedNode(node); // The context keeps pointers into it.
  onnx::FunctionBodyBuildContextImpl context(resolved, types);
  onnx::FunctionProto body;
  if (!schema.BuildContextDependentFunction(context, body, opset))
    unsupported("op " + node.opType() + " has no function body for these operands");
  node.importer().importFunction(node, body);
}
