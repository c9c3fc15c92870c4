// Host steps: what decides between branches, how loops carry and stack values, symbols that values define.
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Parser/Parser.h"
#include "test/unit/reference/EvaluateText.h"
#include <gtest/gtest.h>

using namespace heddle;
using namespace heddle::test;

static TensorValue scalar(int64_t value) { return tensorOf<int64_t>(DType::I64, {}, {value}); }
static TensorValue truth(bool value) { return tensorOf<uint8_t>(DType::Bool, {}, {uint8_t(value)}); }

// Sums the iteration numbers, and stacks every partial sum.
static const char *const countingLoop = R"(
func.func @f(%n: tensor<i64>, %go: tensor<i1>, %x: tensor<i64>) -> (tensor<i64>, tensor<?xi64, #heddle.dims<["trips"]>>) {
  %y:2 = heddle.loop %n, %go, %x defines ["trips"] {
  ^bb0(%i: tensor<i64>, %c: tensor<i1>, %v: tensor<i64>):
    %s = heddle.add %v, %i : (tensor<i64>, tensor<i64>) -> tensor<i64>
    %six = heddle.constant dense<6> : tensor<i64>
    %next = heddle.less %s, %six : (tensor<i64>, tensor<i64>) -> tensor<i1>
    heddle.result %next, %s, %s : tensor<i1>, tensor<i64>, tensor<i64>
  } : (tensor<i64>, tensor<i1>, tensor<i64>) -> (tensor<i64>, tensor<?xi64, #heddle.dims<["trips"]>>)
  return %y#0, %y#1 : tensor<i64>, tensor<?xi64, #heddle.dims<["trips"]>>
})";

TEST(Control, LoopEndsByItsCount) {
  auto results = evaluateText(countingLoop, {scalar(3), truth(true), scalar(0)});
  ASSERT_TRUE(results.isOk()) << results.status().message();
  EXPECT_EQ((*results)[0].as<int64_t>(), std::vector<int64_t>{3});
  EXPECT_EQ((*results)[1].as<int64_t>(), (std::vector<int64_t>{0, 1, 3}));
}

TEST(Control, LoopEndsByItsCondition) {
  auto results = evaluateText(countingLoop, {scalar(100), truth(true), scalar(0)});
  ASSERT_TRUE(results.isOk()) << results.status().message();
  EXPECT_EQ((*results)[1].as<int64_t>(), (std::vector<int64_t>{0, 1, 3, 6}));
}

// Without an iteration the carried value is the first one, and nothing is stacked.
TEST(Control, LoopMayNotRunAtAll) {
  for (auto [count, go] : {std::pair(0, true), std::pair(5, false)}) {
    auto results = evaluateText(countingLoop, {scalar(count), truth(go), scalar(7)});
    ASSERT_TRUE(results.isOk()) << results.status().message();
    EXPECT_EQ((*results)[0].as<int64_t>(), std::vector<int64_t>{7});
    EXPECT_EQ((*results)[1].shape, std::vector<int64_t>{0});
  }
}

// Each iteration's value tells the size that it carries.
TEST(Control, CarriedValueMayGrow) {
  auto results = evaluateText(R"(
func.func @f(%n: tensor<i64>, %go: tensor<i1>, %x: tensor<1xf32>) -> (tensor<?xf32, #heddle.dims<["m"]>>, tensor<?xf32, #heddle.dims<["m"]>>) {
  %y = heddle.loop %n, %go, %x defines ["k", "m"] {
  ^bb0(%i: tensor<i64>, %c: tensor<i1>, %v: tensor<?xf32, #heddle.dims<["k"]>>):
    %p = heddle.iota : tensor<?xf32, #heddle.dims<["k"]>>
    %w = heddle.concat %v, %p axis 0
      : (tensor<?xf32, #heddle.dims<["k"]>>, tensor<?xf32, #heddle.dims<["k"]>>) -> tensor<?xf32, #heddle.dims<["2 * k"]>>
    heddle.result %c, %w : tensor<i1>, tensor<?xf32, #heddle.dims<["2 * k"]>>
  } : (tensor<i64>, tensor<i1>, tensor<1xf32>) -> tensor<?xf32, #heddle.dims<["m"]>>
  %z = heddle.iota : tensor<?xf32, #heddle.dims<["m"]>>
  return %y, %z : tensor<?xf32, #heddle.dims<["m"]>>, tensor<?xf32, #heddle.dims<["m"]>>
})",
                              {scalar(2), truth(true), tensorOf<float>(DType::F32, {1}, {5})});
  ASSERT_TRUE(results.isOk()) << results.status().message();
  EXPECT_EQ((*results)[0].as<float>(), (std::vector<float>{5, 0, 0, 1}));
  EXPECT_EQ((*results)[1].as<float>(), (std::vector<float>{0, 1, 2, 3}));
}

// A size that only the value tells is known to the ops behind the call.
TEST(Control, HostCallDefinesSizes) {
  auto results = evaluateText(R"(
func.func @f(%x: tensor<4xf32>) -> tensor<?xf32, #heddle.dims<["n"]>> {
  %i = heddle.host_call "nonzero" version 1 attrs {} defines ["n"] (%x) : (tensor<4xf32>) -> tensor<1x?xi64, #heddle.dims<["1", "n"]>>
  %y = heddle.iota : tensor<?xf32, #heddle.dims<["n"]>>
  return %y : tensor<?xf32, #heddle.dims<["n"]>>
})",
                              {tensorOf<float>(DType::F32, {4}, {1, 0, 2, 3})});
  ASSERT_TRUE(results.isOk()) << results.status().message();
  EXPECT_EQ((*results)[0].as<float>(), (std::vector<float>{0, 1, 2}));
}

// The sizes of an If are those of the branch that ran.
TEST(Control, BranchDefinesSizes) {
  const char *text = R"(
func.func @f(%c: tensor<i1>, %a: tensor<2xf32>, %b: tensor<3xf32>) -> tensor<?xf32, #heddle.dims<["n"]>> {
  %y = heddle.if %c defines ["n"] {
    heddle.result %a : tensor<2xf32>
  } else {
    heddle.result %b : tensor<3xf32>
  } : (tensor<i1>) -> tensor<?xf32, #heddle.dims<["n"]>>
  %i = heddle.iota : tensor<?xf32, #heddle.dims<["n"]>>
  return %i : tensor<?xf32, #heddle.dims<["n"]>>
})";
  TensorValue a = randomFloats({2}, 1), b = randomFloats({3}, 2);
  for (bool taken : {true, false}) {
    auto results = evaluateText(text, {truth(taken), a, b});
    ASSERT_TRUE(results.isOk()) << results.status().message();
    EXPECT_EQ((*results)[0].shape, std::vector<int64_t>{taken ? 2 : 3});
  }
}

// Whoever watches an evaluation sees each op of the function once, and can end it.
TEST(Control, ObserverSeesOpsAndEndsTheEvaluation) {
  auto context = makeContext();
  auto module = mlir::parseSourceString<mlir::ModuleOp>(R"(
func.func @f(%x: tensor<2x2xf32>) -> tensor<2x2xf32> {
  %0 = heddle.softmax %x axis 1 : (tensor<2x2xf32>) -> tensor<2x2xf32>
  %1 = heddle.exp %0 : (tensor<2x2xf32>) -> tensor<2x2xf32>
  return %1 : tensor<2x2xf32>
})",
                                                        context.get());
  std::vector<std::string> seen;
  auto observe = [&](mlir::Operation *op, auto, auto) {
    seen.push_back(op->getName().getStringRef().str());
    return seen.size() == 2 ? Status(Code::Interrupted, "enough") : Status::ok();
  };
  auto function = *module->getOps<mlir::func::FuncOp>().begin();
  Evaluator evaluator({}, context->getLoadedDialect<HeddleDialect>()->weights(), observe);
  auto results =
      evaluator.evaluate(mlir::cast<mlir::FunctionOpInterface>(function.getOperation()), {randomFloats({2, 2}, 3)});
  EXPECT_EQ(results.status().code(), Code::Interrupted);
  EXPECT_EQ(seen, (std::vector<std::string>{"heddle.softmax", "heddle.exp"}));
}
