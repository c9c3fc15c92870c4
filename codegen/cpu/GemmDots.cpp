// A few rows times a transposed matrix: dot products along lines that are read once, from where they are.
#include "codegen/cpu/GemmNest.h"

using namespace mlir;
using namespace heddle;

bool GemmNest::usesDots() const {
  if (shape.layout != RightLayout::Lines || !shape.readsLeftLines())
    return false;
  std::optional<int64_t> rows = shape.rows.literal();
  return !rows || *rows <= GemmShape::dotRows || !shape.canCopy();
}

static Value addSums(KernelFrame &frame, Value a, Value b) {
  if (isa<FloatType>(getElementTypeOrSelf(a)))
    return arith::AddFOp::create(frame.b, frame.loc, a, b);
  return frame.add(a, b);
}

Value heddle::sumOfEachRow(KernelFrame &frame, ArrayRef<Value> rows) {
  auto [low, high] = interleavingShuffles(rows.size());
  // The shuffles of a transpose, with the two halves of each pair added up: rows are halved in each round.
  SmallVector<Value> current(rows);
  while (current.size() > 1) {
    SmallVector<Value> next;
    for (size_t i = 0, half = current.size() / 2; i < half; ++i) {
      Value first = vector::ShuffleOp::create(frame.b, frame.loc, current[i], current[i + half], low);
      Value second = vector::ShuffleOp::create(frame.b, frame.loc, current[i], current[i + half], high);
      next.push_back(addSums(frame, first, second));
    }
    current = std::move(next);
  }
  return current.front();
}

/// The product of one row with one line, as a vector of partial sums. Lines follow one another in memory: reading one
/// at a time, with several sums to hide the latency of additions, is what the hardware prefetches best.
Value GemmNest::partialDot(const TileRows &left, Value line) {
  constexpr int64_t unroll = 4;
  Type type = getElementTypeOrSelf(shape.right->source);
  auto step = [&](Value k, Value mask, Value sum) {
    auto at = [&](Value base, Type graphType) {
      Value address = frame.elementAddress(base, storageType(graphType), k);
      return loadLanes(frame, graphType, shape.lanes, address, mask);
    };
    return multiplyAdd(frame, at(left.bases[0], left.element), at(line, type), sum);
  };
  auto wholeSteps = [&](int64_t width) { return frame.size(floorDiv(shape.inner, width) * width); };
  Value unrolled = wholeSteps(shape.lanes * unroll), whole = wholeSteps(shape.lanes);
  SmallVector<Value> zeros = zeroSums(frame, {unroll, 1, shape.lanes, element});
  SmallVector<Value> sums =
      frame.loop(frame.i64(0), unrolled, shape.lanes * unroll, zeros, [&](Value k, ValueRange current) {
        SmallVector<Value> next;
        for (auto [copy, sum] : llvm::enumerate(current))
          next.push_back(step(frame.add(k, frame.i64(int64_t(copy) * shape.lanes)), Value(), sum));
        return next;
      });
  Value sum = addSums(frame, addSums(frame, sums[0], sums[1]), addSums(frame, sums[2], sums[3]));
  sum = frame.loop(unrolled, whole, shape.lanes, sum,
                   [&](Value k, ValueRange current) { return SmallVector<Value>{step(k, Value(), current[0])}; })[0];
  Value rest = frame.size(mod(shape.inner, shape.lanes));
  Value isLeft = frame.b.createOrFold<arith::CmpIOp>(frame.loc, arith::CmpIPredicate::ne, rest, frame.i64(0));
  return frame.onlyIf(isLeft, sum,
                      [&] { return SmallVector<Value>{step(whole, maskBelow(frame, shape.lanes, rest), sum)}; })[0];
}

/// The products of one row with one vector of columns.
Value GemmNest::dots(Value row, Value firstColumn) {
  TileRows left = *directRows(row, 1);
  Type type = VectorType::get({shape.lanes}, element);
  if (!lineSums)
    lineSums = frame.allocateScratch(shape.lanes * shape.lanes * shape.elementBytes);
  auto place = [&](Value lane) { return frame.elementAddress(lineSums, type, lane); };
  frame.loop(frame.i64(0), frame.i64(shape.lanes), 1, [&](Value lane) {
    Value sum = partialDot(left, lineAddress(frame.add(firstColumn, lane)));
    LLVM::StoreOp::create(frame.b, frame.loc, sum, place(lane));
  });
  SmallVector<Value> sums;
  for (int64_t lane = 0; lane < shape.lanes; ++lane)
    sums.push_back(LLVM::LoadOp::create(frame.b, frame.loc, type, place(frame.i64(lane))));
  return sumOfEachRow(frame, sums);
}

/// All rows of the task; the lines of one vector of columns stay in the cache for the next row.
void GemmNest::emitDots(const Panel &panel, Value firstRow, Value endRow) {
  for (size_t vector = 0; vector < panel.masks.size(); ++vector) {
    Value first = frame.add(panel.first, frame.i64(int64_t(vector) * shape.lanes));
    frame.loop(firstRow, endRow, 1, [&](Value row) {
      Value sum = dots(row, first);
      Pull::Scope scope(backend.pull());
      useColumns(panel, vector);
      storeResults(row, sum);
      backend.lanes = {};
    });
  }
}
