// Implements what the patterns of heddle-recognize-composites share.
#include "passes/Spellings.h"
#include "ir/Assumptions.h"
#include "mlir/IR/Remarks.h"
#include <cmath>
#include <limits>

using namespace mlir;
using namespace heddle;

std::optional<double> heddle::splatOf(Value value) {
  auto constant = value.getDefiningOp<ConstantOp>();
  auto elements = constant ? dyn_cast<DenseElementsAttr>(constant.getValue()) : DenseElementsAttr();
  if (!elements || !elements.isSplat())
    return std::nullopt;
  if (isa<FloatType>(elements.getElementType())) {
    APFloat splat = elements.getSplatValue<APFloat>();
    bool losesInfo;
    splat.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &losesInfo);
    return splat.convertToDouble();
  }
  if (elements.getElementType().isSignlessInteger(64) || elements.getElementType().isSignlessInteger(32))
    return static_cast<double>(elements.getSplatValue<APInt>().getSExtValue());
  return std::nullopt;
}

bool heddle::isNear(double got, double expected, Type type) {
  bool isDouble = getElementTypeOrSelf(type).isF64();
  double step = isDouble ? std::numeric_limits<double>::epsilon() : std::numeric_limits<float>::epsilon();
  return std::abs(got - expected) <= step * std::abs(expected);
}

bool heddle::isSplat(Value value, double expected) {
  std::optional<double> splat = splatOf(value);
  return splat && isNear(*splat, expected, value.getType());
}

bool Product::is(double expected, Value x, size_t power) const {
  return factors.size() == power && llvm::all_of(factors, [&](Value factor) { return factor == x; }) &&
         isNear(constant, expected, x.getType());
}

static void multiply(Product &product, Value value);

static void multiplyResult(Product &product, Operation *op) {
  std::optional<double> second = op->getNumOperands() == 2 ? splatOf(op->getOperand(1)) : std::nullopt;
  ++product.ops;
  if (isa<MulOp>(op)) {
    multiply(product, op->getOperand(0));
    multiply(product, op->getOperand(1));
  } else if (isa<DivOp>(op) && second) {
    product.constant /= *second;
    multiply(product, op->getOperand(0));
  } else if (isa<PowOp>(op) && (second == 2 || second == 3)) {
    product.factors.append(static_cast<size_t>(*second), op->getOperand(0));
  } else {
    product.factors.push_back(op->getResult(0));
  }
}

static void multiply(Product &product, Value value) {
  constexpr size_t maxFactors = 4;
  constexpr unsigned maxOps = 8;
  bool isInside =
      value.getDefiningOp() && value.hasOneUse() && product.factors.size() < maxFactors && product.ops < maxOps;
  if (std::optional<double> constant = splatOf(value))
    product.constant *= *constant;
  else if (isInside)
    multiplyResult(product, value.getDefiningOp());
  else
    product.factors.push_back(value);
}

Product heddle::factorsOf(Value value) {
  Product product;
  multiply(product, value);
  return product;
}

Product heddle::factorsOf(Operation *op) {
  Product product;
  multiplyResult(product, op);
  return product;
}

bool heddle::inEitherOrder(Operation *op, function_ref<bool(Value, Value)> matches) {
  Value a = op->getOperand(0), b = op->getOperand(1);
  return matches(a, b) || matches(b, a);
}

Value heddle::besideSplat(Operation *op, double &splat) {
  Value other;
  auto isConstant = [&](Value constant, Value rest) {
    std::optional<double> known = splatOf(constant);
    splat = known.value_or(0);
    other = rest;
    return known.has_value();
  };
  return op && inEitherOrder(op, isConstant) ? other : Value();
}

Value heddle::besideTerm(Value value, double constant) {
  auto sum = value.getDefiningOp<AddOp>();
  Value other;
  auto isTerm = [&](Value term, Value rest) {
    other = rest;
    return isSplat(term, constant);
  };
  return sum && inEitherOrder(sum, isTerm) ? other : Value();
}

Value heddle::reciprocalOf(Value value) {
  if (auto reciprocal = value.getDefiningOp<ReciprocalOp>())
    return reciprocal.getX();
  auto quotient = value.getDefiningOp<DivOp>();
  return quotient && isSplat(quotient.getA(), 1) ? quotient.getB() : Value();
}

std::optional<KeptReduction> heddle::reductionOf(Value value, ReductionKind kind) {
  auto reshape = value.getDefiningOp<ReshapeOp>();
  auto reduce = reshape ? reshape.getX().getDefiningOp<ReduceOp>() : ReduceOp();
  if (!reduce || reduce.getKind() != kind)
    return std::nullopt;
  Shape kept = shapeOf(reduce.getX().getType());
  for (int64_t axis : reduce.getAxes())
    kept[axis] = 1;
  if (shapeOf(value.getType()) != kept)
    return std::nullopt;
  return KeptReduction{reduce.getX(), SmallVector<int64_t>(reduce.getAxes())};
}

/// Adds the ops on the ways from `inputs` to `value`, operands first; false if there is no way.
static bool collectWays(Value value, ValueRange inputs, SetVector<Operation *> &ops) {
  if (llvm::is_contained(inputs, value))
    return true;
  Operation *op = value.getDefiningOp();
  if (!op || ops.contains(op))
    return op != nullptr;
  bool isOnWay = false;
  for (Value operand : op->getOperands())
    isOnWay |= collectWays(operand, inputs, ops);
  if (isOnWay)
    ops.insert(op);
  return isOnWay;
}

LogicalResult heddle::raise(PatternRewriter &rewriter, Operation *last, const Composite &composite) {
  Type element = getElementTypeOrSelf(composite.type);
  if (last->getResult(0).getType() != composite.type || !(element.isF32() || element.isF64()))
    return rewriter.notifyMatchFailure(last, "the result has another type, or is of narrow floats");
  SetVector<Operation *> ops;
  collectWays(last->getResult(0), composite.operands, ops);
  for (Operation *op : ops) {
    auto isInside = [&](Operation *user) { return ops.contains(user); };
    if (op != last && !llvm::all_of(op->getUsers(), isInside))
      return rewriter.notifyMatchFailure(op, "something else reads a value inside of the spelling");
    if (op->getBlock() != last->getBlock() || !assumedEqualities(op).empty())
      return rewriter.notifyMatchFailure(op, "another block, or sizes that are assumed to be equal");
  }
  SmallVector<Location> locations = llvm::map_to_vector(ops, [](Operation *op) { return op->getLoc(); });
  Location loc = FusedLoc::get(rewriter.getContext(), locations);
  rewriter.setInsertionPoint(last);
  rewriter.replaceOp(last, composite.build(rewriter, loc));
  remark::passed(loc, remark::RemarkOpts::name("recognize-composites").category("heddle.graph"))
      << remark::metric("recognized", composite.name.str());
  return success();
}
