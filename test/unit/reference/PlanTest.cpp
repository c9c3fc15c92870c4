// Plans: steps over places are evaluated as the runtime runs them, and what a plan must not do is refused.
#include "ir/reference/PlanEvaluator.h"
#include "mlir/Parser/Parser.h"
#include "test/unit/reference/EvaluateText.h"
#include <gtest/gtest.h>

using namespace heddle;
using namespace heddle::test;

/// The outputs of a plan with these places and steps on x = {1, 2}; `%x` and `%y` are its input and output.
static Result<std::vector<TensorValue>> evaluate(const std::string &body, bool givesInput = true) {
  auto context = makeContext();
  std::string text = "heddle.plan @main guards <[]> {\n"
                     "  %x = heddle.place input name \"x\" : tensor<2xf32>\n"
                     "  %y = heddle.place output name \"y\" : tensor<2xf32>\n" +
                     body + "}\n";
  auto module = mlir::parseSourceString<mlir::ModuleOp>(text, context.get());
  if (!module)
    return Status(Code::Malformed, "the plan does not parse: " + text);
  PlanEvaluator evaluator(*module->getOps<PlanOp>().begin(), context->getLoadedDialect<HeddleDialect>()->weights());
  TensorValue x = tensorOf<float>(DType::F32, {2}, {1, 2});
  return givesInput ? evaluator.evaluate(x) : evaluator.evaluate({});
}

static std::string copyStep(const std::string &from, const std::string &to, const std::string &type = "tensor<2xf32>") {
  return "  heddle.host_run \"identity\" version 1 attrs {} ins(" + from + ") outs(" + to + ") : (" + type + ") -> " +
         type + "\n";
}

static void expectRefusal(const std::string &body, const std::string &reason, bool givesInput = true) {
  Result<std::vector<TensorValue>> outputs = evaluate(body, givesInput);
  ASSERT_FALSE(outputs.isOk()) << reason;
  EXPECT_NE(outputs.status().message().find(reason), std::string::npos) << outputs.status().message();
}

TEST(PlanEvaluation, StepsPassValuesThroughPlaces) {
  Result<std::vector<TensorValue>> outputs =
      evaluate("  %a = heddle.place arena bytes \"8\" interval [0, 2] : tensor<2xf32>\n" + copyStep("%x", "%a") +
               copyStep("%a", "%y"));
  ASSERT_TRUE(outputs.isOk()) << outputs.status().message();
  EXPECT_EQ((*outputs)[0].as<float>(), (std::vector<float>{1, 2}));
}

TEST(PlanEvaluation, PlacesAreUsedInTheirLifetimes) {
  expectRefusal("  %a = heddle.place arena bytes \"8\" interval [0, 1] : tensor<2xf32>\n" + copyStep("%x", "%a") +
                    copyStep("%a", "%y"),
                "a place that lives during [0, 1) is used at 1");
  expectRefusal("  %a = heddle.place arena bytes \"8\" interval [0, 1] : tensor<2xf32>\n" + copyStep("%a", "%y"),
                "a place is read before a step has written it");
}

TEST(PlanEvaluation, StepsWriteOnlyWhatIsTheirs) {
  expectRefusal(copyStep("%x", "%x"), "an input or weight is written");
  expectRefusal("", "output 0 is never written");
  expectRefusal(copyStep("%x", "%y"), "input 0 is not given", /*givesInput=*/false);
}

// A plan may stand without its kernels, as where only memory is planned; it cannot run so.
TEST(PlanEvaluation, KernelsMustBeThere) {
  expectRefusal("  heddle.run @k sizes <[]> ins(%x) outs(%y) : (tensor<2xf32>) -> (tensor<2xf32>)\n",
                "there is no such kernel");
}

TEST(PlanEvaluation, ViewsAreWholePlaces) {
  expectRefusal("  %z = heddle.place runtime : tensor<1xf32>\n"
                "  %a = heddle.place runtime : tensor<?xf32, #heddle.dims<[\"n\"]>>\n"
                "  heddle.host_run \"identity\" version 1 attrs {} ins(%x) outs(%a)"
                " : (tensor<2xf32>) -> tensor<?xf32, #heddle.dims<[\"n\"]>>\n"
                "  %v = heddle.view %a : (tensor<?xf32, #heddle.dims<[\"n\"]>>) -> tensor<1xf32>\n" +
                    copyStep("%v", "%z", "tensor<1xf32>"),
                "a view of a part of a place is not evaluated");
}

TEST(PlanEvaluation, SymbolsAreReadFromWhatIsThere) {
  expectRefusal("  %c = heddle.place weight value dense<3> : tensor<2xi64> : tensor<2xi64>\n"
                "  %a = heddle.place runtime : tensor<?xi64, #heddle.dims<[\"n\"]>>\n"
                "  heddle.host_run \"identity\" version 1 attrs {} ins(%c) outs(%a)"
                " : (tensor<2xi64>) -> tensor<?xi64, #heddle.dims<[\"n\"]>>\n"
                "  heddle.define_symbol \"k\" element index 5 of %a : tensor<?xi64, #heddle.dims<[\"n\"]>>\n",
                "symbol 'k' is read behind the end of a tensor");
}

// Parts of one place are written and read where they lie, with gaps or without.
TEST(PlanEvaluation, PartsAreElementsOfTheirPlace) {
  Result<std::vector<TensorValue>> outputs = evaluate(
      "  %w = heddle.place arena bytes \"16\" interval [0, 4] : tensor<2x2xf32>\n"
      "  %a = heddle.part %w offset \"0\" strides <[\"2\", \"1\"]> : (tensor<2x2xf32>) -> tensor<2x1xf32>\n"
      "  %b = heddle.part %w offset \"1\" strides <[\"2\", \"1\"]> : (tensor<2x2xf32>) -> tensor<2x1xf32>\n"
      "  %c = heddle.part %w offset \"2\" strides <[\"1\"]> : (tensor<2x2xf32>) -> tensor<2xf32>\n"
      "  %z = heddle.view %x : (tensor<2xf32>) -> tensor<2x1xf32>\n" +
      copyStep("%z", "%b", "tensor<2x1xf32>") + copyStep("%z", "%a", "tensor<2x1xf32>") + copyStep("%c", "%y"));
  ASSERT_TRUE(outputs.isOk()) << outputs.status().message();
  EXPECT_EQ((*outputs)[0].as<float>(), (std::vector<float>{2, 2}));
}

// Sizes over symbols are known only in a run.
TEST(PlanEvaluation, PartsLieInTheirPlace) {
  expectRefusal("  heddle.define_symbol \"n\" value value \"3\"\n"
                "  %w = heddle.place arena bytes \"16\" interval [0, 4] : tensor<4xf32>\n"
                "  %a = heddle.part %w offset \"n\" strides <[\"1\"]> : (tensor<4xf32>) -> tensor<2xf32>\n" +
                    copyStep("%x", "%a"),
                "a part has elements up to 4 of a place of 4");
}
