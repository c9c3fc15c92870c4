// Tests the C interface as an embedding program sees it.
#include "runtime/api/heddle.h"
#include "runtime/format/Artifact.h"
#include "test/unit/runtime/ProgramBuilder.h"

#include <filesystem>
#include <gtest/gtest.h>
#include <unistd.h>

namespace heddle::test {
namespace {

const Expr past = Expr::symbol("past"), n = Expr::symbol("n");

/// present = [past, x]: a cache that grows by one element per run.
std::shared_ptr<const Program> cacheProgram() {
  ProgramBuilder builder;
  Operand x = builder.input("x", DType::F32, {1});
  Operand cache = builder.input("past.key", DType::F32, {past});
  Operand present = builder.output("present.key", DType::F32, {past + 1});
  builder.steps() = {ProgramBuilder::append(cache, x, present)};
  return builder.build();
}

class ApiTest : public testing::Test {
protected:
  void TearDown() override {
    heddle_free_context(context);
    heddle_close(model);
    std::filesystem::remove(path);
  }

  void open(const std::shared_ptr<const Program> &program) {
    Status status = writeArtifact(path, *program, [](size_t, const WeightSink &) { return Status::ok(); });
    ASSERT_TRUE(status) << status.message();
    ASSERT_EQ(heddle_open(path.c_str(), nullptr, &model), HEDDLE_OK) << heddle_message();
    ASSERT_EQ(heddle_create_context(model, &context), HEDDLE_OK);
  }

  heddle_status bindInput(const char *name, std::vector<float> &values, std::vector<int64_t> shape) {
    heddle_tensor tensor = {values.data(), HEDDLE_F32, shape.size(), shape.data(), nullptr};
    return heddle_bind_input(context, name, &tensor);
  }

  std::vector<float> output(size_t index) {
    heddle_tensor tensor = {};
    EXPECT_EQ(heddle_get_output(context, index, &tensor), HEDDLE_OK) << heddle_message();
    int64_t count = 1;
    for (size_t dim = 0; dim < tensor.rank; ++dim)
      count *= tensor.shape[dim];
    auto *first = static_cast<const float *>(tensor.data);
    return {first, first + count};
  }

  std::string path = std::filesystem::temp_directory_path() / ("heddle-api-" + std::to_string(getpid()) + ".hdl");
  heddle_model *model = nullptr;
  heddle_context *context = nullptr;
};

TEST_F(ApiTest, PortsAreDescribedWithTheirExpressions) {
  open(cacheProgram());
  heddle_port port = {};
  ASSERT_EQ(heddle_input_count(model), 2u);
  ASSERT_EQ(heddle_describe_input(model, 0, &port), HEDDLE_OK);
  EXPECT_STREQ(port.name, "x");
  EXPECT_EQ(port.type, HEDDLE_F32);
  EXPECT_EQ(port.dims[0].value, 1);
  EXPECT_EQ(port.dims[0].expr, nullptr);
  ASSERT_EQ(heddle_describe_output(model, 0, &port), HEDDLE_OK);
  EXPECT_EQ(port.dims[0].value, -1);
  EXPECT_STREQ(port.dims[0].expr, (past + 1).str().c_str());
}

// The cache before the first token has no element; every run feeds its result to the next.
TEST_F(ApiTest, StateStartsEmptyAndGrows) {
  open(cacheProgram());
  ASSERT_EQ(heddle_bind_state(context, "present.key", "past.key"), HEDDLE_OK) << heddle_message();
  std::vector<float> expected;
  for (float token : {5.0f, 6.0f, 7.0f}) {
    std::vector<float> x = {token};
    ASSERT_EQ(bindInput("x", x, {1}), HEDDLE_OK);
    ASSERT_EQ(heddle_run(context), HEDDLE_OK) << heddle_message();
    expected.push_back(token);
    EXPECT_EQ(output(0), expected);
  }
  heddle_reset_states(context);
  std::vector<float> x = {8};
  ASSERT_EQ(bindInput("x", x, {1}), HEDDLE_OK);
  ASSERT_EQ(heddle_run(context), HEDDLE_OK);
  EXPECT_EQ(output(0).size(), 1u);
}

TEST_F(ApiTest, OutputShapeFollowsTheBoundInputs) {
  open(cacheProgram());
  std::vector<float> x = {1}, cache(4);
  ASSERT_EQ(bindInput("x", x, {1}), HEDDLE_OK);
  ASSERT_EQ(bindInput("past.key", cache, {4}), HEDDLE_OK);
  int64_t shape[1];
  size_t rank = 0;
  ASSERT_EQ(heddle_output_shape(context, 0, shape, 1, &rank), HEDDLE_OK);
  EXPECT_EQ(rank, 1u);
  EXPECT_EQ(shape[0], 5);
}

TEST_F(ApiTest, FillsTheCallersOutput) {
  open(cacheProgram());
  std::vector<float> x = {9}, cache = {1, 2}, result(3);
  int64_t shape[] = {3};
  heddle_tensor tensor = {result.data(), HEDDLE_F32, 1, shape, nullptr};
  ASSERT_EQ(bindInput("x", x, {1}), HEDDLE_OK);
  ASSERT_EQ(bindInput("past.key", cache, {2}), HEDDLE_OK);
  ASSERT_EQ(heddle_bind_output(context, "present.key", &tensor), HEDDLE_OK);
  ASSERT_EQ(heddle_run(context), HEDDLE_OK) << heddle_message();
  EXPECT_EQ(result, (std::vector<float>{1, 2, 9}));
}

TEST_F(ApiTest, UnknownNameListsThoseThereAre) {
  open(cacheProgram());
  std::vector<float> x = {1};
  EXPECT_EQ(bindInput("y", x, {1}), HEDDLE_MALFORMED);
  EXPECT_STREQ(heddle_message(), "the model has no input 'y', it has 'x', 'past.key'");
}

// What C hands over is checked before it is read.
TEST_F(ApiTest, TensorsWithoutShapeTypeOrDataAreRefused) {
  open(cacheProgram());
  float value = 1;
  int64_t shape[] = {1};
  heddle_tensor tensor = {&value, HEDDLE_F32, 1, nullptr, nullptr};
  EXPECT_EQ(heddle_bind_input(context, "x", &tensor), HEDDLE_MALFORMED);
  EXPECT_STREQ(heddle_message(), "input 'x': the tensor has no shape");
  tensor = {&value, heddle_type(99), 1, shape, nullptr};
  EXPECT_EQ(heddle_bind_input(context, "x", &tensor), HEDDLE_MALFORMED);
  EXPECT_NE(std::string(heddle_message()).find("99 is no element type"), std::string::npos) << heddle_message();
  tensor = {nullptr, HEDDLE_F32, 1, shape, nullptr};
  EXPECT_EQ(heddle_bind_input(context, "x", &tensor), HEDDLE_MALFORMED);
  EXPECT_STREQ(heddle_message(), "input 'x': the tensor has no data");
}

TEST_F(ApiTest, NullArgumentsAreRefused) {
  EXPECT_EQ(heddle_open(nullptr, nullptr, &model), HEDDLE_MALFORMED);
  EXPECT_STREQ(heddle_message(), "heddle_open: path and model must not be null");
  EXPECT_EQ(heddle_create_context(nullptr, &context), HEDDLE_MALFORMED);
  EXPECT_STREQ(heddle_message(), "heddle_create_context: model and context must not be null");
}

// An output is a state, a caller's buffer or neither, never two of them.
TEST_F(ApiTest, StatesAndBuffersExcludeEachOther) {
  open(cacheProgram());
  std::vector<float> result(3);
  int64_t shape[] = {3};
  heddle_tensor tensor = {result.data(), HEDDLE_F32, 1, shape, nullptr};
  ASSERT_EQ(heddle_bind_output(context, "present.key", &tensor), HEDDLE_OK);
  EXPECT_EQ(heddle_bind_state(context, "present.key", "past.key"), HEDDLE_MALFORMED);
  EXPECT_STREQ(heddle_message(), "state 'present.key' = 'past.key': the output has a caller's buffer");
  heddle_free_context(context);
  ASSERT_EQ(heddle_create_context(model, &context), HEDDLE_OK);
  ASSERT_EQ(heddle_bind_state(context, "present.key", "past.key"), HEDDLE_OK);
  EXPECT_EQ(heddle_bind_state(context, "present.key", "past.key"), HEDDLE_MALFORMED);
  EXPECT_STREQ(heddle_message(), "state 'present.key' = 'past.key': the input is a state already");
  EXPECT_EQ(heddle_bind_output(context, "present.key", &tensor), HEDDLE_MALFORMED);
  EXPECT_STREQ(heddle_message(), "output 'present.key' is a state: its memory is the context's own");
}

TEST_F(ApiTest, StateKeepsItsElementType) {
  ProgramBuilder builder;
  Operand x = builder.input("x", DType::F32, {1});
  builder.input("count", DType::I64, {1});
  Operand y = builder.output("y", DType::F32, {1});
  builder.steps() = {ProgramBuilder::identity(x, y)};
  open(builder.build());
  EXPECT_EQ(heddle_bind_state(context, "y", "count"), HEDDLE_MALFORMED);
  EXPECT_STREQ(heddle_message(), "state 'y' = 'count': the element types differ");
}

TEST_F(ApiTest, OutputsBeyondTheLastAreRefused) {
  open(cacheProgram());
  std::vector<float> x = {1}, cache(4);
  ASSERT_EQ(bindInput("x", x, {1}), HEDDLE_OK);
  ASSERT_EQ(bindInput("past.key", cache, {4}), HEDDLE_OK);
  int64_t shape[1];
  size_t rank = 0;
  EXPECT_EQ(heddle_output_shape(context, 1, shape, 1, &rank), HEDDLE_MALFORMED);
  EXPECT_STREQ(heddle_message(), "there is no output 1, there are 1");
  EXPECT_EQ(heddle_output_shape(context, 0, shape, 0, &rank), HEDDLE_MALFORMED);
  EXPECT_STREQ(heddle_message(), "output 0 has rank 1, there is room for 0");
  heddle_tensor tensor;
  EXPECT_EQ(heddle_get_output(context, 1, &tensor), HEDDLE_MALFORMED);
  EXPECT_EQ(std::string(heddle_message()).find("there is no result 1, the last run gave "), 0u);
}

TEST_F(ApiTest, UnboundInputIsNamed) {
  open(cacheProgram());
  EXPECT_EQ(heddle_run(context), HEDDLE_MALFORMED);
  EXPECT_STREQ(heddle_message(), "input 'x' is not bound");
}

TEST_F(ApiTest, CancelledRunIsInterruptedOnce) {
  open(cacheProgram());
  heddle_bind_state(context, "present.key", "past.key");
  std::vector<float> x = {1};
  ASSERT_EQ(bindInput("x", x, {1}), HEDDLE_OK);
  heddle_cancel(context);
  EXPECT_EQ(heddle_run(context), HEDDLE_INTERRUPTED);
  EXPECT_STREQ(heddle_message(), "the run was cancelled");
  EXPECT_EQ(heddle_run(context), HEDDLE_OK);
}

TEST_F(ApiTest, StringsGoInAndOut) {
  ProgramBuilder builder;
  Operand x = builder.input("x", DType::String, {n});
  Operand y = builder.output("y", DType::String, {n});
  builder.steps() = {ProgramBuilder::identity(x, y)};
  open(builder.build());
  std::vector<const char *> words = {"warp", "", "weft"};
  int64_t shape[] = {3};
  heddle_tensor tensor = {words.data(), HEDDLE_STRING, 1, shape, nullptr};
  ASSERT_EQ(heddle_bind_input(context, "x", &tensor), HEDDLE_OK) << heddle_message();
  ASSERT_EQ(heddle_run(context), HEDDLE_OK) << heddle_message();
  ASSERT_EQ(heddle_get_output(context, 0, &tensor), HEDDLE_OK);
  EXPECT_STREQ(static_cast<const char *const *>(tensor.data)[2], "weft");
  int64_t everyOther[] = {2};
  tensor = {words.data(), HEDDLE_STRING, 1, shape, everyOther};
  EXPECT_EQ(heddle_bind_input(context, "x", &tensor), HEDDLE_MALFORMED);
  EXPECT_STREQ(heddle_message(), "input 'x': strings must lie row-major");
}

TEST_F(ApiTest, FileThatIsNoArtifactIsRefused) {
  EXPECT_EQ(heddle_open("/proc/self/exe", nullptr, &model), HEDDLE_BAD_ARTIFACT);
  EXPECT_EQ(model, nullptr);
  EXPECT_NE(std::string(heddle_message()).find("not an artifact"), std::string::npos) << heddle_message();
}

TEST_F(ApiTest, UnknownDeviceIsNamed) {
  heddle_options options;
  heddle_options_init(&options);
  options.device = "tpu";
  EXPECT_EQ(heddle_open("x.hdl", &options, &model), HEDDLE_MALFORMED);
  EXPECT_STREQ(heddle_message(), "no device 'tpu', there are cpu, sim and sim:SM");
  options.device = "cuda";
  EXPECT_EQ(heddle_open("x.hdl", &options, &model), HEDDLE_UNSUPPORTED);
  EXPECT_STREQ(heddle_message(), "device 'cuda': this runtime drives no GPU, it has cpu and sim");
}

} // namespace
} // namespace heddle::test
