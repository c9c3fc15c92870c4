// Implements the rules for calls among model-local functions.
#include "compiler/onnx/FunctionRules.h"
#include "compiler/onnx/NodePath.h"
#include "runtime/format/CheckedMath.h"
#include <map>
#include <tuple>
#include <vector>

namespace heddle {
namespace {

using Nodes = google::protobuf::RepeatedPtrField<onnx::NodeProto>;
using Key = std::tuple<std::string_view, std::string_view, std::string_view>; // domain, name, overload

/// The nodes of a body, nested graphs included: how many are plain, and how often each function is called.
struct Content {
  uint64_t plainNodes = 0;
  std::map<size_t, uint64_t> calls;
};

class CallGraph {
public:
  CallGraph(const onnx::ModelProto &model, const Limits &limits) : model(model), limits(limits) {}

  Status check() {
    for (const onnx::FunctionProto &function : model.functions())
      if (!byKey.emplace(Key(function.domain(), function.name(), function.overload()), byKey.size()).second)
        return {Code::Malformed, "function " + printable(function.name()) + " is defined twice"};
    contents.resize(byKey.size());
    expanded.resize(byKey.size());
    state.resize(byKey.size(), State::New);
    for (size_t i = 0; i < contents.size(); ++i)
      collect(model.functions(static_cast<int>(i)).node(), contents[i]);
    for (size_t i = 0; i < contents.size(); ++i)
      HEDDLE_RETURN_IF_ERROR(expand(i));
    Content main;
    collect(model.graph().node(), main);
    const uint64_t nodes = expandedNodes(main);
    if (nodes > limits.nodes)
      return {Code::OverLimit, "graph: the number of nodes after inlining functions passes the limit of " +
                                   std::to_string(limits.nodes)};
    return Status::ok();
  }

private:
  enum class State : uint8_t { New, Open, Done };

  void collect(const Nodes &nodes, Content &content) const {
    for (const onnx::NodeProto &node : nodes) {
      const auto callee = byKey.find(Key(node.domain(), node.op_type(), node.overload()));
      if (callee != byKey.end())
        ++content.calls[callee->second];
      else
        ++content.plainNodes;
      for (const onnx::AttributeProto &attribute : node.attribute()) {
        collect(attribute.g().node(), content);
        for (const onnx::GraphProto &graph : attribute.graphs())
          collect(graph.node(), content);
      }
    }
  }

  uint64_t expandedNodes(const Content &content) const {
    uint64_t total = content.plainNodes;
    for (const auto &[callee, count] : content.calls)
      total = checkedAdd(total, checkedMul(expanded[callee], count).value_or(UINT64_MAX)).value_or(UINT64_MAX);
    return total;
  }

  Status expand(size_t function) {
    if (state[function] == State::Done)
      return Status::ok();
    if (state[function] == State::Open)
      return {Code::Malformed, "functions call each other in a cycle: " + describeCycle(function)};
    if (chain.size() == limits.callDepth)
      return {Code::OverLimit, "nesting of function calls passes the limit of " + std::to_string(limits.callDepth)};
    state[function] = State::Open;
    chain.push_back(function);
    for (const auto &[callee, count] : contents[function].calls)
      HEDDLE_RETURN_IF_ERROR(expand(callee));
    chain.pop_back();
    state[function] = State::Done;
    expanded[function] = expandedNodes(contents[function]);
    return Status::ok();
  }

  std::string describeCycle(size_t function) const {
    std::string text;
    bool inCycle = false;
    for (size_t caller : chain) {
      inCycle |= caller == function;
      if (inCycle)
        text += printable(model.functions(static_cast<int>(caller)).name()) + " -> ";
    }
    return text + printable(model.functions(static_cast<int>(function)).name());
  }

  const onnx::ModelProto &model;
  const Limits &limits;
  std::map<Key, size_t> byKey;
  std::vector<Content> contents;
  std::vector<uint64_t> expanded; ///< Nodes after inlining everything, per function; saturates.
  std::vector<State> state;
  std::vector<size_t> chain; ///< The calls that lead to the function being expanded.
};

} // namespace

Status checkFunctions(const onnx::ModelProto &model, const Limits &limits) { return CallGraph(model, limits).check(); }

} // namespace heddle
