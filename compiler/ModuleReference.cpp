// Implements running modules by the evaluator.
#include "compiler/ModuleReference.h"
#include "ir/Origins.h"
#include "ir/reference/Evaluator.h"

using namespace mlir;
using namespace heddle;

namespace {
class ModuleReference final : public ReferenceModel {
public:
  ModuleReference(ModuleOp module, std::shared_ptr<void> owner, NodeOutputs nodeOutputs)
      : owner(std::move(owner)), module(module), nodeOutputs(std::move(nodeOutputs)) {}

  Result<std::vector<SharedTensor>> run(std::span<const View> inputs, const StepObserver &observe) override;
  Result<std::vector<SharedTensor>> runKernel(const std::string &name, std::span<const int64_t> sizes,
                                              std::span<const View> inputs, const ValueObserver &observe) override;
  std::vector<std::string> outputNames() override;

private:
  func::FuncOp function() { return *module.getOps<func::FuncOp>().begin(); }
  const WeightStore &weights() { return module.getContext()->getLoadedDialect<HeddleDialect>()->weights(); }
  std::string valueName(OpResult result);

  std::shared_ptr<void> owner;
  ModuleOp module;
  NodeOutputs nodeOutputs;
};
} // namespace

static TensorValue valueOf(const View &view) {
  auto *bytes = static_cast<const std::byte *>(view.data);
  return {view.type, view.shape, {bytes, static_cast<size_t>(view.elementCount() * byteWidth(view.type))}, nullptr};
}

static SharedTensor sharedOf(const TensorValue &value) {
  View view{const_cast<std::byte *>(value.bytes.data()), value.type, value.shape, rowMajorStrides(value.shape)};
  return {std::move(view), value.owner};
}

static std::vector<SharedTensor> sharedOf(ArrayRef<TensorValue> values) {
  std::vector<SharedTensor> tensors;
  for (const TensorValue &value : values)
    tensors.push_back(sharedOf(value));
  return tensors;
}

std::vector<std::string> ModuleReference::outputNames() {
  std::vector<std::string> names;
  for (unsigned index = 0; index < function().getNumResults(); ++index) {
    auto name = function().getResultAttrOfType<StringAttr>(index, "heddle.name");
    names.push_back(name ? name.str() : "output" + std::to_string(index));
  }
  return names;
}

/// The ONNX value that a step makes: the only output of the node behind it, of several nodes the last. A launch has the
/// nodes of the op whose result its kernel returns.
std::string ModuleReference::valueName(OpResult result) {
  Location loc = result.getLoc();
  if (auto launch = dyn_cast<LaunchOp>(result.getOwner())) {
    auto kernel = SymbolTable::lookupNearestSymbolFrom<KernelOp>(launch, launch.getKernelAttr());
    loc = kernel.getBody().front().getTerminator()->getOperand(result.getResultNumber()).getLoc();
  }
  std::vector<std::string> nodes = originsOf(loc);
  auto outputs = nodes.empty() ? nodeOutputs.end() : nodeOutputs.find(nodes.back());
  return outputs != nodeOutputs.end() && outputs->second.size() == 1 ? outputs->second.front() : originText(loc);
}

Result<std::vector<SharedTensor>> ModuleReference::run(std::span<const View> inputs, const StepObserver &observe) {
  std::vector<TensorValue> arguments;
  for (const View &input : inputs)
    arguments.push_back(valueOf(input));
  auto report = [&](Operation *op, ArrayRef<TensorValue>, ArrayRef<TensorValue> results) {
    auto launch = dyn_cast<LaunchOp>(op);
    auto call = dyn_cast<HostCallOp>(op);
    if (!observe || (!launch && !call))
      return Status::ok();
    ReferenceStep step{(launch ? launch.getKernel() : call.getFunction()).str(), originText(op->getLoc()), {}, {}};
    for (OpResult result : op->getResults())
      step.values.push_back(valueName(result));
    step.results = sharedOf(results);
    observe(std::move(step));
    return Status::ok();
  };
  Evaluator evaluator({}, weights(), report);
  auto results = evaluator.evaluate(cast<FunctionOpInterface>(function().getOperation()), arguments);
  return results ? Result<std::vector<SharedTensor>>(sharedOf(*results)) : results.status();
}

Result<std::vector<SharedTensor>> ModuleReference::runKernel(const std::string &name, std::span<const int64_t> sizes,
                                                             std::span<const View> inputs,
                                                             const ValueObserver &observe) {
  auto kernel = module.lookupSymbol<KernelOp>(name);
  if (!kernel || kernel.getSymbols().size() != sizes.size())
    return Status(Code::Unsupported, "the model has no kernel '" + name + "' of so many sizes");
  SymbolValues symbols;
  for (auto [symbol, size] : llvm::zip(kernel.getSymbols().getAsValueRange<StringAttr>(), sizes))
    symbols[symbol.str()] = size;
  std::vector<TensorValue> arguments;
  for (const View &input : inputs)
    arguments.push_back(valueOf(input));
  auto report = [&](Operation *op, ArrayRef<TensorValue>, ArrayRef<TensorValue> results) {
    for (const TensorValue &value : results)
      if (observe)
        observe(originText(op->getLoc()), sharedOf(value));
    return Status::ok();
  };
  Evaluator evaluator(std::move(symbols), weights(), report);
  auto results = evaluator.evaluate(cast<FunctionOpInterface>(kernel.getOperation()), arguments);
  return results ? Result<std::vector<SharedTensor>>(sharedOf(*results)) : results.status();
}

std::unique_ptr<ReferenceModel> heddle::makeModuleReference(ModuleOp module, std::shared_ptr<void> owner,
                                                            NodeOutputs nodeOutputs) {
  return std::make_unique<ModuleReference>(module, std::move(owner), std::move(nodeOutputs));
}
