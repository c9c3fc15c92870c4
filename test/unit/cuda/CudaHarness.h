// Emits kernels from IR text, compiles them with NVRTC and runs them on the simulator with all checks on.
#ifndef HEDDLE_TEST_UNIT_CUDA_CUDAHARNESS_H
#define HEDDLE_TEST_UNIT_CUDA_CUDAHARNESS_H

#include "codegen/cuda/CudaKernel.h"
#include "test/unit/device/DeviceHarness.h"
#include <functional>

namespace heddle {

/// A deterministic wave of values in [-scale, scale].
std::vector<float> wave(size_t count, float step, float scale = 1.0f);
/// The f16 code of a value, and back.
uint16_t toHalf(float value);
float fromHalf(uint16_t code);

/// Runs once per architecture. One test emits, compiles and launches one kernel.
class CudaTest : public testing::TestWithParam<const char *> {
protected:
  CudaTest();
  /// Emits the one kernel in `text`; NVRTC must take it without a word. False if there is no NVRTC.
  bool emit(const std::string &text);
  /// Launches it. `buffers` are the addresses of arguments, then results. There must be no finding.
  void launch(std::vector<SimAddress> buffers, const std::map<std::string, int64_t> &symbols = {});
  /// What the kernel left in its error word.
  uint32_t errorWord() { return bench.download<uint32_t>(error, 1)[0]; }
  /// Compares with `wanted(i)`, relative to 1 + |wanted|.
  void expectNear(SimAddress got, size_t count, const std::function<double(size_t)> &wanted, double tolerance = 2e-6);

  mlir::MLIRContext context;
  CudaKernel kernel;
  sim::Bench bench;

private:
  std::string ptx;
  SimAddress error = 0;
};

} // namespace heddle

#endif // HEDDLE_TEST_UNIT_CUDA_CUDAHARNESS_H
