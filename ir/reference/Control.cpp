// Evaluates host steps of functions: symbols, host functions, branches and loops.
#include "ir/Shapes.h"
#include "ir/reference/Evaluator.h"
#include "ir/reference/HostSteps.h"

using namespace mlir;
using namespace heddle;

using Values = std::vector<TensorValue>;

Status Evaluator::setSymbols(SetSymbolsOp op, const TensorValue &x) {
  for (auto [index, name] : llvm::enumerate(op.getSymbols().getAsValueRange<StringAttr>()))
    if (!name.empty())
      symbols[name.str()] = integerElement(x, static_cast<int64_t>(index));
  return Status::ok();
}

/// Sizes that only the value of a result tells.
void Evaluator::defineSymbols(ArrayAttr defines, TypeRange types, ArrayRef<TensorValue> values) {
  auto isDefined = [&](StringRef name) { return llvm::is_contained(defines.getAsValueRange<StringAttr>(), name); };
  for (auto [type, value] : llvm::zip(types, values))
    for (auto [dim, size] : llvm::enumerate(shapeOf(type)))
      if (isDefined(size.symbolName()))
        symbols[std::string(size.symbolName())] = value.shape[dim];
}

Result<Values> Evaluator::evaluateHostCall(HostCallOp op, ArrayRef<TensorValue> operands) {
  Result<Values> values =
      callHostFunction(op.getFunction(), op.getVersion(), op.getAttrs(), operands, op.getResultTypes());
  if (values)
    defineSymbols(op.getDefines(), op.getResultTypes(), *values);
  return values;
}

//===----------------------------------------------------------------------===//
// Branches and loops
//===----------------------------------------------------------------------===//

Result<Values> Evaluator::evaluateIf(IfOp op, ArrayRef<TensorValue> operands) {
  bool isTaken = integerElement(operands[0], 0) != 0;
  Result<Values> values = evaluateBlock((isTaken ? op.getThenRegion() : op.getElseRegion()).front());
  if (values)
    defineSymbols(op.getDefines(), op.getResultTypes(), *values);
  return values;
}

Result<Values> Evaluator::evaluateLoop(LoopOp op, ArrayRef<TensorValue> operands) {
  Block &body = op.getBody().front();
  int64_t trips = integerElement(operands[0], 0);
  TensorValue condition = operands[1];
  Values carried(operands.begin() + 2, operands.end()); // then the results
  std::vector<Values> stacks(op.getNumResults() - carried.size());
  for (int64_t iteration = 0; iteration < trips && integerElement(condition, 0) != 0; ++iteration) {
    known[body.getArgument(0)] = integerScalar(iteration);
    known[body.getArgument(1)] = condition;
    for (auto [argument, value] : llvm::zip(body.getArguments().drop_front(2), carried))
      known[argument] = value;
    defineSymbols(op.getDefines(), ValueRange(body.getArguments().drop_front(2)).getTypes(), carried);
    Result<Values> results = evaluateBlock(body);
    if (!results)
      return results;
    condition = results->front();
    std::copy_n(results->begin() + 1, carried.size(), carried.begin());
    for (size_t index = 0; index < stacks.size(); ++index)
      stacks[index].push_back((*results)[1 + carried.size() + index]);
  }
  for (auto [type, parts] :
       llvm::zip(llvm::to_vector(llvm::drop_begin(op.getResultTypes(), op.getInitial().size())), stacks)) {
    Result<TensorValue> stacked = stackOf(parts, type, symbols);
    if (!stacked)
      return stacked.status();
    carried.push_back(std::move(*stacked));
  }
  defineSymbols(op.getDefines(), op.getResultTypes(), carried);
  return carried;
}
