// Compiling with NVRTC itself; skipped with the reason where there is none.
#include "runtime/nvrtc/Nvrtc.h"
#include "runtime/nvrtc/NvrtcLog.h"
#include <filesystem>
#include <gtest/gtest.h>
#include <thread>

namespace heddle {
namespace {

class NvrtcTest : public testing::Test {
protected:
  void SetUp() override {
    std::string error;
    nvrtc = Nvrtc::get(error);
    if (!nvrtc)
      GTEST_SKIP() << error;
  }
  const Nvrtc *nvrtc = nullptr;
};

const std::vector<std::string> options = {"--gpu-architecture=sm_80", "-lineinfo", "--ptxas-options=-v"};

NvrtcRequest scaleRequest() {
  return {"#include \"core.cuh\"\nextern \"C\" __global__ void scale(float *y) {\n  y[threadIdx.x] *= factor();\n}\n",
          "scale.cu",
          {{"core.cuh", "__device__ inline float factor() { return 3.0f; }\n"}},
          options};
}

TEST_F(NvrtcTest, CompilesWithHeadersFromMemory) {
  NvrtcResult result = nvrtc->compile(scaleRequest());
  ASSERT_TRUE(result.isOk()) << result.error << result.log;
  EXPECT_NE(result.ptx.find(".visible .entry scale("), std::string::npos);
  EXPECT_EQ(result.cubin.substr(1, 3), "ELF");
  NvrtcLog log = parseNvrtcLog(result.log, result.ptx);
  ASSERT_EQ(log.resources.size(), 1u) << result.log;
  EXPECT_EQ(log.resources[0].kernel, "scale");
  EXPECT_GT(log.resources[0].registers, 0);
}

// An artifact must not depend on the folder in which it was made.
TEST_F(NvrtcTest, PtxHoldsNoFolder) {
  NvrtcResult result = nvrtc->compile(scaleRequest());
  ASSERT_TRUE(result.isOk()) << result.log;
  EXPECT_NE(result.ptx.find(".file\t1 \"scale.cu\""), std::string::npos) << result.ptx;
  EXPECT_EQ(result.ptx.find(std::filesystem::current_path().string()), std::string::npos);
}

TEST_F(NvrtcTest, FrontEndErrorNamesTheCallAndTheLine) {
  NvrtcRequest request = scaleRequest();
  request.source += "__device__ int f() { return missing; }\n";
  NvrtcResult result = nvrtc->compile(request);
  EXPECT_EQ(result.error, "nvrtcCompileProgram: NVRTC_ERROR_COMPILATION (6)");
  NvrtcLog log = parseNvrtcLog(result.log, result.ptx);
  ASSERT_EQ(log.diagnostics.size(), 1u) << result.log;
  EXPECT_EQ(log.diagnostics[0].file, "scale.cu");
  EXPECT_EQ(log.diagnostics[0].line, 5);
}

// NVRTC hands out the PTX that its own ptxas refused, so the message can be traced to the source.
TEST_F(NvrtcTest, PtxasErrorIsLocatedInTheSource) {
  NvrtcRequest request = scaleRequest();
  request.source = "extern \"C\" __global__ void bad(float *y) {\n  y[0] = 1.0f;\n"
                   "  asm volatile(\"frobnicate.u32 %0;\" :: \"r\"(1));\n}\n";
  NvrtcResult result = nvrtc->compile(request);
  EXPECT_FALSE(result.isOk());
  NvrtcLog log = parseNvrtcLog(result.log, result.ptx);
  ASSERT_FALSE(log.diagnostics.empty()) << result.log;
  EXPECT_EQ(log.diagnostics[0].severity, NvrtcDiagnostic::Severity::Error);
  EXPECT_EQ(log.diagnostics[0].file, "scale.cu");
  EXPECT_EQ(log.diagnostics[0].line, 3);
}

TEST_F(NvrtcTest, UnknownOptionIsAnError) {
  NvrtcRequest request = scaleRequest();
  request.options.push_back("--frobnicate");
  NvrtcResult result = nvrtc->compile(request);
  EXPECT_EQ(result.error, "nvrtcCompileProgram: NVRTC_ERROR_INVALID_OPTION (5)");
}

TEST_F(NvrtcTest, ThreadsCompileTheSameBytes) {
  NvrtcResult expected = nvrtc->compile(scaleRequest());
  std::vector<NvrtcResult> results(4);
  std::vector<std::thread> threads;
  for (NvrtcResult &result : results)
    threads.emplace_back([&] { result = nvrtc->compile(scaleRequest()); });
  for (std::thread &thread : threads)
    thread.join();
  for (const NvrtcResult &result : results) {
    EXPECT_EQ(result.ptx, expected.ptx);
    EXPECT_EQ(result.cubin, expected.cubin);
  }
}

} // namespace
} // namespace heddle
