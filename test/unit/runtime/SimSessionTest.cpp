// Tests sessions on the simulated device: the same plans, kernels as PTX, findings put down to ONNX nodes.
#include "runtime/sim/BlockCheck.h"
#include "runtime/sim/SimSessionDevice.h"
#include "test/unit/runtime/ProgramBuilder.h"

#include <cstring>
#include <functional>
#include <gtest/gtest.h>

namespace heddle::test {
namespace {

const Expr n = Expr::symbol("n");

/// One thread per element: y[i] = x[i] + x[i] for i < n. With `slack` in place of n in the test the last threads of a
/// block run on. Reports check 0 in the error word if x[i] is negative.
std::string doublePtx(int slack) {
  return R"(.version 8.0
.target sm_80
.address_size 64
.file 1 "twice.cu"
.visible .entry twice(.param .u64 px, .param .u64 py, .param .u32 pn, .param .u64 perror)
{
  .reg .pred %p<3>;
  .reg .f32 %f<3>;
  .reg .b32 %r<8>;
  .reg .b64 %rd<8>;
  .loc 1 4 0
  ld.param.u64 %rd1, [px];
  ld.param.u64 %rd2, [py];
  ld.param.u32 %r1, [pn];
  ld.param.u64 %rd3, [perror];
  mov.u32 %r2, %ctaid.x;
  mov.u32 %r3, %ntid.x;
  mov.u32 %r4, %tid.x;
  mad.lo.s32 %r5, %r2, %r3, %r4;
  add.s32 %r6, %r1, )" +
         std::to_string(slack) + R"(;
  setp.ge.s32 %p1, %r5, %r6;
  @%p1 bra done;
  .loc 1 7 0
  mul.wide.s32 %rd4, %r5, 4;
  add.s64 %rd5, %rd1, %rd4;
  add.s64 %rd6, %rd2, %rd4;
  ld.global.f32 %f1, [%rd5];
  add.f32 %f2, %f1, %f1;
  st.global.f32 [%rd6], %f2;
  setp.lt.f32 %p2, %f1, 0f00000000;
  @!%p2 bra done;
  mov.u32 %r7, 1;
  st.global.u32 [%rd3], %r7;
done:
  ret;
}
)";
}

/// y = 4 x through an arena value.
std::shared_ptr<const Program> twiceProgram(int slack, const std::function<void(ProgramBuilder &)> &change = {}) {
  ProgramBuilder builder;
  Operand x = builder.input("x", DType::F32, {n});
  Operand y = builder.output("y", DType::F32, {n});
  Operand middle = builder.arena(DType::F32, {n});
  std::string ptx = doublePtx(slack);
  std::span<const std::byte> bytes = std::as_bytes(std::span(ptx));
  builder.program.codes = {{CodeObject::Kind::Ptx, "sm_80", {bytes.begin(), bytes.end()}}};
  builder.variant.device = "cuda";
  builder.variant.target = "sm_80";
  Kernel kernel;
  kernel.name = kernel.entry = "twice";
  kernel.code = 0;
  kernel.symbols = {"n"};
  kernel.checks = {{"Sqrt_3: an element is negative"}};
  kernel.block = {64, 1, 1};
  kernel.lines = {{2, "Input_0"}, {6, "Mul_1"}};
  builder.variant.kernels = {kernel};
  for (const auto &[from, to] : {std::pair(x, middle), std::pair(middle, y)}) {
    Launch launch;
    launch.inputs = {from};
    launch.results = {to};
    launch.sizes = {n};
    launch.grid = {ceilDiv(n, 64), 1, 1};
    builder.steps().push_back({launch, "Mul_1"});
  }
  if (change)
    change(builder);
  return builder.build();
}

std::shared_ptr<Device> simDevice() {
  Result<std::shared_ptr<Device>> device = makeSimSessionDevice("", 2);
  EXPECT_TRUE(device) << device.status().message();
  return device ? *device : nullptr;
}

std::unique_ptr<Session> sessionOn(std::shared_ptr<Device> device, std::shared_ptr<const Program> program) {
  Result<std::unique_ptr<Session>> session =
      Session::create({std::move(program), std::make_shared<VectorWeights>(), std::move(device), nullptr});
  EXPECT_TRUE(session) << session.status().message();
  return session ? std::move(*session) : nullptr;
}

std::unique_ptr<Session> simSession(int slack) { return sessionOn(simDevice(), twiceProgram(slack)); }

/// What a run of a changed program on {1, -1} says.
std::string messageAfter(const std::function<void(ProgramBuilder &)> &change) {
  Result<std::unique_ptr<Session>> session =
      Session::create({twiceProgram(0, change), std::make_shared<VectorWeights>(), simDevice(), nullptr});
  std::vector<float> x = {1, -1};
  View input = viewOf(x, {2});
  std::vector<RuntimeTensor> outputs;
  return session ? (*session)->run(std::span(&input, 1), outputs).message() : session.status().message();
}

TEST(SimSession, RunsAtEverySize) {
  std::unique_ptr<Session> session = simSession(0);
  for (int64_t size : {1, 64, 100, 0, 200}) {
    std::vector<float> x(size_t(size), 1.5f);
    View input = viewOf(x, {size});
    std::vector<RuntimeTensor> outputs;
    Status status = session->run(std::span(&input, 1), outputs);
    ASSERT_TRUE(status) << status.message();
    EXPECT_EQ(elementsOf<float>(outputs[0]), std::vector<float>(size_t(size), 6.0f));
  }
}

// One thread too many writes past its value. The arena goes on there, so only bounds per value can see it.
TEST(SimSession, WritePastAValueInTheArenaIsFound) {
  std::unique_ptr<Session> session = simSession(1);
  std::vector<float> x(101, 1.0f);
  View input = viewOf(x, {100});
  std::vector<RuntimeTensor> outputs;
  Status status = session->run(std::span(&input, 1), outputs);
  EXPECT_EQ(status.code(), Code::Mismatch);
  EXPECT_NE(status.message().find("the simulated device found "), std::string::npos) << status.message();
  EXPECT_NE(status.message().find("out-of-bounds"), std::string::npos) << status.message();
  EXPECT_NE(status.message().find("twice.cu:7"), std::string::npos) << status.message();
  EXPECT_NE(status.message().find("ONNX node Mul_1"), std::string::npos) << status.message();
  EXPECT_FALSE(session->takeFindings().empty());
  EXPECT_TRUE(session->takeFindings().empty());
}

TEST(SimSession, FailedCheckOfAKernelEndsTheRun) {
  std::unique_ptr<Session> session = simSession(0);
  std::vector<float> x = {1, -1};
  View input = viewOf(x, {2});
  std::vector<RuntimeTensor> outputs;
  Status status = session->run(std::span(&input, 1), outputs);
  EXPECT_EQ(status.code(), Code::Malformed);
  EXPECT_EQ(status.message(), "Sqrt_3: an element is negative");
}

// What a driver would refuse or misread is refused before it is launched.
TEST(SimSession, LaunchesThatDoNotFitAreRefused) {
  auto firstLaunch = [](ProgramBuilder &builder) -> Launch & { return std::get<Launch>(builder.steps()[0].action); };
  std::string message =
      messageAfter([](ProgramBuilder &builder) { builder.program.codes[0].kind = CodeObject::Kind::Cubin; });
  EXPECT_NE(message.find("kernel 'twice' holds no PTX, which the simulator executes"), std::string::npos) << message;
  message = messageAfter([&](ProgramBuilder &builder) { firstLaunch(builder).grid[1] = n * (int64_t(1) << 40); });
  EXPECT_NE(message.find("kernel 'twice': a grid of 2199023255552 blocks"), std::string::npos) << message;
  message = messageAfter([&](ProgramBuilder &builder) { firstLaunch(builder).sizes = {n * (int64_t(1) << 40)}; });
  EXPECT_NE(message.find("kernel 'twice': size 2199023255552 does not fit 32 bits"), std::string::npos) << message;
  message = messageAfter([](ProgramBuilder &builder) {
    std::vector<std::byte> &bytes = builder.program.codes[0].bytes;
    std::string_view text(reinterpret_cast<const char *>(bytes.data()), bytes.size());
    bytes[text.find("%r7, 1;") + 5] = std::byte('2');
  });
  EXPECT_NE(message.find("kernel 'twice' reported check 2, which it does not have"), std::string::npos) << message;
}

// A symbol that is no size of a dimension may be any integer: its parameter has 64 bits, and gets all of them.
TEST(SimSession, WideParametersTakeLargeValues) {
  std::string message = messageAfter([](ProgramBuilder &builder) {
    std::string ptx = doublePtx(0);
    for (auto [narrow, wide] : {std::pair("u32 pn", "u64 pn"), {"ld.param.u32 %r1, [pn]", "ld.param.u64 %rd7, [pn]"}})
      ptx.replace(ptx.find(narrow), std::strlen(narrow), wide);
    ptx.insert(ptx.find("  mov.u32 %r2"), "  shr.u64 %rd7, %rd7, 40;\n  cvt.u32.u64 %r1, %rd7;\n");
    std::span<const std::byte> bytes = std::as_bytes(std::span(ptx));
    builder.program.codes[0].bytes = {bytes.begin(), bytes.end()};
    for (Step &step : builder.steps())
      std::get<Launch>(step.action).sizes = {n * (int64_t(1) << 40)};
  });
  EXPECT_EQ(message, "Sqrt_3: an element is negative"); // The second of two elements is reached.
}

TEST(SimSession, BadArchitectureIsRefused) {
  EXPECT_EQ(makeSimSessionDevice("pascal", 1).status().message(),
            "'pascal' is no architecture, such as sm_80 or sm_90a");
}

/// A device whose kernels multiply their input by a factor.
class Multiplier final : public Device {
public:
  explicit Multiplier(float factor) : factor(factor) {}
  std::string_view kind() const override { return "cuda"; }
  int rank(const std::string &) const override { return 1; }
  std::string describe() const override { return "multiplier"; }
  Result<std::unique_ptr<DeviceModule>> load(const Program &, const Variant &) override {
    return std::unique_ptr<DeviceModule>(std::make_unique<Module>(factor));
  }
  Result<void *> allocate(int64_t) override { return Status(Code::OverLimit, "the simulator allocates"); }
  void release(void *) override {}

private:
  struct Module final : DeviceModule {
    explicit Module(float factor) : factor(factor) {}
    Status launch(size_t, const LaunchArgs &args) override {
      for (int64_t i = 0; i < args.sizes[0]; ++i)
        static_cast<float *>(args.buffers[1])[i] = factor * static_cast<float *>(args.buffers[0])[i];
      return Status::ok();
    }
    float factor;
  };
  float factor;
};

/// Runs 1000 elements, which 16 blocks of 64 threads compute, on a device that multiplies by `factor`.
BlockCheckOutcome checkTwice(float factor, int slack, int64_t count = 1000) {
  std::shared_ptr<const Program> program = twiceProgram(slack);
  BlockCheckProgram gpu{program, {{{"", DType::F32, {n}}}}};
  std::shared_ptr<BlockCheckDevice> device =
      makeBlockCheckDevice(std::make_shared<Multiplier>(factor), simDevice(), gpu);
  std::unique_ptr<Session> session = sessionOn(device, program);
  std::vector<float> x(static_cast<size_t>(count), 1.5f);
  View input = viewOf(x, {count});
  std::vector<RuntimeTensor> outputs;
  Status status = session->run(std::span(&input, 1), outputs);
  EXPECT_TRUE(status) << status.message();
  EXPECT_EQ(elementsOf<float>(outputs[0]), std::vector<float>(x.size(), factor * factor * 1.5f));
  return device->outcomes().at(0);
}

TEST(BlockCheck, ComparesWhatTheFirstTheLastAndDrawnBlocksWrite) {
  BlockCheckOutcome outcome = checkTwice(2, 0);
  EXPECT_EQ(outcome.failure, "");
  EXPECT_EQ(outcome.grid, 16);
  EXPECT_GT(outcome.blocks, 2);
  EXPECT_LE(outcome.blocks, 8);
  EXPECT_EQ(outcome.elements, (outcome.blocks - 1) * 64 + 1000 % 64);
}

TEST(BlockCheck, DifferenceIsReported) {
  EXPECT_EQ(checkTwice(3, 0).failure, "element 0 is 3.000000, expected 4.500000");
}

// The rest of the run goes on with the other device's results.
TEST(BlockCheck, FindingIsReported) { EXPECT_NE(checkTwice(2, 1).failure.find("out-of-bounds"), std::string::npos); }

// Which elements belong to a block is not known, but all blocks together must write all of them.
TEST(BlockCheck, FewBlocksAreAllExecutedAndLeaveNoElementOut) {
  BlockCheckOutcome outcome = checkTwice(2, 0, 300);
  EXPECT_EQ(outcome.failure, "");
  EXPECT_EQ(outcome.blocks, 5);
  EXPECT_EQ(outcome.elements, 300);
  EXPECT_EQ(checkTwice(2, -1, 300).failure, "element 299 was not written");
}

} // namespace
} // namespace heddle::test
