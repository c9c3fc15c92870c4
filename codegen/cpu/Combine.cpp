// Implements the combiners of heddle.generic on scalars and vectors.
#include "codegen/cpu/Combine.h"
#include "codegen/cpu/CpuBackend.h"
#include "ir/Scalars.h"
#include <limits>

using namespace mlir;
using namespace heddle;

bool Combiner::isArgument() const {
  GenericOp op = reduction.op;
  StringRef name = op.getCombiner();
  return name == "arg_min" || name == "arg_max";
}

Type Combiner::valueType() const {
  GenericOp op = reduction.op;
  return op.getBody().front().getTerminator()->getOperand(0).getType();
}

/// The worst value: -inf or the smallest integer for max, +inf or the largest for min.
static TypedAttr worstValue(Type type, bool isMax, bool isUnsigned) {
  if (auto real = dyn_cast<FloatType>(type))
    return FloatAttr::get(type, APFloat::getInf(real.getFloatSemantics(), /*Negative=*/isMax));
  unsigned width = type.getIntOrFloatBitWidth();
  if (isUnsigned)
    return IntegerAttr::get(type, isMax ? APInt::getMinValue(width) : APInt::getMaxValue(width));
  return IntegerAttr::get(type, isMax ? APInt::getSignedMinValue(width) : APInt::getSignedMaxValue(width));
}

/// Signedness of the values that an argument reduction compares.
static bool comparesUnsigned(GenericOp op) {
  return !op.getInputs().empty() && getElementTypeOrSelf(op.getInputs()[0]).isUnsignedInteger();
}

SmallVector<Value> Combiner::initial(OpBuilder &b, Location loc, int64_t width) const {
  GenericOp op = reduction.op;
  auto constant = [&](TypedAttr attr) -> Value {
    Value scalar = arith::ConstantOp::create(b, loc, attr);
    return width == 0 ? scalar
                      : Value(vector::BroadcastOp::create(b, loc, VectorType::get({width}, attr.getType()), scalar));
  };
  if (!isArgument())
    return {constant(cast<TypedAttr>(*op.getInit()))};
  bool isMax = op.getCombiner() == "arg_max";
  // Any element beats the worst value, because at equal values its index decides.
  int64_t index = op.getLast() ? -1 : std::numeric_limits<int64_t>::max();
  return {constant(worstValue(valueType(), isMax, comparesUnsigned(op))), constant(b.getI64IntegerAttr(index))};
}

SmallVector<Value> Combiner::better(OpBuilder &b, Location loc, ValueRange accumulators, ValueRange values) const {
  GenericOp op = reduction.op;
  bool isMax = op.getCombiner() == "arg_max";
  Value old = accumulators[0], value = values[0];
  Value wins, ties;
  if (isa<FloatType>(getElementTypeOrSelf(value))) {
    auto predicate = isMax ? arith::CmpFPredicate::OGT : arith::CmpFPredicate::OLT;
    Value valueNaN = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::UNO, value, value);
    Value oldNumber = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::ORD, old, old);
    Value oldNaN = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::UNO, old, old);
    wins = arith::OrIOp::create(b, loc, arith::CmpFOp::create(b, loc, predicate, value, old),
                                arith::AndIOp::create(b, loc, valueNaN, oldNumber));
    ties = arith::OrIOp::create(b, loc, arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OEQ, value, old),
                                arith::AndIOp::create(b, loc, valueNaN, oldNaN));
  } else {
    bool isUnsigned = comparesUnsigned(op);
    auto predicate = isMax ? (isUnsigned ? arith::CmpIPredicate::ugt : arith::CmpIPredicate::sgt)
                           : (isUnsigned ? arith::CmpIPredicate::ult : arith::CmpIPredicate::slt);
    wins = arith::CmpIOp::create(b, loc, predicate, value, old);
    ties = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, value, old);
  }
  auto order = op.getLast() ? arith::CmpIPredicate::sgt : arith::CmpIPredicate::slt;
  Value earlier = arith::CmpIOp::create(b, loc, order, values[1], accumulators[1]);
  Value take = arith::OrIOp::create(b, loc, wins, arith::AndIOp::create(b, loc, ties, earlier));
  return {arith::SelectOp::create(b, loc, take, value, old),
          arith::SelectOp::create(b, loc, take, values[1], accumulators[1])};
}

SmallVector<Value> Combiner::combine(OpBuilder &b, Location loc, ValueRange accumulators, ValueRange values) const {
  if (isArgument())
    return better(b, loc, accumulators, values);
  GenericOp op = reduction.op;
  StringRef name = op.getCombiner();
  Value old = accumulators[0], value = values[0];
  bool isFloat = isa<FloatType>(getElementTypeOrSelf(value));
  if (name == "add" && isFloat) {
    if (auto product = value.getDefiningOp<arith::MulFOp>(); product && product->use_empty())
      return {math::FmaOp::create(b, loc, product.getLhs(), product.getRhs(), old)};
    return {arith::AddFOp::create(b, loc, old, value)};
  }
  if (name == "mul" && isFloat)
    return {arith::MulFOp::create(b, loc, old, value)};
  if (isFloat)
    return {name == "min" ? Value(arith::MinimumFOp::create(b, loc, old, value))
                          : Value(arith::MaximumFOp::create(b, loc, old, value))};
  if (name == "add")
    return {arith::AddIOp::create(b, loc, old, value)};
  if (name == "mul")
    return {arith::MulIOp::create(b, loc, old, value)};
  if (reduction.isUnsigned)
    return {name == "min" ? Value(arith::MinUIOp::create(b, loc, old, value))
                          : Value(arith::MaxUIOp::create(b, loc, old, value))};
  return {name == "min" ? Value(arith::MinSIOp::create(b, loc, old, value))
                        : Value(arith::MaxSIOp::create(b, loc, old, value))};
}

SmallVector<Value> Combiner::acrossLanes(OpBuilder &b, Location loc, ValueRange accumulators) const {
  SmallVector<Value> values(accumulators);
  int64_t width = cast<VectorType>(values[0].getType()).getDimSize(0);
  while (width > 1) {
    width /= 2;
    SmallVector<Value> low, high;
    for (Value value : values) {
      low.push_back(vector::ExtractStridedSliceOp::create(b, loc, value, ArrayRef<int64_t>{0}, {width}, {1}));
      high.push_back(vector::ExtractStridedSliceOp::create(b, loc, value, ArrayRef<int64_t>{width}, {width}, {1}));
    }
    values = combine(b, loc, low, high);
  }
  for (Value &value : values)
    value = vector::ExtractOp::create(b, loc, value, ArrayRef<int64_t>{0});
  return values;
}
