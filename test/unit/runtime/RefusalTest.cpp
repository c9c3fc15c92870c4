// Tests what a run refuses: data that break the plan's assumptions, code that does not fit, memory that is not there.
#include "runtime/cpu/CpuDevice.h"
#include "test/unit/runtime/ProgramBuilder.h"

#include <cstring>
#include <gtest/gtest.h>

namespace heddle::test {
namespace {

const Expr n = Expr::symbol("n");

/// What a run on two floats says; "ran" if nothing.
std::string messageOf(const ProgramBuilder &finished, std::vector<RuntimeTensor> outputs = {}) {
  ProgramBuilder builder = finished;
  std::unique_ptr<Session> session = makeSession(builder.build());
  std::vector<float> values = {1, 2};
  std::vector<View> inputs = {viewOf(values, {2})};
  Status status = session->run(inputs, outputs);
  return status.isOk() ? "ran" : status.message();
}

#define EXPECT_REFUSAL(text, ...)                                                                                      \
  EXPECT_NE(messageOf(__VA_ARGS__).find(text), std::string::npos) << messageOf(__VA_ARGS__)

/// A program with input x[2] and output y[2], without steps.
struct Ports {
  ProgramBuilder builder;
  Operand x = builder.input("x", DType::F32, {2});
  Operand y = builder.output("y", DType::F32, {2});

  void setSymbol(SetSymbol::Source source, int64_t index) {
    SetSymbol set;
    set.symbol = "k";
    set.source = source;
    set.operand = x;
    set.index = index;
    builder.steps() = {{set, "Shape_0"}};
  }
};

TEST(Refusal, SymbolsAreReadFromWhatIsThere) {
  Ports beyond;
  beyond.setSymbol(SetSymbol::Source::Dimension, 1);
  EXPECT_REFUSAL("size 'k' is read from position 1 of 1", beyond.builder);
  Ports fraction;
  fraction.setSymbol(SetSymbol::Source::Element, 0);
  EXPECT_REFUSAL("size 'k' is read from a tensor of f32", fraction.builder);
}

// The verifier of plans knows types, not sizes.
TEST(Refusal, ConditionsHaveAnElement) {
  Ports ports;
  If branch;
  branch.condition = ports.builder.weight(DType::I64, {0});
  ports.builder.steps() = {{branch, "If_0"}};
  std::unique_ptr<Session> session =
      makeSession(ports.builder.build(), {}, std::make_shared<VectorWeights>(std::vector<std::vector<float>>{{}}));
  std::vector<float> values = {1, 2};
  std::vector<View> inputs = {viewOf(values, {2})};
  std::vector<RuntimeTensor> outputs;
  EXPECT_EQ(session->run(inputs, outputs).message(), "a control value is 0xi64, expected one integer or bool");
}

// A branch that has not run leaves its value unwritten.
TEST(Refusal, ValuesAreWrittenBeforeTheyAreRead) {
  Ports ports;
  Operand unwritten = ports.builder.runtime(DType::F32, {Expr::symbol("made")});
  ports.builder.steps() = {ProgramBuilder::identity(unwritten, ports.y)};
  EXPECT_REFUSAL("a value is read that no step on this path has written", ports.builder);
}

TEST(Refusal, ResultsHaveTheShapeThatThePlanSays) {
  Ports ports;
  ports.builder.steps() = {ProgramBuilder::identity(ports.x, ports.builder.arena(DType::F32, {3}))};
  EXPECT_REFUSAL("a result is 2xf32, but its planned shape is 3xf32", ports.builder);
}

// Iteration i makes i elements: they cannot be the slices of one tensor.
TEST(Refusal, StackedValuesHaveOneShape) {
  Ports ports;
  Operand trips = ports.builder.weight(DType::I64, {}), zero = ports.builder.weight(DType::I64, {});
  Operand one = ports.builder.weight(DType::I64, {});
  Loop loop;
  loop.tripCount = trips;
  loop.iteration = ports.builder.arena(DType::I64, {});
  Operand made = ports.builder.runtime(DType::I64, {Expr::symbol("made")});
  HostCall range;
  range.function = "range";
  range.inputs = {zero, loop.iteration, one};
  range.results = {made};
  loop.body.steps = {{range, "Range_0"}};
  loop.stacked = {{made, ports.builder.runtime(DType::I64, {Expr::symbol("trips"), Expr::symbol("made")})}};
  ports.builder.steps() = {{loop, "Loop_0"}};
  auto asFloats = [](int64_t value) {
    std::vector<float> bits(2);
    std::memcpy(bits.data(), &value, sizeof(value));
    return bits;
  };
  std::vector<std::vector<float>> weights = {asFloats(3), asFloats(0), asFloats(1)};
  std::unique_ptr<Session> session = makeSession(ports.builder.build(), {}, std::make_shared<VectorWeights>(weights));
  std::vector<float> values = {1, 2};
  std::vector<View> inputs = {viewOf(values, {2})};
  std::vector<RuntimeTensor> outputs;
  std::string message = session->run(inputs, outputs).message();
  EXPECT_NE(message.find("a loop stacks values of different shapes: 0xi64 first, then 1xi64"), std::string::npos)
      << message;
}

TEST(Refusal, BuffersOfTheCallerHaveTheOutputsType) {
  Ports ports;
  ports.builder.steps() = {ProgramBuilder::identity(ports.x, ports.y)};
  std::vector<int64_t> buffer(2);
  EXPECT_REFUSAL("output 'y': the buffer's type is i64, expected f32", ports.builder,
                 {RuntimeTensor::borrow(viewOf(buffer, {2}))});
}

TEST(Refusal, CodeFitsItsDevice) {
  Ports foreign;
  foreign.builder.program.codes[0].kind = CodeObject::Kind::Ptx;
  std::shared_ptr<const Program> program = foreign.builder.build();
  std::unique_ptr<Device> device = makeCpuDevice(1);
  EXPECT_EQ(device->load(*program, *program->variants[0]).status().message(), "kernel 'add' has no code for the cpu");
  Ports renamed;
  renamed.builder.variant.kernels[0].entry = "subtract";
  program = renamed.builder.build();
  EXPECT_EQ(device->load(*program, *program->variants[0]).status().message(),
            "kernel 'add': its code has no symbol 'subtract'");
}

TEST(Refusal, KernelsReportChecksThatTheyHave) {
  Ports ports;
  for (Kernel &kernel : ports.builder.variant.kernels)
    kernel.checks.clear();
  Operand index = ports.builder.weight(DType::I64, {1}), picked = ports.builder.arena(DType::F32, {1});
  ports.builder.steps() = {ProgramBuilder::gather(ports.x, index, picked)};
  std::vector<float> far = {1e30f, 1e30f};
  std::unique_ptr<Session> session =
      makeSession(ports.builder.build(), {}, std::make_shared<VectorWeights>(std::vector<std::vector<float>>{far}));
  std::vector<float> values = {1, 2};
  std::vector<View> inputs = {viewOf(values, {2})};
  std::vector<RuntimeTensor> outputs;
  std::string message = session->run(inputs, outputs).message();
  EXPECT_NE(message.find("kernel 'gather' returned 2, which stands for no check of it"), std::string::npos) << message;
}

TEST(Refusal, MemoryThatIsNotThereIsNamed) {
  const int64_t huge = int64_t(1) << 60;
  EXPECT_EQ(allocateUnowned(huge).status().message(), "no memory for 1152921504606846976 bytes");
  EXPECT_EQ(RuntimeTensor::allocate(DType::U8, {huge}).status().message(),
            "no memory for tensor 1152921504606846976xu8 of 1152921504606846976 bytes");
  EXPECT_EQ(RuntimeTensor::allocate(DType::F32, {huge, huge}).status().code(), Code::OverLimit);
  EXPECT_NE(
      RuntimeTensor::allocate(DType::F32, {huge, huge}).status().message().find(" is larger than 64 bits can count"),
      std::string::npos);
  Ports ports;
  for (Kernel &kernel : ports.builder.variant.kernels)
    kernel.scratchBytes = huge;
  ports.builder.steps() = {ProgramBuilder::add(ports.x, ports.x, ports.y)};
  EXPECT_REFUSAL("kernel 'add': no memory for 1152921504606846976 bytes of scratch", ports.builder);
}

} // namespace
} // namespace heddle::test
