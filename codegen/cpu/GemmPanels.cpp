// Panels of a matrix product's second operand: read in place, copied to scratch, or pulled.
#include "codegen/cpu/GemmNest.h"
#include "ir/Shapes.h"

using namespace mlir;
using namespace heddle;

/// Rows from which on it pays to copy a panel whose rows are not contiguous.
static constexpr int64_t rowsWorthCopying = 16;

/// Address of the second operand's element (0, 0) in the current product of the batch.
Value GemmNest::rightBase() {
  const StridedView &view = *shape.right;
  Shape sizes = shapeOf(matmul.getB().getType());
  Value offset = frame.size(view.offset);
  bool isBatched = shape.layout != RightLayout::Panels && !shape.isFlat;
  for (size_t dim = 0; isBatched && dim + 2 < sizes.size(); ++dim)
    if (!sizes[dim].isLiteral(1)) {
      Value at = backend.scalarIndex(batch[batch.size() - (sizes.size() - 2) + dim]);
      offset = frame.add(offset, frame.mul(at, frame.size(view.strides[dim])));
    }
  unsigned argument = cast<BlockArgument>(view.source).getArgNumber();
  return frame.elementAddress(frame.pointer(argument), storageType(getElementTypeOrSelf(view.source)), offset);
}

/// Makes the panel readable in place where its vectors are contiguous.
void GemmNest::locate(Panel &panel) {
  if (shape.layout != RightLayout::Panels && shape.layout != RightLayout::Rows)
    return;
  Type type = getElementTypeOrSelf(shape.right->source);
  bool isPacked = shape.layout == RightLayout::Panels;
  Value offset = isPacked ? frame.mul(panel.first, frame.size(shape.inner)) : panel.first;
  panel.memory.base = frame.elementAddress(rightBase(), storageType(type), offset);
  panel.memory.stride = isPacked ? frame.i64(shape.panelColumns()) : frame.size(shape.right->strides.end()[-2]);
  panel.memory.element = type;
  if (!isPacked)
    panel.memory.masks = panel.masks;
}

/// One vector of row `k`, through what comes before the second operand.
Value GemmNest::pullRight(const Panel &panel, size_t vector, Value k) {
  Pull::Scope scope(backend.pull());
  useColumns(panel, vector);
  Index inner = Index::variable(backend.addVariable(k), shape.inner);
  std::vector<Index> place;
  int64_t nr = matmul.getPackedNr();
  if (nr == 0 && shape.isFlat)
    place = matmul.getTransposeB() ? std::vector{column, inner} : std::vector{inner, column};
  else if (nr == 0)
    place = operandIndices(shapeOf(matmul.getB().getType()), inner, column, matmul.getTransposeB());
  else
    place = {floorDiv(column, nr), inner, mod(column, nr)};
  Value value = backend.widen(backend.value(backend.pull().pull(matmul.getB(), place)));
  backend.lanes = {};
  return value;
}

Value GemmNest::readRight(const Panel &panel, size_t vector, Value k) {
  if (!panel.memory.base)
    return pullRight(panel, vector, k);
  return loadRight(frame, tileOf(1), panel.memory, int64_t(vector), k);
}

void GemmNest::copyRows(const Panel &panel) {
  frame.loop(frame.i64(0), frame.size(shape.inner), 1, [&](Value k) {
    for (size_t vector = 0; vector < panel.masks.size(); ++vector) {
      Value position =
          frame.add(frame.mul(k, frame.i64(shape.panelColumns())), frame.i64(int64_t(vector) * shape.lanes));
      LLVM::StoreOp::create(frame.b, frame.loc, readRight(panel, vector, k),
                            frame.elementAddress(copied, element, position));
    }
  });
}

/// Address of a column's first element in a transposed operand. Columns behind the last one stand for it: what they
/// give is not used.
Value GemmNest::lineAddress(Value column) {
  Value inside = isRagged() ? frame.minimum(column, frame.size(shape.columns - 1)) : column;
  Value offset = frame.mul(inside, frame.size(shape.right->strides.back()));
  return frame.elementAddress(rightBase(), storageType(getElementTypeOrSelf(shape.right->source)), offset);
}

LaneShuffles heddle::interleavingShuffles(int64_t lanes) {
  LaneShuffles shuffles;
  for (int64_t lane = 0; lane < lanes; ++lane) {
    shuffles.low.push_back(lane / 2 + (lane % 2) * lanes);
    shuffles.high.push_back(shuffles.low.back() + lanes / 2);
  }
  return shuffles;
}

SmallVector<Value> heddle::transposeLanes(KernelFrame &frame, ArrayRef<Value> rows) {
  int64_t lanes = rows.size();
  auto [low, high] = interleavingShuffles(lanes);
  // Each round interleaves row i with row i + lanes / 2: after log2(lanes) perfect shuffles the square is transposed.
  SmallVector<Value> current(rows);
  for (int64_t done = 1; done < lanes; done *= 2) {
    SmallVector<Value> next;
    for (int64_t i = 0; i < lanes / 2; ++i)
      for (ArrayRef<int64_t> order : {ArrayRef(low), ArrayRef(high)})
        next.push_back(vector::ShuffleOp::create(frame.b, frame.loc, current[i], current[i + lanes / 2], order));
    current = std::move(next);
  }
  return current;
}

/// Copies `lanes` steps of the reduction from `firstDepth` on; `mask` selects those that exist.
void GemmNest::copySquare(const Panel &panel, Value firstDepth, Value mask) {
  Type type = getElementTypeOrSelf(shape.right->source);
  for (size_t vector = 0; vector < panel.masks.size(); ++vector) {
    SmallVector<Value> lines;
    for (int64_t lane = 0; lane < shape.lanes; ++lane) {
      Value column = frame.add(panel.first, frame.i64(int64_t(vector) * shape.lanes + lane));
      Value address = frame.elementAddress(lineAddress(column), storageType(type), firstDepth);
      lines.push_back(loadLanes(frame, type, shape.lanes, address, mask));
    }
    for (auto [step, row] : llvm::enumerate(transposeLanes(frame, lines))) {
      Value k = frame.add(firstDepth, frame.i64(int64_t(step)));
      Value position =
          frame.add(frame.mul(k, frame.i64(shape.panelColumns())), frame.i64(int64_t(vector) * shape.lanes));
      LLVM::StoreOp::create(frame.b, frame.loc, row, frame.elementAddress(copied, element, position));
    }
  }
}

/// Copies the lines of a transposed operand in squares of vectors.
void GemmNest::copyLines(const Panel &panel) {
  int64_t depth = *shape.inner.literal(), whole = depth / shape.lanes * shape.lanes;
  frame.loop(frame.i64(0), frame.i64(whole), shape.lanes, [&](Value k) { copySquare(panel, k, Value()); });
  if (whole < depth)
    copySquare(panel, frame.i64(whole), maskBelow(frame, shape.lanes, frame.i64(depth - whole)));
}

/// True where it pays to copy a panel that could be read in place, and there is room for it; null if that is known.
Value GemmNest::copyPays(Value rowCount) {
  OpBuilder &b = frame.b;
  Value pays;
  auto require = [&](arith::CmpIPredicate predicate, Value x, int64_t y) {
    Value holds = arith::CmpIOp::create(b, frame.loc, predicate, x, frame.i64(y));
    pays = pays ? Value(arith::AndIOp::create(b, frame.loc, pays, holds)) : holds;
  };
  if (!shape.rows.literal())
    require(arith::CmpIPredicate::sgt, rowCount, rowsWorthCopying);
  if (!shape.inner.literal())
    require(arith::CmpIPredicate::sle, frame.size(shape.inner), shape.copiedDepth());
  return pays;
}

/// Copies the panel to scratch where that pays.
void GemmNest::copy(Panel &panel, Value rowCount) {
  std::optional<int64_t> rows = shape.rows.literal();
  bool isInPlace = bool(panel.memory.base);
  Value pays = isInPlace ? copyPays(rowCount) : Value();
  bool staysInPlace = isInPlace && ((rows && *rows <= rowsWorthCopying) || (pays && panel.memory.element != element));
  if (shape.layout == RightLayout::Panels || !shape.canCopy() || staysInPlace)
    return;
  if (!copied)
    copied = frame.allocateScratch(shape.panelBytes());
  auto fill = [&] {
    shape.layout == RightLayout::Lines ? copyLines(panel) : copyRows(panel);
    return SmallVector<Value>();
  };
  TilePanel copy{copied, frame.i64(shape.panelColumns()), element, SmallVector<Value>(panel.masks.size())};
  if (!pays) {
    fill();
    panel.memory = copy;
    return;
  }
  // One code reads both, so the masks of the panel stay.
  OpBuilder &b = frame.b;
  frame.onlyIf(pays, {}, fill);
  panel.memory.base = arith::SelectOp::create(b, frame.loc, pays, copy.base, panel.memory.base);
  panel.memory.stride = arith::SelectOp::create(b, frame.loc, pays, copy.stride, panel.memory.stride);
}
