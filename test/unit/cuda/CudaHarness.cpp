// Emits kernels from IR text, compiles them with NVRTC and runs them on the simulator with all checks on.
#include "test/unit/cuda/CudaHarness.h"
#include "mlir/Parser/Parser.h"
#include "runtime/format/ScalarMath.h"
#include <cmath>

namespace heddle {

std::vector<float> wave(size_t count, float step, float scale) {
  std::vector<float> values(count);
  for (size_t i = 0; i < count; ++i)
    values[i] = scale * std::sin(step * static_cast<float>(i) + 0.3f);
  return values;
}

uint16_t toHalf(float value) {
  return static_cast<uint16_t>(scalar::encodeSmallFloat<scalar::F16>(value, /*saturate=*/false));
}
float fromHalf(uint16_t code) { return scalar::decodeSmallFloat<scalar::F16>(0.0f, scalar::Bits32(code)); }

CudaTest::CudaTest() { context.loadDialect<HeddleDialect, mlir::arith::ArithDialect, mlir::math::MathDialect>(); }

bool CudaTest::emit(const std::string &text) {
  auto module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
  EXPECT_TRUE(module) << "the IR does not parse";
  if (!module)
    return false;
  Result<CudaKernel> emitted = emitKernel(*module->getOps<KernelOp>().begin());
  EXPECT_TRUE(emitted.isOk()) << emitted.status().message();
  if (!emitted)
    return false;
  kernel = *emitted;
  std::string missing;
  ptx = compileWithHeaders(kernel.source, GetParam(), missing);
  EXPECT_FALSE(testing::Test::HasFailure()) << kernel.source;
  return !ptx.empty();
}

void CudaTest::launch(std::vector<SimAddress> buffers, const std::map<std::string, int64_t> &symbols) {
  SymbolValues values(symbols.begin(), symbols.end());
  sim::Geometry geometry;
  for (int axis = 0; axis < 3; ++axis) {
    geometry.grid[axis] = static_cast<uint32_t>(*kernel.grid[axis].evaluate(values));
    geometry.block[axis] = static_cast<uint32_t>(kernel.block[axis]);
  }
  std::vector<sim::Argument> arguments(buffers.begin(), buffers.end());
  for (const std::string &symbol : kernel.symbols)
    arguments.push_back(kernel.hasWideSymbols ? sim::Argument(symbols.at(symbol))
                                              : sim::Argument(static_cast<int32_t>(symbols.at(symbol))));
  if (!kernel.checks.empty()) {
    error = bench.upload("error", std::vector<uint32_t>{0});
    arguments.push_back(error);
  }
  Status status = bench.launch(ptx, kernel.name, geometry, arguments);
  EXPECT_TRUE(status.isOk()) << status.message() << "\n" << kernel.source;
  EXPECT_EQ(bench.findingText(), "") << kernel.source;
}

void CudaTest::expectNear(SimAddress got, size_t count, const std::function<double(size_t)> &wanted, double tolerance) {
  std::vector<float> values = bench.download<float>(got, count);
  for (size_t i = 0; i < count; ++i) {
    double want = wanted(i);
    ASSERT_LE(std::abs(values[i] - want), tolerance * (1 + std::abs(want))) << "element " << i << " in\n"
                                                                            << kernel.source;
  }
}

} // namespace heddle
