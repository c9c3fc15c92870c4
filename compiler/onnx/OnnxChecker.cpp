// Wraps ONNX's checker: stubs for tensors, unknown ops set aside, exceptions turned into located messages.
#include "compiler/onnx/OnnxChecker.h"
#include "compiler/onnx/ModelWalk.h"
#include "compiler/onnx/WireScan.h"
#include <cctype>
#include <memory>
#include <onnx/checker.h>
#include <unordered_map>

namespace heddle {
namespace {

using onnx::checker::CheckerContext;
using onnx::checker::LexicalScopeContext;
using Opsets = std::unordered_map<std::string, int>;

constexpr const char *hiddenDomain = "heddle.unknown";

/// Puts stubs in place of tensors and gives the tensors back on destruction.
class TensorStubs {
public:
  explicit TensorStubs(onnx::ModelProto &model) {
    const auto dense = [this](onnx::TensorProto &tensor, const Place &) {
      if (tensor.external_data_size() != 0 && tensor.external_data(0).key() == placeholderKey)
        hide(tensor);
      return Status::ok();
    };
    const auto sparse = [this](onnx::SparseTensorProto &tensor, const Place &) {
      hide(*tensor.mutable_values());
      if (tensor.has_indices())
        hide(*tensor.mutable_indices());
      return Status::ok();
    };
    const Status status = walkModel(model, {.node = {}, .tensor = dense, .sparseTensor = sparse});
    assert(status.isOk() && "hiding a tensor cannot fail");
  }
  ~TensorStubs() {
    for (auto &[tensor, original] : hidden)
      tensor->Swap(original.get());
  }
  TensorStubs(const TensorStubs &) = delete;
  TensorStubs &operator=(const TensorStubs &) = delete;

private:
  void hide(onnx::TensorProto &tensor) {
    auto original = std::make_unique<onnx::TensorProto>();
    original->Swap(&tensor);
    if (original->has_name())
      tensor.set_name(original->name());
    tensor.set_data_type(original->data_type());
    tensor.add_dims(0);
    hidden.emplace_back(&tensor, std::move(original));
  }

  std::vector<std::pair<onnx::TensorProto *, std::unique_ptr<onnx::TensorProto>>> hidden;
};

bool isStandard(const std::string &domain) {
  return domain == onnx::ONNX_DOMAIN || domain == onnx::AI_ONNX_ML_DOMAIN || domain == onnx::AI_ONNX_TRAINING_DOMAIN;
}

template <typename Imports> Opsets opsetsOf(const Imports &imports) {
  Opsets opsets;
  for (const onnx::OperatorSetIdProto &import : imports)
    opsets[import.domain()] = static_cast<int>(import.version());
  return opsets;
}

/// Moves nodes with unknown ops to a domain of which the checker expects nothing; undone on destruction.
class HiddenOps {
public:
  HiddenOps(onnx::ModelProto &model, std::vector<std::string> &unknownOps) : model(model) {
    const Opsets main = opsetsOf(model.opset_import());
    std::unordered_map<const onnx::FunctionProto *, Opsets> ofFunctions;
    for (const onnx::FunctionProto &function : model.functions())
      ofFunctions[&function] = opsetsOf(function.opset_import());
    const auto visit = [&](onnx::NodeProto &node, const Place &place) {
      const Place *root = &place;
      while (root->outer)
        root = root->outer;
      const Opsets &opsets = root->function ? ofFunctions[root->function] : main;
      const auto version = opsets.find(node.domain());
      if (!isStandard(node.domain()) || version == opsets.end() || node.op_type().empty() ||
          onnx::OpSchemaRegistry::Schema(node.op_type(), version->second, node.domain()))
        return Status::ok();
      unknownOps.push_back(place.path() + ": " + printable(node.op_type()) + "-" + std::to_string(version->second) +
                           " (" + (node.domain().empty() ? "ai.onnx" : node.domain()) + ")");
      hidden.emplace_back(&node, node.domain());
      node.set_domain(hiddenDomain);
      return Status::ok();
    };
    const Status status = walkModel(model, {.node = visit, .tensor = {}, .sparseTensor = {}});
    assert(status.isOk() && "hiding a node cannot fail");
    addImport(*model.mutable_opset_import());
    for (onnx::FunctionProto &function : *model.mutable_functions())
      addImport(*function.mutable_opset_import());
  }
  ~HiddenOps() {
    for (auto &[node, domain] : hidden)
      node->set_domain(domain);
    model.mutable_opset_import()->RemoveLast();
    for (onnx::FunctionProto &function : *model.mutable_functions())
      function.mutable_opset_import()->RemoveLast();
  }
  HiddenOps(const HiddenOps &) = delete;
  HiddenOps &operator=(const HiddenOps &) = delete;

private:
  static void addImport(google::protobuf::RepeatedPtrField<onnx::OperatorSetIdProto> &imports) {
    onnx::OperatorSetIdProto *import = imports.Add();
    import->set_domain(hiddenDomain);
    import->set_version(1);
  }

  onnx::ModelProto &model;
  std::vector<std::pair<onnx::NodeProto *, std::string>> hidden;
};

/// The checker's words without its context lines, on one line, as our messages are written.
std::string oneLine(std::string_view text) {
  text = text.substr(0, text.find("==> Context"));
  std::string line;
  for (char c : text) {
    const bool space = std::isspace(static_cast<unsigned char>(c)) != 0;
    if (!space)
      line += c;
    else if (!line.empty() && line.back() != ' ')
      line += ' ';
  }
  while (!line.empty() && (line.back() == ' ' || line.back() == '.'))
    line.pop_back();
  const bool word = line.size() > 1 && std::islower(static_cast<unsigned char>(line[1])) != 0;
  if (word)
    line[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(line[0])));
  return printable(line);
}

/// Finds the node that the checker refuses, by asking it node by node. Only used once the whole model was refused.
class Culprit {
public:
  explicit Culprit(const onnx::ModelProto &model) : model(model) {
    context.set_ir_version(static_cast<int>(model.ir_version()));
  }

  /// The path and the checker's words; empty if no single node is refused.
  std::string find() {
    context.set_opset_imports(opsetsOf(model.opset_import()));
    const Place main;
    if (searchGraph(model.graph(), main, LexicalScopeContext()))
      return found;
    for (const onnx::FunctionProto &function : model.functions()) {
      const Place place{.function = &function};
      LexicalScopeContext names;
      for (const std::string &input : function.input())
        names.add(input);
      context.set_opset_imports(opsetsOf(function.opset_import()));
      if (searchNodes(function.node(), place, names))
        return found;
    }
    return {};
  }

private:
  bool searchGraph(const onnx::GraphProto &graph, const Place &place, const LexicalScopeContext &outer) {
    LexicalScopeContext names(outer);
    for (const onnx::ValueInfoProto &input : graph.input())
      names.add(input.name());
    for (const onnx::TensorProto &tensor : graph.initializer())
      names.add(tensor.name());
    for (const onnx::SparseTensorProto &tensor : graph.sparse_initializer())
      names.add(tensor.values().name());
    return searchNodes(graph.node(), place, names);
  }

  template <typename Nodes> bool searchNodes(const Nodes &nodes, const Place &outer, LexicalScopeContext &names) {
    for (const onnx::NodeProto &node : nodes) {
      const Place place{.outer = &outer, .node = &node};
      if (!accepts(node, place, names))
        return true;
      for (const std::string &output : node.output())
        names.add(output);
    }
    return false;
  }

  bool accepts(const onnx::NodeProto &node, const Place &place, const LexicalScopeContext &names) {
    std::string reason;
    try {
      check_node(node, context, names);
      return true;
    } catch (const std::exception &error) {
      reason = error.what();
    }
    // The message is about the innermost node: look there first.
    for (const onnx::AttributeProto &attribute : node.attribute()) {
      const Place inner{.outer = &place, .attribute = &attribute};
      if (attribute.has_g() && searchGraph(attribute.g(), inner, names))
        return false;
    }
    found = place.path() + ": " + oneLine(reason);
    return false;
  }

  const onnx::ModelProto &model;
  CheckerContext context;
  std::string found;
};

} // namespace

Status runOnnxChecker(onnx::ModelProto &model, std::vector<std::string> &unknownOps) {
  const TensorStubs stubs(model);
  const HiddenOps hidden(model, unknownOps);
  std::string reason;
  try {
    onnx::checker::check_model(model);
    return Status::ok();
  } catch (const std::bad_alloc &) {
    throw;
  } catch (const std::exception &error) {
    reason = error.what();
  }
  const std::string located = Culprit(model).find();
  return {Code::Malformed, located.empty() ? "graph: " + oneLine(reason) : located};
}

} // namespace heddle
