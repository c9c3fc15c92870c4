// What the tests of the model reader share: small models built in place, and files for them.
#ifndef HEDDLE_TEST_UNIT_ONNX_ONNXTESTUTILS_H
#define HEDDLE_TEST_UNIT_ONNX_ONNXTESTUTILS_H

#include "compiler/onnx/ModelFile.h"
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>
#include <unistd.h>

namespace heddle::test {

/// A folder that is removed with the object.
class ScratchFolder {
public:
  ScratchFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "heddle-test-XXXXXX").string();
    root = mkdtemp(pattern.data());
  }
  ~ScratchFolder() { std::filesystem::remove_all(root); }
  std::string path(const std::string &name) const { return root + "/" + name; }
  std::string write(const std::string &name, const std::string &content) const {
    std::ofstream(path(name), std::ios::binary) << content;
    return path(name);
  }
  /// A file of zeros that takes no space.
  void writeHole(const std::string &name, uint64_t size) const {
    write(name, "");
    std::filesystem::resize_file(path(name), size);
  }

private:
  std::string root;
};

inline onnx::NodeProto *addNode(onnx::GraphProto &graph, const std::string &op, const std::vector<std::string> &inputs,
                                const std::vector<std::string> &outputs, const std::string &name = "") {
  onnx::NodeProto *node = graph.add_node();
  node->set_op_type(op);
  for (const std::string &input : inputs)
    node->add_input(input);
  for (const std::string &output : outputs)
    node->add_output(output);
  if (!name.empty())
    node->set_name(name);
  return node;
}

inline void addValue(onnx::ValueInfoProto *value, const std::string &name) {
  value->set_name(name);
  onnx::TypeProto::Tensor *type = value->mutable_type()->mutable_tensor_type();
  type->set_elem_type(onnx::TensorProto::FLOAT);
  type->mutable_shape()->add_dim()->set_dim_value(2);
}

/// A model at opset 21 with input x and output y, and no node.
inline onnx::ModelProto emptyModel() {
  onnx::ModelProto model;
  model.set_ir_version(10);
  model.add_opset_import()->set_version(21);
  model.mutable_graph()->set_name("g");
  addValue(model.mutable_graph()->add_input(), "x");
  addValue(model.mutable_graph()->add_output(), "y");
  return model;
}

/// x -> Relu -> y.
inline onnx::ModelProto smallModel() {
  onnx::ModelProto model = emptyModel();
  addNode(*model.mutable_graph(), "Relu", {"x"}, {"y"});
  return model;
}

inline onnx::TensorProto *addWeight(onnx::ModelProto &model, const std::string &name, int type,
                                    const std::vector<int64_t> &dims) {
  onnx::TensorProto *tensor = model.mutable_graph()->add_initializer();
  tensor->set_name(name);
  tensor->set_data_type(type);
  tensor->mutable_dims()->Assign(dims.begin(), dims.end());
  return tensor;
}

inline void setExternal(onnx::TensorProto &tensor, const std::string &location, uint64_t offset) {
  tensor.set_data_location(onnx::TensorProto::EXTERNAL);
  for (const auto &[key, value] : {std::pair("location", location), std::pair("offset", std::to_string(offset))}) {
    onnx::StringStringEntryProto *entry = tensor.add_external_data();
    entry->set_key(key);
    entry->set_value(value);
  }
}

} // namespace heddle::test

#endif // HEDDLE_TEST_UNIT_ONNX_ONNXTESTUTILS_H
