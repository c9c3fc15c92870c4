// Tests the scan of unchecked models: what it hands to protobuf, what it keeps back, and that nothing gets past it.
#include "compiler/onnx/WireScan.h"
#include "test/unit/onnx/OnnxTestUtils.h"
#include <random>

using namespace heddle;
using namespace heddle::test;

namespace {

Result<ScannedModel> scan(const std::string &bytes, const Limits &limits = {}) {
  return scanModel(std::as_bytes(std::span(bytes.data(), bytes.size())), limits);
}

onnx::ModelProto parsed(const ScannedModel &scanned) {
  onnx::ModelProto model;
  EXPECT_TRUE(model.ParseFromString(scanned.protobuf));
  return model;
}

// Weights must never be copied into protobuf; small tensors are cheaper inside it.
TEST(WireScan, cutsLargeRawData) {
  onnx::ModelProto model = smallModel();
  addWeight(model, "small", onnx::TensorProto::INT8, {4095})->set_raw_data(std::string(4095, 'a'));
  addWeight(model, "large", onnx::TensorProto::INT8, {4096})->set_raw_data(std::string(4096, 'b'));
  const std::string bytes = model.SerializeAsString();
  Result<ScannedModel> scanned = scan(bytes);
  ASSERT_TRUE(scanned.isOk()) << scanned.status().message();
  ASSERT_EQ(scanned->cuts.size(), 1u);
  EXPECT_EQ(bytes.substr(scanned->cuts[0].offset, scanned->cuts[0].length), std::string(4096, 'b'));
  const onnx::ModelProto reduced = parsed(*scanned);
  EXPECT_EQ(reduced.graph().initializer(0).raw_data().size(), 4095u);
  EXPECT_FALSE(reduced.graph().initializer(1).has_raw_data());
  EXPECT_EQ(reduced.graph().initializer(1).external_data(0).key(), placeholderKey);
}

// Apart from the cuts, protobuf must see the same model, at every depth.
TEST(WireScan, keepsEverythingElse) {
  onnx::ModelProto model = smallModel();
  onnx::AttributeProto *attribute = addNode(*model.mutable_graph(), "If", {"x"}, {"z"})->add_attribute();
  attribute->set_name("then_branch");
  addNode(*attribute->mutable_g(), "Relu", {"x"}, {"z"});
  attribute->add_ints(-5);
  attribute->add_floats(1.5f);
  attribute->set_s("bytes \xff");
  onnx::TypeProto *type = model.mutable_graph()->add_value_info()->mutable_type();
  type->mutable_sequence_type()->mutable_elem_type()->mutable_map_type()->set_key_type(7);
  addWeight(model, "w", onnx::TensorProto::INT64, {2})->add_int64_data(-1);
  model.mutable_graph()->mutable_initializer(0)->add_int64_data(1);
  (*model.mutable_functions()->Add()).set_name("f");
  Result<ScannedModel> scanned = scan(model.SerializeAsString());
  ASSERT_TRUE(scanned.isOk()) << scanned.status().message();
  EXPECT_EQ(parsed(*scanned).SerializeAsString(), model.SerializeAsString());
}

// Unknown fields would sit in protobuf's memory for nothing, and doc strings too.
TEST(WireScan, dropsUnknownFieldsAndDocs) {
  onnx::ModelProto model = smallModel();
  model.set_doc_string(std::string(1000, 'd'));
  Result<ScannedModel> scanned = scan(model.SerializeAsString() + std::string("\xfa\x3f\x02hi", 5));
  ASSERT_TRUE(scanned.isOk()) << scanned.status().message();
  EXPECT_EQ(parsed(*scanned).SerializeAsString(), smallModel().SerializeAsString());
}

// A model that is both is malformed: raising a budget must not be the advice that its user gets.
TEST(WireScan, malformedWinsOverLimits) {
  onnx::ModelProto model = smallModel();
  for (int i = 0; i < 10; ++i)
    addNode(*model.mutable_graph(), "Relu", {"x"}, {"r" + std::to_string(i)});
  const Limits limits{.nodes = 5};
  Result<ScannedModel> large = scan(model.SerializeAsString(), limits);
  ASSERT_TRUE(large.isOk());
  EXPECT_EQ(large->overLimit.code(), Code::OverLimit);
  EXPECT_FALSE(large->complete);
  addWeight(model, "w", onnx::TensorProto::FLOAT, {-1});
  Result<ScannedModel> both = scan(model.SerializeAsString(), limits);
  ASSERT_FALSE(both.isOk());
  EXPECT_EQ(both.status().code(), Code::Malformed);
}

// Whatever the scan accepts, protobuf must accept; and damage must never crash it.
TEST(WireScan, survivesDamage) {
  onnx::ModelProto model = smallModel();
  addWeight(model, "w", onnx::TensorProto::FLOAT, {2})->set_raw_data(std::string(8, '\0'));
  addWeight(model, "v", onnx::TensorProto::INT64, {2})->add_int64_data(1);
  model.mutable_graph()->mutable_initializer(1)->add_int64_data(2);
  const std::string sample = model.SerializeAsString();
  std::mt19937 random(11);
  int accepted = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string bytes = sample;
    for (unsigned i = 0, count = random() % 3 + 1; i < count; ++i)
      bytes[random() % bytes.size()] ^= static_cast<char>(1u << random() % 8);
    bytes.resize(bytes.size() - (random() % 4 == 0 ? random() % bytes.size() : 0));
    Result<ScannedModel> scanned = scan(bytes);
    if (!scanned || !scanned->complete)
      continue;
    ++accepted;
    EXPECT_TRUE(onnx::ModelProto().ParseFromString(scanned->protobuf)) << "round " << round;
  }
  EXPECT_GT(accepted, 100);
}

} // namespace
