// Tests the order that nodes are brought into; test/bad-models has what is refused.
#include "compiler/onnx/GraphRules.h"
#include "test/unit/onnx/OnnxTestUtils.h"

using namespace heddle;
using namespace heddle::test;

namespace {

std::string sortedNames(onnx::ModelProto &model) {
  const Status status = checkAndSortGraphs(model);
  EXPECT_TRUE(status.isOk()) << status.message();
  std::string names;
  for (const onnx::NodeProto &node : model.graph().node())
    names += node.name();
  return names;
}

// Nodes in a good order must stay where they are: the order decides names, plans and dumps.
TEST(GraphRules, keepsAGoodOrder) {
  onnx::ModelProto model = emptyModel();
  onnx::GraphProto &graph = *model.mutable_graph();
  addNode(graph, "Relu", {"x"}, {"c"}, "c");
  addNode(graph, "Relu", {"x"}, {"a"}, "a");
  addNode(graph, "Relu", {"x"}, {"b"}, "b");
  addNode(graph, "Sum", {"a", "b", "c"}, {"y"}, "y");
  EXPECT_EQ(sortedNames(model), "caby");
}

TEST(GraphRules, sortsByFileOrderAmongReadyNodes) {
  onnx::ModelProto model = emptyModel();
  onnx::GraphProto &graph = *model.mutable_graph();
  addNode(graph, "Sum", {"a", "b", "c"}, {"y"}, "y");
  addNode(graph, "Relu", {"b"}, {"c"}, "c");
  addNode(graph, "Relu", {"x"}, {"b"}, "b");
  addNode(graph, "Relu", {"x"}, {"a"}, "a");
  EXPECT_EQ(sortedNames(model), "bcay");
}

// What a branch takes from outside orders the nodes like an input does.
TEST(GraphRules, branchesWaitForWhatTheyCapture) {
  onnx::ModelProto model = emptyModel();
  onnx::GraphProto &graph = *model.mutable_graph();
  onnx::AttributeProto *branch = addNode(graph, "If", {"x"}, {"y"}, "i")->add_attribute();
  branch->set_name("then_branch");
  onnx::AttributeProto *inner = addNode(*branch->mutable_g(), "If", {"x"}, {"t"}, "j")->add_attribute();
  inner->set_name("then_branch");
  addNode(*inner->mutable_g(), "Relu", {"late"}, {"u"}, "k");
  addValue(inner->mutable_g()->add_output(), "u");
  addValue(branch->mutable_g()->add_output(), "t");
  addNode(graph, "Relu", {"x"}, {"late"}, "l");
  EXPECT_EQ(sortedNames(model), "li");
}

// Two branches may use one name: neither sees the other.
TEST(GraphRules, siblingsMayShareNames) {
  onnx::ModelProto model = emptyModel();
  onnx::NodeProto *node = addNode(*model.mutable_graph(), "If", {"x"}, {"y"}, "i");
  for (const char *name : {"then_branch", "else_branch"}) {
    onnx::AttributeProto *branch = node->add_attribute();
    branch->set_name(name);
    addNode(*branch->mutable_g(), "Relu", {"x"}, {"t"}, "k");
    addValue(branch->mutable_g()->add_output(), "t");
  }
  EXPECT_EQ(sortedNames(model), "i");
}

// An absent optional input has an empty name, and several of them are not one value.
TEST(GraphRules, emptyNamesAreNoValues) {
  onnx::ModelProto model = emptyModel();
  onnx::GraphProto &graph = *model.mutable_graph();
  addNode(graph, "Dropout", {"x", "", ""}, {"a", ""}, "a");
  addNode(graph, "Dropout", {"a", ""}, {"y", ""}, "b");
  EXPECT_EQ(sortedNames(model), "ab");
}

} // namespace
