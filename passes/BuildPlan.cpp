// heddle-build-plan: a function of launches and host steps becomes a plan of steps over places.
#include "ir/Shapes.h"
#include "ir/StridedView.h"
#include "passes/Passes.h"

namespace heddle {
#define GEN_PASS_DEF_BUILDPLAN
#include "passes/Passes.h.inc"
} // namespace heddle

using namespace mlir;
using namespace heddle;

namespace {
/// Translates one function. `places` maps each value of the function to its place, or to a view of one.
class PlanBuilder {
public:
  explicit PlanBuilder(func::FuncOp function) : function(function), builder(function.getContext()) {}

  PlanOp build();

private:
  void makeInputs();
  void makeOutputs();
  void finishOutputs();
  void translate(Block &block);
  void translate(Operation *op);
  void translate(LaunchOp launch);
  void translate(HostCallOp call);
  void translate(IfOp op);
  void translate(LoopOp op);
  void branch(Block &from, Region &to, ValueRange results, Region *skipped = nullptr);
  /// A slot of a value that a loop carries, of a size that the run gives if that is not the one it starts with.
  Value carriedPlace(Type type, Type initial, Location loc) {
    return makePlace(type == initial ? PlaceKindAttrValue::Arena : PlaceKindAttrValue::Runtime,
                     cast<RankedTensorType>(type), loc);
  }
  void defineDimensions(Value place, RankedTensorType type, ArrayAttr defines);

  Value placeOf(Value value);
  Value makePlace(PlaceKindAttrValue kind, RankedTensorType type, Location loc, int64_t index = 0, StringAttr name = {},
                  TypedAttr value = {});
  Value arena(Type type, Location loc) {
    return makePlace(PlaceKindAttrValue::Arena, cast<RankedTensorType>(type), loc);
  }
  Value resultPlace(Value value, bool isRuntime);
  Value viewAs(Value place, Type type, Location loc);
  void copy(Value from, Value to, Location loc);
  void claim(Value leaving, Value place, Block &block);
  void claimParts(ConcatOp concat);
  bool sizesKnownWith(Value root, Type type);
  void beginEpochBehind(mlir::Region &region, Location loc);

  func::FuncOp function;
  OpBuilder builder;
  Block *placesBlock = nullptr;
  PlaceOp lastPlace; ///< Places come before all steps.
  IRMapping places;
  /// Values that a step writes straight into a place where they leave a region.
  DenseMap<Value, Value> claimed;
  SmallVector<Value> outputs;
  int64_t epochs = 0; ///< Symbols that only begin an epoch.
};
} // namespace

Value PlanBuilder::makePlace(PlaceKindAttrValue kind, RankedTensorType type, Location loc, int64_t index,
                             StringAttr name, TypedAttr value) {
  OpBuilder::InsertionGuard guard(builder);
  if (lastPlace)
    builder.setInsertionPointAfter(lastPlace);
  else
    builder.setInsertionPointToStart(placesBlock);
  StringAttr bytes;
  DenseI64ArrayAttr interval;
  if (kind == PlaceKindAttrValue::Arena) {
    Expr size = elementCount(shapeOf(type)) * byteWidth(*dtypeOf(type));
    bytes = builder.getStringAttr(size.str());
    interval = builder.getDenseI64ArrayAttr({0, 0});
  }
  lastPlace = PlaceOp::create(builder, loc, type, kind, index, name, value, bytes, interval, /*epoch=*/0);
  return lastPlace.getY();
}

Value PlanBuilder::viewAs(Value place, Type type, Location loc) {
  if (place.getType() == type)
    return place;
  return ViewOp::create(builder, loc, type, place);
}

/// The place that holds `value`; constants get theirs at their first use.
Value PlanBuilder::placeOf(Value value) {
  if (Value place = places.lookupOrNull(value))
    return place;
  auto constant = value.getDefiningOp<ConstantOp>();
  assert(constant && "every value but a constant has got its place from the step that makes it");
  Value place = makePlace(PlaceKindAttrValue::Weight, cast<RankedTensorType>(value.getType()), value.getLoc(), 0, {},
                          constant.getValue());
  places.map(value, place);
  return place;
}

/// The place that the step making `value` shall write.
Value PlanBuilder::resultPlace(Value value, bool isRuntime) {
  auto type = cast<RankedTensorType>(value.getType());
  if (Value place = claimed.lookup(value); place && !isRuntime)
    return viewAs(place, type, value.getLoc());
  return isRuntime ? makePlace(PlaceKindAttrValue::Runtime, type, value.getLoc()) : arena(type, value.getLoc());
}

void PlanBuilder::copy(Value from, Value to, Location loc) {
  HostRunOp::create(builder, loc, "identity", 1, builder.getDictionaryAttr({}), from, to);
}

/// Lets the step that makes `leaving`, through reshapes, write `place`, if that step is in `block` and nothing else
/// claims it.
void PlanBuilder::claim(Value leaving, Value place, Block &block) {
  Value root = leaving;
  while (auto reshape = root.getDefiningOp<ReshapeOp>())
    root = reshape.getX();
  Operation *maker = root.getDefiningOp();
  bool isMade = maker && maker->getBlock() == &block && isa<LaunchOp, ConcatOp>(maker);
  if (isMade && sizesKnownWith(root, leaving.getType()))
    claimed.try_emplace(root, place);
}

/// Lets the steps that make the parts of a concatenation write them where it lies.
void PlanBuilder::claimParts(ConcatOp concat) {
  Value whole = claimed.lookup(concat.getY());
  if (!whole)
    whole = claimed[concat.getY()] = arena(concat.getType(), concat.getLoc());
  Shape shape = shapeOf(concat.getType());
  Value base = whole;
  Expr offset(0);
  std::vector<Expr> strides = denseStrides(shape);
  // The whole may itself be a part of another concatenation.
  if (auto part = whole.getDefiningOp<PartOp>()) {
    base = part.getX();
    offset = *Expr::parse(part.getOffset());
    strides = part.getStrides().exprs();
  }
  auto axis = static_cast<size_t>(concat.getAxis());
  for (Value part : concat.getParts()) {
    Shape own = shapeOf(part.getType());
    Value root = part;
    while (auto reshape = root.getDefiningOp<ReshapeOp>())
      root = reshape.getX();
    std::optional<std::vector<Expr>> made = partStrides(own, strides, shapeOf(root.getType()));
    assert(made && "heddle-place-parts leaves only parts that their makers can write in place");
    claimed[root] = PartOp::create(builder, part.getLoc(), root.getType(), base, offset.str(),
                                   DimsAttr::get(builder.getContext(), *made));
    offset = offset + own[axis] * strides[axis];
  }
}

/// True if every symbol of `type` is known when `root` is made: it occurs in the root's own type or in an input's. A
/// reshape may give sizes that a later step defines.
bool PlanBuilder::sizesKnownWith(Value root, Type type) {
  std::set<std::string> known, used;
  auto collect = [](Type tensor, std::set<std::string> &symbols) {
    for (const Expr &size : shapeOf(tensor))
      size.collectSymbols(symbols);
  };
  collect(root.getType(), known);
  for (Type input : function.getArgumentTypes())
    collect(input, known);
  collect(type, used);
  return llvm::all_of(used, [&](const std::string &symbol) { return known.count(symbol); });
}

/// Begins an epoch behind a region that may not have run: the epochs of the symbols in it count as begun only where
/// they did.
void PlanBuilder::beginEpochBehind(mlir::Region &region, Location loc) {
  bool defines = region.walk([](DefineSymbolOp) { return WalkResult::interrupt(); }).wasInterrupted();
  if (defines)
    DefineSymbolOp::create(builder, loc, "epoch." + std::to_string(epochs++), SymbolSource::Value, 0, "0", Value());
}

void PlanBuilder::makeInputs() {
  for (BlockArgument argument : function.getArguments()) {
    int64_t index = argument.getArgNumber();
    auto name = function.getArgAttrOfType<StringAttr>(index, "heddle.name");
    places.map(argument,
               makePlace(PlaceKindAttrValue::Input, cast<RankedTensorType>(argument.getType()), argument.getLoc(),
                         index, name ? name : builder.getStringAttr("input" + std::to_string(index))));
  }
}

void PlanBuilder::makeOutputs() {
  Operation *terminator = function.getBody().front().getTerminator();
  for (auto [index, value] : llvm::enumerate(terminator->getOperands())) {
    auto name = function.getResultAttrOfType<StringAttr>(index, "heddle.name");
    outputs.push_back(makePlace(PlaceKindAttrValue::Output, cast<RankedTensorType>(value.getType()),
                                terminator->getLoc(), index,
                                name ? name : builder.getStringAttr("output" + std::to_string(index))));
    claim(value, outputs.back(), function.getBody().front());
  }
}

/// Copies the outputs that no step has written.
void PlanBuilder::finishOutputs() {
  Operation *terminator = function.getBody().front().getTerminator();
  for (auto [value, output] : llvm::zip(terminator->getOperands(), outputs)) {
    Value place = placeOf(value);
    while (isa<ViewOp, PartOp>(place.getDefiningOp()))
      place = place.getDefiningOp()->getOperand(0);
    if (place != output)
      copy(viewAs(placeOf(value), value.getType(), value.getLoc()), output, terminator->getLoc());
  }
}

PlanOp PlanBuilder::build() {
  auto guards = function->getAttrOfType<DimsAttr>("heddle.guards");
  if (!guards)
    guards = DimsAttr::get(function.getContext(), Shape());
  builder.setInsertionPoint(function);
  auto plan = PlanOp::create(builder, function.getLoc(), function.getName(), guards);
  placesBlock = builder.createBlock(&plan.getBody());
  makeInputs();
  makeOutputs();
  builder.setInsertionPointToEnd(placesBlock);
  translate(function.getBody().front());
  finishOutputs();
  return plan;
}

void PlanBuilder::translate(Block &block) {
  // The last first: it may have another one as a part.
  for (Operation &op : llvm::reverse(block))
    if (auto concat = dyn_cast<ConcatOp>(op))
      claimParts(concat);
  for (Operation &op : block)
    translate(&op);
}

void PlanBuilder::translate(Operation *op) {
  llvm::TypeSwitch<Operation *>(op)
      .Case<LaunchOp, HostCallOp, IfOp, LoopOp>([&](auto step) { translate(step); })
      .Case<ReshapeOp>([&](ReshapeOp reshape) {
        places.map(reshape.getY(), viewAs(placeOf(reshape.getX()), reshape.getY().getType(), reshape.getLoc()));
      })
      .Case<ConcatOp>([&](ConcatOp concat) { places.map(concat.getY(), resultPlace(concat.getY(), false)); })
      .Case<SliceOp>([&](SliceOp slice) {
        Shape shape = shapeOf(slice.getType());
        places.map(slice.getY(),
                   PartOp::create(builder, slice.getLoc(), slice.getType(), placeOf(slice.getX()),
                                  firstElement(slice).str(), DimsAttr::get(builder.getContext(), denseStrides(shape))));
      })
      .Case<SetSymbolsOp>([&](SetSymbolsOp set) {
        for (auto [index, name] : llvm::enumerate(set.getSymbols().getAsRange<StringAttr>()))
          if (!name.empty())
            DefineSymbolOp::create(builder, set.getLoc(), name, SymbolSource::Element, index, "0", placeOf(set.getX()));
      })
      .Case<FailOp>([&](FailOp fail) { builder.clone(*fail); })
      .Case<ConstantOp, func::ReturnOp, ResultOp>([](auto) {})
      .Default([](Operation *) { llvm_unreachable("heddle-verify-kernels lets no other op through"); });
}

void PlanBuilder::translate(LaunchOp launch) {
  SmallVector<Value> inputs, outs;
  for (Value input : launch.getInputs())
    inputs.push_back(placeOf(input));
  for (Value output : launch.getOutputs()) {
    outs.push_back(resultPlace(output, /*isRuntime=*/false));
    places.map(output, outs.back());
  }
  RunOp::create(builder, launch.getLoc(), launch.getKernelAttr(), launch.getSizesAttr(), inputs, outs);
}

/// Defines the symbols of `defines` that are dimensions of a runtime place.
void PlanBuilder::defineDimensions(Value place, RankedTensorType type, ArrayAttr defines) {
  SmallPtrSet<Attribute, 4> open(defines.begin(), defines.end());
  for (auto [dim, size] : llvm::enumerate(shapeOf(type))) {
    auto name = builder.getStringAttr(size.symbolName());
    if (open.erase(name))
      DefineSymbolOp::create(builder, place.getLoc(), name, SymbolSource::Dimension, dim, "0", place);
  }
}

void PlanBuilder::translate(HostCallOp call) {
  bool isRuntime = !call.getDefines().empty();
  SmallVector<Value> inputs, outs;
  for (Value input : call.getInputs())
    inputs.push_back(placeOf(input));
  for (Value output : call.getOutputs()) {
    outs.push_back(resultPlace(output, isRuntime));
    places.map(output, outs.back());
  }
  HostRunOp::create(builder, call.getLoc(), call.getFunctionAttr(), call.getVersionAttr(), call.getAttrsAttr(), inputs,
                    outs);
  for (Value output : call.getOutputs())
    defineDimensions(places.lookup(output), cast<RankedTensorType>(output.getType()), call.getDefines());
}

/// Translates a branch or body whose values end up in `results`; `skipped` is the branch that does not run where this
/// one does, if it came first. A body begins with the sizes of the values that it carries.
void PlanBuilder::branch(Block &from, Region &to, ValueRange results, Region *skipped) {
  OpBuilder::InsertionGuard guard(builder);
  builder.createBlock(&to);
  if (skipped)
    beginEpochBehind(*skipped, from.getParentOp()->getLoc());
  if (auto loop = dyn_cast<LoopOp>(from.getParentOp()))
    for (BlockArgument argument : from.getArguments().drop_front(2))
      defineDimensions(placeOf(argument), cast<RankedTensorType>(argument.getType()), loop.getDefines());
  auto result = cast<ResultOp>(from.getTerminator());
  for (auto [value, place] : llvm::zip(result.getValues(), results))
    if (place.getDefiningOp<PlaceOp>().getKind() != PlaceKindAttrValue::Runtime)
      claim(value, place, from);
  translate(from);
  for (auto [value, place] : llvm::zip(result.getValues(), results)) {
    Value made = placeOf(value), root = made;
    while (isa<ViewOp, PartOp>(root.getDefiningOp()))
      root = root.getDefiningOp()->getOperand(0);
    if (root != place)
      copy(made, place, result.getLoc());
  }
}

void PlanBuilder::translate(IfOp op) {
  bool isRuntime = !op.getDefines().empty();
  SmallVector<Value> results;
  for (Value output : op.getOutputs()) {
    results.push_back(
        isRuntime ? makePlace(PlaceKindAttrValue::Runtime, cast<RankedTensorType>(output.getType()), op.getLoc())
                  : arena(output.getType(), op.getLoc()));
    places.map(output, results.back());
  }
  auto step = BranchOp::create(builder, op.getLoc(), placeOf(op.getCondition()));
  branch(op.getThenRegion().front(), step.getThenRegion(), results);
  branch(op.getElseRegion().front(), step.getElseRegion(), results, &step.getThenRegion());
  beginEpochBehind(step->getRegion(0), op.getLoc());
  beginEpochBehind(step->getRegion(1), op.getLoc());
  for (Value output : op.getOutputs())
    defineDimensions(places.lookup(output), cast<RankedTensorType>(output.getType()), op.getDefines());
}

void PlanBuilder::translate(LoopOp op) {
  Location loc = op.getLoc();
  Block &body = op.getBody().front();
  size_t carried = op.getInitial().size();
  auto result = cast<ResultOp>(body.getTerminator());
  SmallVector<Value> initial, current, next, finals, elements, stacked;
  Value iteration = arena(body.getArgument(0).getType(), loc),
        nextCondition = arena(body.getArgument(1).getType(), loc);
  places.map(body.getArgument(0), iteration);
  places.map(body.getArgument(1), placeOf(op.getCondition()));
  for (size_t index = 0; index < carried; ++index) {
    Type type = op.getInitial()[index].getType(), inBody = body.getArgument(2 + index).getType();
    initial.push_back(placeOf(op.getInitial()[index]));
    current.push_back(carriedPlace(inBody, type, loc));
    next.push_back(carriedPlace(inBody, type, loc));
    finals.push_back(carriedPlace(op.getOutputs()[index].getType(), type, loc));
    places.map(body.getArgument(2 + index), current.back());
    places.map(op.getOutputs()[index], finals.back());
  }
  for (auto [index, value] : llvm::enumerate(result.getValues().drop_front(1 + carried))) {
    Value output = op.getOutputs()[carried + index];
    // Sizes that the body computes are symbols of its own, which the result does not share.
    bool isComputed = ArrayRef(shapeOf(output.getType())).drop_front() != ArrayRef(shapeOf(value.getType()));
    elements.push_back(makePlace(isComputed ? PlaceKindAttrValue::Runtime : PlaceKindAttrValue::Arena,
                                 cast<RankedTensorType>(value.getType()), loc));
    stacked.push_back(makePlace(PlaceKindAttrValue::Runtime, cast<RankedTensorType>(output.getType()), loc));
    places.map(output, stacked.back());
  }
  auto step = RepeatOp::create(builder, loc, placeOf(op.getTripCount()), placeOf(op.getCondition()), iteration,
                               nextCondition, initial, current, next, finals, elements, stacked);
  SmallVector<Value> ends = {nextCondition};
  ends.append(next);
  ends.append(elements);
  branch(body, step.getBody(), ends);
  beginEpochBehind(step.getBody(), loc);
  for (Value output : op.getOutputs())
    defineDimensions(places.lookup(output), cast<RankedTensorType>(output.getType()), op.getDefines());
}

namespace {
struct BuildPlan final : heddle::impl::BuildPlanBase<BuildPlan> {
  void runOnOperation() override {
    for (auto function : llvm::make_early_inc_range(getOperation().getOps<func::FuncOp>())) {
      PlanBuilder(function).build();
      function.erase();
    }
  }
};
} // namespace
