// Tests sessions on straight-line plans: sizes in symbols, buffers of callers, checks in kernels, many threads.
#include "test/unit/runtime/ProgramBuilder.h"

#include <gtest/gtest.h>
#include <thread>

namespace heddle::test {
namespace {

const Expr n = Expr::symbol("n"), m = Expr::symbol("m");

/// y = rowSums(x + x), x is [n, m].
std::shared_ptr<const Program> doubledRowSums() {
  ProgramBuilder builder;
  Operand x = builder.input("x", DType::F32, {n, m});
  Operand twice = builder.arena(DType::F32, {n, m});
  Operand y = builder.output("y", DType::F32, {n});
  builder.steps() = {ProgramBuilder::add(x, x, twice), ProgramBuilder::rowSums(twice, y)};
  return builder.build();
}

// Free symbols are the normal case: one plan serves every size, a zero size included.
TEST(Session, RunsAtEverySize) {
  std::unique_ptr<Session> session = makeSession(doubledRowSums());
  for (int64_t rows : {2, 0, 5, 2}) {
    for (int64_t columns : {3, 0, 1}) {
      std::vector<float> x(size_t(rows * columns), 1.5f);
      View input = viewOf(x, {rows, columns});
      std::vector<RuntimeTensor> outputs;
      Status status = session->run(std::span(&input, 1), outputs);
      ASSERT_TRUE(status) << status.message();
      EXPECT_EQ(outputs[0].view().shape, std::vector<int64_t>{rows});
      EXPECT_EQ(elementsOf<float>(outputs[0]), std::vector<float>(size_t(rows), 3.0f * float(columns)));
    }
  }
}

/// The halves of y are 2 x and 3 x, each written where it belongs; y has `count` elements, the second half begins at
/// `offset` bytes.
std::unique_ptr<Session> twoParts(const Expr &count, Expr offset) {
  ProgramBuilder builder;
  Operand x = builder.input("x", DType::F32, {n});
  Operand whole = builder.arena(DType::F32, {count});
  Operand y = builder.output("y", DType::F32, {count});
  Operand first = whole, second = whole;
  first.shape = second.shape = {n};
  second.byteOffset = std::move(offset);
  builder.steps() = {ProgramBuilder::add(x, x, first), ProgramBuilder::add(x, first, second),
                     ProgramBuilder::identity(whole, y)};
  return makeSession(builder.build());
}

TEST(Session, WritesAndReadsPartsOfPlaces) {
  std::unique_ptr<Session> session = twoParts(n * 2, n * 4);
  std::vector<float> x = {1, 2};
  View input = viewOf(x, {2});
  std::vector<RuntimeTensor> outputs;
  Status status = session->run(std::span(&input, 1), outputs);
  ASSERT_TRUE(status) << status.message();
  EXPECT_EQ(elementsOf<float>(outputs[0]), (std::vector<float>{2, 4, 3, 6}));
}

// An artifact can say anything: with symbols, only a run shows that a part is not within its whole.
TEST(Session, RefusesPartsOutsideOfTheirPlaces) {
  for (const Expr &offset : {n * 4 + 4, Expr(0) - n}) {
    std::unique_ptr<Session> session = twoParts(n * 2, offset);
    std::vector<float> x = {1, 2};
    View input = viewOf(x, {2});
    std::vector<RuntimeTensor> outputs;
    Status status = session->run(std::span(&input, 1), outputs);
    EXPECT_EQ(status.code(), Code::BadArtifact);
    EXPECT_NE(status.message().find("an operand lies outside of place"), std::string::npos) << status.message();
  }
}

TEST(Session, FillsTheCallersBufferThroughItsStrides) {
  std::unique_ptr<Session> session = makeSession(doubledRowSums());
  std::vector<float> x = {1, 10, 2, 20}, y = {-1, -1, -1};
  View transposed{x.data(), DType::F32, {2, 2}, {1, 2}};
  std::vector<RuntimeTensor> outputs = {RuntimeTensor::borrow(View{y.data(), DType::F32, {2}, {2}})};
  ASSERT_TRUE(session->run(std::span(&transposed, 1), outputs));
  EXPECT_EQ(y, (std::vector<float>{6, -1, 60}));
}

TEST(Session, RefusesABufferOfAnotherShape) {
  std::unique_ptr<Session> session = makeSession(doubledRowSums());
  std::vector<float> x(4), y(3);
  View input = viewOf(x, {2, 2});
  std::vector<RuntimeTensor> outputs = {RuntimeTensor::borrow(viewOf(y, {3}))};
  Status status = session->run(std::span(&input, 1), outputs);
  EXPECT_EQ(status.code(), Code::Malformed);
  EXPECT_EQ(status.message(), "output 'y': the buffer is 3xf32, the result is 2xf32");
}

TEST(Session, ReadsWeights) {
  ProgramBuilder builder;
  Operand x = builder.input("x", DType::F32, {3});
  Operand w = builder.weight(DType::F32, {3});
  Operand y = builder.output("y", DType::F32, {3});
  builder.steps() = {ProgramBuilder::add(x, w, y)};
  auto weights = std::make_shared<VectorWeights>(std::vector<std::vector<float>>{{10, 20, 30}});
  std::unique_ptr<Session> session = makeSession(builder.build(), {}, weights);
  std::vector<float> values = {1, 2, 3};
  View input = viewOf(values, {3});
  std::vector<RuntimeTensor> outputs;
  ASSERT_TRUE(session->run(std::span(&input, 1), outputs));
  EXPECT_EQ(elementsOf<float>(outputs[0]), (std::vector<float>{11, 22, 33}));
}

// Indices are data: a kernel's failed check ends the run with the text that the plan holds for it.
TEST(Session, FailedCheckOfAKernelEndsTheRun) {
  ProgramBuilder builder;
  Operand x = builder.input("x", DType::F32, {n});
  Operand index = builder.input("index", DType::I64, {m});
  Operand y = builder.output("y", DType::F32, {m});
  builder.steps() = {ProgramBuilder::gather(x, index, y)};
  std::unique_ptr<Session> session = makeSession(builder.build());
  std::vector<float> values = {5, 6, 7};
  std::vector<int64_t> good = {2, 0}, bad = {0, 3};
  std::vector<RuntimeTensor> outputs;
  std::vector<View> inputs = {viewOf(values, {3}), viewOf(bad, {2})};
  Status status = session->run(inputs, outputs);
  EXPECT_EQ(status.code(), Code::Malformed);
  EXPECT_EQ(status.message(), "Gather_1: an index is out of bounds");
  inputs[1] = viewOf(good, {2});
  ASSERT_TRUE(session->run(inputs, outputs)) << "a session stays usable after an error";
  EXPECT_EQ(elementsOf<float>(outputs[0]), (std::vector<float>{7, 5}));
}

TEST(Session, MemoryLimitIsRefusedBeforeTheRun) {
  SessionOptions options;
  options.memoryLimit = 1000;
  std::unique_ptr<Session> session = makeSession(doubledRowSums(), options);
  std::vector<float> x(300, 1.0f);
  View input = viewOf(x, {1, 300});
  std::vector<RuntimeTensor> outputs;
  Status status = session->run(std::span(&input, 1), outputs);
  EXPECT_EQ(status.code(), Code::OverLimit);
  EXPECT_EQ(status.message(), "the arena needs 1216 bytes, over the limit of 1000");
}

TEST(Session, CancelledRunEndsBeforeItsNextStep) {
  std::unique_ptr<Session> session = makeSession(doubledRowSums());
  std::vector<float> x(4);
  View input = viewOf(x, {2, 2});
  std::vector<RuntimeTensor> outputs;
  std::atomic<bool> cancel = true;
  EXPECT_EQ(session->run(std::span(&input, 1), outputs, {.cancel = &cancel}).code(), Code::Interrupted);
}

struct CountingObserver final : RunObserver {
  void stepEnded(const StepTiming &timing) override { bytes.push_back(timing.bytes); }
  void runEnded(int64_t held, int64_t bound) override {
    arena = held;
    lowerBound = bound;
  }
  std::vector<int64_t> bytes;
  int64_t arena = 0, lowerBound = 0;
};

// Profiles are made of this: every launch with what it moves, and an arena that can be judged.
TEST(Session, ObserverSeesEachLaunchAndTheArena) {
  std::unique_ptr<Session> session = makeSession(doubledRowSums());
  std::vector<float> x(300, 1.0f);
  View input = viewOf(x, {1, 300});
  std::vector<RuntimeTensor> outputs;
  CountingObserver observer;
  ASSERT_TRUE(session->run(std::span(&input, 1), outputs, {.observer = &observer}));
  EXPECT_EQ(observer.bytes, (std::vector<int64_t>{3 * 1200, 1200 + 4}));
  EXPECT_EQ(observer.arena, 1216);
  EXPECT_EQ(observer.lowerBound, 1216);
}

// One session, many threads, different sizes: each run has its own context.
TEST(Session, ManyThreadsGetTheirOwnResults) {
  std::unique_ptr<Session> session = makeSession(doubledRowSums());
  std::vector<std::thread> threads;
  for (int64_t rows = 1; rows <= 4; ++rows)
    threads.emplace_back([&session, rows] {
      std::vector<float> x(size_t(rows * 100), float(rows));
      View input = viewOf(x, {rows, 100});
      for (int round = 0; round < 100; ++round) {
        std::vector<RuntimeTensor> outputs;
        ASSERT_TRUE(session->run(std::span(&input, 1), outputs));
        ASSERT_EQ(elementsOf<float>(outputs[0]), std::vector<float>(size_t(rows), 200.0f * float(rows)));
      }
    });
  for (std::thread &thread : threads)
    thread.join();
}

TEST(Session, OutputShapesAreKnownBeforeTheRun) {
  std::unique_ptr<Session> session = makeSession(doubledRowSums());
  std::vector<std::vector<int64_t>> shapes = {{7, 2}};
  EXPECT_EQ(*session->outputShapes(shapes), (std::vector<std::vector<int64_t>>{{7}}));
}

TEST(Session, UnknownHostFunctionIsABadArtifact) {
  ProgramBuilder builder;
  Operand x = builder.input("x", DType::F32, {3});
  Operand y = builder.output("y", DType::F32, {3});
  Step call = ProgramBuilder::identity(x, y);
  std::get<HostCall>(call.action).version = 99;
  builder.steps() = {call};
  std::unique_ptr<Session> session = makeSession(builder.build());
  std::vector<float> values(3);
  View input = viewOf(values, {3});
  std::vector<RuntimeTensor> outputs;
  Status status = session->run(std::span(&input, 1), outputs);
  EXPECT_EQ(status.code(), Code::BadArtifact);
  EXPECT_EQ(status.message(), "host function 'identity' version 99 is not in this runtime");
}

} // namespace
} // namespace heddle::test
