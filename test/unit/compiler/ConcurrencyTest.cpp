// One session with a compiler and many threads: inputs that need variants of their own, more of them than are kept.
#include "compiler/Compiler.h"
#include "runtime/cpu/CpuDevice.h"
#include "test/unit/onnx/OnnxTestUtils.h"
#include "tools/driver/OpenSession.h"
#include <thread>

using namespace heddle;
using namespace heddle::test;

namespace {

void declare(onnx::ValueInfoProto *value, const std::string &name, const std::string &symbol) {
  value->set_name(name);
  onnx::TypeProto::Tensor *type = value->mutable_type()->mutable_tensor_type();
  type->set_elem_type(onnx::TensorProto::FLOAT);
  for (int dim = 0; dim < 2; ++dim)
    type->mutable_shape()->add_dim()->set_dim_param(symbol + std::to_string(dim));
}

/// z = Tanh(x + y), all sizes free. The first variant assumes that x and y have the same sizes; where one of them is
/// broadcast, a variant for just these sizes is compiled.
std::string writeModel(const ScratchFolder &folder) {
  onnx::ModelProto model;
  model.set_ir_version(10);
  model.add_opset_import()->set_version(21);
  onnx::GraphProto &graph = *model.mutable_graph();
  graph.set_name("g");
  declare(graph.add_input(), "x", "a");
  declare(graph.add_input(), "y", "b");
  declare(graph.add_output(), "z", "c");
  addNode(graph, "Add", {"x", "y"}, {"sum"}, "Add_0");
  addNode(graph, "Tanh", {"sum"}, {"z"}, "Tanh_1");
  return folder.write("model.onnx", model.SerializeAsString());
}

/// Inputs of one run.
struct Feed {
  Feed(int64_t rowsX, int64_t rowsY, int64_t columns) : rowsX(rowsX), rowsY(rowsY), columns(columns) {
    for (int64_t index = 0; index < (rowsX + rowsY) * columns; ++index)
      values.push_back(0.37f * float(index % 11) - 1.9f);
  }
  Result<std::vector<float>> runOn(Session &session) const {
    auto *data = const_cast<float *>(values.data());
    std::vector<View> views = {{data, DType::F32, {rowsX, columns}, {columns, 1}},
                               {data + rowsX * columns, DType::F32, {rowsY, columns}, {columns, 1}}};
    std::vector<RuntimeTensor> outputs;
    HEDDLE_RETURN_IF_ERROR(session.run(views, outputs));
    const View &result = outputs[0].view();
    const auto *first = static_cast<const float *>(result.data);
    return std::vector<float>(first, first + result.elementCount());
  }

  int64_t rowsX, rowsY, columns;
  std::vector<float> values;
};

// The session is the only thing that these runs share: what one of them gets may depend on no other.
TEST(Concurrency, VariantsThatComeAndGoChangeNoResult) {
  ScratchFolder folder;
  Result<std::shared_ptr<Compiler>> compiler = Compiler::open(writeModel(folder));
  ASSERT_TRUE(compiler) << compiler.status().message();
  CompileOptions options;
  options.cacheFolder = folder.path("cache");
  Result<CompiledModel> compiled = (*compiler)->compile(options);
  ASSERT_TRUE(compiled) << compiled.status().message();
  SessionOptions sessionOptions;
  sessionOptions.addedVariants = 2;
  Result<std::unique_ptr<Session>> session = Session::create(
      {compiled->program, weightsOf(*compiler), makeCpuDevice(2), (*compiler)->specializer(options, compiled->program)},
      sessionOptions);
  ASSERT_TRUE(session) << session.status().message();

  std::vector<Feed> feeds;
  for (auto [rowsX, rowsY] : {std::pair(3, 3), {1, 4}, {4, 1}, {5, 5}, {2, 1}})
    feeds.emplace_back(rowsX, rowsY, 7);
  for (int64_t size = 1; size <= 80; ++size) // more than the bindings that a variant keeps
    feeds.emplace_back(size, size, 3);
  std::vector<std::vector<float>> alone;
  for (const Feed &feed : feeds) {
    Result<std::vector<float>> result = feed.runOn(**session);
    ASSERT_TRUE(result) << result.status().message();
    alone.push_back(std::move(*result));
  }
  std::vector<std::thread> threads;
  for (size_t thread = 0; thread < 8; ++thread)
    threads.emplace_back([&, thread] {
      for (size_t round = 0; round < 50; ++round) {
        // Every fifth run needs an added variant or shares the first one's sizes with another thread.
        size_t index = (thread * 13 + round * 7) % (round % 5 ? feeds.size() : 5);
        Result<std::vector<float>> result = feeds[index].runOn(**session);
        ASSERT_TRUE(result) << result.status().message();
        ASSERT_EQ(*result, alone[index]) << "inputs " << index;
      }
    });
  for (std::thread &thread : threads)
    thread.join();
}

} // namespace
