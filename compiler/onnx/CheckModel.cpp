// Implements the rules for a parsed model in the order in which they may rely on each other.
#include "compiler/onnx/CheckModel.h"
#include "compiler/onnx/FunctionRules.h"
#include "compiler/onnx/GraphRules.h"
#include "compiler/onnx/ModelWalk.h"
#include "compiler/onnx/OnnxChecker.h"
#include "compiler/onnx/SparseRules.h"
#include <set>

namespace heddle {
namespace {

constexpr std::string_view longDomain = "ai.onnx"; // the other name of the standard domain ""

void shortenDomain(std::string &domain) {
  if (domain == longDomain)
    domain.clear();
}

void shortenDomains(onnx::ModelProto &model) {
  for (onnx::OperatorSetIdProto &import : *model.mutable_opset_import())
    shortenDomain(*import.mutable_domain());
  for (onnx::FunctionProto &function : *model.mutable_functions()) {
    shortenDomain(*function.mutable_domain());
    for (onnx::OperatorSetIdProto &import : *function.mutable_opset_import())
      shortenDomain(*import.mutable_domain());
  }
  const auto shorten = [](onnx::NodeProto &node, const Place &) {
    if (node.has_domain())
      shortenDomain(*node.mutable_domain());
    return Status::ok();
  };
  const Status status = walkModel(model, {.node = shorten, .tensor = {}, .sparseTensor = {}});
  assert(status.isOk() && "renaming a domain cannot fail");
}

/// \param unsupported receives the first version that is valid but not read.
template <typename Imports> Status checkImports(const Imports &imports, const std::string &where, Status &unsupported) {
  std::set<std::string> domains;
  for (const onnx::OperatorSetIdProto &import : imports) {
    const std::string name = import.domain().empty() ? std::string(longDomain) : printable(import.domain());
    if (!domains.insert(import.domain()).second)
      return {Code::Malformed, where + ": operator set " + name + " is imported twice"};
    const int64_t version = import.version();
    if (version < 1 || version > INT32_MAX)
      return {Code::Malformed,
              where + ": version " + std::to_string(version) + " of operator set " + name + " is not valid"};
    const bool known = version >= oldestOpset && version <= newestOpset;
    if (import.domain().empty() && !known && unsupported.isOk())
      unsupported = Status(Code::Unsupported, where + ": version " + std::to_string(version) + " of operator set " +
                                                  name + " is not supported, expected " + std::to_string(oldestOpset) +
                                                  " to " + std::to_string(newestOpset));
  }
  return Status::ok();
}

Status checkVersions(const onnx::ModelProto &model, Status &unsupported) {
  if (model.ir_version() < 1)
    return {Code::Malformed, "model: ir_version " + std::to_string(model.ir_version()) + " is not valid"};
  if (model.ir_version() > onnx::IR_VERSION)
    unsupported = Status(Code::Unsupported, "model: ir_version " + std::to_string(model.ir_version()) +
                                                " is not supported, expected at most " +
                                                std::to_string(static_cast<int>(onnx::IR_VERSION)));
  HEDDLE_RETURN_IF_ERROR(checkImports(model.opset_import(), "model", unsupported));
  if (model.opset_import_size() == 0 && model.ir_version() < 3)
    unsupported = Status(Code::Unsupported, "model: version 1 of operator set ai.onnx is not supported, expected " +
                                                std::to_string(oldestOpset) + " to " + std::to_string(newestOpset));
  for (const onnx::FunctionProto &function : model.functions())
    HEDDLE_RETURN_IF_ERROR(
        checkImports(function.opset_import(), "function " + printable(function.name()), unsupported));
  return Status::ok();
}

/// The checker demands the same of the main graph's inputs and outputs, but does not say which one lacks it.
template <typename Values> Status checkTypes(const Values &values, const std::string &kind) {
  for (const onnx::ValueInfoProto &value : values) {
    const onnx::TypeProto &type = value.type();
    const char *missing = type.value_case() == onnx::TypeProto::VALUE_NOT_SET                       ? "type"
                          : type.has_tensor_type() && !type.tensor_type().has_shape()               ? "shape"
                          : type.has_sparse_tensor_type() && !type.sparse_tensor_type().has_shape() ? "shape"
                                                                                                    : nullptr;
    if (missing)
      return {Code::Malformed, "graph: " + kind + " '" + printable(value.name()) + "' has no " + missing};
  }
  return Status::ok();
}

Status checkSparseTensors(LoadedModel &model) {
  const auto check = [&model](onnx::SparseTensorProto &tensor, const Place &place) -> Status {
    Status status = checkSparseTensor(model, tensor);
    return status ? status : Status(status.code(), place.path() + ": " + status.message());
  };
  return walkModel(model.proto, {.node = {}, .tensor = {}, .sparseTensor = check});
}

} // namespace

Status checkModel(LoadedModel &model, const Limits &limits) {
  Status unsupported;
  shortenDomains(model.proto);
  HEDDLE_RETURN_IF_ERROR(checkVersions(model.proto, unsupported));
  HEDDLE_RETURN_IF_ERROR(checkAndSortGraphs(model.proto));
  HEDDLE_RETURN_IF_ERROR(checkTypes(model.proto.graph().input(), "input"));
  HEDDLE_RETURN_IF_ERROR(checkTypes(model.proto.graph().output(), "output"));
  const Status functions = checkFunctions(model.proto, limits);
  if (functions.code() == Code::Malformed)
    return functions;
  HEDDLE_RETURN_IF_ERROR(checkSparseTensors(model));
  // Of a version that it does not know, the checker could only say so.
  if (unsupported.isOk())
    HEDDLE_RETURN_IF_ERROR(runOnnxChecker(model.proto, model.unknownOps));
  HEDDLE_RETURN_IF_ERROR(unsupported);
  if (!functions.isOk() && !model.unknownOps.empty())
    return unsupportedNodes(model.unknownOps);
  return functions;
}

} // namespace heddle
