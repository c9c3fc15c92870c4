// Matrix products: register tiles of MR rows by NR columns, with what comes before and after them pulled in place.
#include "codegen/cpu/Emitters.h"
#include "codegen/cpu/GemmShape.h"
#include "ir/Scalars.h"
#include "ir/Shapes.h"

using namespace mlir;
using namespace heddle;

namespace {

/// A transposed second operand is copied into scratch panel by panel, if that takes at most so many bytes.
constexpr int64_t maxPanelBytes = 512 * 1024;

/// A column panel of the current task.
struct Panel {
  Value first;              ///< Its first column.
  SmallVector<Value> masks; ///< Of each vector; null where all lanes are used.
  Value packed;             ///< Address of its copy in scratch, if it was packed.
};

class GemmNest {
public:
  GemmNest(CpuBackend &backend, KernelOp kernel, MatmulOp matmul)
      : backend(backend), frame(backend.frame), kernel(kernel), matmul(matmul), shape(matmul, frame.level()) {
    element = computeType(getElementTypeOrSelf(matmul.getY()));
  }

  Expr emit();

private:
  void emitTask(Value task);
  void emitPanel(const Panel &panel, Value firstRow, Value endRow);
  Panel fullPanel(Value first);
  Panel tailPanel(Value first, Value columns);
  void pack(Panel &panel);
  void emitTile(const Panel &panel, Value row, int64_t rows);
  SmallVector<Value> emitProducts(const Panel &panel, const Index &row, int64_t rows);
  Value loadB(const Panel &panel, size_t vector, const Index &inner);
  void emitEpilogue(const Panel &panel, const Index &row, int64_t rows, ArrayRef<Value> sums);
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
  Value scratch;
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

Value GemmNest::loadB(const Panel &panel, size_t vector, const Index &inner) {
  OpBuilder &b = frame.b;
  if (panel.packed) {
    Value position = frame.add(frame.mul(backend.scalarIndex(inner), frame.i64(shape.panelColumns())),
                               frame.i64(int64_t(vector) * shape.lanes));
    Value address = frame.elementAddress(panel.packed, element, position);
    return LLVM::LoadOp::create(b, frame.loc, VectorType::get({shape.lanes}, element), address,
                                element.getIntOrFloatBitWidth() / 8);
  }
  useColumns(panel, vector);
  std::vector<Index> place;
  if (int64_t nr = matmul.getPackedNr())
    place = {floorDiv(column, nr), inner, mod(column, nr)};
  else
    place = operandIndices(shapeOf(matmul.getB().getType()), inner, column, matmul.getTransposeB());
  Value value = backend.widen(backend.value(backend.pull().pull(matmul.getB(), place)));
  backend.lanes = {};
  return value;
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

/// Pulls the kernel's results with the accumulators standing for the product.
void GemmNest::emitEpilogue(const Panel &panel, const Index &row, int64_t rows, ArrayRef<Value> sums) {
  auto terminator = cast<ReturnOp>(kernel.getBody().front().getTerminator());
  size_t vectors = panel.masks.size();
  for (size_t vector = 0; vector < vectors; ++vector) {
    // One scope per vector of columns: a bias is loaded once for all rows.
    Pull::Scope scope(backend.pull());
    useColumns(panel, vector);
    for (int64_t r = 0; r < rows; ++r) {
      std::vector<Index> place = batch;
      place.push_back(row + Index(r));
      place.push_back(column);
      backend.pull().define(matmul.getY(), place, backend.hold(sums[size_t(r) * vectors + vector]));
      for (auto [result, value] : llvm::enumerate(terminator.getValues()))
        backend.store(result, place, backend.value(backend.pull().pull(value, place)));
    }
    backend.lanes = {};
  }
}

void GemmNest::emitTile(const Panel &panel, Value row, int64_t rows) {
  Pull::Scope scope(backend.pull());
  Index first = Index::variable(backend.addVariable(row), shape.rows);
  emitEpilogue(panel, first, rows, emitProducts(panel, first, rows));
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

Panel GemmNest::fullPanel(Value first) { return {first, SmallVector<Value>(size_t(shape.vectors)), Value()}; }

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

/// Copies a panel of the second operand, so that its rows are contiguous.
void GemmNest::pack(Panel &panel) {
  if (!shape.packs(maxPanelBytes))
    return;
  OpBuilder &b = frame.b;
  if (!scratch)
    scratch = frame.allocateScratch(shape.panelBytes());
  frame.loop(frame.i64(0), frame.size(shape.inner), 1, [&](Value at) {
    Pull::Scope scope(backend.pull());
    Index inner = Index::variable(backend.addVariable(at), shape.inner);
    for (size_t vector = 0; vector < panel.masks.size(); ++vector) {
      Value value = loadB(panel, vector, inner);
      Value position =
          frame.add(frame.mul(at, frame.i64(shape.panelColumns())), frame.i64(int64_t(vector) * shape.lanes));
      LLVM::StoreOp::create(b, frame.loc, value, frame.elementAddress(scratch, element, position),
                            element.getIntOrFloatBitWidth() / 8);
    }
  });
  panel.packed = scratch;
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
    pack(panel);
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

/// True if only elementwise ops of the product's own shape lie between it and the results.
bool isPlainEpilogue(KernelOp kernel, MatmulOp matmul) {
  Shape shape = shapeOf(matmul.getY().getType());
  llvm::SmallPtrSet<Operation *, 16> after = {matmul};
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

} // namespace

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
  bool isSuitable = found && isPlainEpilogue(kernel, found) && isWorthTiles(found);
  return isSuitable ? found : MatmulOp();
}

Expr heddle::emitGemm(CpuBackend &backend, KernelOp kernel, MatmulOp matmul) {
  return GemmNest(backend, kernel, matmul).emit();
}
