// Every row of the opcode table, one instruction at a time, and what the decoder must refuse.
#include "runtime/sim/OpcodeTable.h"
#include "test/unit/sim/OpcodeCases.h"
#include "test/unit/sim/SimHarness.h"
#include <set>

namespace heddle::sim {
namespace {

constexpr uint32_t lanes = 32;

std::string typeOf(char kind) { return kind == 'h' ? "u16" : kind == 'd' ? "u64" : "u32"; }

std::string registerName(char kind, size_t number) {
  std::string prefix = kind == 'h' ? "%h" : kind == 'd' ? "%rd" : kind == 'p' ? "%p" : "%r";
  return prefix + std::to_string(number);
}

std::string kernelText(const std::string &body) {
  return ".version 8.3\n.target sm_90a\n.address_size 64\n.const .align 4 .u32 c[3] = {7, 8, 9};\n"
         ".visible .entry k(.param .u64 in, .param .u64 out) {\n"
         ".reg .pred %p<40>; .reg .b16 %h<40>; .reg .b32 %r<40>; .reg .b64 %rd<40>;\n"
         ".shared .align 16 .b8 s[256]; .local .align 16 .b8 l[16];\n" +
         body + "\nret;\n}\n";
}

/// Each operand is an 8-byte slot in the input of each lane: source k at (lane * 8 + k) * 8.
std::string aluText(const AluCase &test) {
  std::string sources = test.signature.substr(2), operands, loads;
  for (size_t k = 0; k < sources.size(); ++k) {
    std::string name = registerName(sources[k], 10 + k), slot = "[%rd1+" + std::to_string(8 * k) + "]";
    if (sources[k] == 'p')
      loads += "ld.global.u32 %r9, " + slot + "; setp.ne.u32 " + name + ", %r9, 0;\n";
    else
      loads += "ld.global." + typeOf(sources[k]) + " " + name + ", " + slot + ";\n";
    operands += ", " + name;
  }
  char result = test.signature[0];
  std::string name = registerName(result, 1), store;
  if (result == 'p')
    store = "selp.u32 %r2, 1, 0, %p1; st.global.u32 [%rd2], %r2;";
  else
    store = "st.global." + typeOf(result) + " [%rd2], " + registerName(result, 5) + ";";
  name = result == 'p' ? "%p1" : registerName(result, 5);
  return kernelText("ld.param.u64 %rd1, [in]; ld.param.u64 %rd2, [out]; mov.u32 %r1, %tid.x;\n"
                    "mad.wide.u32 %rd1, %r1, 64, %rd1; mad.wide.u32 %rd2, %r1, 8, %rd2;\n" +
                    loads + test.opcode + " " + name + operands + ";\n" + store);
}

void runAlu(const AluCase &test) {
  SCOPED_TRACE(test.opcode);
  std::vector<uint64_t> input(lanes * 8, 0), zeros(lanes, 0);
  for (uint32_t lane = 0; lane < lanes; ++lane) {
    const std::vector<uint64_t> &values = test.lanes[lane % test.lanes.size()];
    for (size_t k = 1; k < values.size(); ++k)
      input[lane * 8 + k - 1] = values[k];
  }
  Bench bench;
  SimAddress in = bench.upload("in", input), out = bench.upload("out", zeros);
  Status status = bench.launch(aluText(test), "k", {}, {in, out});
  ASSERT_TRUE(status.isOk()) << status.message();
  std::vector<uint64_t> results = bench.download<uint64_t>(out, lanes);
  for (uint32_t lane = 0; lane < lanes; ++lane) {
    const std::vector<uint64_t> &values = test.lanes[lane % test.lanes.size()];
    ASSERT_EQ(results[lane], values[0]) << std::hex << "case " << lane % test.lanes.size() << ": got " << results[lane]
                                        << ", expected " << values[0];
  }
}

std::string bodyText(const BodyCase &test) {
  return kernelText("ld.param.u64 %rd1, [in]; add.s64 %rd2, %rd1, 128; mov.u32 %r1, %laneid;\n" + test.body +
                    "\nld.param.u64 %rd9, [out]; mov.u32 %r9, %tid.x; mad.wide.u32 %rd9, %r9, 4, %rd9;\n"
                    "st.global.u32 [%rd9], %r0;");
}

void runBody(const BodyCase &test) {
  SCOPED_TRACE(test.body);
  std::vector<uint32_t> input(96, 0);
  for (uint32_t i = 0; i < 32; ++i)
    input[i] = 100 + i;
  Bench bench;
  SimAddress in = bench.upload("in", input), out = bench.allocate<uint32_t>("out", lanes);
  Status status = bench.launch(bodyText(test), "k", {}, {in, out});
  ASSERT_TRUE(status.isOk()) << status.message();
  std::vector<uint32_t> results = bench.download<uint32_t>(out, lanes);
  for (uint32_t lane = 0; lane < lanes; ++lane)
    ASSERT_EQ(results[lane], test.expected[lane % test.expected.size()]) << "lane " << lane;
}

std::vector<AluCase> allAluCases() {
  std::vector<AluCase> all;
  for (const auto &cases : {integerCases(), bitCases(), floatCases(), halfCases(), compareCases(), convertCases()})
    all.insert(all.end(), cases.begin(), cases.end());
  return all;
}

void markRows(const std::string &text, std::set<uint32_t> &rows) {
  Result<std::unique_ptr<PtxModule>> module = parsePtx(text);
  ASSERT_TRUE(module.isOk()) << module.status().message();
  Result<std::unique_ptr<Kernel>> kernel = decodeKernel(**module, (*module)->functions[0], {{"c", 1}});
  ASSERT_TRUE(kernel.isOk()) << kernel.status().message();
  for (const Inst &inst : (*kernel)->code)
    rows.insert(inst.row);
}

/// The error of a kernel with one instruction.
std::string errorOf(const std::string &instruction) {
  Bench bench;
  return bench.launch(kernelText(instruction), "k", {}, {}).message();
}

TEST(OpcodeTableTest, RegisterInstructionsGiveTheExpectedResults) {
  for (const AluCase &test : allAluCases())
    runAlu(test);
}

TEST(OpcodeTableTest, MemoryControlAndWarpInstructionsGiveTheExpectedResults) {
  for (const BodyCase &test : bodyCases())
    runBody(test);
}

// A row without a case is a meaning that nobody has checked.
TEST(OpcodeTableTest, EveryRowHasACase) {
  std::set<uint32_t> rows;
  for (const AluCase &test : allAluCases())
    markRows(aluText(test), rows);
  for (const BodyCase &test : bodyCases())
    markRows(bodyText(test), rows);
  for (uint32_t row = 0; row < opcodeTable().size(); ++row)
    EXPECT_TRUE(rows.count(row)) << opcodeTable()[row].mnemonic << " " << opcodeTable()[row].modifiers;
}

// An ignored modifier would compute wrong values in silence.
TEST(OpcodeTableTest, UnknownModifierIsRefusedByName) {
  EXPECT_NE(errorOf("add.bogus.f32 %r0, %r1, %r2;").find("unknown modifier '.bogus' in 'add.bogus.f32'"),
            std::string::npos);
  EXPECT_NE(errorOf("add.f32.sat %r0, %r1, %r2;").find("unknown modifier '.sat'"), std::string::npos);
  EXPECT_NE(errorOf("ld.global.bogus.u32 %r0, [%rd1];").find("unknown modifier '.bogus'"), std::string::npos);
}

TEST(OpcodeTableTest, UnknownOpcodeIsRefusedWithItsLine) {
  EXPECT_EQ(errorOf("frobnicate.u32 %r0, %r1;"), "kernel 'k': ptx line 8: unknown opcode 'frobnicate'");
}

TEST(OpcodeTableTest, MissingModifierIsRefused) {
  EXPECT_NE(errorOf("mul.s32 %r0, %r1, %r2;").find("'.s32'"), std::string::npos);
  EXPECT_NE(errorOf("add %r0, %r1, %r2;").find("a modifier is missing in 'add'"), std::string::npos);
}

TEST(OpcodeTableTest, CombinationThatDoesNotExistIsRefused) {
  EXPECT_NE(errorOf("add.sat.u32 %r0, %r1, %r2;").find("not supported"), std::string::npos);
  EXPECT_NE(errorOf("cvt.f16.f32 %h1, %r1;").find("not supported"), std::string::npos);
  EXPECT_NE(errorOf("setp.lt.b32 %p1, %r1, %r2;").find("not supported"), std::string::npos);
}

TEST(OpcodeTableTest, OperandOfTheWrongWidthIsRefused) {
  EXPECT_NE(errorOf("add.s32 %r0, %rd1, %r2;").find("operand 2 is a register, expected a register of 4 bytes"),
            std::string::npos);
  EXPECT_NE(errorOf("add.s32 %r0, %r1;").find("got 2 operands, expected more"), std::string::npos);
  EXPECT_NE(errorOf("bra $nowhere;").find("expected a label"), std::string::npos);
}

} // namespace
} // namespace heddle::sim
