// Tests the binary form of programs: a faithful round trip, and refusal of every damaged form.
#include "runtime/format/PlanBinary.h"
#include "runtime/format/PlanText.h"
#include "test/unit/artifact/SampleProgram.h"

#include <gtest/gtest.h>
#include <random>

namespace heddle::test {
namespace {

TEST(PlanBinary, RoundTripKeepsEveryField) {
  Program program = sampleProgram();
  program.codes[0].bytes.clear();
  std::vector<std::byte> bytes = encodeProgram(program);
  Result<Program> decoded = decodeProgram(bytes);
  ASSERT_TRUE(decoded) << decoded.status().message();
  EXPECT_EQ(planText(*decoded), planText(program));
  EXPECT_EQ(encodeProgram(*decoded), bytes);
  EXPECT_EQ(decoded->variants[0]->kernels[0].lines, program.variants[0]->kernels[0].lines);
}

TEST(PlanBinary, EveryTruncationIsRefused) {
  std::vector<std::byte> bytes = encodeProgram(sampleProgram());
  for (size_t length = 0; length < bytes.size(); ++length) {
    Result<Program> decoded = decodeProgram(std::span(bytes).first(length));
    ASSERT_FALSE(decoded) << "the first " << length << " bytes were accepted";
    ASSERT_EQ(decoded.status().code(), Code::BadArtifact);
  }
}

// Digests keep damage away from the reader, an attacker can make them match: bytes of any kind must not crash it. What
// is accepted must keep the rules, so that running it stays within its tables.
TEST(PlanBinary, RandomDamageNeverCrashes) {
  std::vector<std::byte> original = encodeProgram(sampleProgram());
  std::mt19937 random(7);
  int refused = 0;
  for (int round = 0; round < 20000; ++round) {
    std::vector<std::byte> bytes = original;
    for (unsigned flips = 1 + random() % 3; flips > 0; --flips)
      bytes[random() % bytes.size()] = std::byte(random());
    Result<Program> decoded = decodeProgram(bytes);
    refused += !decoded;
    if (decoded)
      EXPECT_FALSE(planText(*decoded).empty());
  }
  EXPECT_GT(refused, 5000);
}

TEST(PlanBinary, EachKindOfDamageIsNamed) {
  std::vector<std::byte> original = encodeProgram(sampleProgram());
  std::string messages;
  for (size_t position = 0; position < original.size(); ++position) {
    std::vector<std::byte> bytes = original;
    bytes[position] = std::byte(0xff);
    messages += decodeProgram(bytes).status().message() + "\n";
  }
  for (const char *kind : {"enumerator 255 of ", "alternative 255 of ", "keys out of order"})
    EXPECT_NE(messages.find(kind), std::string::npos) << kind;
  EXPECT_NE(decodeProgram(std::span(original).first(1)).status().message().find("ends within a number"),
            std::string::npos);
}

// Branches in branches, as deep as a file may claim them, must not use up the stack.
TEST(PlanBinary, DeepNestingIsRefused) {
  Variant variant = sampleVariant();
  for (int depth = 0; depth < 100; ++depth) {
    If around;
    around.thenRegion = std::move(variant.plan.body);
    variant.plan.body.steps = {{around, ""}};
  }
  std::vector<std::byte> bytes = encodeProgram(withVariant(sampleProgram(), variant));
  EXPECT_NE(decodeProgram(bytes).status().message().find("records nest deeper than 100"), std::string::npos);
}

TEST(PlanBinary, BytesLeftOverAreRefused) {
  std::vector<std::byte> bytes = encodeProgram(sampleProgram());
  bytes.push_back(std::byte(0));
  Result<Program> decoded = decodeProgram(bytes);
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.status().message(), "1 bytes left over");
}

} // namespace
} // namespace heddle::test
