// Compares operand types with the type sets of ONNX's op schemas.
#include "compiler/onnx/TypeConstraints.h"
#include "onnx/defs/data_type_utils.h"
#include <cassert>

using namespace mlir;
using namespace heddle;
using namespace heddle::onnximport;

static onnx::DataType schemaType(DType type) {
  onnx::TypeProto proto;
  proto.mutable_tensor_type()->set_elem_type(onnxNumberOf(type));
  return onnx::Utils::DataTypeUtils::ToType(proto);
}

/// The formal parameter of an input; nullptr if the op does not have that many.
static const onnx::OpSchema::FormalParameter *parameterOf(const onnx::OpSchema &schema, int position) {
  const auto &parameters = schema.inputs();
  if (position < static_cast<int>(parameters.size()))
    return &parameters[position];
  if (!parameters.empty() && parameters.back().GetOption() == onnx::OpSchema::Variadic)
    return &parameters.back();
  return nullptr;
}

void onnximport::checkOperandTypes(Node &node) {
  const onnx::OpSchema *schema = node.schema();
  if (!schema)
    return;
  std::map<std::string, std::pair<DType, int>> variables;
  for (int position = 0; position < node.inputCount(); ++position) {
    if (!node.hasInput(position) || node.isSequence(position))
      continue;
    const auto *parameter = parameterOf(*schema, position);
    assert(parameter && "ONNX's checker has counted the inputs");
    DType type = *dtypeOf(node.element(position));
    std::string typeName(nameOf(type));
    if (!parameter->GetTypes().count(schemaType(type)))
      malformed("input " + Twine(position) + " ('" + parameter->GetName() + "') has element type " + typeName +
                ", which " + node.opType().str() + " of opset " + Twine(node.version()) + " does not take");
    if (parameter->GetOption() == onnx::OpSchema::Variadic && !parameter->GetIsHomogeneous())
      continue;
    auto [found, isNew] = variables.try_emplace(parameter->GetTypeStr(), type, position);
    if (!isNew && found->second.first != type)
      malformed("input " + Twine(position) + " has element type " + typeName + ", expected " +
                std::string(nameOf(found->second.first)) + " as input " + Twine(found->second.second));
  }
}
