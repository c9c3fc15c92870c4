// Tests the rules of programs: each is broken once.
#include "runtime/format/PlanVerifier.h"
#include "test/unit/artifact/SampleProgram.h"

#include <gtest/gtest.h>

namespace heddle::test {
namespace {

/// The message for the sample with a change; "valid" if there is none.
template <typename Change> std::string messageAfter(const Change &change) {
  Variant variant = sampleVariant();
  change(variant);
  Status status = verifyProgram(withVariant(sampleProgram(), variant));
  if (status.isOk())
    return "valid";
  EXPECT_EQ(status.code(), Code::BadArtifact);
  const std::string prefix = "variant for cpu x86-64-v3, ";
  EXPECT_EQ(status.message().substr(0, prefix.size()), prefix);
  return status.message().substr(prefix.size());
}

template <typename T> T &action(Variant &variant, size_t step) {
  return std::get<T>(variant.plan.body.steps[step].action);
}

TEST(PlanVerifier, SampleIsValid) {
  EXPECT_EQ(messageAfter([](Variant &) {}), "valid");
}

TEST(PlanVerifier, KernelIndexIsChecked) { // (C1)
  EXPECT_EQ(messageAfter([](Variant &v) { action<Launch>(v, 0).kernel = 1; }), "step 0: it launches kernel 1 of 1");
}

TEST(PlanVerifier, PlaceIndexIsChecked) { // (C1)
  EXPECT_EQ(messageAfter([](Variant &v) { action<Launch>(v, 0).inputs[0].place = 9; }),
            "step 0: an operand lies in place 9 of 9");
  EXPECT_EQ(messageAfter([](Variant &v) { action<Launch>(v, 0).inputs[0].place = -2; }),
            "step 0: an operand lies in place -2 of 9");
}

TEST(PlanVerifier, PortAndCodeIndicesAreChecked) { // (C1)
  EXPECT_EQ(messageAfter([](Variant &v) { v.plan.places[0].index = 2; }), "step 0: place 0 is input 2 of 2");
  EXPECT_EQ(messageAfter([](Variant &v) { v.plan.places[7].index = 1; }), "step 0: place 7 is output 1 of 1");
  EXPECT_EQ(messageAfter([](Variant &v) { v.plan.places[1].index = 3; }), "step 0: place 1 is weight 3 of 1");
  EXPECT_EQ(messageAfter([](Variant &v) { v.kernels[0].code = -1; }), "step 0: kernel 'matmul_add' has code -1 of 1");
}

// Sizes are added up and handed to a device as they are.
TEST(PlanVerifier, FiguresOfAKernelAreChecked) { // (C1)
  EXPECT_EQ(messageAfter([](Variant &v) { v.kernels[0].scratchBytes = -1; }),
            "step 0: kernel 'matmul_add' needs a negative number of bytes");
  EXPECT_EQ(messageAfter([](Variant &v) { v.kernels[0].block[1] = 2048; }),
            "step 0: kernel 'matmul_add' has a block of 2048 threads");
}

TEST(PlanVerifier, NumberOfSizesIsChecked) { // (C1)
  EXPECT_EQ(messageAfter([](Variant &v) { action<Launch>(v, 0).sizes.clear(); }),
            "step 0: kernel 'matmul_add' takes 1 sizes, not 0");
}

TEST(PlanVerifier, StridesMatchTheRank) { // (C2)
  EXPECT_EQ(messageAfter([](Variant &v) { action<Launch>(v, 0).results[0].strides = {1, 1}; }),
            "step 0: an operand of rank 1 has 2 strides");
}

// A kernel writes wherever the plan says: an operand that is not within its place would overwrite its neighbours.
TEST(PlanVerifier, OperandsLieWithinTheirPlaces) { // (C2)
  auto withPart = [](Expr offset, Shape shape, std::vector<Expr> strides) {
    return messageAfter([&](Variant &v) {
      Operand &result = action<Launch>(v, 0).results[0];
      v.plan.places[size_t(result.place)].bytes = 48;
      result.byteOffset = std::move(offset);
      result.shape = std::move(shape);
      result.strides = std::move(strides);
    });
  };
  const std::string outside = "step 0: an operand lies outside of place 3 of 48 bytes";
  EXPECT_EQ(withPart(16, {2, 2}, {6, 1}), "valid");
  EXPECT_EQ(withPart(20, {2, 2}, {6, 1}), outside);
  EXPECT_EQ(withPart(-4, {2, 2}, {6, 1}), outside);
  EXPECT_EQ(withPart(0, {2, 2}, {-1, 1}), outside);
  EXPECT_EQ(withPart(0, {13}, {}), outside);
  EXPECT_EQ(withPart(0, {int64_t(1) << 62, 4}, {1, 1}), outside);
  EXPECT_EQ(withPart(0, {2, 2}, {int64_t(1) << 62, int64_t(1) << 62}), outside);
}

TEST(PlanVerifier, WeightsAreReadOnly) { // (C2)
  EXPECT_EQ(messageAfter([](Variant &v) { action<Launch>(v, 0).results[0].place = 1; }),
            "step 0: it writes place 1, which is read only");
}

TEST(PlanVerifier, SymbolMustBeKnown) { // (C3)
  EXPECT_EQ(messageAfter([](Variant &v) { action<Launch>(v, 0).tasks = Expr::symbol("found"); }),
            "step 0: the number of tasks uses symbol 'found', which is not known here");
}

// What a loop's body defines says nothing after it: the body may not have run.
TEST(PlanVerifier, SymbolOfALoopIsUnknownAfterIt) { // (C3)
  EXPECT_EQ(messageAfter([](Variant &v) {
              SetSymbol inner;
              inner.symbol = "inner";
              inner.value = 1;
              action<Loop>(v, 4).body.steps.push_back({inner, ""});
              for (Place &place : v.plan.places)
                place.last = place.last == 8 ? 10 : place.last;
              SetSymbol after;
              after.symbol = "after";
              after.value = Expr::symbol("inner");
              v.plan.body.steps.push_back({after, ""});
            }),
            "step 9: the value uses symbol 'inner', which is not known here");
}

TEST(PlanVerifier, SymbolHasANameAndASource) { // (C3)
  EXPECT_EQ(messageAfter([](Variant &v) { action<SetSymbol>(v, 2).symbol.clear(); }),
            "step 2: it sets a symbol without a name");
  EXPECT_EQ(messageAfter([](Variant &v) { action<SetSymbol>(v, 2).operand.place = -1; }),
            "step 2: symbol 'found' is read from no tensor");
}

TEST(PlanVerifier, LifetimesAndEpochsAreInRange) { // (C4)
  EXPECT_EQ(messageAfter([](Variant &v) { v.plan.places[3].last = -1; }), "step 0: place 3 has the lifetime [0, -1)");
  EXPECT_EQ(messageAfter([](Variant &v) { v.plan.places[3].epoch = 2; }), "step 0: place 3 has epoch 2 of 2");
}

TEST(PlanVerifier, LifetimeCoversEveryUse) { // (C4)
  EXPECT_EQ(messageAfter([](Variant &v) { v.plan.places[3].last = 1; }),
            "step 1: place 3 is used outside its lifetime [0, 1)");
}

TEST(PlanVerifier, EpochMustHaveBegun) { // (C4)
  EXPECT_EQ(messageAfter([](Variant &v) { v.plan.places[3].epoch = 1; }), "step 0: place 3 is used before its epoch 1");
}

TEST(PlanVerifier, ConditionIsBoolOrInteger) { // (C5)
  EXPECT_EQ(messageAfter([](Variant &v) { action<If>(v, 3).condition.type = DType::F32; }),
            "step 3: a control value is f32");
  EXPECT_EQ(messageAfter([](Variant &v) { action<If>(v, 3).condition.place = -1; }),
            "step 3: a control value is absent");
}

TEST(PlanVerifier, OperandsOfALoopAreThere) { // (C5)
  EXPECT_EQ(messageAfter([](Variant &v) { action<Loop>(v, 4).iteration.type = DType::I32; }),
            "step 6: the iteration number is i32, not i64");
  EXPECT_EQ(messageAfter([](Variant &v) { action<Loop>(v, 4).stacked[0].element.place = -1; }),
            "step 7: a stacked value is absent");
  EXPECT_EQ(messageAfter([](Variant &v) { action<Loop>(v, 4).carried[0].in.place = -1; }),
            "step 6: a carried value lacks its initial value or a slot");
}

TEST(PlanVerifier, WeightsCanBeStored) {
  Program program = sampleProgram();
  program.weights[0].type = DType::String;
  EXPECT_EQ(verifyProgram(program).message(), "weight 'w' is no tensor that can be stored");
}

TEST(PlanVerifier, SlotsOfACarriedValueAreAlike) { // (C5)
  EXPECT_EQ(messageAfter([](Variant &v) { action<Loop>(v, 4).carried[0].out.place = 6; }),
            "step 6: the slots of a carried value are not two arena or two runtime places");
}

} // namespace
} // namespace heddle::test
