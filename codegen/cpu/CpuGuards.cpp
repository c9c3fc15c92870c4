// Bounds on the CPU: checks that make a run fail, and guards that choose between two values.
#include "codegen/cpu/CpuBackend.h"
#include "ir/Origins.h"

using namespace mlir;
using namespace heddle;

Value CpuBackend::conditionValue(ArrayRef<PullCondition> conditions, bool asVector) {
  OpBuilder &b = frame.b;
  Value all;
  auto require = [&](arith::CmpIPredicate predicate, Value x, Value y) {
    if (isa<VectorType>(x.getType()))
      y = widen(y);
    Value holds = arith::CmpIOp::create(b, frame.loc, predicate, x, y);
    all = all ? Value(arith::AndIOp::create(b, frame.loc, all, holds)) : holds;
  };
  for (const PullCondition &condition : conditions) {
    Value at = asVector ? vectorIndex(condition.index) : scalarIndex(condition.index);
    if (condition.lower.isLiteral(0)) {
      // One unsigned comparison: a negative index is larger than any size.
      require(arith::CmpIPredicate::ult, at, frame.size(condition.upper));
      continue;
    }
    require(arith::CmpIPredicate::sge, at, frame.size(condition.lower));
    require(arith::CmpIPredicate::slt, at, frame.size(condition.upper));
  }
  return all;
}

void CpuBackend::check(const PullCondition &condition, ExtractOp op, unsigned dim) {
  OpBuilder &b = frame.b;
  bool asVector = lanes.active() && condition.index.dependsOn(lanes.variable);
  Value holds = conditionValue(condition, asVector);
  Value ones = arith::ConstantOp::create(b, frame.loc, cast<TypedAttr>(b.getOneAttr(b.getI1Type())));
  Value failed = arith::XOrIOp::create(b, frame.loc, holds, asVector ? widen(ones) : ones);
  if (asVector && lanes.mask)
    failed = arith::AndIOp::create(b, frame.loc, failed, lanes.mask);
  if (asVector)
    failed = vector::ReductionOp::create(b, frame.loc, vector::CombiningKind::OR, failed);
  std::string origin = originText(op.getLoc());
  frame.failIf(failed, frame.checkNumber((origin.empty() ? "gather" : origin) + ": an index into dimension " +
                                         std::to_string(dim) + " is out of bounds, expected it in [-" +
                                         condition.upper.str() + ", " + condition.upper.str() + ")"));
}

PullValue CpuBackend::guard(ArrayRef<PullCondition> conditions, Alternative inside, Alternative outside) {
  SmallVector<PullCondition> uniform, varying;
  for (const PullCondition &condition : conditions)
    (lanes.active() && condition.index.dependsOn(lanes.variable) ? varying : uniform).push_back(condition);
  if (varying.empty())
    return guardScalar(conditionValue(uniform, false), inside, outside);
  auto inLanes = [&] { return guardLanes(conditionValue(varying, true), inside, outside); };
  if (uniform.empty())
    return inLanes();
  return guardScalar(conditionValue(uniform, false), inLanes, outside);
}

PullValue CpuBackend::guardScalar(Value condition, Alternative inside, Alternative outside) {
  OpBuilder &b = frame.b;
  OpBuilder::InsertionGuard insertion(b);
  // The type is known only when both alternatives are there: a scalar one follows a vector one.
  auto branch = scf::IfOp::create(b, frame.loc, TypeRange(), condition, /*withElseRegion=*/true);
  SmallVector<Value, 2> results;
  for (auto [region, alternative] :
       {std::pair(&branch.getThenRegion(), inside), std::pair(&branch.getElseRegion(), outside)}) {
    b.setInsertionPointToStart(&region->front());
    results.push_back(value(alternative()));
  }
  bool anyVector = isa<VectorType>(results[0].getType()) || isa<VectorType>(results[1].getType());
  for (auto [region, result] : llvm::zip(branch->getRegions(), results)) {
    Operation *terminator = region.front().getTerminator();
    b.setInsertionPoint(terminator);
    if (anyVector)
      result = widen(result);
    scf::YieldOp::create(b, frame.loc, result);
    terminator->erase();
  }
  b.setInsertionPoint(branch);
  auto typed = scf::IfOp::create(b, frame.loc, results[0].getType(), condition, /*addThenBlock=*/false,
                                 /*addElseBlock=*/false);
  typed.getThenRegion().takeBody(branch.getThenRegion());
  typed.getElseRegion().takeBody(branch.getElseRegion());
  branch.erase();
  return hold(typed.getResult(0));
}

/// The alternative in the lanes of `mask`, if there are any; the other lanes hold anything.
Value CpuBackend::maskedAlternative(Value mask, Alternative alternative) {
  OpBuilder &b = frame.b;
  VectorLanes saved = lanes;
  lanes.mask = saved.mask ? Value(arith::AndIOp::create(b, frame.loc, saved.mask, mask)) : mask;
  Value any = vector::ReductionOp::create(b, frame.loc, vector::CombiningKind::OR, lanes.mask);
  Type type;
  auto chosen = [&] {
    Value result = widen(value(alternative()));
    type = result.getType();
    return hold(result);
  };
  auto unused = [&] { return constant(cast<TypedAttr>(b.getZeroAttr(type))); };
  Value result = value(guardScalar(any, chosen, unused));
  lanes = saved;
  return result;
}

PullValue CpuBackend::guardLanes(Value mask, Alternative inside, Alternative outside) {
  OpBuilder &b = frame.b;
  Value ones = arith::ConstantOp::create(b, frame.loc, DenseElementsAttr::get(cast<ShapedType>(mask.getType()), true));
  Value inverse = arith::XOrIOp::create(b, frame.loc, mask, ones);
  Value first = maskedAlternative(mask, inside), second = maskedAlternative(inverse, outside);
  return hold(arith::SelectOp::create(b, frame.loc, mask, first, second));
}
