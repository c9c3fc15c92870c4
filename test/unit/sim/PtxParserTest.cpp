// PTX text: what is read, what is refused, and that no text harms the process.
#include "runtime/sim/PtxParser.h"
#include "runtime/sim/Kernel.h"
#include <gtest/gtest.h>
#include <random>

namespace heddle::sim {
namespace {

const std::string sample = R"(
.version 8.0
.target sm_80
.address_size 64
.global .align 4 .u32 table[4] = {1, 2, 0x10, -1};
.extern .shared .align 16 .b8 dynamic[];
.visible .entry k(
  .param .u64 .ptr .global .align 4 y,
  .param .align 8 .b8 pair[16]
)
.maxntid 256, 1, 1
{
  .shared .align 4 .b8 fixed[20];
  .local .align 8 .b8 depot[24];
  .reg .pred %p<4>;
  .reg .f32 %f<4>;
  .reg .b32 %r<6>;
  .reg .b64 %rd<6>;
  .loc 1 10 3
  ld.param.u64 %rd1, [y];
  ld.param.u32 %r1, [pair+12];
  mov.u32 %r2, %tid.x;
  setp.lt.s32 %p1|%p2, %r2, %r1;
  @!%p1 bra $done;
  .loc 2 4 1, function_name $info, inlined_at 1 10 3
  { // A scope hides the outer names.
    .reg .b32 %r1;
    mov.u32 %r1, dynamic;
    st.shared.v2.f32 [%r1+8], {0f3F800000, %f1};
    bra $inner;
  $inner:
    shfl.sync.bfly.b32 %r3|%p3, %r1, 1, 31, -1;
  }
$done:
  st.global.u32 [%rd1+4], %r3;
  ret;
}
.file 1 "/somewhere/k.cu"
.file 2 "core.cuh"
.section .debug_str { $info: .b8 97,0 }
)";

std::string errorOf(const std::string &text) { return parsePtx(text).status().message(); }

std::string replaced(const std::string &from, const std::string &to) {
  std::string text = sample;
  return text.replace(text.find(from), from.size(), to);
}

TEST(PtxParserTest, ReadsModule) {
  Result<std::unique_ptr<PtxModule>> parsed = parsePtx(sample);
  ASSERT_TRUE(parsed.isOk()) << parsed.status().message();
  const PtxModule &module = **parsed;
  ASSERT_EQ(module.functions.size(), 1u);
  const PtxFunction &k = module.functions[0];
  EXPECT_EQ(k.name, "k");
  EXPECT_EQ(k.params[1].offset, 8u);
  EXPECT_EQ(k.paramBytes, 24u);
  EXPECT_EQ(k.insts.size(), 11u);
  EXPECT_EQ(module.variables[0].initial.size(), 16u);
  EXPECT_TRUE(module.variables[1].isDynamic);
}

// NVRTC writes decimal and hexadecimal numbers; PTX by hand has the others.
TEST(PtxParserTest, IntegersOfAllBases) {
  const std::pair<const char *, uint64_t> literals[] = {{"0", 0},      {"19", 19},     {"19U", 19},  {"0x1f", 31},
                                                        {"0X1FU", 31}, {"0b1011", 11}, {"0B11U", 3}, {"017", 15}};
  for (auto [text, expected] : literals) {
    uint64_t value = 99;
    EXPECT_TRUE(parsePtxInteger(text, value)) << text;
    EXPECT_EQ(value, expected) << text;
  }
  for (const char *text : {"", "U", "0x", "0b12", "08", "1f", "18446744073709551616"}) {
    uint64_t value;
    EXPECT_FALSE(parsePtxInteger(text, value)) << text;
  }
}

TEST(PtxParserTest, PlacesNameSourceLinesAndCallers) {
  Result<std::unique_ptr<PtxModule>> parsed = parsePtx(sample);
  ASSERT_TRUE(parsed.isOk());
  Result<std::unique_ptr<Kernel>> kernel = decodeKernel(**parsed, (*parsed)->functions[0], {{"table", 1}});
  ASSERT_TRUE(kernel.isOk()) << kernel.status().message();
  SimPlace place = (*kernel)->placeOf(0);
  EXPECT_EQ(place.file, "k.cu");
  EXPECT_EQ(place.line, 10);
  EXPECT_EQ(place.instruction, "ld.param.u64 %rd1, [y]");
  EXPECT_EQ((*kernel)->placeOf(6).file, "core.cuh");
  EXPECT_EQ((*kernel)->placeOf(6).inlinedAt, "k.cu:10");
}

TEST(PtxParserTest, StaticSharedMemoryComesBeforeTheDynamicPart) {
  Result<std::unique_ptr<PtxModule>> parsed = parsePtx(sample);
  ASSERT_TRUE(parsed.isOk());
  Result<std::unique_ptr<Kernel>> kernel = decodeKernel(**parsed, (*parsed)->functions[0], {{"table", 1}});
  ASSERT_TRUE(kernel.isOk());
  EXPECT_EQ((*kernel)->staticShared, 32u); // 20 bytes, aligned to 16.
  EXPECT_EQ((*kernel)->localBytes, 24u);
}

TEST(PtxParserTest, ErrorsNameTheLine) {
  EXPECT_EQ(errorOf(replaced("mov.u32 %r2, %tid.x;", "mov.u32 %r2 %tid.x;")),
            "ptx line 22: expected ',', got '%tid.x'");
  EXPECT_EQ(errorOf(replaced("@!%p1", "@!%r1")), "ptx line 24: guard '%r1' is no predicate register");
  EXPECT_EQ(errorOf(replaced(".address_size 64", ".address_size 32")), "ptx line 4: address size is '32', expected 64");
  EXPECT_EQ(errorOf(replaced(".reg .pred %p<4>", ".reg .pred %p<99999999>")).substr(0, 12), "ptx line 15:");
  EXPECT_EQ(errorOf(replaced("fixed[20]", "fixed[99999999999]")).substr(0, 12), "ptx line 13:");
}

TEST(PtxParserTest, StatementsOfUnknownFormAreErrors) {
  EXPECT_EQ(errorOf(replaced("  ret;", "  +;")), "ptx line 36: expected a statement, got '+'");
  EXPECT_EQ(errorOf(replaced(".reg .f32 %f<4>", ".reg .f32 {")), "ptx line 16: expected a register name");
  EXPECT_EQ(errorOf(replaced("inlined_at 1 10 3", "inlinedat 1 10 3")),
            "ptx line 25: expected 'inlined_at' and three integers");
  EXPECT_EQ(errorOf(replaced("@!%p1 bra", "@!%p1 {")), "ptx line 24: expected an opcode, got '{'");
  std::string nested = "  ret;";
  for (int depth = 0; depth < 1000; ++depth)
    nested += "{";
  EXPECT_NE(errorOf(replaced("  ret;", nested)).find("scopes nested deeper than "), std::string::npos);
}

TEST(PtxParserTest, OperandsOfUnknownFormAreErrors) {
  EXPECT_EQ(errorOf(replaced("[%rd1+4]", "[-%rd1]")), "ptx line 35: '-' before '%rd1'");
  EXPECT_EQ(errorOf(replaced("[y];", "[0f3F800000];")),
            "ptx line 20: expected a register, a variable or an integer as the address");
  EXPECT_EQ(errorOf(replaced("mov.u32 %r2, %tid.x;", "mov.u32 %r2, +;")), "ptx line 22: expected an operand, got '+'");
  EXPECT_EQ(errorOf(replaced("%r1, 1, 31, -1;", "%r1, 1, 31z, -1;")), "ptx line 32: malformed number '31z'");
  std::string vector = "{0f3F800000";
  for (int element = 0; element < 1000; ++element)
    vector += ", %f1";
  EXPECT_NE(errorOf(replaced("{0f3F800000, %f1}", vector + "}")).find("a vector of more than "), std::string::npos);
  EXPECT_NE(errorOf(replaced("table[4] = {1, 2, 0x10, -1}", "table[2] = {1, 2, 0x10, -1}"))
                .find("' does not fit its initializer or the size limit"),
            std::string::npos);
}

TEST(PtxParserTest, DeclarationsOfUnknownTypesAreErrors) {
  EXPECT_EQ(errorOf(replaced(".reg .f32 %f<4>", ".reg .f31 %f<4>")), "ptx line 16: expected a type, got '.f31'");
  EXPECT_EQ(errorOf(replaced(".param .u64 .ptr", ".param .u65 .ptr")), "ptx line 8: expected a type, got '.u65'");
  EXPECT_EQ(errorOf(replaced(".reg .f32 %f<4>", ".reg .v2 .f32 %f<4>")),
            "ptx line 16: vector registers are not supported");
  EXPECT_EQ(errorOf(replaced(".align 4 .u32 table", ".align 3 .u32 table")),
            "ptx line 5: alignment is 3, expected a power of two up to 1024");
}

/// Changes some characters, cuts or repeats parts: near-valid text reaches the deep paths.
std::string mutate(const std::string &text, std::mt19937 &random) {
  const std::string letters = "%r1f0x;,.{}[]()@!|+-<>:\"/* \nbadst9";
  std::string result = text;
  auto below = [&](size_t n) { return std::uniform_int_distribution<size_t>(0, n - 1)(random); };
  for (size_t edits = 1 + below(4); edits > 0 && result.size() > 8; --edits) {
    size_t at = below(result.size()), length = 1 + below(std::min<size_t>(result.size() - at, 24));
    switch (below(4)) {
    case 0:
      result[at] = letters[below(letters.size())];
      break;
    case 1:
      result.erase(at, length);
      break;
    case 2:
      result.insert(below(result.size()), result.substr(at, length));
      break;
    default:
      result.resize(at);
      break;
    }
  }
  return result;
}

// PTX can come from an artifact: damaged text must end in a Status, whatever it says.
TEST(PtxParserTest, MutatedTextNeverCrashes) {
  std::mt19937 random(20250321);
  int accepted = 0, refused = 0;
  for (int i = 0; i < 4000; ++i) {
    Result<std::unique_ptr<PtxModule>> parsed = parsePtx(mutate(sample, random));
    if (!parsed) {
      EXPECT_FALSE(parsed.status().message().empty());
      ++refused;
      continue;
    }
    for (const PtxFunction &function : (*parsed)->functions)
      accepted += decodeKernel(**parsed, function, {{"table", 1}}).isOk();
  }
  EXPECT_GT(accepted, 0);
  EXPECT_GT(refused, 0);
}

// Mutants that still decode run as well: whatever they do, they stay inside the simulated machine.
TEST(PtxParserTest, MutantsThatDecodeRunSafely) {
  std::mt19937 random(7);
  SimOptions options;
  options.stepLimit = 2000;
  options.hostThreads = 1;
  int finished = 0;
  for (int i = 0; i < 1500; ++i) {
    std::unique_ptr<SimDevice> device = createSimDevice(options);
    Result<const SimModule *> module = device->loadModule(mutate(sample, random));
    if (!module)
      continue;
    Result<const SimFunction *> function = device->getFunction(*module, "k");
    Result<SimAddress> y = device->allocate(256, "y");
    if (!function || !y)
      continue;
    uint64_t pair[4] = {};
    SimLaunch launch;
    launch.function = *function;
    launch.block = {48, 1, 1};
    launch.dynamicSharedBytes = 64;
    launch.params = {&*y, pair};
    finished += device->launch(launch).isOk();
  }
  EXPECT_GT(finished, 0);
}

} // namespace
} // namespace heddle::sim
