// Tests plans with control flow and sizes that depend on data: If, Loop, Fail, SetSymbol, epochs, Runtime places.
#include "test/unit/runtime/ProgramBuilder.h"

#include <gtest/gtest.h>

namespace heddle::test {
namespace {

const Expr n = Expr::symbol("n"), k = Expr::symbol("k");

Step setSymbol(const std::string &name, SetSymbol::Source source, Operand operand, int64_t index) {
  SetSymbol step;
  step.symbol = name;
  step.source = source;
  step.operand = std::move(operand);
  step.index = index;
  return {step, "Shape_0"};
}

/// One loop around `body`, with the pieces that a test sets.
Step loopStep(Loop loop) { return {std::move(loop), "Loop_0"}; }

// Only the branch taken runs: an ill-formed one is an error when it is reached, not before.
TEST(SessionControl, FailIsAnErrorOnlyWhenReached) {
  ProgramBuilder builder;
  Operand x = builder.input("x", DType::F32, {2});
  Operand condition = builder.input("c", DType::Bool, {});
  Operand y = builder.output("y", DType::F32, {2});
  If branch;
  branch.condition = condition;
  branch.thenRegion.steps = {ProgramBuilder::add(x, x, y)};
  branch.elseRegion.steps = {ProgramBuilder::fail("Reshape_7: 3 elements cannot become 4")};
  builder.steps() = {{branch, "If_0"}};
  std::unique_ptr<Session> session = makeSession(builder.build());
  std::vector<float> values = {1, 2};
  std::vector<uint8_t> flag = {1};
  std::vector<View> inputs = {viewOf(values, {2}), viewOf(flag, {})};
  std::vector<RuntimeTensor> outputs;
  ASSERT_TRUE(session->run(inputs, outputs));
  EXPECT_EQ(elementsOf<float>(outputs[0]), (std::vector<float>{2, 4}));
  flag[0] = 0;
  Status status = session->run(inputs, outputs);
  EXPECT_EQ(status.code(), Code::Malformed);
  EXPECT_EQ(status.message(), "Reshape_7: 3 elements cannot become 4");
}

/// total = init + step, trips times; the running totals are stacked. Also stops when total reaches limit.
struct Accumulation {
  Accumulation() {
    Operand trips = builder.input("trips", DType::I64, {});
    Operand init = builder.input("init", DType::F32, {1});
    Operand step = builder.input("step", DType::F32, {1});
    Operand limit = builder.input("limit", DType::F32, {1});
    Operand total = builder.output("total", DType::F32, {1});
    Operand totals = builder.output("totals", DType::F32, {Expr::symbol("made"), 1});
    Operand in = builder.arena(DType::F32, {1}), out = builder.arena(DType::F32, {1});
    Operand flag = builder.arena(DType::Bool, {});
    Operand stack = builder.runtime(DType::F32, {Expr::symbol("made"), 1});
    Loop loop;
    loop.tripCount = trips;
    loop.nextCondition = flag;
    loop.body.steps = {ProgramBuilder::add(in, step, out), ProgramBuilder::below(out, limit, flag)};
    loop.carried = {{init, in, out, total}};
    loop.stacked = {{out, stack}};
    builder.steps() = {loopStep(loop), setSymbol("made", SetSymbol::Source::Dimension, stack, 0),
                       ProgramBuilder::identity(stack, totals)};
    session = makeSession(builder.build());
  }

  std::vector<RuntimeTensor> run(int64_t tripCount, float limitValue) {
    std::vector<int64_t> trips = {tripCount};
    std::vector<float> init = {1}, step = {2}, limit = {limitValue};
    std::vector<View> inputs = {viewOf(trips, {}), viewOf(init, {1}), viewOf(step, {1}), viewOf(limit, {1})};
    std::vector<RuntimeTensor> outputs;
    Status status = session->run(inputs, outputs);
    EXPECT_TRUE(status) << status.message();
    return outputs;
  }

  ProgramBuilder builder;
  std::unique_ptr<Session> session;
};

// Carried values swap slots: after an odd and an even number of iterations the result is the last one written.
TEST(SessionControl, LoopCarriesAndStacks) {
  Accumulation accumulation;
  for (int64_t trips : {1, 2, 7}) {
    std::vector<RuntimeTensor> outputs = accumulation.run(trips, 1000);
    EXPECT_EQ(elementsOf<float>(outputs[0]), std::vector<float>{1.0f + 2.0f * float(trips)});
    std::vector<float> expected;
    for (int64_t i = 1; i <= trips; ++i)
      expected.push_back(1.0f + 2.0f * float(i));
    EXPECT_EQ(elementsOf<float>(outputs[1]), expected);
    EXPECT_EQ(outputs[1].view().shape, (std::vector<int64_t>{trips, 1}));
  }
}

TEST(SessionControl, LoopWithoutIterationsGivesItsInitialValues) {
  Accumulation accumulation;
  for (int64_t trips : {0, -3}) {
    std::vector<RuntimeTensor> outputs = accumulation.run(trips, 1000);
    EXPECT_EQ(elementsOf<float>(outputs[0]), std::vector<float>{1});
    EXPECT_EQ(outputs[1].view().shape, (std::vector<int64_t>{0, 1}));
  }
}

TEST(SessionControl, LoopEndsWhenItsConditionFails) {
  Accumulation accumulation;
  std::vector<RuntimeTensor> outputs = accumulation.run(100, 6);
  EXPECT_EQ(elementsOf<float>(outputs[1]), (std::vector<float>{3, 5, 7}));
}

// A size read from data begins an epoch: its values get memory of their own, those alive stay where they are.
TEST(SessionControl, SizeFromDataBeginsAnEpoch) {
  ProgramBuilder builder;
  Operand x = builder.input("x", DType::F32, {n});
  Operand size = builder.input("size", DType::I64, {2});
  Operand y = builder.output("y", DType::F32, {k});
  Operand z = builder.output("z", DType::F32, {n});
  Operand before = builder.arena(DType::F32, {n});
  Operand after = builder.arena(DType::F32, {k}, 1);
  Operand prefix = before;
  prefix.shape = {k};
  builder.steps() = {ProgramBuilder::add(x, x, before), setSymbol("k", SetSymbol::Source::Element, size, 1),
                     ProgramBuilder::add(prefix, prefix, after), ProgramBuilder::add(after, after, y),
                     ProgramBuilder::add(before, before, z)};
  std::unique_ptr<Session> session = makeSession(builder.build());
  std::vector<float> values = {1, 2, 3};
  for (int64_t count : {2, 0, 3}) {
    std::vector<int64_t> sizes = {99, count};
    std::vector<View> inputs = {viewOf(values, {3}), viewOf(sizes, {2})};
    std::vector<RuntimeTensor> outputs;
    Status status = session->run(inputs, outputs);
    ASSERT_TRUE(status) << status.message();
    std::vector<float> expected = {8, 16, 24};
    expected.resize(size_t(count));
    EXPECT_EQ(elementsOf<float>(outputs[0]), expected);
    EXPECT_EQ(elementsOf<float>(outputs[1]), (std::vector<float>{4, 8, 12}));
  }
}

// A later epoch uses the bytes of values that are dead by then, keeps clear of those alive, and gets a chunk for what
// does not fit. All three are seen in the results, which poison would spoil.
TEST(SessionControl, LaterEpochPacksAroundWhatIsAlive) {
  ProgramBuilder builder;
  Operand x = builder.input("x", DType::F32, {n});
  Operand size = builder.input("size", DType::I64, {1});
  Operand y = builder.output("y", DType::F32, {k});
  Operand z = builder.output("z", DType::F32, {n});
  Operand dead = builder.arena(DType::F32, {n}), alive = builder.arena(DType::F32, {n});
  Operand late = builder.arena(DType::F32, {k}, 1);
  builder.variant.plan.places[size_t(dead.place)].last = 2;
  builder.variant.plan.places[size_t(alive.place)].first = 1;
  builder.variant.plan.places[size_t(late.place)].first = 3;
  Operand prefix = x;
  prefix.shape = {k};
  builder.steps() = {ProgramBuilder::add(x, x, dead),
                     ProgramBuilder::add(dead, dead, alive),
                     setSymbol("k", SetSymbol::Source::Element, size, 0),
                     ProgramBuilder::add(prefix, prefix, late),
                     ProgramBuilder::add(late, late, y),
                     ProgramBuilder::add(alive, alive, z)};
  std::unique_ptr<Session> session = makeSession(builder.build());
  std::vector<float> values(64, 1.0f);
  const int64_t oneValue = 64 * 4;
  for (auto [count, arena] : {std::pair<int64_t, int64_t>{64, 2 * oneValue}, {16, 2 * oneValue}}) {
    std::vector<int64_t> sizes = {count};
    std::vector<View> inputs = {viewOf(values, {64}), viewOf(sizes, {1})};
    std::vector<RuntimeTensor> outputs;
    Status status = session->run(inputs, outputs);
    ASSERT_TRUE(status) << status.message();
    EXPECT_EQ(elementsOf<float>(outputs[0]), std::vector<float>(size_t(count), 4.0f));
    EXPECT_EQ(elementsOf<float>(outputs[1]), std::vector<float>(64, 8.0f));
    EXPECT_EQ(session->arenaBytes(), arena);
  }
}

TEST(SessionControl, LaterEpochThatDoesNotFitGetsAChunk) {
  ProgramBuilder builder;
  Operand size = builder.input("size", DType::I64, {1});
  Operand x = builder.input("x", DType::F32, {n});
  Operand y = builder.output("y", DType::F32, {n});
  Operand alive = builder.arena(DType::F32, {n}), late = builder.arena(DType::F32, {k}, 1);
  Operand prefix = late;
  prefix.shape = {n};
  builder.steps() = {ProgramBuilder::add(x, x, alive), setSymbol("k", SetSymbol::Source::Element, size, 0),
                     ProgramBuilder::add(x, x, prefix), ProgramBuilder::add(alive, prefix, y)};
  std::unique_ptr<Session> session = makeSession(builder.build());
  std::vector<float> values = {1, 2};
  for (int64_t count = 1000; count < 3000; count += 10) {
    std::vector<int64_t> sizes = {count};
    std::vector<View> inputs = {viewOf(sizes, {1}), viewOf(values, {2})};
    std::vector<RuntimeTensor> outputs;
    Status status = session->run(inputs, outputs);
    ASSERT_TRUE(status) << status.message();
    ASSERT_EQ(elementsOf<float>(outputs[0]), (std::vector<float>{4, 8}));
    ASSERT_LT(session->arenaBytes(), 3 * 4 * count) << "chunks of earlier runs must not pile up";
  }
}

TEST(SessionControl, NegativeSizeFromDataIsMalformed) {
  ProgramBuilder builder;
  Operand size = builder.input("size", DType::I64, {1});
  Operand y = builder.output("y", DType::F32, {k});
  Operand after = builder.arena(DType::F32, {k}, 1);
  builder.steps() = {setSymbol("k", SetSymbol::Source::Element, size, 0), ProgramBuilder::add(after, after, y)};
  std::unique_ptr<Session> session = makeSession(builder.build());
  std::vector<int64_t> sizes = {-1};
  View input = viewOf(sizes, {1});
  std::vector<RuntimeTensor> outputs;
  Status status = session->run(std::span(&input, 1), outputs);
  EXPECT_EQ(status.code(), Code::Malformed);
  EXPECT_EQ(status.message(), "Shape_0: a tensor's size is negative: 4 * k = -4 bytes");
}

// A size set inside a loop is set anew by each iteration, and its epoch packed again.
TEST(SessionControl, EpochInALoopIsPackedInEveryIteration) {
  ProgramBuilder builder;
  Operand x = builder.input("x", DType::F32, {n});
  Operand trips = builder.input("trips", DType::I64, {});
  Operand y = builder.output("y", DType::F32, {n});
  Operand iteration = builder.arena(DType::I64, {});
  Operand in = builder.arena(DType::F32, {n}), out = builder.arena(DType::F32, {n});
  Operand scratch = builder.arena(DType::F32, {k * 1000}, 1);
  Operand doubled = scratch;
  doubled.shape = {n};
  Loop loop;
  loop.tripCount = trips;
  loop.iteration = iteration;
  loop.body.steps = {setSymbol("k", SetSymbol::Source::Element, iteration, 0)};
  SetSymbol plusOne;
  plusOne.symbol = "j";
  plusOne.value = k + 1;
  loop.body.steps.push_back({plusOne, ""});
  builder.variant.plan.places[size_t(scratch.place)].bytes = Expr::symbol("j") * 4000;
  builder.variant.plan.places[size_t(scratch.place)].epoch = 2;
  loop.body.steps.push_back(ProgramBuilder::add(in, x, doubled));
  loop.body.steps.push_back(ProgramBuilder::identity(doubled, out));
  loop.carried = {{x, in, out, y}};
  builder.steps() = {loopStep(loop)};
  std::unique_ptr<Session> session = makeSession(builder.build());
  std::vector<float> values = {1, 2};
  std::vector<int64_t> count = {5};
  std::vector<View> inputs = {viewOf(values, {2}), viewOf(count, {})};
  std::vector<RuntimeTensor> outputs;
  Status status = session->run(inputs, outputs);
  ASSERT_TRUE(status) << status.message();
  EXPECT_EQ(elementsOf<float>(outputs[0]), (std::vector<float>{6, 12}));
}

// The size of a carried value is that of its last value, whatever its symbol said before the last iteration.
TEST(SessionControl, CarriedValueMayChangeItsSize) {
  ProgramBuilder builder;
  Operand trips = builder.input("trips", DType::I64, {});
  Operand x = builder.input("x", DType::F32, {n});
  Operand chosen = builder.input("chosen", DType::Bool, {2});
  Operand y = builder.output("y", DType::F32, {Expr::symbol("made")});
  Operand in = builder.runtime(DType::F32, {k}), out = builder.runtime(DType::F32, {k});
  Operand last = builder.runtime(DType::F32, {Expr::symbol("made")});
  HostCall compress;
  compress.function = "compress";
  compress.attrs = {{"axis", int64_t(0)}};
  compress.inputs = {in, chosen};
  compress.results = {out};
  Loop loop;
  loop.tripCount = trips;
  loop.body.steps = {setSymbol("k", SetSymbol::Source::Dimension, in, 0), {compress, "Compress_0"}};
  loop.carried = {{x, in, out, last}};
  builder.steps() = {loopStep(loop), setSymbol("made", SetSymbol::Source::Dimension, last, 0),
                     ProgramBuilder::identity(last, y)};
  std::unique_ptr<Session> session = makeSession(builder.build());
  std::vector<float> values = {5, 6, 7};
  std::vector<uint8_t> choice = {0, 1};
  for (auto [count, expected] : {std::pair<int64_t, std::vector<float>>(0, {5, 6, 7}), {1, {6}}}) {
    std::vector<int64_t> iterations = {count};
    std::vector<View> inputs = {viewOf(iterations, {}), viewOf(values, {3}), viewOf(choice, {2})};
    inputs[2].type = DType::Bool;
    std::vector<RuntimeTensor> outputs;
    Status status = session->run(inputs, outputs);
    ASSERT_TRUE(status) << status.message();
    EXPECT_EQ(elementsOf<float>(outputs[0]), expected);
  }
}

} // namespace
} // namespace heddle::test
