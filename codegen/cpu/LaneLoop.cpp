// Implements loops over vectors.
#include "codegen/cpu/LaneLoop.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace heddle;

LaneLoop::LaneLoop(CpuBackend &backend, Expr extent, int64_t unroll)
    : backend(backend), frame(backend.frame), extent(std::move(extent)), lanes(frame.lanes()), unroll(unroll) {
  if (std::optional<int64_t> known = this->extent.literal(); known && *known > 0)
    lanes = std::min<int64_t>(lanes, llvm::PowerOf2Ceil(*known));
  if (std::optional<int64_t> known = this->extent.literal(); known && *known < lanes * unroll)
    this->unroll = 1;
}

Value LaneLoop::maskUpTo(Value count) {
  OpBuilder &b = frame.b;
  auto type = VectorType::get({lanes}, b.getI64Type());
  SmallVector<int64_t> steps = llvm::to_vector(llvm::seq<int64_t>(0, lanes));
  Value step = arith::ConstantOp::create(b, frame.loc, DenseElementsAttr::get(type, ArrayRef(steps)));
  Value limit = vector::BroadcastOp::create(b, frame.loc, type, count);
  return arith::CmpIOp::create(b, frame.loc, arith::CmpIPredicate::slt, step, limit);
}

/// One step at `position`, in the lanes of `mask`.
SmallVector<Value> LaneLoop::at(Value position, Value mask, ValueRange accumulators, Step step) {
  VectorLanes saved = backend.lanes;
  int variable = backend.addVariable(position);
  backend.lanes = {variable, lanes, mask};
  // An extent of 1 has no variable: its only element is lane 0 of a vector of width 1.
  SmallVector<Value> next = step(Index::variable(variable, extent), accumulators);
  backend.lanes = saved;
  return next;
}

SmallVector<Value> LaneLoop::reduce(const Combiner &combiner, ValueRange accumulators, Step step) {
  OpBuilder &b = frame.b;
  size_t each = accumulators.size();
  Value whole = frame.size(floorDiv(extent, lanes) * lanes);
  Value unrolled = frame.size(floorDiv(extent, lanes * unroll) * (lanes * unroll));
  SmallVector<Value> sums(accumulators);
  for (int64_t copy = 1; copy < unroll; ++copy)
    llvm::append_range(sums, combiner.initial(b, frame.loc, lanes));
  sums = frame.loop(frame.i64(0), unrolled, lanes * unroll, sums, [&](Value position, ValueRange inner) {
    SmallVector<Value> next;
    for (int64_t copy = 0; copy < unroll; ++copy) {
      Value start = frame.add(position, frame.i64(copy * lanes));
      llvm::append_range(next, at(start, Value(), inner.slice(copy * each, each), step));
    }
    return next;
  });
  SmallVector<Value> sum(sums.begin(), sums.begin() + each);
  for (int64_t copy = 1; copy < unroll; ++copy)
    sum = combiner.combine(b, frame.loc, sum, ValueRange(sums).slice(copy * each, each));
  sum = frame.loop(unrolled, whole, lanes, sum,
                   [&](Value position, ValueRange inner) { return at(position, Value(), inner, step); });
  Value left = frame.size(mod(extent, lanes));
  Value isLeft = b.createOrFold<arith::CmpIOp>(frame.loc, arith::CmpIPredicate::ne, left, frame.i64(0));
  return frame.onlyIf(isLeft, sum, [&] { return at(whole, maskUpTo(left), sum, step); });
}

void LaneLoop::run(Value lower, Value upper, bool isWhole, function_ref<void(Index)> step) {
  OpBuilder &b = frame.b;
  auto plain = [&](Index column, ValueRange) {
    step(column);
    return SmallVector<Value>();
  };
  Value whole = upper;
  if (!isWhole) {
    Value count = frame.sub(upper, lower), width = frame.i64(lanes);
    whole = frame.add(lower, frame.mul(b.createOrFold<arith::DivUIOp>(frame.loc, count, width), width));
  }
  frame.loop(lower, whole, lanes, [&](Value position) { at(position, Value(), {}, plain); });
  if (isWhole)
    return;
  Value left = frame.sub(upper, whole);
  Value isLeft = b.createOrFold<arith::CmpIOp>(frame.loc, arith::CmpIPredicate::sgt, left, frame.i64(0));
  // A single element is computed as a scalar: for it LLVM 22 turns a masked store of truncated integers into one that
  // writes four bytes.
  bool isSingle = matchPattern(left, m_One());
  frame.onlyIf(isLeft, {}, [&] {
    if (!isSingle)
      return at(whole, maskUpTo(left), {}, plain);
    step(Index::variable(backend.addVariable(whole), extent));
    return SmallVector<Value>();
  });
}
