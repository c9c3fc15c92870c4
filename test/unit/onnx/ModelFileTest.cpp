// Tests what a loaded model offers: tensors wherever they are, names, and little memory.
#include "compiler/onnx/ModelFile.h"
#include "test/unit/onnx/OnnxTestUtils.h"
#include <cstring>
#include <sys/resource.h>

using namespace heddle;
using namespace heddle::test;

namespace {

class ModelFile : public testing::Test {
protected:
  const LoadedModel &load(const onnx::ModelProto &proto) {
    Result<std::unique_ptr<LoadedModel>> result = loadModel(folder.write("m.onnx", proto.SerializeAsString()));
    EXPECT_TRUE(result.isOk()) << result.status().message();
    model = result ? std::move(*result) : std::make_unique<LoadedModel>();
    return *model;
  }
  TensorData initializer(int index) {
    Result<TensorData> data = model->tensor(model->proto.graph().initializer(index));
    EXPECT_TRUE(data.isOk()) << data.status().message();
    return data ? *data : TensorData();
  }
  template <typename T> std::vector<T> values(const TensorData &data) {
    std::vector<T> result(data.bytes.size() / sizeof(T));
    if (!result.empty())
      std::memcpy(result.data(), data.bytes.data(), data.bytes.size());
    return result;
  }

  ScratchFolder folder;
  std::unique_ptr<LoadedModel> model;
};

TEST_F(ModelFile, decodesTypedFields) {
  onnx::ModelProto proto = smallModel();
  addWeight(proto, "f", onnx::TensorProto::FLOAT, {1})->add_float_data(1.5f);
  addWeight(proto, "h", onnx::TensorProto::FLOAT16, {1})->add_int32_data(0x3c00);
  addWeight(proto, "i", onnx::TensorProto::INT4, {3})->add_int32_data(0xf1);
  proto.mutable_graph()->mutable_initializer(2)->add_int32_data(0x08);
  addWeight(proto, "u", onnx::TensorProto::UINT32, {1})->add_uint64_data(7);
  addWeight(proto, "s", onnx::TensorProto::STRING, {1})->add_string_data("text");
  load(proto);
  EXPECT_EQ(values<float>(initializer(0)), std::vector<float>{1.5f});
  EXPECT_EQ(values<uint16_t>(initializer(1)), std::vector<uint16_t>{0x3c00});
  EXPECT_EQ(values<int8_t>(initializer(2)), (std::vector<int8_t>{1, -1, -8}));
  EXPECT_EQ(values<uint32_t>(initializer(3)), std::vector<uint32_t>{7});
  EXPECT_EQ(initializer(4).strings, std::vector<std::string>{"text"});
}

// The bytes of a large tensor are those of the file, in place.
TEST_F(ModelFile, findsCutTensorsInTheFile) {
  onnx::ModelProto proto = smallModel();
  std::vector<float> content(2048);
  for (size_t i = 0; i < content.size(); ++i)
    content[i] = static_cast<float>(i);
  addWeight(proto, "w", onnx::TensorProto::FLOAT, {2048})
      ->set_raw_data(reinterpret_cast<const char *>(content.data()), content.size() * sizeof(float));
  load(proto);
  const TensorData data = initializer(0);
  EXPECT_EQ(data.shape, std::vector<int64_t>{2048});
  EXPECT_EQ(values<float>(data), content);
  ASSERT_TRUE(data.range.has_value());
  EXPECT_EQ(data.bytes.data(), model->files[data.range->file].content->bytes().data() + data.range->offset);
}

TEST_F(ModelFile, findsExternalTensors) {
  folder.write("w.bin", std::string("....\x01\0\x02\0", 8));
  onnx::ModelProto proto = smallModel();
  setExternal(*addWeight(proto, "w", onnx::TensorProto::INT16, {2}), "w.bin", 4);
  load(proto);
  EXPECT_EQ(values<int16_t>(initializer(0)), (std::vector<int16_t>{1, 2}));
  ASSERT_EQ(model->files.size(), 2u);
  EXPECT_EQ(model->files[1].name, "w.bin");
}

// Kernels rely on a bool being 0 or 1, so other bytes in a file cannot be used in place.
TEST_F(ModelFile, normalizesBools) {
  onnx::ModelProto proto = smallModel();
  std::string content(8192, '\1');
  addWeight(proto, "good", onnx::TensorProto::BOOL, {8192})->set_raw_data(content);
  content[5000] = '\x80';
  addWeight(proto, "bad", onnx::TensorProto::BOOL, {8192})->set_raw_data(content);
  load(proto);
  EXPECT_TRUE(initializer(0).range.has_value());
  EXPECT_FALSE(initializer(1).range.has_value());
  EXPECT_EQ(values<uint8_t>(initializer(1)), std::vector<uint8_t>(8192, 1));
}

TEST_F(ModelFile, packedPairsStayPackedInTheFile) {
  onnx::ModelProto proto = smallModel();
  addWeight(proto, "w", onnx::TensorProto::UINT4, {9999})->set_raw_data(std::string(5000, '\x21'));
  load(proto);
  EXPECT_TRUE(initializer(0).packed);
  EXPECT_EQ(initializer(0).bytes.size(), 5000u);
}

// Splats and constants inside branches and functions go the same way as initializers.
TEST_F(ModelFile, findsTensorsOfAttributes) {
  onnx::ModelProto proto = emptyModel();
  onnx::AttributeProto *attribute = addNode(*proto.mutable_graph(), "Constant", {}, {"y"})->add_attribute();
  attribute->set_name("value");
  attribute->set_type(onnx::AttributeProto::TENSOR);
  attribute->mutable_t()->set_data_type(onnx::TensorProto::INT8);
  attribute->mutable_t()->add_dims(5000);
  attribute->mutable_t()->set_raw_data(std::string(5000, 'z'));
  load(proto);
  Result<TensorData> data = model->tensor(model->proto.graph().node(0).attribute(0).t());
  ASSERT_TRUE(data.isOk()) << data.status().message();
  EXPECT_EQ(values<char>(*data), std::vector<char>(5000, 'z'));
}

// The checker works on stand-ins; afterwards shapes, sparse tensors and domains must be what the file says.
TEST_F(ModelFile, comesBackWholeFromTheChecker) {
  onnx::ModelProto proto = smallModel();
  addWeight(proto, "w", onnx::TensorProto::INT8, {5000})->set_raw_data(std::string(5000, 'z'));
  onnx::SparseTensorProto *sparse = proto.mutable_graph()->add_sparse_initializer();
  sparse->add_dims(4);
  sparse->mutable_values()->set_name("s");
  sparse->mutable_values()->set_data_type(onnx::TensorProto::FLOAT);
  sparse->mutable_values()->add_dims(1);
  sparse->mutable_values()->add_float_data(3);
  sparse->mutable_indices()->set_data_type(onnx::TensorProto::INT64);
  sparse->mutable_indices()->add_dims(1);
  sparse->mutable_indices()->add_int64_data(2);
  addNode(*proto.mutable_graph(), "Frobnicate", {"x"}, {"z"}, "odd");
  load(proto);
  const onnx::GraphProto &graph = model->proto.graph();
  EXPECT_EQ(graph.initializer(0).dims(0), 5000);
  EXPECT_EQ(graph.sparse_initializer(0).SerializeAsString(), sparse->SerializeAsString());
  EXPECT_EQ(graph.node(1).domain(), "");
  EXPECT_EQ(model->proto.opset_import_size(), 1);
  EXPECT_EQ(model->unknownOps, std::vector<std::string>{"graph/odd: Frobnicate-21 (ai.onnx)"});
}

TEST_F(ModelFile, tidiesNamesAndDomains) {
  onnx::ModelProto proto = smallModel();
  proto.mutable_opset_import(0)->set_domain("ai.onnx");
  proto.mutable_graph()->mutable_node(0)->set_domain("ai.onnx");
  proto.add_training_info()->mutable_algorithm()->set_name("train");
  load(proto);
  EXPECT_EQ(model->proto.graph().node(0).name(), "Relu_0");
  EXPECT_EQ(model->proto.graph().node(0).domain(), "");
  EXPECT_EQ(model->proto.opset_import(0).domain(), "");
  EXPECT_EQ(model->proto.training_info_size(), 0);
}

// An output may be an input, a constant, or listed twice; real exporters do all three.
TEST_F(ModelFile, acceptsOddOutputs) {
  onnx::ModelProto proto = smallModel();
  addWeight(proto, "w", onnx::TensorProto::FLOAT, {2})->set_raw_data(std::string(8, '\0'));
  for (const char *name : {"x", "w", "y"})
    addValue(proto.mutable_graph()->add_output(), name);
  EXPECT_EQ(load(proto).proto.graph().output_size(), 4);
}

// Up to IR version 3 every initializer is listed as an input too.
TEST_F(ModelFile, acceptsInitializersThatAreInputs) {
  onnx::ModelProto proto = smallModel();
  proto.set_ir_version(3);
  addWeight(proto, "w", onnx::TensorProto::FLOAT, {2})->set_raw_data(std::string(8, '\0'));
  addValue(proto.mutable_graph()->add_input(), "w");
  EXPECT_EQ(load(proto).proto.graph().input_size(), 2);
}

// All that cannot be done is said at once, and matters more than a budget.
TEST_F(ModelFile, unsupportedWinsOverLimits) {
  onnx::ModelProto proto = emptyModel();
  addNode(*proto.mutable_graph(), "Frobnicate", {"x"}, {"a"}, "first");
  addNode(*proto.mutable_graph(), "Defenestrate", {"a"}, {"y"}, "second");
  addWeight(proto, "w", onnx::TensorProto::FLOAT, {2})->set_raw_data(std::string(8, '\0'));
  Result<std::unique_ptr<LoadedModel>> result =
      loadModel(folder.write("m.onnx", proto.SerializeAsString()), Limits{.tensorBytes = 4});
  ASSERT_FALSE(result.isOk());
  EXPECT_EQ(result.status().code(), Code::Unsupported);
  EXPECT_EQ(result.status().message(), "2 nodes are not supported: graph/first: Frobnicate-21 (ai.onnx); "
                                       "graph/second: Defenestrate-21 (ai.onnx)");
}

long peakMegabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024;
}

constexpr int64_t twoGiB = int64_t(2) << 30;

// Weights are mapped, never read by opening a model.
TEST_F(ModelFile, externalDataOfTwoGigabytesTakesLittleMemory) {
  folder.writeHole("w.bin", twoGiB);
  onnx::ModelProto proto = smallModel();
  for (int i = 0; i < 64; ++i)
    setExternal(*addWeight(proto, "w" + std::to_string(i), onnx::TensorProto::FLOAT, {twoGiB / 64 / 4}), "w.bin",
                static_cast<uint64_t>(twoGiB / 64 * i));
  load(proto);
  EXPECT_EQ(initializer(63).bytes.size(), static_cast<size_t>(twoGiB / 64));
  EXPECT_LT(peakMegabytes(), 300);
}

// Protobuf itself ends at 2 GiB, so a model with larger weights inside only works because they are cut out.
TEST_F(ModelFile, readsModelsBeyondTwoGigabytes) {
  const auto varint = [](uint64_t value) {
    std::string text;
    for (; value >= 0x80; value >>= 7)
      text += static_cast<char>(value | 0x80);
    return text + static_cast<char>(value);
  };
  const auto rawBytes = static_cast<uint64_t>(twoGiB + 4096);
  onnx::ModelProto proto = smallModel();
  const std::string tensorHead = "\x08" + varint(rawBytes) + "\x10\x03\x42\x01w\x4a" + varint(rawBytes);
  const std::string graph = proto.graph().SerializeAsString();
  const uint64_t tensorBytes = tensorHead.size() + rawBytes;
  const std::string graphHead = graph + "\x2a" + varint(tensorBytes) + tensorHead;
  proto.clear_graph();
  const std::string head = proto.SerializeAsString() + "\x3a" + varint(graphHead.size() + rawBytes) + graphHead;
  const std::string path = folder.write("m.onnx", head);
  std::filesystem::resize_file(path, head.size() + rawBytes);
  Result<std::unique_ptr<LoadedModel>> result = loadModel(path);
  ASSERT_TRUE(result.isOk()) << result.status().message();
  model = std::move(*result);
  EXPECT_EQ(initializer(0).bytes.size(), rawBytes);
  EXPECT_LT(peakMegabytes(), 300);
}

} // namespace
