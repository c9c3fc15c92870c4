// Implements checking passes against the evaluator.
#include "compiler/PassCheck.h"
#include "ir/Origins.h"
#include "ir/Shapes.h"
#include "ir/reference/CompareValues.h"
#include "ir/reference/PlanEvaluator.h"
#include "mlir/Pass/Pass.h"

using namespace mlir;
using namespace heddle;

PassAccuracy heddle::accuracyOf(StringRef pass) {
  // Another order of a sum, or another formula for the same function.
  static constexpr StringLiteral bounded[] = {"heddle-choose-layouts", "heddle-fold-batch-norms",
                                              "heddle-recognize-composites"};
  return llvm::is_contained(bounded, pass) ? PassAccuracy::Bounded : PassAccuracy::Exact;
}

namespace heddle {
class PassCheckInstrumentation final : public PassInstrumentation {
public:
  explicit PassCheckInstrumentation(PassCheck &check) : check(check) {}

  void runBeforePass(Pass *, Operation *op) override { check.beforePass(moduleOf(op)); }
  void runAfterPass(Pass *pass, Operation *op) override {
    // Adaptors run the passes of nested ops, which come here themselves.
    if (!pass->getArgument().empty())
      check.afterPass(pass->getArgument(), moduleOf(op));
  }

private:
  static ModuleOp moduleOf(Operation *op) {
    while (op->getParentOp())
      op = op->getParentOp();
    return cast<ModuleOp>(op);
  }

  PassCheck &check;
};
} // namespace heddle

std::unique_ptr<PassInstrumentation> PassCheck::instrumentation() {
  return std::make_unique<PassCheckInstrumentation>(*this);
}

void PassCheck::beforePass(ModuleOp module) {
  if (last)
    return;
  last = evaluate(module);
  fingerprint.emplace(module);
}

void PassCheck::afterPass(StringRef pass, ModuleOp module) {
  OperationFingerPrint now(module);
  if (!failure.isOk() || now == *fingerprint)
    return;
  fingerprint = now;
  Result<Evaluation> before = std::move(*last);
  last = evaluate(module);
  const Result<Evaluation> &after = *last;
  std::string name = "pass '" + pass.str() + "'";
  bool isComparable = before && after;
  if (before && !after && after.status().code() != Code::Unsupported)
    failure = Status(Code::Mismatch, name + ": its result cannot be evaluated: " + after.status().message());
  if (isComparable)
    failure = compare(pass, *before, *after);
  checked += isComparable;
  skipped += !isComparable && failure.isOk();
  if (!failure.isOk())
    return;
  const Status &reason = before ? after.status() : before.status();
  request.report(name + (isComparable ? ": same results" : ": not checked: " + reason.message()));
}

//===----------------------------------------------------------------------===//
// Evaluation
//===----------------------------------------------------------------------===//

Status PassCheck::makeInputs(func::FuncOp function) {
  std::vector<Port> ports;
  for (BlockArgument argument : function.getArguments()) {
    auto name = function.getArgAttrOfType<StringAttr>(argument.getArgNumber(), "heddle.name");
    std::optional<DType> type = dtypeOf(argument.getType());
    if (!type)
      return Status(Code::Unsupported, "an input is no tensor that can be drawn");
    ports.push_back(
        {name ? name.str() : "input" + std::to_string(argument.getArgNumber()), *type, shapeOf(argument.getType())});
  }
  Result<std::vector<SharedTensor>> made = request.makeInputs(ports);
  if (!made)
    return made.status();
  assert(made->size() == ports.size() && "one tensor per input");
  inputs.emplace();
  for (const SharedTensor &input : *made) {
    auto *bytes = static_cast<const std::byte *>(input.view.data);
    size_t count = static_cast<size_t>(input.view.elementCount() * byteWidth(input.view.type));
    inputs->push_back({input.view.type, input.view.shape, {bytes, count}, input.owner});
  }
  return Status::ok();
}

/// The nodes that made a result; of a launch those of the op whose result the kernel returns.
static std::string originOf(Operation *op, size_t result) {
  FlatSymbolRefAttr symbol;
  if (auto launch = dyn_cast<LaunchOp>(op))
    symbol = launch.getKernelAttr();
  if (auto run = dyn_cast<RunOp>(op))
    symbol = run.getKernelAttr();
  auto kernel =
      symbol ? SymbolTable::lookupNearestSymbolFrom<KernelOp>(op->getParentOfType<ModuleOp>(), symbol) : KernelOp();
  if (!kernel)
    return originText(op->getLoc());
  return originText(kernel.getBody().front().getTerminator()->getOperand(result).getLoc());
}

static std::vector<std::string> resultNames(func::FuncOp function) {
  std::vector<std::string> names;
  for (unsigned index = 0; index < function.getNumResults(); ++index) {
    auto name = function.getResultAttrOfType<StringAttr>(index, "heddle.name");
    names.push_back(name ? name.str() : "output" + std::to_string(index));
  }
  return names;
}

static std::vector<std::string> resultNames(PlanOp plan) {
  std::vector<std::string> names;
  for (auto place : plan.getBody().front().getOps<PlaceOp>())
    if (place.getKind() == PlaceKindAttrValue::Output) {
      names.resize(std::max<size_t>(names.size(), place.getIndex() + 1));
      names[place.getIndex()] = place.getName()->str();
    }
  return names;
}

Result<PassCheck::Evaluation> PassCheck::evaluate(ModuleOp module) {
  auto functions = module.getOps<func::FuncOp>();
  auto plans = module.getOps<PlanOp>();
  if (functions.empty() && (plans.empty() || !inputs))
    return Status(Code::Unsupported, "there is no function to evaluate");
  const WeightStore &weights = module.getContext()->getLoadedDialect<HeddleDialect>()->weights();
  Evaluation evaluation;
  auto trace = [&](Operation *op, ArrayRef<TensorValue>, ArrayRef<TensorValue> results) {
    for (auto [index, value] : llvm::enumerate(results))
      evaluation.trace.push_back({originOf(op, index), value});
    return Status::ok();
  };
  Result<std::vector<TensorValue>> results = std::vector<TensorValue>();
  if (functions.empty()) {
    evaluation.names = resultNames(*plans.begin());
    results = PlanEvaluator(*plans.begin(), weights, trace).evaluate(*inputs);
  } else {
    func::FuncOp function = *functions.begin();
    if (!inputs)
      HEDDLE_RETURN_IF_ERROR(makeInputs(function));
    evaluation.names = resultNames(function);
    results = Evaluator({}, weights, trace).evaluate(cast<FunctionOpInterface>(function.getOperation()), *inputs);
  }
  if (!results)
    return results.status();
  evaluation.results = std::move(*results);
  return evaluation;
}

//===----------------------------------------------------------------------===//
// Comparison
//===----------------------------------------------------------------------===//

Status PassCheck::compare(StringRef pass, const Evaluation &before, const Evaluation &after) const {
  PassAccuracy accuracy = accuracyOf(pass);
  auto differs = [&](const TensorValue &got, const TensorValue &want) {
    return accuracy == PassAccuracy::Exact ? differenceInBits(got, want) : differenceBeyondRounding(got, want);
  };
  std::string name = "pass '" + pass.str() + "'";
  if (before.results.size() != after.results.size())
    return Status(Code::Mismatch, name + " leaves " + std::to_string(after.results.size()) + " results, expected " +
                                      std::to_string(before.results.size()));
  for (auto [output, got, want] : llvm::zip(before.names, after.results, before.results)) {
    std::optional<std::string> difference = differs(got, want);
    if (!difference)
      continue;
    std::map<std::string, const TensorValue *> known;
    for (const Traced &traced : before.trace)
      known[traced.origin] = &traced.value;
    std::string message = name + " changes output '" + output + "': " + *difference + "; it is declared " +
                          (accuracy == PassAccuracy::Exact ? "bit-exact" : "exact up to rounding");
    for (const Traced &traced : after.trace) {
      auto found = known.find(traced.origin);
      bool isSameValue = found != known.end() && found->second->shape == traced.value.shape;
      if (isSameValue && differs(traced.value, *found->second))
        return Status(Code::Mismatch, message + "; the first value that differs is made by '" + traced.origin + "'");
    }
    return Status(Code::Mismatch, message);
  }
  return Status::ok();
}
