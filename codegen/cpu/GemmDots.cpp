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

Value heddle::sumOfEachRow(KernelFrame &frame, ArrayRef<Value> rows) {
  int64_t lanes = rows.size();
  SmallVector<int64_t> low, high;
  for (int64_t lane = 0; lane < lanes; ++lane) {
    low.push_back(lane / 2 + (lane % 2) * lanes);
    high.push_back(low.back() + lanes / 2);
  }
  // The shuffles of a transpose, with the two halves of each pair added up: rows are halved in each round.
  SmallVector<Value> current(rows);
  while (current.size() > 1) {
    SmallVector<Value> next;
    for (size_t i = 0, half = current.size() / 2; i < half; ++i) {
      Value first = vector::ShuffleOp::create(frame.b, frame.loc, current[i], current[i + half], low);
      Value second = vector::ShuffleOp::create(frame.b, frame.loc, current[i], current[i + half], high);
      next.push_back(isa<FloatType>(getElementTypeOrSelf(first))
                         ? Value(arith::AddFOp::create(frame.b, frame.loc, first, second))
                         : frame.add(first, second));
    }
    current = std::move(next);
  }
  return current.front();
}

/// One row times `lines.size()` columns: a vector of partial sums for each.
SmallVector<Value> GemmNest::partialDots(const TileRows &left, ArrayRef<Value> lines) {
  Type type = getElementTypeOrSelf(shape.right->source);
  auto step = [&](Value k, Value mask, ValueRange sums) {
    auto at = [&](Value base, Type graphType) {
      Value address = frame.elementAddress(base, storageType(graphType), k);
      return loadLanes(frame, graphType, shape.lanes, address, mask);
    };
    Value factor = at(left.bases[0], left.element);
    SmallVector<Value> next;
    for (auto [line, sum] : llvm::zip(lines, sums))
      next.push_back(multiplyAdd(frame, factor, at(line, type), sum));
    return next;
  };
  Value whole = frame.size(floorDiv(shape.inner, shape.lanes) * shape.lanes);
  SmallVector<Value> zeros = zeroSums(frame, {int64_t(lines.size()), 1, shape.lanes, element});
  SmallVector<Value> sums = frame.loop(frame.i64(0), whole, shape.lanes, zeros,
                                       [&](Value k, ValueRange current) { return step(k, Value(), current); });
  Value rest = frame.size(mod(shape.inner, shape.lanes));
  Value isLeft = frame.b.createOrFold<arith::CmpIOp>(frame.loc, arith::CmpIPredicate::ne, rest, frame.i64(0));
  return frame.onlyIf(isLeft, sums, [&] { return step(whole, maskBelow(frame, shape.lanes, rest), sums); });
}

/// The products of one row with one vector of columns. A few lines at a time: enough to hide the latency of additions,
/// and not more than the hardware prefetches well.
Value GemmNest::dots(Value row, Value firstColumn) {
  constexpr int64_t linesAtOnce = 4;
  TileRows left = *directRows(row, 1);
  SmallVector<Value> sums;
  for (int64_t first = 0; first < shape.lanes; first += linesAtOnce) {
    SmallVector<Value> lines;
    for (int64_t lane = first; lane < std::min(first + linesAtOnce, shape.lanes); ++lane)
      lines.push_back(lineAddress(frame.add(firstColumn, frame.i64(lane))));
    llvm::append_range(sums, partialDots(left, lines));
  }
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
