// Tests the arithmetic that kernels are said to do.
#include "ir/FlopCount.h"
#include "mlir/Parser/Parser.h"
#include <gtest/gtest.h>

using namespace heddle;

namespace {

std::string countOf(const std::string &kernel) {
  mlir::MLIRContext context;
  context.loadDialect<HeddleDialect>();
  auto module = mlir::parseSourceString<mlir::ModuleOp>(kernel, &context);
  return module ? flopCount(*module->getOps<KernelOp>().begin()).str() : "does not parse";
}

// Two per term of the product, one per element of what follows; the batch stays a symbol.
TEST(FlopCount, ProductWithEpilogueAtAFreeSize) {
  EXPECT_EQ(countOf(R"(
    heddle.kernel @k(%a: tensor<?x8xf32, #heddle.dims<["n", "8"]>>, %b: tensor<8x4xf32>)
        -> tensor<?x4xf32, #heddle.dims<["n", "4"]>> attributes {symbols = ["n"]} {
      %0 = heddle.matmul %a, %b : (tensor<?x8xf32, #heddle.dims<["n", "8"]>>, tensor<8x4xf32>)
        -> tensor<?x4xf32, #heddle.dims<["n", "4"]>>
      %1 = heddle.relu %0 : (tensor<?x4xf32, #heddle.dims<["n", "4"]>>) -> tensor<?x4xf32, #heddle.dims<["n", "4"]>>
      heddle.return %1 : tensor<?x4xf32, #heddle.dims<["n", "4"]>>
    })"),
            "68 * n");
}

// A group sees its own channels only.
TEST(FlopCount, ConvolutionInGroups) {
  EXPECT_EQ(countOf(R"(
    heddle.kernel @k(%x: tensor<1x4x8x8xf32>, %w: tensor<6x2x3x3xf32>) -> tensor<1x6x8x8xf32> attributes {symbols = []} {
      %0 = heddle.conv %x, %w strides [1, 1] pads [1, 1, 1, 1] dilations [1, 1] groups 2 layout nchw
        : (tensor<1x4x8x8xf32>, tensor<6x2x3x3xf32>) -> tensor<1x6x8x8xf32>
      heddle.return %0 : tensor<1x6x8x8xf32>
    })"),
            std::to_string(2 * 6 * 8 * 8 * 2 * 3 * 3));
}

// A reduction reads more than it writes, and moving elements is no arithmetic.
TEST(FlopCount, ReductionOfATransposedTensor) {
  EXPECT_EQ(countOf(R"(
    heddle.kernel @k(%x: tensor<3x5xf32>) -> tensor<5xf32> attributes {symbols = []} {
      %0 = heddle.transpose %x perm [1, 0] : (tensor<3x5xf32>) -> tensor<5x3xf32>
      %1 = heddle.reduce add %0 axes [1] : (tensor<5x3xf32>) -> tensor<5xf32>
      heddle.return %1 : tensor<5xf32>
    })"),
            "15");
}

} // namespace
