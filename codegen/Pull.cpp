// Pulling: arguments, elementwise ops and generics.
#include "codegen/Pull.h"
#include "ir/Scalars.h"
#include "ir/Shapes.h"

using namespace mlir;
using namespace heddle;

/// A value in a scalar body: known as an index, as a value of the back end, or both; and the loop variables it depends
/// on.
struct Pull::Scalar {
  std::optional<Index> index;
  PullValue value;
  std::vector<int> variables;
};

static void addVariables(std::vector<int> &variables, ArrayRef<int> more) {
  variables.insert(variables.end(), more.begin(), more.end());
  llvm::sort(variables);
  variables.erase(std::unique(variables.begin(), variables.end()), variables.end());
}

static std::vector<int> variablesOf(ArrayRef<Index> indices) {
  std::vector<int> variables;
  for (const Index &index : indices)
    addVariables(variables, index.variables());
  return variables;
}

/// One evaluation of a scalar body.
struct Pull::Frame {
  explicit Frame(ArrayRef<Index> point) : point(point) {}

  ArrayRef<Index> point;
  llvm::DenseMap<Value, Scalar> scalars;
};

std::optional<PullValue> Pull::lookUp(Value value, ArrayRef<Index> indices) const {
  Key key{value.getAsOpaquePointer(), indices.vec()};
  for (const auto &scope : llvm::reverse(memo))
    if (auto found = scope.find(key); found != scope.end())
      return found->second;
  return std::nullopt;
}

void Pull::define(Value value, ArrayRef<Index> indices, PullValue result) {
  memo.back()[Key{value.getAsOpaquePointer(), indices.vec()}] = result;
}

PullValue Pull::pull(Value value, ArrayRef<Index> indices) {
  if (std::optional<PullValue> known = lookUp(value, indices))
    return *known;
  PullValue result = compute(value, indices);
  define(value, indices, result);
  return result;
}

PullValue Pull::compute(Value value, ArrayRef<Index> indices) {
  if (auto argument = dyn_cast<BlockArgument>(value))
    return backend.load(argument.getArgNumber(), indices);
  Operation *op = value.getDefiningOp();
  Shape shape = shapeOf(value.getType());
  return TypeSwitch<Operation *, PullValue>(op)
      .Case([&](GenericOp generic) { return backend.finish(op, pullGeneric(generic, indices)); })
      .Case([&](ElementwiseOpInterface) { return backend.finish(op, pullElementwise(op, indices)); })
      .Case([&](ConstantOp constant) { return pullConstant(constant, indices); })
      .Case([&](SizesOp sizes) { return pullSizes(sizes, indices); })
      .Case([&](ReshapeOp reshape) {
        return pull(reshape.getX(), reshapeIndices(indices, shapeOf(reshape.getX().getType()), shape));
      })
      .Case([&](TransposeOp transpose) {
        std::vector<Index> place(indices.size());
        for (auto [dim, from] : llvm::enumerate(transpose.getPerm()))
          place[from] = indices[dim];
        return pull(transpose.getX(), place);
      })
      .Case([&](BroadcastOp broadcast) {
        return pull(broadcast.getX(), broadcastIndices(indices, shapeOf(broadcast.getX().getType())));
      })
      .Case([&](SliceOp slice) { return pullSlice(slice, indices); })
      .Case([&](ConcatOp concat) { return pullConcat(concat, indices, {0, concat.getParts().size(), Expr(0)}); })
      .Case([&](PadOp pad) { return pullPad(pad, indices); })
      .Default([](Operation *) -> PullValue { llvm_unreachable("checkPullable refuses ops that cannot be pulled"); });
}

Block &Pull::scalarBody(Operation *op) {
  std::unique_ptr<Block> &block = bodies[op];
  if (block)
    return *block;
  block = std::make_unique<Block>();
  for (Value operand : op->getOperands())
    block->addArgument(computeType(getElementTypeOrSelf(operand)), op->getLoc());
  OpBuilder builder(op->getContext());
  builder.setInsertionPointToEnd(block.get());
  // The operands decide the signedness: a comparison of unsigned integers has a bool result.
  Value typed = isa<WhereOp>(op) ? op->getOperand(1) : op->getOperand(0);
  Scalars scalars(builder, op->getLoc(), getElementTypeOrSelf(typed));
  Value result = cast<ElementwiseOpInterface>(op).buildScalar(scalars, block->getArguments());
  YieldOp::create(builder, op->getLoc(), ValueRange(result));
  return *block;
}

PullValue Pull::pullElementwise(Operation *op, ArrayRef<Index> indices) {
  Block &body = scalarBody(op);
  Frame frame(indices);
  for (auto [argument, operand] : llvm::zip(body.getArguments(), op->getOperands()))
    frame.scalars[argument].value = pull(operand, broadcastIndices(indices, shapeOf(operand.getType())));
  return materialize(body.getTerminator()->getOperand(0), frame);
}

SmallVector<PullValue> Pull::pullBody(GenericOp op, ArrayRef<Index> point) {
  Block &body = op.getBody().front();
  Frame frame(point);
  for (auto [argument, operand, map] : llvm::zip(body.getArguments(), op.getInputs(), op.getMaps())) {
    if (argument.use_empty())
      continue;
    std::vector<Index> place = applyMap(cast<AffineMapAttr>(map).getValue(), point);
    frame.scalars[argument] = {std::nullopt, pull(operand, place), variablesOf(place)};
  }
  SmallVector<PullValue> results;
  for (Value yielded : body.getTerminator()->getOperands())
    results.push_back(materialize(yielded, frame));
  return results;
}

PullReduction Pull::reductionOf(GenericOp op, ArrayRef<Index> place) {
  Type element = getElementTypeOrSelf(op.getY());
  bool isUnsigned = element.isUnsignedInteger() || element.isInteger(1);
  return {op, place.vec(), op.getReduce().exprs(), computeType(element), isUnsigned};
}

PullValue Pull::pullGeneric(GenericOp op, ArrayRef<Index> indices) {
  if (op.getReduce().size() == 0)
    return pullBody(op, indices).front();
  return backend.reduce(reductionOf(op, indices), [&](ArrayRef<Index> reduced) {
    Scope scope(*this);
    SmallVector<Index> point(indices);
    point.append(reduced.begin(), reduced.end());
    return pullBody(op, point);
  });
}

/// Index arithmetic stays symbolic, so that an access at a computed coordinate keeps its slope.
std::optional<Index> Pull::foldIndex(Operation *op, Frame &frame) {
  if (auto coordinate = dyn_cast<CoordinateOp>(op))
    return frame.point[coordinate.getDim()];
  if (op->getNumResults() != 1 || !op->getResult(0).getType().isInteger(64))
    return std::nullopt;
  if (auto constant = dyn_cast<arith::ConstantOp>(op))
    return Index(cast<IntegerAttr>(constant.getValue()).getInt());
  if (!isa<arith::AddIOp, arith::SubIOp, arith::MulIOp>(op))
    return std::nullopt;
  std::optional<Index> a = scalar(op->getOperand(0), frame).index, b = scalar(op->getOperand(1), frame).index;
  if (!a || !b)
    return std::nullopt;
  if (isa<arith::AddIOp>(op))
    return *a + *b;
  if (isa<arith::SubIOp>(op))
    return *a - *b;
  if (b->isConstant())
    return *a * b->constant();
  if (a->isConstant())
    return *b * a->constant();
  return std::nullopt;
}

Pull::Scalar &Pull::scalar(Value value, Frame &frame) {
  if (auto found = frame.scalars.find(value); found != frame.scalars.end())
    return found->second;
  Operation *op = value.getDefiningOp();
  Scalar result;
  result.index = foldIndex(op, frame);
  if (result.index) {
    result.variables = result.index->variables();
  } else {
    for (Value operand : op->getOperands())
      if (!isa<TensorType>(operand.getType()))
        addVariables(result.variables, scalar(operand, frame).variables);
    if (auto extract = dyn_cast<ExtractOp>(op)) {
      result.value = pullExtract(extract, frame);
    } else if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
      result.value = backend.constant(cast<TypedAttr>(constant.getValue()));
    } else {
      SmallVector<PullValue> operands;
      for (Value operand : op->getOperands())
        operands.push_back(materialize(operand, frame));
      result.value = backend.op(op, operands);
    }
  }
  return frame.scalars[value] = result;
}

PullValue Pull::materialize(Value value, Frame &frame) {
  Scalar &known = scalar(value, frame);
  if (known.value.id < 0)
    known.value = backend.index(*known.index);
  return known.value;
}

PullValue Pull::apply(ArrayRef<PullValue> operands, function_ref<Value(OpBuilder &, Location, ValueRange)> build) {
  helpers.push_back(std::make_unique<Block>());
  Block &block = *helpers.back();
  Location loc = kernel.getLoc();
  OpBuilder builder(kernel.getContext());
  Frame frame({});
  for (PullValue operand : operands)
    frame.scalars[block.addArgument(builder.getI64Type(), loc)].value = operand;
  builder.setInsertionPointToEnd(&block);
  return materialize(build(builder, loc, block.getArguments()), frame);
}

PullValue Pull::pullExtract(ExtractOp op, Frame &frame) {
  Shape shape = shapeOf(op.getX().getType());
  std::vector<Index> place;
  SmallVector<PullCondition> conditions;
  for (auto [dim, coordinate] : llvm::enumerate(op.getCoordinates())) {
    const Expr &size = shape[dim];
    std::vector<int> variables = scalar(coordinate, frame).variables;
    if (!llvm::is_contained(op.getChecked(), int64_t(dim))) {
      std::optional<Index> known = scalar(coordinate, frame).index;
      place.push_back(known ? *known : backend.opaque(materialize(coordinate, frame), size, variables));
      continue;
    }
    // A negative coordinate counts from the end.
    PullValue fromStart = apply({materialize(coordinate, frame), backend.index(Index(size))},
                                [](OpBuilder &b, Location loc, ValueRange x) -> Value {
                                  Value zero = arith::ConstantOp::create(b, loc, b.getI64IntegerAttr(0));
                                  Value below = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, x[0], zero);
                                  Value moved = arith::AddIOp::create(b, loc, x[0], x[1]);
                                  return arith::SelectOp::create(b, loc, below, moved, x[0]);
                                });
    conditions.push_back({backend.opaque(fromStart, std::nullopt, variables), Expr(0), size});
    backend.check(conditions.back(), op, dim);
    place.push_back(backend.opaque(fromStart, size, variables));
  }
  return guarded(
      conditions, [&] { return pull(op.getX(), place); },
      [&] {
        Builder builder(op.getContext());
        return backend.constant(cast<TypedAttr>(builder.getZeroAttr(op.getY().getType())));
      });
}
