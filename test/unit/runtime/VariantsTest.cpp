// Tests the choice of a variant by its guards, and adding one on demand.
#include "runtime/cpu/CpuDevice.h"
#include "test/unit/runtime/ProgramBuilder.h"

#include <gtest/gtest.h>

namespace heddle::test {
namespace {

const Expr n = Expr::symbol("n");

/// y = x + w, with a guard.
ProgramBuilder guarded(const Expr &guard) {
  ProgramBuilder builder;
  Operand x = builder.input("x", DType::F32, {n});
  Operand y = builder.output("y", DType::F32, {n});
  builder.steps() = {ProgramBuilder::add(x, x, y)};
  builder.variant.guards = {guard};
  return builder;
}

Status runAt(Session &session, int64_t size) {
  std::vector<float> x(size_t(size), 1.0f);
  View input = viewOf(x, {size});
  std::vector<RuntimeTensor> outputs;
  return session.run(std::span(&input, 1), outputs);
}

// Without a compiler the user learns which assumption fails, and at which values.
TEST(Variants, FailedGuardIsNamed) {
  std::unique_ptr<Session> session = makeSession(guarded(equal(n, 4)).build());
  EXPECT_TRUE(runAt(*session, 4));
  Status status = runAt(*session, 5);
  EXPECT_EQ(status.code(), Code::Malformed);
  EXPECT_EQ(status.message(),
            "no variant of the model holds for these inputs: guard " + equal(n, 4).str() + " (n = 5)");
}

TEST(Variants, FirstThatHoldsIsTaken) {
  ProgramBuilder builder = guarded(equal(n, 4));
  Variant general = builder.variant;
  general.guards.clear();
  general.plan.body.steps = {ProgramBuilder::fail("general")};
  Program program = *builder.build();
  program.variants.push_back(std::make_shared<const Variant>(general));
  std::unique_ptr<Session> session = makeSession(std::make_shared<const Program>(program));
  EXPECT_TRUE(runAt(*session, 4));
  EXPECT_EQ(runAt(*session, 3).message(), "general");
}

// The message names what the program holds, since that is what the user can change.
TEST(Variants, ProgramForAnotherTargetIsUnsupported) {
  ProgramBuilder builder = guarded(1);
  builder.variant.target = "x86-64-v9";
  Result<std::unique_ptr<Session>> session =
      Session::create({builder.build(), std::make_shared<VectorWeights>(), makeCpuDevice(), nullptr});
  ASSERT_FALSE(session);
  EXPECT_EQ(session.status().code(), Code::Unsupported);
  EXPECT_TRUE(
      session.status().message().starts_with("the program was compiled for cpu x86-64-v9; the device is cpu ("));
}

/// Adds a variant for exactly the size of input 0.
class SizeSpecializer final : public Specializer {
public:
  explicit SizeSpecializer(std::shared_ptr<const Program> program) : program(std::move(program)) {}

  Result<std::shared_ptr<const Program>> specialize(std::span<const View> inputs) override {
    ++calls;
    Program extended = *program;
    auto variant = std::make_shared<Variant>(*extended.variants[0]);
    variant->guards = {equal(n, inputs[0].shape[0])};
    extended.variants.push_back(variant);
    program = std::make_shared<const Program>(extended);
    return program;
  }

  int calls = 0;

private:
  std::shared_ptr<const Program> program;
};

// A compiler is asked once per size, and again only for a variant that had to make room.
TEST(Variants, AddedVariantsAreKeptUpToTheLimit) {
  std::shared_ptr<const Program> program = guarded(equal(n, 1)).build();
  auto specializer = std::make_shared<SizeSpecializer>(program);
  SessionOptions options;
  options.addedVariants = 2;
  std::unique_ptr<Session> session = makeSession(program, options, std::make_shared<VectorWeights>(), specializer);
  for (int64_t size : {1, 2, 3, 2, 3, 1})
    EXPECT_TRUE(runAt(*session, size));
  EXPECT_EQ(specializer->calls, 2);
  EXPECT_TRUE(runAt(*session, 4));
  EXPECT_TRUE(runAt(*session, 3));
  EXPECT_EQ(specializer->calls, 3);
}

/// Adds a variant that does not fit what it was made for.
class WrongSpecializer final : public Specializer {
public:
  explicit WrongSpecializer(std::shared_ptr<const Program> program) : program(std::move(program)) {}

  Result<std::shared_ptr<const Program>> specialize(std::span<const View>) override {
    Program extended = *program;
    extended.variants.push_back(extended.variants[0]);
    return std::make_shared<const Program>(extended);
  }

private:
  std::shared_ptr<const Program> program;
};

// Asking again and again would compile forever.
TEST(Variants, AddedVariantMustHold) {
  std::shared_ptr<const Program> program = guarded(equal(n, 1)).build();
  std::unique_ptr<Session> session =
      makeSession(program, {}, std::make_shared<VectorWeights>(), std::make_shared<WrongSpecializer>(program));
  Status status = runAt(*session, 2);
  EXPECT_EQ(status.code(), Code::Malformed);
  EXPECT_EQ(status.message(), "the inputs' sizes do not fit the model: guard " + equal(n, 1).str() + " (n = 2)");
}

} // namespace
} // namespace heddle::test
