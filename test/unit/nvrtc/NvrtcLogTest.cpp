// Reading logs as NVRTC 13.0 writes them.
#include "runtime/nvrtc/NvrtcLog.h"
#include <gtest/gtest.h>

namespace heddle {
namespace {

using Severity = NvrtcDiagnostic::Severity;

TEST(NvrtcLogTest, FrontEndDiagnosticsHaveFileLineAndSeverity) {
  NvrtcLog log = parseNvrtcLog("/tmp/work/add.cu(2): warning #177-D: variable \"unused\" was declared\n"
                               "  float unused;\n        ^\n\n"
                               "core.cuh(14): error: identifier \"y\" is undefined\n  int x = y;\n          ^\n\n"
                               "1 error detected in the compilation of \"add.cu\".\n",
                               "");
  ASSERT_EQ(log.diagnostics.size(), 2u);
  EXPECT_EQ(log.diagnostics[0].severity, Severity::Warning);
  EXPECT_EQ(log.diagnostics[0].file, "add.cu");
  EXPECT_EQ(log.diagnostics[0].line, 2);
  EXPECT_EQ(log.diagnostics[0].text, "variable \"unused\" was declared");
  EXPECT_EQ(log.diagnostics[1].severity, Severity::Error);
  EXPECT_EQ(log.diagnostics[1].file, "core.cuh");
  EXPECT_EQ(log.diagnostics[1].line, 14);
}

const char *const ptx = ".version 8.0\n"           // 1
                        ".visible .entry k()\n{\n" // 2, 3
                        "\t.loc\t1 7 3\n"          // 4
                        "\tadd.s32 %r1, %r1, 1;\n" // 5
                        "\t.loc\t2 9 3\n"          // 6
                        "\tadd.s32 %r1, %r1, 1;\n" // 7
                        "\t.loc\t2 0 3\n"          // 8
                        "\tret;\n}\n"              // 9, 10
                        "\t.file\t1 \"/tmp/k.cu\"\n\t.file\t2 \"core.cuh\"\n";

// ptxas counts lines of the PTX text; the reader of the message wants the CUDA line.
TEST(NvrtcLogTest, PtxasDiagnosticsAreLocatedByLineInformation) {
  NvrtcLog log = parseNvrtcLog("ptxas application ptx input, line 5; error   : Unknown symbol 'x'\n"
                               "ptxas application ptx input, line 9; warning : odd\n"
                               "ptxas fatal   : Ptx assembly aborted due to errors\n",
                               ptx);
  ASSERT_EQ(log.diagnostics.size(), 3u);
  EXPECT_EQ(log.diagnostics[0].file, "k.cu");
  EXPECT_EQ(log.diagnostics[0].line, 7);
  EXPECT_EQ(log.diagnostics[0].ptxLine, 5);
  EXPECT_EQ(log.diagnostics[0].text, "Unknown symbol 'x'");
  EXPECT_EQ(log.diagnostics[1].severity, Severity::Warning);
  EXPECT_EQ(log.diagnostics[1].file, "core.cuh"); // Line 0 is the compiler's own and keeps the line above.
  EXPECT_EQ(log.diagnostics[1].line, 9);
  EXPECT_EQ(log.diagnostics[2].severity, Severity::Error);
  EXPECT_EQ(log.diagnostics[2].line, 0);
}

TEST(NvrtcLogTest, LineMapKnowsNothingOutsideOfKernels) {
  PtxLineMap lines(ptx);
  EXPECT_EQ(lines.find(1).line, 0);
  EXPECT_EQ(lines.find(4).line, 7);
  EXPECT_EQ(lines.find(11).line, 0);
}

// wgmma that ptxas serializes is ten times slower; the message comes as "info".
TEST(NvrtcLogTest, WgmmaRemarksAreDiagnostics) {
  NvrtcLog log = parseNvrtcLog("ptxas info    : (C7519) warpgroup.arrive is injected in around line 92\n"
                               "ptxas info    : Compile time = 20.995 ms\n",
                               "");
  ASSERT_EQ(log.diagnostics.size(), 1u);
  EXPECT_EQ(log.diagnostics[0].severity, Severity::Note);
  EXPECT_EQ(log.diagnostics[0].text.substr(0, 7), "(C7519)");
}

TEST(NvrtcLogTest, ResourcesBelongToTheKernelAboveThem) {
  NvrtcLog log =
      parseNvrtcLog("ptxas info    : 0 bytes gmem\n"
                    "ptxas info    : Compiling entry function 'gemm' for 'sm_80'\n"
                    "ptxas info    : Function properties for gemm\n"
                    "ptxas         .     280 bytes stack frame, 548 bytes spill stores, 576 bytes spill loads\n"
                    "ptxas info    : Used 167 registers, used 1 barriers, 27648 bytes smem, 372 bytes cmem[0]\n"
                    "ptxas info    : Compiling entry function 'add' for 'sm_80'\n"
                    "ptxas         .     0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads\n"
                    "ptxas info    : Used 8 registers, used 0 barriers, 360 bytes cmem[0]\n",
                    "");
  ASSERT_EQ(log.resources.size(), 2u);
  EXPECT_EQ(log.resources[0].kernel, "gemm");
  EXPECT_EQ(log.resources[0].registers, 167);
  EXPECT_EQ(log.resources[0].barriers, 1);
  EXPECT_EQ(log.resources[0].sharedBytes, 27648);
  EXPECT_EQ(log.resources[0].stackBytes, 280);
  EXPECT_EQ(log.resources[0].spillStoreBytes, 548);
  EXPECT_EQ(log.resources[0].spillLoadBytes, 576);
  EXPECT_EQ(log.resources[1].kernel, "add");
  EXPECT_EQ(log.resources[1].registers, 8);
  EXPECT_EQ(log.resources[1].sharedBytes, 0);
  EXPECT_TRUE(log.diagnostics.empty());
}

TEST(NvrtcLogTest, RefusedOptionIsAnError) {
  NvrtcLog log = parseNvrtcLog("nvrtc: error: unrecognized option -bogus found\n", "");
  ASSERT_EQ(log.diagnostics.size(), 1u);
  EXPECT_EQ(log.diagnostics[0].severity, Severity::Error);
  EXPECT_EQ(log.diagnostics[0].text, "unrecognized option -bogus found");
}

} // namespace
} // namespace heddle
