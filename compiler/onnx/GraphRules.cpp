// Implements the rules for names and the stable topological sort.
#include "compiler/onnx/GraphRules.h"
#include "compiler/onnx/NodePath.h"
#include <algorithm>
#include <functional>
#include <queue>
#include <unordered_map>
#include <vector>

namespace heddle {
namespace {

using Nodes = google::protobuf::RepeatedPtrField<onnx::NodeProto>;

constexpr int noNode = -1; // a value that no node computes: an input or an initializer
constexpr size_t longestCycleShown = 20;

/// The values of one graph and of those around it. Names are borrowed from the model.
struct Scope {
  const Scope *outer = nullptr;
  std::unordered_map<std::string_view, int> definer; ///< Position of the defining node, or noNode.

  bool seesOutside(std::string_view name) const {
    for (const Scope *scope = outer; scope; scope = scope->outer)
      if (scope->definer.count(name) != 0)
        return true;
    return false;
  }
};

/// A graph or a function's body.
struct Body {
  Nodes &nodes;
  std::vector<std::string_view> inputs, initializers, outputs;
};

Status broken(const Place &place, const std::string &what) { return {Code::Malformed, place.path() + ": " + what}; }

std::string quoted(std::string_view name) { return "'" + printable(name) + "'"; }

Body bodyOf(onnx::GraphProto &graph) {
  Body body{*graph.mutable_node(), {}, {}, {}};
  for (const onnx::ValueInfoProto &input : graph.input())
    body.inputs.push_back(input.name());
  for (const onnx::TensorProto &tensor : graph.initializer())
    body.initializers.push_back(tensor.name());
  for (const onnx::SparseTensorProto &tensor : graph.sparse_initializer())
    body.initializers.push_back(tensor.values().name());
  for (const onnx::ValueInfoProto &output : graph.output())
    body.outputs.push_back(output.name());
  return body;
}

Body bodyOf(onnx::FunctionProto &function) {
  Body body{*function.mutable_node(), {}, {}, {}};
  body.inputs.assign(function.input().begin(), function.input().end());
  body.outputs.assign(function.output().begin(), function.output().end());
  return body;
}

/// The nodes that each node waits for, each named once per use.
using Dependencies = std::vector<std::vector<int>>;

/// Positions in an order that obeys `needs`, the smallest ready one first; shorter than `needs` if there is a cycle.
std::vector<int> sortedPositions(const Dependencies &needs) {
  std::vector<std::vector<int>> users(needs.size());
  std::vector<size_t> waiting(needs.size());
  std::priority_queue<int, std::vector<int>, std::greater<>> ready;
  for (size_t node = 0; node < needs.size(); ++node) {
    waiting[node] = needs[node].size();
    for (int need : needs[node])
      users[need].push_back(static_cast<int>(node));
    if (needs[node].empty())
      ready.push(static_cast<int>(node));
  }
  std::vector<int> order;
  while (!ready.empty()) {
    order.push_back(ready.top());
    ready.pop();
    for (int user : users[order.back()])
      if (--waiting[user] == 0)
        ready.push(user);
  }
  return order;
}

/// "a -> b -> a" for a cycle among the nodes that `order` left out.
std::string describeCycle(const Nodes &nodes, const Dependencies &needs, const std::vector<int> &order) {
  std::vector<char> sorted(needs.size(), 0);
  for (int node : order)
    sorted[node] = 1;
  // Each node left out waits for another one, so following such needs must come back to a node.
  std::vector<int> trail;
  std::vector<char> visited(needs.size(), 0);
  int node = static_cast<int>(std::find(sorted.begin(), sorted.end(), 0) - sorted.begin());
  while (!visited[node]) {
    visited[node] = 1;
    trail.push_back(node);
    node = *std::find_if(needs[node].begin(), needs[node].end(), [&](int need) { return !sorted[need]; });
  }
  trail.erase(trail.begin(), std::find(trail.begin(), trail.end(), node));
  trail.push_back(node);
  std::reverse(trail.begin() + 1, trail.end() - 1);
  std::string text;
  for (size_t i = 0; i < trail.size() && i < longestCycleShown; ++i)
    text += (i ? " -> " : "") + printable(nodes[trail[i]].name());
  return trail.size() > longestCycleShown ? text + " -> ..." : text;
}

class GraphRules {
public:
  /// \param captured receives the names that the body takes from enclosing graphs.
  Status check(Body body, const Scope *outer, const Place &place, std::vector<std::string_view> &captured) {
    Scope scope{outer, {}};
    HEDDLE_RETURN_IF_ERROR(defineValues(body, scope, place));
    Dependencies needs(static_cast<size_t>(body.nodes.size()));
    for (int i = 0; i < body.nodes.size(); ++i)
      HEDDLE_RETURN_IF_ERROR(resolveUses(body.nodes[i], scope, place, needs[i], captured));
    for (std::string_view output : body.outputs)
      if (scope.definer.count(output) == 0)
        return broken(place, "output " + quoted(output) + " is not defined");
    return sort(body.nodes, needs, place);
  }

private:
  Status define(std::string_view name, int node, Scope &scope, const Place &place) {
    if (!scope.definer.emplace(name, node).second)
      return broken(place, "value " + quoted(name) + " is defined twice");
    if (scope.seesOutside(name))
      return broken(place, "value " + quoted(name) + " is also defined in an enclosing graph");
    return Status::ok();
  }

  Status defineValues(const Body &body, Scope &scope, const Place &place) {
    for (std::string_view input : body.inputs)
      HEDDLE_RETURN_IF_ERROR(define(input, noNode, scope, place));
    // An initializer may give an input its default, but two may not have one name.
    Scope initializers;
    for (std::string_view name : body.initializers) {
      if (!initializers.definer.emplace(name, noNode).second)
        return broken(place, "initializer " + quoted(name) + " is defined twice");
      if (scope.definer.count(name) == 0)
        HEDDLE_RETURN_IF_ERROR(define(name, noNode, scope, place));
    }
    for (int i = 0; i < body.nodes.size(); ++i) {
      const Place nodePlace{.outer = &place, .node = &body.nodes[i]};
      for (const std::string &output : body.nodes[i].output())
        if (!output.empty())
          HEDDLE_RETURN_IF_ERROR(define(output, i, scope, nodePlace));
    }
    return Status::ok();
  }

  Status resolveUses(onnx::NodeProto &node, const Scope &scope, const Place &graphPlace, std::vector<int> &needs,
                     std::vector<std::string_view> &captured) {
    const Place place{.outer = &graphPlace, .node = &node};
    std::vector<std::string_view> uses;
    for (const std::string &input : node.input())
      if (!input.empty())
        uses.push_back(input);
    for (onnx::AttributeProto &attribute : *node.mutable_attribute()) {
      const Place inner{.outer = &place, .attribute = &attribute};
      if (attribute.has_g())
        HEDDLE_RETURN_IF_ERROR(check(bodyOf(*attribute.mutable_g()), &scope, inner, uses));
      for (onnx::GraphProto &graph : *attribute.mutable_graphs())
        HEDDLE_RETURN_IF_ERROR(check(bodyOf(graph), &scope, inner, uses));
    }
    for (std::string_view name : uses) {
      const auto own = scope.definer.find(name);
      if (own != scope.definer.end() && own->second != noNode)
        needs.push_back(own->second);
      else if (own == scope.definer.end() && scope.seesOutside(name))
        captured.push_back(name);
      else if (own == scope.definer.end())
        return broken(place, "input " + quoted(name) + " is not defined");
    }
    return Status::ok();
  }

  Status sort(Nodes &nodes, const Dependencies &needs, const Place &place) {
    const std::vector<int> order = sortedPositions(needs);
    if (order.size() < needs.size())
      return broken(place, "nodes form a cycle: " + describeCycle(nodes, needs, order));
    if (std::is_sorted(order.begin(), order.end()))
      return Status::ok();
    std::vector<onnx::NodeProto *> taken(order.size());
    for (size_t i = taken.size(); i-- > 0;)
      taken[i] = nodes.ReleaseLast();
    for (int position : order)
      nodes.AddAllocated(taken[position]);
    return Status::ok();
  }
};

} // namespace

Status checkAndSortGraphs(onnx::ModelProto &model) {
  GraphRules rules;
  std::vector<std::string_view> captured;
  HEDDLE_RETURN_IF_ERROR(rules.check(bodyOf(*model.mutable_graph()), nullptr, Place{}, captured));
  for (onnx::FunctionProto &function : *model.mutable_functions())
    HEDDLE_RETURN_IF_ERROR(rules.check(bodyOf(function), nullptr, Place{.function = &function}, captured));
  return Status::ok();
}

} // namespace heddle
