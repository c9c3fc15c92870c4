// Passes that are wrong on purpose are found, right ones are not.
#include "compiler/PassCheck.h"
#include "ir/HeddleOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include <gtest/gtest.h>

using namespace heddle;
using namespace mlir;

namespace {

/// A pass under a name of choice that applies a function to the module.
struct EditPass final : PassWrapper<EditPass, OperationPass<ModuleOp>> {
  EditPass(std::string name, std::function<void(ModuleOp)> edit) : name(std::move(name)), edit(std::move(edit)) {}
  StringRef getArgument() const override { return name; }
  void runOnOperation() override { edit(getOperation()); }

  std::string name;
  std::function<void(ModuleOp)> edit;
};

/// Two layers, so that a wrong first one makes the second wrong too.
constexpr const char *model = R"(
func.func @main(%x: tensor<?x4xf32, #heddle.dims<["n", "4"]>> {heddle.name = "x"}) -> (tensor<?x4xf32, #heddle.dims<["n", "4"]>> {heddle.name = "y"}) {
  %0 = heddle.relu %x : (tensor<?x4xf32, #heddle.dims<["n", "4"]>>) -> tensor<?x4xf32, #heddle.dims<["n", "4"]>> loc("Relu_0")
  %1 = heddle.exp %0 : (tensor<?x4xf32, #heddle.dims<["n", "4"]>>) -> tensor<?x4xf32, #heddle.dims<["n", "4"]>> loc("Exp_1")
  return %1 : tensor<?x4xf32, #heddle.dims<["n", "4"]>>
})";

/// Values of both signs for every input; a free size is 3.
Result<std::vector<SharedTensor>> makeInputs(const std::vector<Port> &ports) {
  std::vector<SharedTensor> tensors;
  for (const Port &port : ports) {
    std::vector<int64_t> shape;
    int64_t count = 1;
    for (const Expr &size : port.shape)
      count *= shape.emplace_back(size.literal().value_or(3));
    auto values = std::make_shared<std::vector<float>>();
    for (int64_t index = 0; index < count; ++index)
      values->push_back(static_cast<float>(index % 7) - 3.25f);
    tensors.push_back({{values->data(), DType::F32, shape, rowMajorStrides(shape)}, values});
  }
  return tensors;
}

class PassCheckTest : public testing::Test {
protected:
  /// Runs the edits as passes of these names under the check.
  Status run(const std::string &text, std::vector<std::pair<std::string, std::function<void(ModuleOp)>>> edits) {
    DialectRegistry registry;
    registry.insert<HeddleDialect, arith::ArithDialect, func::FuncDialect, math::MathDialect>();
    MLIRContext context(registry, MLIRContext::Threading::DISABLED);
    context.loadAllAvailableDialects();
    OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(text, &context);
    PassCheck check({makeInputs, [this](const std::string &line) { lines.push_back(line); }});
    PassManager passes(&context);
    passes.addInstrumentation(check.instrumentation());
    for (auto &[name, edit] : edits)
      passes.addPass(std::make_unique<EditPass>(name, edit));
    EXPECT_TRUE(succeeded(passes.run(*module)));
    checked = check.checkedCount();
    skipped = check.skippedCount();
    return check.status();
  }

  std::vector<std::string> lines;
  int64_t checked = 0, skipped = 0;
};

template <typename From, typename To> void replaceAll(ModuleOp module) {
  module.walk([](From op) {
    OpBuilder builder(op);
    auto made = To::create(builder, op.getLoc(), op->getResultTypes(), op->getOperands());
    op->replaceAllUsesWith(made);
    op->erase();
  });
}

/// Scales the result by a number near 1, as another order of additions might.
void perturb(ModuleOp module) {
  module.walk([](ExpOp op) {
    OpBuilder builder(op->getContext());
    builder.setInsertionPointAfter(op);
    auto scalar = RankedTensorType::get({}, builder.getF32Type());
    Value factor = ConstantOp::create(builder, op.getLoc(), scalar, DenseElementsAttr::get(scalar, 1.00001f));
    auto scaled = MulOp::create(builder, op.getLoc(), op->getResultTypes(), ValueRange{op->getResult(0), factor});
    op->getResult(0).replaceAllUsesExcept(scaled->getResult(0), scaled);
  });
}

} // namespace

// The error must lead to the pass, the output that users see, and the node where it began.
TEST_F(PassCheckTest, NamesThePassTheOutputAndTheNode) {
  Status status = run(model, {{"harmless", replaceAll<ReluOp, ReluOp>}, {"wrong", replaceAll<ReluOp, AbsOp>}});
  EXPECT_EQ(status.code(), Code::Mismatch);
  EXPECT_TRUE(StringRef(status.message()).starts_with("pass 'wrong' changes output 'y': ")) << status.message();
  EXPECT_TRUE(StringRef(status.message()).ends_with("; the first value that differs is made by 'Relu_0'"))
      << status.message();
}

// A pass that rebuilds ops with the same meaning is checked and found right.
TEST_F(PassCheckTest, AcceptsSameResults) {
  EXPECT_TRUE(run(model, {{"harmless", replaceAll<ReluOp, ReluOp>}}).isOk());
  EXPECT_EQ(lines, std::vector<std::string>{"pass 'harmless': same results"});
  EXPECT_EQ(checked, 1);
}

// A pass that did nothing costs nothing.
TEST_F(PassCheckTest, PassesOverWhatDidNotChange) {
  EXPECT_TRUE(run(model, {{"idle", [](ModuleOp) {}}}).isOk());
  EXPECT_TRUE(lines.empty());
  EXPECT_EQ(checked + skipped, 0);
}

// Only what a pass declares is forgiven: the same change is an error of an exact pass, not of a bounded one.
TEST_F(PassCheckTest, ForgivesRoundingWhereItIsDeclared) {
  ASSERT_EQ(accuracyOf("heddle-choose-layouts"), PassAccuracy::Bounded);
  EXPECT_TRUE(run(model, {{"heddle-choose-layouts", perturb}}).isOk());
  Status status = run(model, {{"heddle-fuse-kernels", perturb}});
  EXPECT_NE(status.message().find("declared bit-exact"), std::string::npos) << status.message();
}

// A bounded pass is still held to its bound.
TEST_F(PassCheckTest, HoldsABoundedPassToItsBound) {
  Status status = run(model, {{"heddle-choose-layouts", replaceAll<ReluOp, AbsOp>}});
  EXPECT_EQ(status.code(), Code::Mismatch);
  EXPECT_NE(status.message().find("exact up to rounding"), std::string::npos) << status.message();
}

// What cannot be evaluated is said to be unchecked, with the reason.
TEST_F(PassCheckTest, SaysWhatItSkips) {
  auto addCall = [](ModuleOp module) {
    module.walk([](ExpOp op) {
      OpBuilder builder(op);
      HostCallOp::create(builder, op.getLoc(), op->getResultTypes(), op->getOperands(), "unheard_of", 1,
                         builder.getDictionaryAttr({}), builder.getArrayAttr({}));
    });
  };
  EXPECT_TRUE(run(model, {{"odd", addCall}}).isOk());
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0], "pass 'odd': not checked: heddle.host_call (Exp_1): there is no host function 'unheard_of'");
  EXPECT_EQ(skipped, 1);
}

// A pass whose output breaks a rule at run time is wrong, not unsupported.
TEST_F(PassCheckTest, FindsResultsThatCannotBeEvaluated) {
  auto addFail = [](ModuleOp module) {
    module.walk([](ExpOp op) {
      OpBuilder builder(op);
      FailOp::create(builder, op.getLoc(), "never reached before", /*sizes=*/DimsAttr());
    });
  };
  Status status = run(model, {{"failing", addFail}});
  EXPECT_EQ(status.code(), Code::Mismatch);
  EXPECT_NE(status.message().find("pass 'failing': its result cannot be evaluated"), std::string::npos);
}
