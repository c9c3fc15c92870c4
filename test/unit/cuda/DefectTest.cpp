// Defects planted in emitted kernels: the simulator finds each one and names the CUDA line and the ONNX node.
#include "compiler/cuda/CompileCuda.h"
#include "test/unit/cuda/CudaHarness.h"

namespace heddle {
namespace {

/// A matrix product with a bias, on tiles of which the last are ragged.
class DefectTest : public CudaTest {
protected:
  /// Emits the kernel, replaces the first `from` in its text by `to`, and launches it.
  /// \returns the findings of this kind; nothing if there is no NVRTC.
  std::optional<std::vector<SimFinding>> plant(const std::string &from, const std::string &to, SimFindingKind kind);
  /// Expects findings, the first of them on the line that holds `text`, for the ONNX node `node`.
  void expectFound(const std::optional<std::vector<SimFinding>> &found, const std::string &text,
                   const std::string &node);
};

std::optional<std::vector<SimFinding>> DefectTest::plant(const std::string &from, const std::string &to,
                                                         SimFindingKind kind) {
  if (!emit(R"(heddle.kernel @dense(%x: tensor<37x29xf32>, %w: tensor<29x45xf32>, %b: tensor<45xf32>)
      -> tensor<37x45xf32> attributes {symbols = [],
      schedule = #heddle.gemm<mr = 0, nr = 0, bm = 32, bn = 32, bk = 8, tm = 4, tn = 4>} {
    %0 = heddle.matmul %x, %w : (tensor<37x29xf32>, tensor<29x45xf32>) -> tensor<37x45xf32> loc("/fc/MatMul")
    %1 = heddle.add %0, %b : (tensor<37x45xf32>, tensor<45xf32>) -> tensor<37x45xf32> loc("/fc/Add")
    heddle.return %1 : tensor<37x45xf32>
  })"))
    return std::nullopt;
  size_t place = kernel.source.find(from);
  EXPECT_NE(place, std::string::npos) << kernel.source;
  std::string source = kernel.source.replace(place, from.size(), to), missing;
  std::string ptx = compileWithHeaders(source, GetParam(), missing);
  SimAddress x = bench.upload("x", wave(37 * 29, 0.3f)), w = bench.upload("w", wave(29 * 45, 0.7f));
  SimAddress b = bench.upload("b", wave(45, 0.9f)), out = bench.allocate<float>("out", 37 * 45);
  // A deadlock ends the launch with an error, every other defect leaves it to its end.
  Status status = bench.launch(ptx, kernel.name, {.grid = {2, 2, 1}, .block = {64, 1, 1}}, {x, w, b, out});
  EXPECT_EQ(status.isOk(), kind != SimFindingKind::Deadlock) << status.message();
  return bench.findings(kind);
}

void DefectTest::expectFound(const std::optional<std::vector<SimFinding>> &found, const std::string &text,
                             const std::string &node) {
  ASSERT_FALSE(found->empty()) << bench.findingText() << "\n" << kernel.source;
  int64_t line = found->front().place.lineIn("kernel.cu");
  size_t before = kernel.source.find(text);
  ASSERT_NE(before, std::string::npos) << kernel.source;
  EXPECT_EQ(line, 1 + std::count(kernel.source.begin(), kernel.source.begin() + int64_t(before), '\n'))
      << bench.findingText() << "\n"
      << kernel.source;
  EXPECT_NE(locateLine(kernel, line).find(node), std::string::npos) << locateLine(kernel, line);
}

HEDDLE_FOR_DEVICE_ARCHITECTURES(DefectTest);

// The product reads the tiles while other warps still fill them.
TEST_P(DefectTest, MissingBarrierBeforeTheProduct) {
  auto found = plant("__syncthreads();", "", SimFindingKind::SharedRace);
  if (!found)
    GTEST_SKIP();
  expectFound(found, "heddle::multiplyTiles", "/fc/MatMul");
}

// The next step fills the tiles while other warps still read them.
TEST_P(DefectTest, MissingBarrierAfterTheProduct) {
  auto found = plant("acc);  // /fc/MatMul\n    __syncthreads();", "acc);\n", SimFindingKind::SharedRace);
  if (!found)
    GTEST_SKIP();
  expectFound(found, "heddle::loadTileTransposed", "/fc/MatMul");
}

TEST_P(DefectTest, TileThatIsNotFilled) {
  auto found = plant("heddle::loadTile<THREADS>(rhs", "if (k0 != 0) heddle::loadTile<THREADS>(rhs",
                     SimFindingKind::UninitializedShared);
  if (!found)
    GTEST_SKIP();
  expectFound(found, "heddle::multiplyTiles", "/fc/MatMul");
}

// One row too many: the last block writes behind the result.
TEST_P(DefectTest, StoreBeyondTheResult) {
  auto found = plant("row0, col0, M, N", "row0, col0, M + 1, N", SimFindingKind::OutOfBounds);
  if (!found)
    GTEST_SKIP();
  expectFound(found, "out[row * N + col]", "/fc/Add");
  EXPECT_EQ(found->front().allocation, "out");
}

TEST_P(DefectTest, MisalignedStore) {
  auto found =
      plant("out[row * N + col]", "*(float *)((char *)out + 4 * (row * N + col) + 2)", SimFindingKind::Misaligned);
  if (!found)
    GTEST_SKIP();
  expectFound(found, "(char *)out", "/fc/Add");
}

TEST_P(DefectTest, BarrierThatHalfAWarpSkips) {
  auto found = plant("__syncthreads();", "if (threadIdx.x < 48) __syncthreads();", SimFindingKind::DivergentBarrier);
  if (!found)
    GTEST_SKIP();
  expectFound(found, "threadIdx.x < 48", "/fc/MatMul");
}

TEST_P(DefectTest, BarrierThatWaitsForMoreThreadsThanThereAre) {
  auto found =
      plant("__syncthreads();", "asm volatile(\"bar.sync 1, 128;\" ::: \"memory\");", SimFindingKind::Deadlock);
  if (!found)
    GTEST_SKIP();
  expectFound(found, "bar.sync 1, 128", "/fc/MatMul");
}

// Every block computes the same tile.
TEST_P(DefectTest, BlocksThatStoreTheSameElements) {
  auto found = plant("row0 = blockIdx.x * BM", "row0 = 0", SimFindingKind::BlockConflict);
  if (!found)
    GTEST_SKIP();
  expectFound(found, "out[row * N + col]", "/fc/Add");
}

} // namespace
} // namespace heddle
