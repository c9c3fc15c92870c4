// Implements the evaluator: each op by the form in which it states its meaning.
#include "ir/reference/Evaluator.h"
#include "ir/Origins.h"
#include "ir/Scalars.h"
#include "ir/Shapes.h"
#include "ir/reference/Movement.h"
#include "ir/reference/Nest.h"
#include "runtime/format/PlanText.h"

using namespace mlir;
using namespace heddle;

using Values = std::vector<TensorValue>;

/// `heddle.gather (Gather_0): ...`. What an op expands to has its origin too, and saying it once is enough.
static Status named(Operation *op, bool isExpanded, const Status &status) {
  const std::string name = op->getName().getStringRef().str(), origin = isExpanded ? "" : originText(op->getLoc());
  return Status(status.code(), name + (origin.empty() ? "" : " (" + origin + ")") + ": " + status.message());
}

//===----------------------------------------------------------------------===//
// Nests
//===----------------------------------------------------------------------===//

/// NumPy's broadcast of the operands' shapes.
static Result<std::vector<int64_t>> broadcastOf(ArrayRef<TensorValue> operands) {
  std::vector<int64_t> shape;
  for (const TensorValue &operand : operands) {
    if (operand.shape.size() > shape.size())
      shape.insert(shape.begin(), operand.shape.size() - shape.size(), 1);
    size_t offset = shape.size() - operand.shape.size();
    for (size_t dim = 0; dim < operand.shape.size(); ++dim) {
      int64_t &size = shape[offset + dim], given = operand.shape[dim];
      if (size != 1 && given != 1 && size != given)
        return Status(Code::Malformed,
                      "sizes " + std::to_string(size) + " and " + std::to_string(given) + " do not broadcast");
      size = size == 1 ? given : size;
    }
  }
  return shape;
}

/// Reads a broadcast operand: the result's last dimensions, 0 where the operand has size 1.
static AffineMap broadcastMap(MLIRContext *context, const std::vector<int64_t> &from, size_t rank) {
  SmallVector<AffineExpr> exprs;
  for (size_t dim = 0; dim < from.size(); ++dim)
    exprs.push_back(from[dim] == 1 ? getAffineConstantExpr(0, context)
                                   : getAffineDimExpr(rank - from.size() + dim, context));
  return AffineMap::get(rank, 0, exprs, context);
}

Result<TensorValue> Evaluator::evaluateElementwise(Operation *op, ArrayRef<TensorValue> operands) {
  Result<std::vector<int64_t>> shape = broadcastOf(operands);
  if (!shape)
    return shape.status();
  Block body;
  OpBuilder builder(op->getContext());
  builder.setInsertionPointToEnd(&body);
  Nest nest;
  for (auto [operand, value] : llvm::zip(op->getOperands(), operands)) {
    body.addArgument(computeType(getElementTypeOrSelf(operand)), op->getLoc());
    nest.inputs.push_back({value, broadcastMap(op->getContext(), value.shape, shape->size())});
  }
  // Signedness is that of the first operand, but for `where`, which has a bool there.
  Value typed = op->getOperand(isa<WhereOp>(op) ? 1 : 0);
  Scalars scalars(builder, op->getLoc(), getElementTypeOrSelf(typed));
  nest.yielded.push_back(cast<ElementwiseOpInterface>(op).buildScalar(scalars, body.getArguments()));
  nest.parallel = *shape;
  nest.body = &body;
  nest.element = getElementTypeOrSelf(op->getResult(0));
  return runNest(nest, symbols, [](Value) -> const TensorValue * { return nullptr; });
}

Result<TensorValue> Evaluator::evaluateGeneric(GenericOp op, ArrayRef<TensorValue> operands) {
  Result<std::vector<int64_t>> parallel = evaluateSizes(shapeOf(op.getY().getType()), symbols);
  Result<std::vector<int64_t>> reduce = evaluateSizes(op.getReduce().exprs(), symbols);
  if (!parallel || !reduce)
    return parallel ? reduce.status() : parallel.status();
  Nest nest;
  for (auto [value, map] : llvm::zip(operands, op.getMaps().getAsValueRange<AffineMapAttr>()))
    nest.inputs.push_back({value, map});
  nest.parallel = *parallel;
  nest.reduce = *reduce;
  nest.body = &op.getBody().front();
  nest.yielded = llvm::to_vector(cast<YieldOp>(nest.body->getTerminator()).getValues());
  nest.combiner = op.getCombiner();
  nest.init = op.getInit().value_or(TypedAttr());
  nest.last = op.getLast();
  nest.element = getElementTypeOrSelf(op.getY());
  return runNest(nest, symbols, [&](Value tensor) -> const TensorValue * {
    auto found = known.find(tensor);
    return found == known.end() ? nullptr : &found->second;
  });
}

/// Builds the expansion in a block of its own, whose arguments stand for the operands.
Result<Values> Evaluator::evaluateExpansion(StructuredOpInterface op, ArrayRef<TensorValue> operands) {
  Block block;
  for (auto [operand, value] : llvm::zip(op->getOperands(), operands))
    known[block.addArgument(operand.getType(), op->getLoc())] = value;
  OpBuilder builder(op->getContext());
  builder.setInsertionPointToEnd(&block);
  SmallVector<Value> results = op.buildBody(builder, block.getArguments());
  ++expansions;
  Result<Values> evaluated = evaluateBlock(block);
  --expansions;
  Values values;
  if (evaluated)
    for (Value result : results)
      values.push_back(known[result]);
  for (Operation &made : block)
    for (Value result : made.getResults())
      known.erase(result);
  for (BlockArgument argument : block.getArguments())
    known.erase(argument);
  return evaluated ? Result<Values>(values) : evaluated;
}

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

Result<Values> Evaluator::evaluateLaunch(LaunchOp op, ArrayRef<TensorValue> operands) {
  auto kernel = SymbolTable::lookupNearestSymbolFrom<KernelOp>(op, op.getKernelAttr());
  Result<std::vector<int64_t>> sizes = evaluateSizes(op.getSizes().exprs(), symbols);
  if (!kernel || !sizes)
    return kernel ? sizes.status() : Status(Code::Malformed, "there is no such kernel");
  SymbolValues kernelSymbols;
  for (auto [name, size] : llvm::zip(kernel.getSymbols().getAsValueRange<StringAttr>(), *sizes))
    kernelSymbols[name.str()] = size;
  Evaluator inner(std::move(kernelSymbols), weights);
  return inner.evaluate(cast<FunctionOpInterface>(kernel.getOperation()), operands);
}

Status heddle::reachedFail(FailOp op, const SymbolValues &symbols) {
  const std::vector<Expr> sizes = op.getSizes() ? op.getSizes()->exprs() : std::vector<Expr>();
  std::vector<std::optional<int64_t>> values;
  for (const Expr &size : sizes) {
    Result<int64_t> value = size.evaluate(symbols);
    values.push_back(value ? std::optional(*value) : std::nullopt);
  }
  return Status(Code::Malformed, reachedFailText(op.getMessage().str(), sizes, values));
}

Result<Values> Evaluator::evaluateKnown(Operation *op, ArrayRef<TensorValue> operands) {
  auto single = [](Result<TensorValue> value) -> Result<Values> {
    return value ? Result<Values>(Values{*value}) : value.status();
  };
  if (auto constant = dyn_cast<ConstantOp>(op))
    return single(valueOf(constant.getValue(), weights));
  if (std::optional<Result<TensorValue>> moved = evaluateMovement(op, operands, symbols))
    return single(*moved);
  if (isa<ElementwiseOpInterface>(op))
    return single(evaluateElementwise(op, operands));
  if (auto generic = dyn_cast<GenericOp>(op))
    return single(evaluateGeneric(generic, operands));
  if (auto structured = dyn_cast<StructuredOpInterface>(op))
    return evaluateExpansion(structured, operands);
  if (auto launch = dyn_cast<LaunchOp>(op))
    return evaluateLaunch(launch, operands);
  if (auto call = dyn_cast<HostCallOp>(op))
    return evaluateHostCall(call, operands);
  if (auto choice = dyn_cast<IfOp>(op))
    return evaluateIf(choice, operands);
  if (auto loop = dyn_cast<LoopOp>(op))
    return evaluateLoop(loop, operands);
  if (auto fail = dyn_cast<FailOp>(op))
    return reachedFail(fail, symbols);
  if (auto define = dyn_cast<SetSymbolsOp>(op)) {
    HEDDLE_RETURN_IF_ERROR(setSymbols(define, operands[0]));
    return Values{};
  }
  return Status(Code::Unsupported, "is not evaluated");
}

Result<Values> Evaluator::evaluate(Operation *op, ArrayRef<TensorValue> operands) {
  Result<Values> results = evaluateKnown(op, operands);
  return results ? results : Result<Values>(named(op, expansions > 0, results.status()));
}

Result<Values> Evaluator::operandsOf(Operation *op) const {
  Values operands;
  for (Value operand : op->getOperands()) {
    auto found = known.find(operand);
    if (found == known.end())
      return named(op, expansions > 0, Status(Code::Unsupported, "an operand has no value"));
    operands.push_back(found->second);
  }
  return operands;
}

/// The operands of the terminator; nothing for a block without one.
Result<Values> Evaluator::evaluateBlock(Block &block) {
  for (Operation &op : block) {
    Result<Values> operands = operandsOf(&op);
    if (!operands || op.hasTrait<OpTrait::IsTerminator>())
      return operands;
    Result<Values> results = evaluate(&op, *operands);
    if (!results)
      return results;
    if (observer && expansions == 0)
      HEDDLE_RETURN_IF_ERROR(observer(&op, *operands, *results));
    for (auto [result, value] : llvm::zip(op.getResults(), *results))
      known[result] = value;
  }
  return Values{};
}

Status Evaluator::bindSymbols(TypeRange types, ArrayRef<TensorValue> arguments) {
  for (auto [type, value] : llvm::zip(types, arguments)) {
    Shape shape = shapeOf(type);
    if (dtypeOf(type) != value.type || shape.size() != value.shape.size())
      return Status(Code::Malformed, "an argument differs from the function's in element type or rank");
    for (size_t dim = 0; dim < shape.size(); ++dim) {
      if (std::string_view name = shape[dim].symbolName(); !name.empty())
        symbols.try_emplace(std::string(name), value.shape[dim]);
      Result<int64_t> size = shape[dim].evaluate(symbols);
      if (!size)
        return size.status();
      if (*size != value.shape[dim])
        return Status(Code::Malformed, "an argument has size " + std::to_string(value.shape[dim]) + " in dimension " +
                                           std::to_string(dim) + ", expected " + std::to_string(*size));
    }
  }
  return Status::ok();
}

Result<Values> Evaluator::evaluate(FunctionOpInterface function, ArrayRef<TensorValue> arguments) {
  if (function.getNumArguments() != arguments.size())
    return Status(Code::Malformed, "got " + std::to_string(arguments.size()) + " arguments, expected " +
                                       std::to_string(function.getNumArguments()));
  HEDDLE_RETURN_IF_ERROR(bindSymbols(function.getArgumentTypes(), arguments));
  Block &body = function.getFunctionBody().front();
  for (auto [argument, value] : llvm::zip(body.getArguments(), arguments))
    known[argument] = value;
  return evaluateBlock(body);
}
