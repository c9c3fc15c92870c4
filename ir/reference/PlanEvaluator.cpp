// Implements evaluating plans.
#include "ir/reference/PlanEvaluator.h"
#include "ir/Shapes.h"
#include "ir/reference/HostSteps.h"
#include "ir/reference/Movement.h"
#include "runtime/format/StridedCopy.h"
#include "runtime/format/View.h"

using namespace mlir;
using namespace heddle;

using Values = std::vector<TensorValue>;

/// The place that a value is, or is a view or a part of.
static PlaceOp placeOf(Value value) {
  while (isa<ViewOp, PartOp>(value.getDefiningOp()))
    value = value.getDefiningOp()->getOperand(0);
  return value.getDefiningOp<PlaceOp>();
}

//===----------------------------------------------------------------------===//
// Places
//===----------------------------------------------------------------------===//

Status PlanEvaluator::checkInterval(Operation *step, PlaceOp place) const {
  std::optional<ArrayRef<int64_t>> interval = place.getInterval();
  // Empty until heddle-plan-memory has run.
  if (place.getKind() != PlaceKindAttrValue::Arena || !interval || (*interval)[1] <= (*interval)[0])
    return Status::ok();
  int64_t position = order.positionOf(step);
  if ((*interval)[0] <= position && position < (*interval)[1])
    return Status::ok();
  return Status(Code::Malformed, "a place that lives during [" + std::to_string((*interval)[0]) + ", " +
                                     std::to_string((*interval)[1]) + ") is used at " + std::to_string(position));
}

/// Where the elements of a value of `shape` lie among the `count` of its place; nullopt for one that is all of it.
Result<std::optional<PlanEvaluator::Part>> PlanEvaluator::partOf(Value value, const std::vector<int64_t> &shape,
                                                                 int64_t count) const {
  std::optional<Part> result;
  for (Operation *op = value.getDefiningOp(); !isa<PlaceOp>(op); op = op->getOperand(0).getDefiningOp()) {
    auto part = dyn_cast<PartOp>(op);
    if (!part)
      continue;
    if (!result)
      result = Part{0, rowMajorStrides(shape)};
    Result<int64_t> offset = Expr::parse(part.getOffset())->evaluate(symbols);
    Result<std::vector<int64_t>> strides = evaluateSizes(part.getStrides().exprs(), symbols);
    for (const Status &status : {offset.status(), strides.status()})
      HEDDLE_RETURN_IF_ERROR(status);
    result->first += *offset;
    // Only a part that the step itself sees may have gaps.
    if (value == part.getY())
      result->strides = std::move(*strides);
  }
  if (!result || llvm::is_contained(shape, 0))
    return result;
  int64_t last = result->first;
  for (size_t dim = 0; dim < shape.size(); ++dim)
    last += (shape[dim] - 1) * result->strides[dim];
  if (result->first < 0 || last >= count)
    return Status(Code::Malformed,
                  "a part has elements up to " + std::to_string(last) + " of a place of " + std::to_string(count));
  return result;
}

Result<TensorValue> PlanEvaluator::read(Operation *step, Value value) {
  PlaceOp place = placeOf(value);
  HEDDLE_RETURN_IF_ERROR(checkInterval(step, place));
  auto found = places.find(place);
  if (found == places.end())
    return Status(Code::Malformed, "a place is read before a step has written it");
  TensorValue content = found->second;
  // Symbols may still hold the sizes of an earlier iteration.
  if (place.getKind() == PlaceKindAttrValue::Runtime && value == place.getY())
    return content;
  Result<std::vector<int64_t>> shape = evaluateSizes(shapeOf(value.getType()), symbols);
  // Only the step that fills a runtime place knows its shape.
  if (!shape)
    return place.getKind() == PlaceKindAttrValue::Runtime ? Result<TensorValue>(content) : shape.status();
  Result<int64_t> count = checkedCount(*shape);
  Result<std::optional<Part>> part = partOf(value, *shape, content.elementCount());
  HEDDLE_RETURN_IF_ERROR(part.status());
  if (count && *part) {
    std::vector<std::byte> bytes(size_t(*count * byteWidth(content.type)));
    if (!bytes.empty())
      stridedCopy(bytes.data(), rowMajorStrides(*shape), content.element((*part)->first), (*part)->strides, *shape,
                  byteWidth(content.type));
    return TensorValue::of(content.type, std::move(*shape), std::move(bytes));
  }
  if (!count || *count != content.elementCount())
    return Status(Code::Unsupported, "a view of a part of a place is not evaluated");
  content.shape = std::move(*shape);
  return content;
}

Result<Values> PlanEvaluator::read(Operation *step, ValueRange values) {
  Values contents;
  for (Value value : values) {
    Result<TensorValue> content = read(step, value);
    if (!content)
      return content.status();
    contents.push_back(std::move(*content));
  }
  return contents;
}

Status PlanEvaluator::write(Operation *step, Value target, TensorValue value) {
  PlaceOp place = placeOf(target);
  if (place.getKind() == PlaceKindAttrValue::Input || place.getKind() == PlaceKindAttrValue::Weight)
    return Status(Code::Malformed, "an input or weight is written");
  HEDDLE_RETURN_IF_ERROR(checkInterval(step, place));
  if (dtypeOf(target.getType()) != value.type)
    return Status(Code::Malformed, "a place gets elements of another type");
  if (!target.getDefiningOp<PartOp>()) {
    places[place] = std::move(value);
    return Status::ok();
  }
  return writePart(place, target, value);
}

/// What else is in the place stays; at first it holds zeros.
Status PlanEvaluator::writePart(PlaceOp place, Value target, const TensorValue &value) {
  Result<std::vector<int64_t>> shape = evaluateSizes(shapeOf(place.getType()), symbols);
  Result<int64_t> count = shape ? checkedCount(*shape) : shape.status();
  HEDDLE_RETURN_IF_ERROR(count.status());
  Result<std::optional<Part>> part = partOf(target, value.shape, *count);
  HEDDLE_RETURN_IF_ERROR(part.status());
  int64_t width = byteWidth(value.type);
  std::vector<std::byte> bytes(size_t(*count * width));
  if (auto found = places.find(place); found != places.end() && found->second.bytes.size() == bytes.size())
    llvm::copy(found->second.bytes, bytes.begin());
  if (value.elementCount() > 0)
    stridedCopy(bytes.data() + (*part)->first * width, (*part)->strides, value.bytes.data(),
                rowMajorStrides(value.shape), value.shape, width);
  places[place] = TensorValue::of(value.type, std::move(*shape), std::move(bytes));
  return Status::ok();
}

Status PlanEvaluator::write(Operation *step, ValueRange targets, ArrayRef<TensorValue> values) {
  for (auto [target, value] : llvm::zip(targets, values))
    HEDDLE_RETURN_IF_ERROR(write(step, target, value));
  return observer ? observer(step, {}, values) : Status::ok();
}

//===----------------------------------------------------------------------===//
// Steps
//===----------------------------------------------------------------------===//

Status PlanEvaluator::step(RunOp run) {
  auto kernel = SymbolTable::lookupNearestSymbolFrom<KernelOp>(plan->getParentOp(), run.getKernelAttr());
  Result<std::vector<int64_t>> sizes = evaluateSizes(run.getSizes().exprs(), symbols);
  Result<Values> operands = read(run, run.getInputs());
  if (!kernel)
    return Status(Code::Malformed, "there is no such kernel");
  HEDDLE_RETURN_IF_ERROR(sizes.status());
  HEDDLE_RETURN_IF_ERROR(operands.status());
  SymbolValues kernelSymbols;
  for (auto [name, size] : llvm::zip(kernel.getSymbols().getAsValueRange<StringAttr>(), *sizes))
    kernelSymbols[name.str()] = size;
  Evaluator evaluator(std::move(kernelSymbols), weights);
  Result<Values> results = evaluator.evaluate(cast<FunctionOpInterface>(kernel.getOperation()), *operands);
  return results ? write(run, run.getOutputs(), *results) : results.status();
}

Status PlanEvaluator::step(HostRunOp run) {
  Result<Values> operands = read(run, run.getInputs());
  HEDDLE_RETURN_IF_ERROR(operands.status());
  Result<Values> results =
      callHostFunction(run.getFunction(), run.getVersion(), run.getAttrs(), *operands, run.getOutputs().getTypes());
  return results ? write(run, run.getOutputs(), *results) : results.status();
}

Status PlanEvaluator::step(DefineSymbolOp define) {
  int64_t &symbol = symbols[define.getSymbol().str()];
  auto index = static_cast<int64_t>(define.getIndex());
  if (define.getSource() == SymbolSource::Value) {
    Result<Expr> value = Expr::parse(define.getValue());
    Result<int64_t> number = value ? value->evaluate(symbols) : value.status();
    symbol = number ? *number : 0;
    return number.status();
  }
  Result<TensorValue> x = read(define, define.getX());
  HEDDLE_RETURN_IF_ERROR(x.status());
  bool isElement = define.getSource() == SymbolSource::Element;
  if (index >= (isElement ? x->elementCount() : static_cast<int64_t>(x->shape.size())))
    return Status(Code::Malformed, "symbol '" + define.getSymbol().str() + "' is read behind the end of a tensor");
  symbol = isElement ? integerElement(*x, index) : x->shape[index];
  return Status::ok();
}

Status PlanEvaluator::step(RepeatOp repeat) {
  Result<TensorValue> trips = read(repeat, repeat.getTripCount()), condition = read(repeat, repeat.getCondition());
  Result<Values> initial = read(repeat, repeat.getInitial());
  for (const Status &status : {trips.status(), condition.status(), initial.status()})
    HEDDLE_RETURN_IF_ERROR(status);
  for (auto [slot, value] : llvm::zip(repeat.getCurrent(), *initial))
    HEDDLE_RETURN_IF_ERROR(write(repeat, slot, value));
  std::vector<Values> stacks(repeat.getElements().size());
  for (int64_t iteration = 0; iteration < integerElement(*trips, 0) && integerElement(*condition, 0); ++iteration) {
    HEDDLE_RETURN_IF_ERROR(write(repeat, repeat.getIteration(), integerScalar(iteration)));
    HEDDLE_RETURN_IF_ERROR(runBlock(repeat.getBody().front()));
    condition = read(repeat, repeat.getNextCondition());
    Result<Values> next = read(repeat, repeat.getNext()), elements = read(repeat, repeat.getElements());
    for (const Status &status : {condition.status(), next.status(), elements.status()})
      HEDDLE_RETURN_IF_ERROR(status);
    for (auto [slot, value] : llvm::zip(repeat.getCurrent(), *next))
      HEDDLE_RETURN_IF_ERROR(write(repeat, slot, value));
    for (auto [stack, element] : llvm::zip(stacks, *elements))
      stack.push_back(element);
  }
  return finishLoop(repeat, stacks);
}

Status PlanEvaluator::finishLoop(RepeatOp repeat, ArrayRef<Values> stacks) {
  Result<Values> current = read(repeat, repeat.getCurrent());
  HEDDLE_RETURN_IF_ERROR(current.status());
  for (auto [final, value] : llvm::zip(repeat.getFinals(), *current))
    HEDDLE_RETURN_IF_ERROR(write(repeat, final, value));
  for (auto [target, stack] : llvm::zip(repeat.getStacked(), stacks)) {
    Result<TensorValue> stacked = stackOf(stack, target.getType(), symbols);
    HEDDLE_RETURN_IF_ERROR(stacked.status());
    HEDDLE_RETURN_IF_ERROR(write(repeat, target, *stacked));
  }
  return Status::ok();
}

Status PlanEvaluator::runStep(Operation *op) {
  if (auto branch = dyn_cast<BranchOp>(op)) {
    Result<TensorValue> condition = read(op, branch.getCondition());
    HEDDLE_RETURN_IF_ERROR(condition.status());
    bool isTaken = integerElement(*condition, 0) != 0;
    return runBlock((isTaken ? branch.getThenRegion() : branch.getElseRegion()).front());
  }
  return llvm::TypeSwitch<Operation *, Status>(op)
      .Case<RunOp, HostRunOp, DefineSymbolOp, RepeatOp>([&](auto typed) { return step(typed); })
      .Case<FailOp>([&](FailOp fail) { return reachedFail(fail, symbols); })
      .Case<PlaceOp, ViewOp, PartOp>([](auto) { return Status::ok(); })
      .Default([](Operation *) { return Status(Code::Unsupported, "is not evaluated"); });
}

Status PlanEvaluator::runBlock(Block &block) {
  for (Operation &op : block)
    if (Status status = runStep(&op); !status)
      return Status(status.code(), op.getName().getStringRef().str() + ": " + status.message());
  return Status::ok();
}

Status PlanEvaluator::bindInputs(ArrayRef<TensorValue> inputs) {
  for (auto place : plan.getBody().front().getOps<PlaceOp>()) {
    if (place.getKind() == PlaceKindAttrValue::Weight) {
      Result<TensorValue> value = valueOf(*place.getValue(), weights);
      HEDDLE_RETURN_IF_ERROR(value.status());
      places[place] = std::move(*value);
    }
    if (place.getKind() != PlaceKindAttrValue::Input)
      continue;
    if (static_cast<size_t>(place.getIndex()) >= inputs.size())
      return Status(Code::Malformed, "input " + std::to_string(place.getIndex()) + " is not given");
    const TensorValue &input = inputs[place.getIndex()];
    places[place] = input;
    Shape shape = shapeOf(place.getType());
    for (size_t dim = 0; dim < std::min(shape.size(), input.shape.size()); ++dim)
      if (std::string_view name = shape[dim].symbolName(); !name.empty())
        symbols.try_emplace(std::string(name), input.shape[dim]);
  }
  return Status::ok();
}

Result<Values> PlanEvaluator::evaluate(ArrayRef<TensorValue> inputs) {
  HEDDLE_RETURN_IF_ERROR(bindInputs(inputs));
  HEDDLE_RETURN_IF_ERROR(runBlock(plan.getBody().front()));
  Values outputs;
  for (auto place : plan.getBody().front().getOps<PlaceOp>()) {
    if (place.getKind() != PlaceKindAttrValue::Output)
      continue;
    auto found = places.find(place);
    if (found == places.end())
      return Status(Code::Malformed, "output " + std::to_string(place.getIndex()) + " is never written");
    outputs.resize(std::max<size_t>(outputs.size(), place.getIndex() + 1));
    outputs[place.getIndex()] = found->second;
    if (Result<std::vector<int64_t>> shape = evaluateSizes(shapeOf(place.getType()), symbols))
      outputs[place.getIndex()].shape = std::move(*shape);
  }
  return outputs;
}
