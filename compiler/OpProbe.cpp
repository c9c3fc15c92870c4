// Implements models of one node.
#include "compiler/OpProbe.h"
#include "compiler/OpExamples.h"
#include "compiler/onnx/OnnxChecker.h"
#include "onnx/defs/data_type_utils.h"
#include "onnx/defs/parser.h"
#include <algorithm>
#include <map>

using namespace heddle;
using Parameter = onnx::OpSchema::FormalParameter;

static constexpr std::string_view tensorPrefix = "tensor(";

/// The element type of "tensor(float)"; nullopt for sequences, optionals, and elements that do not exist here.
static std::optional<DType> tensorElement(const std::string &text) {
  if (!text.starts_with(tensorPrefix))
    return std::nullopt;
  const onnx::TypeProto &type = onnx::Utils::DataTypeUtils::ToTypeProto(onnx::Utils::DataTypeUtils::ToType(text));
  return dtypeFromOnnx(type.tensor_type().elem_type());
}

static std::vector<DType> typesTaken(const Parameter &parameter) {
  std::vector<DType> types;
  for (onnx::DataType text : parameter.GetTypes())
    if (std::optional<DType> type = tensorElement(*text))
      types.push_back(*type);
  std::sort(types.begin(), types.end());
  return types;
}

std::vector<ProbeShape> heddle::probeShapes(std::string_view op, int opset) {
  if (exampleOf(op, opset))
    return {ProbeShape()};
  static constexpr std::pair<int64_t, int64_t> ranks[] = {{4, 4}, {2, 2}, {3, 3}, {4, 1}, {2, 1},
                                                          {3, 1}, {1, 1}, {2, 0}, {1, 0}, {0, 0}};
  std::vector<ProbeShape> shapes;
  for (auto [first, other] : ranks)
    for (bool isFree : {false, true})
      for (auto constant : {ProbeShape::Constant::One, ProbeShape::Constant::PerDim, ProbeShape::Constant::PerSide,
                            ProbeShape::Constant::Scalar})
        shapes.push_back({first, other, isFree, constant});
  return shapes;
}

std::string heddle::probedVariable(const onnx::OpSchema &schema) {
  for (const Parameter &parameter : schema.inputs())
    if (typesTaken(parameter).size() > 1)
      return parameter.GetTypeStr();
  return "";
}

std::vector<DType> heddle::typesOf(const onnx::OpSchema &schema, const std::string &variable) {
  for (const Parameter &parameter : schema.inputs())
    if (parameter.GetTypeStr() == variable)
      return typesTaken(parameter);
  return {};
}

namespace {
class ProbeBuilder {
public:
  ProbeBuilder(const onnx::OpSchema &schema, int opset, const ProbeShape &shape, std::string variable, DType type)
      : schema(schema), shape(shape) {
    chosen[std::move(variable)] = type;
    onnx::OperatorSetIdProto *import = model.proto.add_opset_import();
    import->set_version(opset);
    model.proto.set_ir_version(onnx::IR_VERSION);
    graph = model.proto.mutable_graph();
    graph->set_name(schema.Name());
    node = graph->add_node();
    node->set_op_type(schema.Name());
    node->set_name(schema.Name());
  }

  bool build();
  LoadedModel model;

private:
  bool addAttribute(const onnx::OpSchema::Attribute &attribute);
  bool addInput(const Parameter &parameter);
  void addConstant(const std::string &name, DType type);
  void addArgument(const std::string &name, DType type);
  std::optional<DType> typeFor(const Parameter &parameter);

  const onnx::OpSchema &schema;
  const ProbeShape &shape;
  std::map<std::string, DType> chosen; ///< By type variable.
  onnx::GraphProto *graph = nullptr;
  onnx::NodeProto *node = nullptr;
};
} // namespace

bool ProbeBuilder::addAttribute(const onnx::OpSchema::Attribute &attribute) {
  onnx::AttributeProto *given = node->add_attribute();
  given->set_name(attribute.name);
  given->set_type(attribute.type);
  switch (attribute.type) {
  case onnx::AttributeProto::INT:
    given->set_i(1);
    return true;
  case onnx::AttributeProto::INTS:
    for (int64_t dim = 0; dim < std::max<int64_t>(shape.firstRank - 2, 1); ++dim)
      given->add_ints(1);
    return true;
  case onnx::AttributeProto::FLOAT:
    given->set_f(1);
    return true;
  case onnx::AttributeProto::STRING:
    given->set_s(attribute.name == "equation" ? "ij" : "LEFT");
    return true;
  default:
    return false;
  }
}

std::optional<DType> ProbeBuilder::typeFor(const Parameter &parameter) {
  if (auto known = chosen.find(parameter.GetTypeStr()); known != chosen.end())
    return known->second;
  std::vector<DType> types = typesTaken(parameter);
  if (types.empty())
    return std::nullopt;
  for (DType preferred : {DType::F32, DType::I64})
    if (std::find(types.begin(), types.end(), preferred) != types.end())
      return chosen[parameter.GetTypeStr()] = preferred;
  return chosen[parameter.GetTypeStr()] = types.front();
}

/// What decides about shapes is a constant, as in most models: 1 everywhere, which is a size, a position and an axis.
void ProbeBuilder::addConstant(const std::string &name, DType type) {
  using Constant = ProbeShape::Constant;
  onnx::TensorProto *tensor = graph->add_initializer();
  tensor->set_name(name);
  tensor->set_data_type(onnxNumberOf(type));
  int64_t count = shape.constant == Constant::PerDim    ? shape.firstRank
                  : shape.constant == Constant::PerSide ? 2 * shape.firstRank
                                                        : 1;
  if (shape.constant != Constant::Scalar)
    tensor->add_dims(count);
  for (int64_t element = 0; element < count; ++element)
    if (type == DType::I64)
      tensor->add_int64_data(1);
    else
      tensor->add_int32_data(1);
}

void ProbeBuilder::addArgument(const std::string &name, DType type) {
  onnx::ValueInfoProto *input = graph->add_input();
  input->set_name(name);
  auto *tensor = input->mutable_type()->mutable_tensor_type();
  tensor->set_elem_type(onnxNumberOf(type));
  tensor->mutable_shape();
  for (int64_t dim = 0; dim < (graph->input_size() == 1 ? shape.firstRank : shape.otherRank); ++dim) {
    auto *size = tensor->mutable_shape()->add_dim();
    if (shape.isFree)
      size->set_dim_param(name + "_" + std::to_string(dim));
    else
      size->set_dim_value(2);
  }
}

bool ProbeBuilder::addInput(const Parameter &parameter) {
  std::optional<DType> type = typeFor(parameter);
  if (!type)
    return false;
  std::string name = "x" + std::to_string(node->input_size());
  node->add_input(name);
  bool takesIntegersOnly = parameter.GetTypes().size() <= 2 && (*type == DType::I64 || *type == DType::I32);
  if (node->input_size() > 1 && takesIntegersOnly)
    addConstant(name, *type);
  else
    addArgument(name, *type);
  return true;
}

bool ProbeBuilder::build() {
  for (const auto &[name, attribute] : schema.attributes())
    if (attribute.required && !addAttribute(attribute))
      return false;
  for (const Parameter &parameter : schema.inputs())
    if (parameter.GetOption() != onnx::OpSchema::Optional && !addInput(parameter))
      return false;
  for (const Parameter &parameter : schema.outputs()) {
    if (parameter.GetOption() == onnx::OpSchema::Optional)
      break;
    std::string name = "y" + std::to_string(node->output_size());
    node->add_output(name);
    std::optional<DType> type = typeFor(parameter);
    if (!type)
      return false;
    onnx::ValueInfoProto *output = graph->add_output();
    output->set_name(name);
    auto *tensor = output->mutable_type()->mutable_tensor_type();
    tensor->set_elem_type(onnxNumberOf(*type));
    tensor->mutable_shape(); // Declared shapes of results are hints that the importer does not take.
  }
  return true;
}

/// The example with its element type filled in; nullopt if the text does not fit it.
static std::optional<LoadedModel> exampleModel(std::string_view graph, int opset, DType type) {
  std::string text = "<ir_version: 10, opset_import: [\"\" : " + std::to_string(opset) + "]>\nexample ";
  const std::string element = onnx::PrimitiveTypeNameMap::ToString(onnxNumberOf(type));
  for (char c : graph)
    text += c == '$' ? element : std::string(1, c);
  LoadedModel model;
  if (!onnx::OnnxParser::Parse(model.proto, text.c_str()).IsOK())
    return std::nullopt;
  return model;
}

std::optional<LoadedModel> heddle::probeModel(const onnx::OpSchema &schema, int opset, const ProbeShape &shape,
                                              const std::string &variable, DType type) {
  std::optional<LoadedModel> model;
  if (std::optional<std::string_view> example = exampleOf(schema.Name(), opset)) {
    model = exampleModel(*example, opset, type);
  } else {
    ProbeBuilder builder(schema, opset, shape, variable, type);
    if (builder.build())
      model = std::move(builder.model);
  }
  std::vector<std::string> unknownOps;
  if (!model || !runOnnxChecker(model->proto, unknownOps) || !unknownOps.empty())
    return std::nullopt;
  return model;
}
