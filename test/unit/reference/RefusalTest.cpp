// What the evaluator refuses: sizes and data that break an op's rule only at run time, and what it cannot compute.
#include "test/unit/reference/EvaluateText.h"
#include <gtest/gtest.h>

using namespace heddle;
using namespace heddle::test;

/// Why a module cannot be evaluated.
static std::string refusal(const std::string &module, llvm::ArrayRef<TensorValue> arguments,
                           SymbolValues symbols = {}) {
  Result<std::vector<TensorValue>> values = evaluateText(module, arguments, std::move(symbols));
  return values ? "evaluated" : values.status().message();
}

static TensorValue floats(std::vector<int64_t> shape) { return randomFloats(std::move(shape), 1); }

#define EXPECT_REFUSAL(text, ...) EXPECT_NE(refusal(__VA_ARGS__).find(text), std::string::npos) << refusal(__VA_ARGS__)

TEST(Refusal, ArgumentsHaveTheTypesOfTheFunction) {
  const char *module = "func.func @f(%x: tensor<2xf32>) -> tensor<2xf32> { return %x : tensor<2xf32> }";
  EXPECT_REFUSAL("an argument differs from the function's in element type or rank", module, {floats({2, 1})});
  EXPECT_REFUSAL("an argument has size 3", module, {floats({3})});
}

TEST(Refusal, SliceStaysInItsOperand) {
  EXPECT_REFUSAL("are read, which has size 4", R"(func.func @f(%x: tensor<4xf32>) -> tensor<2xf32> {
    %y = heddle.slice %x starts <["n"]> steps <["1"]> : (tensor<4xf32>) -> tensor<2xf32>
    return %y : tensor<2xf32>
  })",
                 {floats({4})}, {{"n", 3}});
}

TEST(Refusal, PartsOfAConcatFit) {
  EXPECT_REFUSAL("parts have shapes [2, 1] and [3, 1]", R"(
    func.func @f(%a: tensor<?x1xf32, #heddle.dims<["n", "1"]>>, %b: tensor<?x1xf32, #heddle.dims<["m", "1"]>>)
        -> tensor<?x2xf32, #heddle.dims<["m", "2"]>> {
      %y = heddle.concat %a, %b axis 1 : (tensor<?x1xf32, #heddle.dims<["n", "1"]>>,
        tensor<?x1xf32, #heddle.dims<["m", "1"]>>) -> tensor<?x2xf32, #heddle.dims<["m", "2"]>>
      return %y : tensor<?x2xf32, #heddle.dims<["m", "2"]>>
    })",
                 {floats({2, 1}), floats({3, 1})});
}

TEST(Refusal, NothingCannotBeRepeatedAtAnEdge) {
  EXPECT_REFUSAL("a tensor without elements is padded from itself",
                 R"(func.func @f(%x: tensor<0xf32>, %fill: tensor<f32>) -> tensor<2xf32> {
    %y = heddle.pad %x, %fill low <["1"]> mode edge : (tensor<0xf32>, tensor<f32>) -> tensor<2xf32>
    return %y : tensor<2xf32>
  })",
                 {floats({0}), floats({})});
}

TEST(Refusal, SizesAreIntegers) {
  EXPECT_REFUSAL("sizes are integers", R"(func.func @f() -> tensor<f32> {
    %y = heddle.sizes <["n"]> : tensor<f32>
    return %y : tensor<f32>
  })",
                 {}, {{"n", 3}});
}

TEST(Refusal, SizesAreNotNegative) {
  EXPECT_REFUSAL("a tensor has a size of -1, which is out of range",
                 R"(func.func @f() -> tensor<?xi64, #heddle.dims<["n"]>> {
    %y = heddle.iota : tensor<?xi64, #heddle.dims<["n"]>>
    return %y : tensor<?xi64, #heddle.dims<["n"]>>
  })",
                 {}, {{"n", -1}});
}

TEST(Refusal, NothingHasNoLargestElement) {
  EXPECT_REFUSAL("of no elements is asked for", R"(func.func @f(%x: tensor<2x0xf32>) -> tensor<2xi64> {
    %y = heddle.arg_reduce max %x axis 1 : (tensor<2x0xf32>) -> tensor<2xi64>
    return %y : tensor<2xi64>
  })",
                 {floats({2, 0})});
}

TEST(Refusal, MissingWeightIsNamed) {
  EXPECT_REFUSAL("the bytes of weight '9f2c' are not there", R"(func.func @f() -> tensor<2xf32> {
    %y = heddle.constant #heddle.weight<"9f2c", ""> : tensor<2xf32>
    return %y : tensor<2xf32>
  })",
                 {});
}

/// A generic over `%x: tensor<4xi64>` with a body and a map.
static std::string genericOf(const std::string &body, const std::string &map = "affine_map<(d0) -> (d0)>") {
  return "func.func @f(%x: tensor<4xi64>) -> tensor<4xi64> {\n  %y = heddle.generic maps [" + map +
         "] reduce <[]> ins %x {\n  ^bb0(%v: i64):\n" + body +
         "  } : (tensor<4xi64>) -> tensor<4xi64>\n  return %y : tensor<4xi64>\n}";
}

TEST(Refusal, OperandsOfAGenericAreReadInsideTheirBounds) {
  EXPECT_REFUSAL("of an operand is read, which has 4",
                 genericOf("    heddle.yield %v : i64\n", "affine_map<(d0) -> (d0 + 1)>"),
                 {tensorOf<int64_t>(DType::I64, {4}, {1, 2, 3, 4})});
}

TEST(Refusal, BodiesHoldScalarsOfKnownTypesAndOps) {
  TensorValue x = tensorOf<int64_t>(DType::I64, {4}, {1, 2, 3, 4});
  EXPECT_REFUSAL("arith.index_cast does not yield one scalar that a strip holds",
                 genericOf("    %i = arith.index_cast %v : i64 to index\n    heddle.yield %v : i64\n"), {x});
  EXPECT_REFUSAL("math.ctpop has no strip function for its types",
                 genericOf("    %i = math.ctpop %v : i64\n    heddle.yield %i : i64\n"), {x});
}
