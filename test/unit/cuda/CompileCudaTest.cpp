// Compiling emitted kernels: targets, threads, the cache, and messages located on ONNX nodes.
#include "compiler/cuda/CompileCuda.h"
#include "runtime/nvrtc/Nvrtc.h"
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <unistd.h>

namespace heddle {
namespace {

/// A kernel as if it had been emitted; its body starts in line 4.
CudaKernel kernelWith(const std::string &name, const std::string &body) {
  CudaKernel kernel;
  kernel.name = name;
  kernel.source = "#include \"heddle/core.cuh\"\nextern \"C\" __global__ void __launch_bounds__(64)\n" + name +
                  "(const float *__restrict__ x, float *__restrict__ y) {\n" + body + "}\n";
  kernel.lines = {{4, "/first/Add"}, {5, "/second/Mul"}};
  return kernel;
}

class CompileCudaTest : public testing::Test {
protected:
  void SetUp() override {
    std::string missing;
    if (!Nvrtc::get(missing))
      GTEST_SKIP() << missing;
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  std::string folder = (std::filesystem::temp_directory_path() / ("heddle-cache-" + std::to_string(getpid()))).string();
};

// Each target gets its own code; PTX knows its lines, the cubin no path of this machine.
TEST_F(CompileCudaTest, EveryTargetGetsPtxAndCubin) {
  CudaKernel kernel = kernelWith("k", "  y[0] = x[0] + 1.0f;\n");
  CudaCompileOptions options;
  options.targets = {"sm_80", "sm_90a"};
  Result<std::vector<CompiledKernel>> compiled = compileCuda({&kernel, 1}, options);
  ASSERT_TRUE(compiled.isOk()) << compiled.status().message();
  ASSERT_EQ((*compiled)[0].codes.size(), 2u);
  EXPECT_NE((*compiled)[0].codes[0].ptx.find(".target sm_80"), std::string::npos);
  EXPECT_NE((*compiled)[0].codes[1].ptx.find(".target sm_90a"), std::string::npos);
  for (const CudaCode &code : (*compiled)[0].codes) {
    EXPECT_NE(code.ptx.find(".loc"), std::string::npos);
    EXPECT_EQ(code.cubin.substr(1, 3), "ELF");
    EXPECT_EQ(code.cubin.find(std::filesystem::current_path().string()), std::string::npos);
  }
}

// A message about generated text helps nobody unless it names the node that the text came from.
TEST_F(CompileCudaTest, ErrorNamesTheNode) {
  CudaKernel kernel = kernelWith("broken", "  y[0] = x[0];\n  y[1] = undefined;\n");
  Result<std::vector<CompiledKernel>> compiled = compileCuda({&kernel, 1}, {});
  ASSERT_FALSE(compiled.isOk());
  EXPECT_EQ(compiled.status().code(), Code::CompileFailed);
  EXPECT_NE(compiled.status().message().find("broken (line 5, /second/Mul): "), std::string::npos)
      << compiled.status().message();
}

// What only ptxas finds comes back through the PTX's line information.
TEST_F(CompileCudaTest, PtxasErrorNamesTheNode) {
  CudaKernel kernel = kernelWith("k", "  y[0] = x[0];\n  asm volatile(\"no.such.instruction;\");\n");
  Result<std::vector<CompiledKernel>> compiled = compileCuda({&kernel, 1}, {});
  ASSERT_FALSE(compiled.isOk());
  EXPECT_NE(compiled.status().message().find("k (line 5, /second/Mul): "), std::string::npos)
      << compiled.status().message();
}

TEST_F(CompileCudaTest, WarningsAreReturned) {
  CudaKernel kernel = kernelWith("k", "  y[0] = x[0];\n  int unused;\n");
  Result<std::vector<CompiledKernel>> compiled = compileCuda({&kernel, 1}, {});
  ASSERT_TRUE(compiled.isOk()) << compiled.status().message();
  ASSERT_FALSE((*compiled)[0].warnings.empty());
  EXPECT_NE((*compiled)[0].warnings[0].find("/second/Mul"), std::string::npos) << (*compiled)[0].warnings[0];
}

// ptxas 13.0 accepts more static shared memory than any launch does.
TEST_F(CompileCudaTest, TooMuchSharedMemoryFails) {
  CudaKernel kernel = kernelWith("k", "  __shared__ float s[20000];\n  s[threadIdx.x] = x[0];\n  __syncthreads();\n"
                                      "  y[threadIdx.x] = s[threadIdx.x * 7 + (int)x[1]];\n");
  Result<std::vector<CompiledKernel>> compiled = compileCuda({&kernel, 1}, {});
  ASSERT_FALSE(compiled.isOk());
  EXPECT_NE(compiled.status().message().find(" bytes of static shared memory, at most 49152"), std::string::npos)
      << compiled.status().message();
}

// The same bytes from one thread, from many, and from the cache.
TEST_F(CompileCudaTest, ThreadsAndCacheDoNotChangeTheCode) {
  std::vector<CudaKernel> kernels;
  for (int i = 0; i < 6; ++i)
    kernels.push_back(kernelWith("k" + std::to_string(i), "  y[0] = x[0] * " + std::to_string(i) + ".0f;\n"));
  CudaCompileOptions one, many;
  many.threads = 3;
  many.cacheFolder = folder;
  Result<std::vector<CompiledKernel>> plain = compileCuda(kernels, one), fresh = compileCuda(kernels, many),
                                      cached = compileCuda(kernels, many);
  ASSERT_TRUE(plain.isOk() && fresh.isOk() && cached.isOk());
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 12);
  for (size_t i = 0; i < kernels.size(); ++i)
    for (auto *other : {&*fresh, &*cached}) {
      EXPECT_EQ((*other)[i].codes[0].cubin, (*plain)[i].codes[0].cubin);
      EXPECT_EQ((*other)[i].codes[0].ptx, (*plain)[i].codes[0].ptx);
    }
}

} // namespace
} // namespace heddle
