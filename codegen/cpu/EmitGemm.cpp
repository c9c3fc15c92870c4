// Matrix products: register tiles of MR rows by NR columns, with what comes before and after them pulled in place.
#include "codegen/cpu/Emitters.h"
#include "codegen/cpu/GemmShape.h"
#include "ir/Scalars.h"
#include "ir/Shapes.h"

using namespace mlir;
using namespace heddle;

namespace {

/// Rows from which on it pays to copy a panel of the second operand, so that its rows are contiguous.
constexpr int64_t rowsWorthPacking = 16;

/// A column panel of the current task.
struct Panel {
  Value first;              ///< Its first column.
  SmallVector<Value> masks; ///< Of each vector; null where all lanes are used.
  /// Address of its first element and distance of its rows, if it can be read as it is. Else it is pulled.
  Value base, stride;
};

class GemmNest {
public:
  GemmNest(CpuBackend &backend, KernelOp kernel, MatmulOp matmul)
      : backend(backend), frame(backend.frame), kernel(kernel), matmul(matmul), shape(matmul, frame.level()) {
    element = computeType(getElementTypeOrSelf(matmul.getY()));
    hasEpilogue = !matmul->hasOneUse() || !isa<ReturnOp>(*matmul->user_begin());
    if (hasEpilogue)
      tile = frame.allocateScratch(shape.tileRows * shape.panelColumns() * shape.elementBytes);
  }

  Expr emit();

private:
  void emitTask(Value task);
  void emitPanel(const Panel &panel, Value firstRow, Value endRow);
  Panel fullPanel(Value first);
  Panel tailPanel(Value first, Value columns);
  bool readsDirectly();
  void locate(Panel &panel);
  void pack(Panel &panel, Value rowCount);
  void emitTile(const Panel &panel, Value row, int64_t rows);
  SmallVector<Value> emitProducts(const Panel &panel, const Index &row, int64_t rows);
  Value pullB(const Panel &panel, size_t vector, const Index &inner);
  Value loadB(const Panel &panel, size_t vector, const Index &inner);
  void storeResults(const Index &row, Value sum);
  void emitEpilogue(const Panel &panel, const Index &row, Value firstRow, int64_t rows, ArrayRef<Value> sums);
  void useColumns(const Panel &panel, size_t vector);
  std::vector<Index> operandIndices(const Shape &operand, const Index &row, const Index &column,
                                    bool isTransposed) const;
  Value zeroVector();

  CpuBackend &backend;
  KernelFrame &frame;
  KernelOp kernel;
  MatmulOp matmul;
  GemmShape shape;
  Type element;
  std::vector<Index> batch; ///< Of the current task.
  Index column;             ///< Of the current vector.
  bool hasEpilogue;
  Value scratch; ///< Of a panel's copy.
  Value tile;    ///< Scratch for a tile's sums.
};

Value GemmNest::zeroVector() {
  auto type = VectorType::get({shape.lanes}, element);
  return arith::ConstantOp::create(frame.b, frame.loc, cast<TypedAttr>(frame.b.getZeroAttr(type)));
}

/// Makes the backend's lanes run along the columns of one vector of the panel.
void GemmNest::useColumns(const Panel &panel, size_t vector) {
  int variable = backend.addVariable(frame.add(panel.first, frame.i64(int64_t(vector) * shape.lanes)));
  backend.lanes = {variable, shape.lanes, panel.masks[vector]};
  column = Index::variable(variable, shape.columns);
}

/// Batch positions aligned at the right, 0 where the operand has size 1, then the last two dimensions.
std::vector<Index> GemmNest::operandIndices(const Shape &operand, const Index &row, const Index &column,
                                            bool isTransposed) const {
  std::vector<Index> indices;
  size_t added = batch.size() - (operand.size() - 2);
  for (size_t dim = 0; dim + 2 < operand.size(); ++dim)
    indices.push_back(operand[dim].isLiteral(1) ? Index() : batch[added + dim]);
  indices.push_back(isTransposed ? column : row);
  indices.push_back(isTransposed ? row : column);
  return indices;
}

/// One vector of row `inner`, through what comes before the second operand.
Value GemmNest::pullB(const Panel &panel, size_t vector, const Index &inner) {
  useColumns(panel, vector);
  std::vector<Index> place;
  int64_t nr = matmul.getPackedNr();
  if (nr == 0) {
    place = operandIndices(shapeOf(matmul.getB().getType()), inner, column, matmul.getTransposeB());
  } else if (nr % shape.lanes == 0) {
    // A vector lies in one panel of the weight, which says nothing about the division of its lanes' columns.
    Value first = backend.scalarIndex(column), size = frame.i64(nr);
    int outer = backend.addVariable(frame.floorDiv(first, size, true));
    int within = backend.addVariable(frame.mod(first, size, true));
    backend.lanes.variable = within;
    place = {Index::variable(outer, ceilDiv(shape.columns, nr)), inner, Index::variable(within, nr)};
  } else {
    place = {floorDiv(column, nr), inner, mod(column, nr)};
  }
  Value value = backend.widen(backend.value(backend.pull().pull(matmul.getB(), place)));
  backend.lanes = {};
  return value;
}

Value GemmNest::loadB(const Panel &panel, size_t vector, const Index &inner) {
  if (!panel.base)
    return pullB(panel, vector, inner);
  OpBuilder &b = frame.b;
  Value row = frame.mul(backend.scalarIndex(inner), panel.stride);
  Value address = frame.elementAddress(panel.base, element, frame.add(row, frame.i64(int64_t(vector) * shape.lanes)));
  Type type = VectorType::get({shape.lanes}, element);
  if (Value mask = panel.masks[vector])
    return LLVM::MaskedLoadOp::create(b, frame.loc, type, address, mask, zeroVector(),
                                      b.getI32IntegerAttr(shape.elementBytes), UnitAttr());
  return LLVM::LoadOp::create(b, frame.loc, type, address, shape.elementBytes);
}

SmallVector<Value> GemmNest::emitProducts(const Panel &panel, const Index &row, int64_t rows) {
  OpBuilder &b = frame.b;
  SmallVector<Value> zeros(size_t(rows) * panel.masks.size(), zeroVector());
  Shape aShape = shapeOf(matmul.getA().getType());
  return frame.loop(frame.i64(0), frame.size(shape.inner), 1, zeros, [&](Value at, ValueRange sums) {
    Pull::Scope scope(backend.pull());
    Index inner = Index::variable(backend.addVariable(at), shape.inner);
    SmallVector<Value> columns, next;
    for (size_t vector = 0; vector < panel.masks.size(); ++vector)
      columns.push_back(loadB(panel, vector, inner));
    for (int64_t r = 0; r < rows; ++r) {
      std::vector<Index> place = operandIndices(aShape, row + Index(r), inner, matmul.getTransposeA());
      Value scalar = backend.value(backend.pull().pull(matmul.getA(), place));
      Value left = vector::BroadcastOp::create(b, frame.loc, columns[0].getType(), scalar);
      for (auto [vector, right] : llvm::enumerate(columns)) {
        Value sum = sums[size_t(r) * columns.size() + vector];
        if (isa<FloatType>(element))
          next.push_back(math::FmaOp::create(b, frame.loc, left, right, sum));
        else
          next.push_back(frame.add(sum, frame.mul(left, right)));
      }
    }
    return next;
  });
}

/// Pulls the kernel's results in one row and one vector of columns, with `sum` standing for the product.
void GemmNest::storeResults(const Index &row, Value sum) {
  auto terminator = cast<ReturnOp>(kernel.getBody().front().getTerminator());
  std::vector<Index> place = batch;
  place.push_back(row);
  place.push_back(column);
  backend.pull().define(matmul.getY(), place, backend.hold(sum));
  // All are computed before any is stored: a result may lie where an input does.
  SmallVector<Value> elements;
  for (Value value : terminator.getValues())
    elements.push_back(backend.value(backend.pull().pull(value, place)));
  for (auto [result, value] : llvm::enumerate(elements))
    backend.store(result, place, value);
}

/// Sums that are results already are stored from their registers; others go through memory, so that the code of what
/// comes after the product is there once and not for every row.
void GemmNest::emitEpilogue(const Panel &panel, const Index &row, Value firstRow, int64_t rows, ArrayRef<Value> sums) {
  size_t vectors = panel.masks.size();
  if (!hasEpilogue) {
    for (size_t vector = 0; vector < vectors; ++vector) {
      useColumns(panel, vector);
      for (int64_t r = 0; r < rows; ++r)
        storeResults(row + Index(r), sums[size_t(r) * vectors + vector]);
      backend.lanes = {};
    }
    return;
  }
  OpBuilder &b = frame.b;
  auto address = [&](Value r, size_t vector) {
    Value position = frame.add(frame.mul(r, frame.i64(shape.panelColumns())), frame.i64(int64_t(vector) * shape.lanes));
    return frame.elementAddress(tile, element, position);
  };
  for (int64_t r = 0; r < rows; ++r)
    for (size_t vector = 0; vector < vectors; ++vector)
      LLVM::StoreOp::create(b, frame.loc, sums[size_t(r) * vectors + vector], address(frame.i64(r), vector));
  frame.loop(frame.i64(0), frame.i64(rows), 1, [&](Value r) {
    for (size_t vector = 0; vector < vectors; ++vector) {
      Pull::Scope scope(backend.pull());
      useColumns(panel, vector);
      Index current = Index::variable(backend.addVariable(frame.add(firstRow, r)), shape.rows);
      storeResults(current, LLVM::LoadOp::create(b, frame.loc, sums[0].getType(), address(r, vector)));
      backend.lanes = {};
    }
  });
}

void GemmNest::emitTile(const Panel &panel, Value row, int64_t rows) {
  Pull::Scope scope(backend.pull());
  Index first = Index::variable(backend.addVariable(row), shape.rows);
  emitEpilogue(panel, first, row, rows, emitProducts(panel, first, rows));
}

void GemmNest::emitPanel(const Panel &panel, Value firstRow, Value endRow) {
  OpBuilder &b = frame.b;
  Value tile = frame.i64(shape.tileRows), count = frame.sub(endRow, firstRow);
  Value whole = frame.add(firstRow, frame.mul(b.createOrFold<arith::DivUIOp>(frame.loc, count, tile), tile));
  frame.loop(firstRow, whole, shape.tileRows, [&](Value row) { emitTile(panel, row, shape.tileRows); });
  Value row = whole;
  for (int64_t rows : shape.remainders) {
    Value left = frame.sub(endRow, row);
    Value fits = b.createOrFold<arith::CmpIOp>(frame.loc, arith::CmpIPredicate::sge, left, frame.i64(rows));
    frame.onlyIf(fits, {}, [&] {
      emitTile(panel, row, rows);
      return SmallVector<Value>();
    });
    row = arith::SelectOp::create(b, frame.loc, fits, frame.add(row, frame.i64(rows)), row);
  }
}

Panel GemmNest::fullPanel(Value first) { return {first, SmallVector<Value>(size_t(shape.vectors)), Value(), Value()}; }

/// The last panel, where N is not a multiple of NR: vectors end at column `columns`.
Panel GemmNest::tailPanel(Value first, Value columns) {
  OpBuilder &b = frame.b;
  Panel panel = fullPanel(first);
  if (std::optional<int64_t> known = shape.columns.literal())
    panel.masks.resize(size_t(llvm::divideCeil(*known % shape.panelColumns(), shape.lanes)));
  auto type = VectorType::get({shape.lanes}, b.getI64Type());
  SmallVector<int64_t> steps = llvm::to_vector(llvm::seq<int64_t>(0, shape.lanes));
  Value step = arith::ConstantOp::create(b, frame.loc, DenseElementsAttr::get(type, ArrayRef(steps)));
  for (auto [vector, mask] : llvm::enumerate(panel.masks)) {
    Value start = frame.add(first, frame.i64(int64_t(vector) * shape.lanes));
    Value left = vector::BroadcastOp::create(b, frame.loc, type, frame.sub(columns, start));
    mask = arith::CmpIOp::create(b, frame.loc, arith::CmpIPredicate::slt, step, left);
  }
  return panel;
}

/// The second operand as an argument in the compute type, with contiguous rows of a panel: no pull is needed to read
/// it.
bool GemmNest::readsDirectly() {
  bool isArgument = isa<BlockArgument>(matmul.getB()) && getElementTypeOrSelf(matmul.getB()) == element;
  int64_t nr = matmul.getPackedNr();
  return isArgument && (nr == 0 ? !matmul.getTransposeB() : nr == shape.panelColumns());
}

void GemmNest::locate(Panel &panel) {
  if (!readsDirectly())
    return;
  unsigned argument = cast<BlockArgument>(matmul.getB()).getArgNumber();
  Shape sizes = shapeOf(matmul.getB().getType());
  Index first = Index::variable(backend.addVariable(panel.first), shape.columns);
  bool isPacked = matmul.getPackedNr() != 0;
  Index offset = isPacked ? first * sizes[1] : linearize(operandIndices(sizes, Index(), first, false), sizes);
  panel.base = frame.elementAddress(frame.pointer(argument), element, backend.scalarIndex(offset));
  panel.stride = isPacked ? frame.i64(shape.panelColumns()) : frame.size(shape.columns);
}

/// Copies the panel to scratch where that pays.
void GemmNest::pack(Panel &panel, Value rowCount) {
  locate(panel);
  if (matmul.getPackedNr() != 0 || !shape.canPack())
    return;
  std::optional<int64_t> rows = shape.rows.literal();
  if (panel.base && rows && *rows <= rowsWorthPacking)
    return;
  OpBuilder &b = frame.b;
  if (!scratch)
    scratch = frame.allocateScratch(shape.panelBytes());
  Value width = frame.i64(shape.panelColumns());
  auto copy = [&] {
    frame.loop(frame.i64(0), frame.size(shape.inner), 1, [&](Value at) {
      Pull::Scope scope(backend.pull());
      Index inner = Index::variable(backend.addVariable(at), shape.inner);
      for (size_t vector = 0; vector < panel.masks.size(); ++vector) {
        Value value = loadB(panel, vector, inner);
        Value position = frame.add(frame.mul(at, width), frame.i64(int64_t(vector) * shape.lanes));
        LLVM::StoreOp::create(b, frame.loc, value, frame.elementAddress(scratch, element, position));
      }
    });
    return SmallVector<Value>();
  };
  if (!panel.base || rows) {
    copy();
    panel.base = scratch;
    panel.stride = width;
    return;
  }
  Value pays = arith::CmpIOp::create(b, frame.loc, arith::CmpIPredicate::sgt, rowCount, frame.i64(rowsWorthPacking));
  frame.onlyIf(pays, {}, copy);
  panel.base = arith::SelectOp::create(b, frame.loc, pays, scratch, panel.base);
  panel.stride = arith::SelectOp::create(b, frame.loc, pays, width, panel.stride);
}

void GemmNest::emitTask(Value task) {
  OpBuilder &b = frame.b;
  Pull::Scope scope(backend.pull());
  Value blocks = frame.size(ceilDiv(shape.rows, shape.taskRows())), panels = frame.size(shape.panels());
  Value block = frame.mod(task, blocks, true), rest = frame.floorDiv(task, blocks, true);
  Value panelNumber = frame.mod(rest, panels, true), batchNumber = frame.floorDiv(rest, panels, true);
  batch = delinearize(Index::variable(backend.addVariable(batchNumber), elementCount(shape.batch)), shape.batch);
  Value firstRow = frame.mul(block, frame.i64(shape.taskRows()));
  Value endRow = frame.minimum(frame.add(firstRow, frame.i64(shape.taskRows())), frame.size(shape.rows));
  Value first = frame.mul(panelNumber, frame.i64(shape.panelColumns())), columns = frame.size(shape.columns);
  Value isFull = b.createOrFold<arith::CmpIOp>(frame.loc, arith::CmpIPredicate::sge, frame.sub(columns, first),
                                               frame.i64(shape.panelColumns()));
  auto emit = [&](Panel panel) {
    pack(panel, frame.sub(endRow, firstRow));
    emitPanel(panel, firstRow, endRow);
    return SmallVector<Value>();
  };
  std::optional<int64_t> known = shape.columns.literal();
  bool neverFull = known && *known < shape.panelColumns(), alwaysFull = known && *known % shape.panelColumns() == 0;
  if (alwaysFull || neverFull) {
    emit(alwaysFull ? fullPanel(first) : tailPanel(first, columns));
    return;
  }
  frame.onlyIf(isFull, {}, [&] { return emit(fullPanel(first)); });
  Value isTail =
      arith::XOrIOp::create(b, frame.loc, isFull, arith::ConstantOp::create(b, frame.loc, b.getBoolAttr(true)));
  frame.onlyIf(isTail, {}, [&] { return emit(tailPanel(first, columns)); });
}

Expr GemmNest::emit() {
  frame.loop(frame.begin(), frame.end(), 1, [&](Value task) { emitTask(task); });
  return elementCount(shape.batch) * shape.panels() * ceilDiv(shape.rows, shape.taskRows());
}

} // namespace

bool heddle::hasPlainEpilogue(KernelOp kernel, Operation *anchor) {
  Shape shape = shapeOf(anchor->getResult(0).getType());
  llvm::SmallPtrSet<Operation *, 16> after = {anchor};
  for (Operation &op : kernel.getBody().front()) {
    bool follows =
        llvm::any_of(op.getOperands(), [&](Value operand) { return after.contains(operand.getDefiningOp()); });
    if (auto result = dyn_cast<ReturnOp>(op))
      return llvm::all_of(result.getValues(), [&](Value value) { return shapeOf(value.getType()) == shape; });
    if (!follows)
      continue;
    if (!isa<ElementwiseOpInterface>(op) || shapeOf(op.getResult(0).getType()) != shape)
      return false;
    after.insert(&op);
  }
  return false;
}

MatmulOp heddle::findGemm(KernelOp kernel) {
  MatmulOp found;
  for (Operation &op : kernel.getBody().front()) {
    if (auto matmul = dyn_cast<MatmulOp>(op)) {
      if (found)
        return MatmulOp();
      found = matmul;
    }
    // Reductions in what comes before would be repeated for every tile.
    if (isa<StructuredOpInterface>(op) && !isa<MatmulOp, GatherOp>(op))
      return MatmulOp();
  }
  bool isSuitable = found && hasPlainEpilogue(kernel, found) && isWorthTiles(found);
  return isSuitable ? found : MatmulOp();
}

Expr heddle::emitGemm(CpuBackend &backend, KernelOp kernel, MatmulOp matmul) {
  return GemmNest(backend, kernel, matmul).emit();
}
