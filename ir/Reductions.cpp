// Reductions, softmax and layer normalization: type inference and structured expansions.
#include "ir/BodyBuilder.h"
#include "ir/InferTypes.h"

using namespace mlir;
using namespace heddle;

/// Dimension positions for reading an operand whose `axes` are iterated as reduction dimensions after the kept ones.
static AffineMap reductionMap(OpBuilder &builder, size_t rank, ArrayRef<int64_t> axes) {
  SmallVector<AffineExpr> dims;
  unsigned kept = 0, reduced = rank - axes.size();
  for (size_t dim = 0; dim < rank; ++dim)
    dims.push_back(builder.getAffineDimExpr(llvm::is_contained(axes, static_cast<int64_t>(dim)) ? reduced++ : kept++));
  return AffineMap::get(rank, 0, dims, builder.getContext());
}

static Shape without(const Shape &shape, ArrayRef<int64_t> axes, Shape *dropped = nullptr) {
  Shape kept;
  for (size_t dim = 0; dim < shape.size(); ++dim) {
    if (!llvm::is_contained(axes, static_cast<int64_t>(dim)))
      kept.push_back(shape[dim]);
    else if (dropped)
      dropped->push_back(shape[dim]);
  }
  return kept;
}

LogicalResult ReduceOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, ReduceOp::Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  Shape shape = shapeOf(adaptor.getX().getType());
  int64_t previous = -1;
  for (int64_t axis : adaptor.getAxes()) {
    if (axis <= previous || axis >= static_cast<int64_t>(shape.size())) // (C1)
      return emitOptionalError(loc, "axes hold ", axis, " behind ", previous, ", expected them ascending in [0, ",
                               shape.size(), ")");
    previous = axis;
  }
  types.push_back(tensorType(without(shape, adaptor.getAxes()), getElementTypeOrSelf(adaptor.getX())));
  return success();
}

SmallVector<Value> ReduceOp::buildBody(OpBuilder &builder, ValueRange operands) {
  BodyBuilder body(builder, getLoc());
  Shape shape = shapeOf(getX().getType()), reduced;
  without(shape, getAxes(), &reduced);
  if (reduced.empty())
    return {operands[0]};
  return {body.generic(getY().getType(), operands[0], reductionMap(builder, shape.size(), getAxes()), reduced,
                       stringifyReductionKind(getKind()), getElementTypeOrSelf(getX()),
                       [](Scalars &, ValueRange x) { return SmallVector<Value>{x[0]}; })};
}

LogicalResult ArgReduceOp::inferReturnTypes(MLIRContext *context, std::optional<Location> loc,
                                            ArgReduceOp::Adaptor adaptor, SmallVectorImpl<Type> &types) {
  Shape shape = shapeOf(adaptor.getX().getType());
  if (failed(checkAxis(loc, adaptor.getAxis(), shape.size()))) // (C1)
    return failure();
  if (adaptor.getKind() != ReductionKind::Min && adaptor.getKind() != ReductionKind::Max) // (C2)
    return emitOptionalError(loc, "kind is ", stringifyReductionKind(adaptor.getKind()), ", expected min or max");
  types.push_back(tensorType(without(shape, {static_cast<int64_t>(adaptor.getAxis())}), IntegerType::get(context, 64)));
  return success();
}

SmallVector<Value> ArgReduceOp::buildBody(OpBuilder &builder, ValueRange operands) {
  BodyBuilder body(builder, getLoc());
  Shape shape = shapeOf(getX().getType());
  int64_t axis = getAxis();
  StringRef combiner = getKind() == ReductionKind::Max ? "arg_max" : "arg_min";
  auto yieldPair = [&](Scalars &s, ValueRange x) -> SmallVector<Value> {
    Value position = CoordinateOp::create(s.builder(), s.loc(), s.builder().getI64Type(),
                                          s.builder().getI64IntegerAttr(shape.size() - 1));
    return {x[0], position};
  };
  return {body.generic(getY().getType(), operands[0], reductionMap(builder, shape.size(), {axis}), {shape[axis]},
                       combiner, getElementTypeOrSelf(getX()), yieldPair, "", getLast())};
}

LogicalResult SoftmaxOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, SoftmaxOp::Adaptor adaptor,
                                          SmallVectorImpl<Type> &types) {
  types.push_back(adaptor.getX().getType());
  return checkAxis(loc, adaptor.getAxis(), shapeOf(adaptor.getX().getType()).size()); // (C1)
}

SmallVector<Value> SoftmaxOp::buildBody(OpBuilder &builder, ValueRange operands) {
  BodyBuilder body(builder, getLoc());
  Type element = getElementTypeOrSelf(getX());
  int64_t axis = getAxis();
  Value x = body.widen(operands[0]);
  Value centered = body.make<SubOp>(x, body.reduceKeep(ReductionKind::Max, x, axis));
  Value exponential = body.make<ExpOp>(centered);
  Value sum = body.reduceKeep(ReductionKind::Add, exponential, axis);
  Value result = getLog() ? body.make<SubOp>(centered, body.make<LogOp>(sum))
                          : body.make<MulOp>(exponential, body.make<ReciprocalOp>(sum));
  return {body.cast(result, element)};
}

LogicalResult LayerNormOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, LayerNormOp::Adaptor adaptor,
                                            SmallVectorImpl<Type> &types) {
  Shape shape = shapeOf(adaptor.getX().getType());
  if (failed(checkAxis(loc, adaptor.getAxis(), shape.size()))) // (C1)
    return failure();
  for (Value factor : {adaptor.getScale(), adaptor.getBias()}) {
    FailureOr<Shape> together = factor ? broadcastShapes({shape, shapeOf(factor.getType())}) : FailureOr<Shape>(shape);
    if (failed(together) || !compatibleShapes(*together, shape)) // (C2)
      return emitOptionalError(loc, factor.getType(), " does not broadcast to ", adaptor.getX().getType());
  }
  types.push_back(adaptor.getX().getType());
  return success();
}

SmallVector<Value> LayerNormOp::buildBody(OpBuilder &builder, ValueRange operands) {
  BodyBuilder body(builder, getLoc());
  Shape shape = shapeOf(getX().getType());
  SmallVector<int64_t> axes = llvm::to_vector(llvm::seq<int64_t>(getAxis(), shape.size()));
  Value x = body.widen(operands[0]);
  Type compute = getElementTypeOrSelf(x);
  Expr count = productOf(shape, getAxis(), shape.size());
  Value divisor = body.sizeAsFloat(count, compute);
  if (std::optional<int64_t> literal = count.literal())
    divisor = body.scalar(static_cast<double>(*literal), compute);
  // A quotient: times 1 / count, the mean of equal values is another value.
  auto mean = [&](Value y) { return body.make<DivOp>(body.reduceKeep(ReductionKind::Add, y, axes), divisor); };
  Value centered = getRms() ? x : body.make<SubOp>(x, mean(x));
  Value variance = mean(body.make<MulOp>(centered, centered));
  Value deviation = body.make<SqrtOp>(body.make<AddOp>(variance, body.scalar(getEpsilon().convertToDouble(), compute)));
  Value normal = body.make<MulOp>(centered, body.make<ReciprocalOp>(deviation));
  Value result = body.make<MulOp>(normal, body.widen(operands[1]));
  if (getBias())
    result = body.make<AddOp>(result, body.widen(operands[2]));
  return {body.cast(result, getElementTypeOrSelf(getX()))};
}
