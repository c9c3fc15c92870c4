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

TEST(PlanBinary, BytesLeftOverAreRefused) {
  std::vector<std::byte> bytes = encodeProgram(sampleProgram());
  bytes.push_back(std::byte(0));
  Result<Program> decoded = decodeProgram(bytes);
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.status().message(), "1 bytes left over");
}

} // namespace
} // namespace heddle::test
