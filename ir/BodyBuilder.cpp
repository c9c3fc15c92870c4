// Implements the helpers that build structured expansions.
#include "ir/BodyBuilder.h"

using namespace mlir;
using namespace heddle;

TypedAttr heddle::neutralElement(ReductionKind kind, Type element) {
  Type type = computeType(element);
  if (auto floatType = dyn_cast<FloatType>(type)) {
    const llvm::fltSemantics &semantics = floatType.getFloatSemantics();
    switch (kind) {
    case ReductionKind::Add:
      return FloatAttr::get(type, 0.0);
    case ReductionKind::Mul:
      return FloatAttr::get(type, 1.0);
    case ReductionKind::Min:
      return FloatAttr::get(type, APFloat::getInf(semantics));
    case ReductionKind::Max:
      return FloatAttr::get(type, APFloat::getInf(semantics, /*Negative=*/true));
    }
  }
  unsigned width = type.getIntOrFloatBitWidth();
  bool isUnsigned = element.isUnsignedInteger() || element.isInteger(1);
  switch (kind) {
  case ReductionKind::Add:
    return IntegerAttr::get(type, APInt(width, 0));
  case ReductionKind::Mul:
    return IntegerAttr::get(type, APInt(width, 1));
  case ReductionKind::Min:
    return IntegerAttr::get(type, isUnsigned ? APInt::getMaxValue(width) : APInt::getSignedMaxValue(width));
  case ReductionKind::Max:
    return IntegerAttr::get(type, isUnsigned ? APInt::getMinValue(width) : APInt::getSignedMinValue(width));
  }
  llvm_unreachable("every reduction kind has a neutral element");
}

static TypedAttr initOf(StringRef combiner, Type element) {
  std::optional<ReductionKind> kind = symbolizeReductionKind(combiner);
  return kind ? neutralElement(*kind, element) : TypedAttr();
}

Value BodyBuilder::generic(Type type, ValueRange inputs, ArrayRef<AffineMap> maps, const Shape &reduce,
                           StringRef combiner, Type signedness, ScalarBody body, StringRef name, bool last) {
  TypedAttr init = initOf(combiner, getElementTypeOrSelf(type));
  auto op =
      GenericOp::create(b, loc, type, inputs, b.getAffineMapArrayAttr(maps), DimsAttr::get(b.getContext(), reduce),
                        b.getStringAttr(combiner), init, last ? b.getUnitAttr() : UnitAttr(), b.getStringAttr(name));
  OpBuilder::InsertionGuard guard(b);
  Block *block = b.createBlock(&op.getBody());
  for (Value input : inputs)
    block->addArgument(computeType(getElementTypeOrSelf(input)), loc);
  Scalars scalars(b, loc, signedness);
  SmallVector<Value> results = body(scalars, block->getArguments());
  YieldOp::create(b, loc, results);
  return op.getY();
}

Value BodyBuilder::scalar(double value, Type element) {
  auto type = RankedTensorType::get({}, element);
  Attribute attr = isa<FloatType>(element) ? Attribute(b.getFloatAttr(element, value))
                                           : Attribute(b.getIntegerAttr(element, static_cast<int64_t>(value)));
  return ConstantOp::create(b, loc, type, cast<TypedAttr>(DenseElementsAttr::get(type, attr)));
}

Value BodyBuilder::sizeAsFloat(const Expr &size, Type element) {
  if (std::optional<int64_t> literal = size.literal())
    return scalar(static_cast<double>(*literal), element);
  Value count =
      SizesOp::create(b, loc, RankedTensorType::get({}, b.getI64Type()), DimsAttr::get(b.getContext(), {size}));
  return cast(count, element);
}

Value BodyBuilder::cast(Value x, Type element) {
  auto type = mlir::cast<RankedTensorType>(x.getType());
  if (type.getElementType() == element)
    return x;
  return CastOp::create(b, loc, withElement(type, element), x, /*saturate=*/true);
}

Value BodyBuilder::widen(Value x) {
  Type element = getElementTypeOrSelf(x);
  return isa<FloatType>(element) ? cast(x, computeType(element)) : x;
}

Value BodyBuilder::reduceKeep(ReductionKind kind, Value x, ArrayRef<int64_t> axes) {
  Shape shape = shapeOf(x.getType());
  Value reduced = ReduceOp::create(b, loc, kind, x, axes);
  for (int64_t axis : axes)
    shape[axis] = 1;
  return reshape(reduced, shape);
}

Value BodyBuilder::reshape(Value x, const Shape &shape) {
  RankedTensorType type = tensorType(shape, getElementTypeOrSelf(x));
  return type == x.getType() ? x : ReshapeOp::create(b, loc, type, x);
}

Value BodyBuilder::pad(Value x, ArrayRef<int64_t> low, ArrayRef<int64_t> high, Attribute fill) {
  if (llvm::all_of(low, [](int64_t size) { return size == 0; }) &&
      llvm::all_of(high, [](int64_t size) { return size == 0; }))
    return x;
  Shape shape = shapeOf(x.getType()), lowExprs;
  for (size_t dim = 0; dim < shape.size(); ++dim) {
    shape[dim] = shape[dim] + low[dim] + high[dim];
    lowExprs.push_back(low[dim]);
  }
  Type element = getElementTypeOrSelf(x);
  auto scalarType = RankedTensorType::get({}, element);
  Value fillValue =
      ConstantOp::create(b, loc, scalarType, mlir::cast<TypedAttr>(DenseElementsAttr::get(scalarType, fill)));
  return PadOp::create(b, loc, tensorType(shape, element), x, fillValue, DimsAttr::get(b.getContext(), lowExprs),
                       PadMode::Constant);
}
