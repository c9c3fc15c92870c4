// Matrix products: register tiles of MR rows by NR columns, with what comes after them pulled in place.
#include "codegen/cpu/Emitters.h"
#include "codegen/cpu/GemmNest.h"
#include "ir/Scalars.h"
#include "ir/Shapes.h"

using namespace mlir;
using namespace heddle;

GemmNest::GemmNest(CpuBackend &backend, KernelOp kernel, MatmulOp matmul)
    : backend(backend), frame(backend.frame), kernel(kernel), matmul(matmul), shape(kernel, matmul, frame.level()) {
  element = computeType(getElementTypeOrSelf(matmul.getY()));
  hasEpilogue = !matmul->hasOneUse() || !isa<ReturnOp>(*matmul->user_begin());
  if (hasEpilogue)
    tile = frame.allocateScratch(shape.tileRows * shape.panelColumns() * shape.elementBytes);
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

/// The position of row `row` in the result's dimensions but the last.
std::vector<Index> GemmNest::rowPlace(Value row) {
  Index at = Index::variable(backend.addVariable(row), shape.rows);
  if (shape.isFlat) {
    Shape sizes = shapeOf(matmul.getY().getType());
    return delinearize(at, Shape(sizes.begin(), sizes.end() - 1));
  }
  std::vector<Index> place = batch;
  place.push_back(at);
  return place;
}

/// Address of the first operand's element (row, 0).
Value GemmNest::leftAddress(Value row) {
  const StridedView &view = *shape.left;
  Value offset = frame.size(view.offset);
  if (shape.isFlat && shape.hasEvenRows) {
    offset = frame.add(offset, frame.mul(row, frame.size(view.strides.end()[-2])));
  } else {
    Shape sizes = shapeOf(matmul.getA().getType());
    std::vector<Index> place = rowPlace(row);
    for (size_t dim = 0, added = place.size() - (sizes.size() - 1); dim + 1 < sizes.size(); ++dim)
      if (!sizes[dim].isLiteral(1) || dim + 2 == sizes.size())
        offset = frame.add(offset, frame.mul(backend.scalarIndex(place[added + dim]), frame.size(view.strides[dim])));
  }
  unsigned argument = cast<BlockArgument>(view.source).getArgNumber();
  return frame.elementAddress(frame.pointer(argument), storageType(getElementTypeOrSelf(view.source)), offset);
}

/// `rows` rows of the first operand from `row` on, if it can be read from memory.
std::optional<TileRows> GemmNest::directRows(Value row, int64_t rows) {
  if (!shape.left)
    return std::nullopt;
  ArrayRef<Expr> strides = shape.left->strides;
  TileRows result{{leftAddress(row)},
                  frame.size(strides.end()[-2]),
                  frame.size(strides.back()),
                  getElementTypeOrSelf(shape.left->source)};
  if (shape.isFlat && !shape.hasEvenRows) {
    result.rowStride = Value();
    for (int64_t r = 1; r < rows; ++r)
      result.bases.push_back(leftAddress(frame.add(row, frame.i64(r))));
  }
  return result;
}

SmallVector<Value> GemmNest::products(const Panel &panel, Value row, int64_t rows) {
  RegisterTile registers = tileOf(rows);
  std::optional<TileRows> direct = directRows(row, rows);
  auto left = [&](int64_t r, Value k) {
    if (direct)
      return loadLeft(frame, *direct, r, k);
    Pull::Scope scope(backend.pull());
    Index at = Index::variable(backend.addVariable(frame.add(row, frame.i64(r))), shape.rows);
    Index inner = Index::variable(backend.addVariable(k), shape.inner);
    Shape sizes = shapeOf(matmul.getA().getType());
    std::vector<Index> place = operandIndices(sizes, at, inner, matmul.getTransposeA());
    return backend.value(backend.pull().pull(matmul.getA(), place));
  };
  auto right = [&](int64_t vector, Value k) { return readRight(panel, size_t(vector), k); };
  return emitProducts(frame, registers, frame.i64(0), frame.size(shape.inner), zeroSums(frame, registers),
                      {left, right});
}

/// Pulls the kernel's results in one row and one vector of columns, with `sum` standing for the product.
void GemmNest::storeResults(Value row, Value sum) {
  auto terminator = cast<ReturnOp>(kernel.getBody().front().getTerminator());
  std::vector<Index> place = rowPlace(row);
  place.push_back(column);
  backend.pull().define(matmul.getY(), place, backend.hold(sum));
  // All are computed before any is stored: a result may lie where an input does.
  SmallVector<Value> elements;
  std::vector<std::vector<Index>> places;
  for (Value value : terminator.getValues()) {
    places.push_back(place);
    if (auto transpose = value.getDefiningOp<TransposeOp>())
      for (auto [dim, from] : llvm::enumerate(transpose.getPerm()))
        places.back()[dim] = place[from];
    elements.push_back(backend.value(backend.pull().pull(value, places.back())));
  }
  for (auto [result, value] : llvm::enumerate(elements))
    backend.store(result, places[result], value);
}

Value GemmNest::tileAddress(Value row, size_t vector) {
  Value position = frame.add(frame.mul(row, frame.i64(shape.panelColumns())), frame.i64(int64_t(vector) * shape.lanes));
  return frame.elementAddress(tile, element, position);
}

/// Sums that are results already are stored from their registers; others go through memory, so that the code of what
/// comes after the product is there once and not for every row and height of tile. The tile's first row is row
/// `offset` of the scratch.
void GemmNest::storeTile(const Panel &panel, Value row, Value offset, int64_t rows) {
  SmallVector<Value> sums = products(panel, row, rows);
  for (int64_t r = 0; r < rows; ++r)
    for (size_t vector = 0; vector < panel.masks.size(); ++vector) {
      Value sum = sums[size_t(r) * panel.masks.size() + vector];
      if (hasEpilogue) {
        LLVM::StoreOp::create(frame.b, frame.loc, sum, tileAddress(frame.add(offset, frame.i64(r)), vector));
        continue;
      }
      Pull::Scope scope(backend.pull());
      useColumns(panel, vector);
      storeResults(frame.add(row, frame.i64(r)), sum);
      backend.lanes = {};
    }
}

/// Stores the results for the sums of `rows` rows in the scratch tile.
void GemmNest::emitEpilogue(const Panel &panel, Value firstRow, Value rows) {
  Type type = VectorType::get({shape.lanes}, element);
  frame.loop(frame.i64(0), rows, 1, [&](Value r) {
    for (size_t vector = 0; vector < panel.masks.size(); ++vector) {
      Pull::Scope scope(backend.pull());
      useColumns(panel, vector);
      storeResults(frame.add(firstRow, r), LLVM::LoadOp::create(frame.b, frame.loc, type, tileAddress(r, vector)));
      backend.lanes = {};
    }
  });
}

/// The tile at `row`, or smaller ones where fewer rows are left.
void GemmNest::emitTile(const Panel &panel, Value row, Value left) {
  OpBuilder &b = frame.b;
  auto atLeast = [&](Value count, int64_t rows) {
    return b.createOrFold<arith::CmpIOp>(frame.loc, arith::CmpIPredicate::sge, count, frame.i64(rows));
  };
  auto store = [&](Value offset, int64_t rows) {
    storeTile(panel, frame.add(row, offset), offset, rows);
    return SmallVector<Value>();
  };
  if (shape.remainders.empty()) {
    store(frame.i64(0), shape.tileRows);
    return;
  }
  Value isWhole = atLeast(left, shape.tileRows);
  frame.onlyIf(isWhole, {}, [&] { return store(frame.i64(0), shape.tileRows); });
  Value offset = arith::SelectOp::create(b, frame.loc, isWhole, left, frame.i64(0));
  for (int64_t rows : shape.remainders) {
    Value fits = atLeast(frame.sub(left, offset), rows);
    frame.onlyIf(fits, {}, [&] { return store(offset, rows); });
    offset = arith::SelectOp::create(b, frame.loc, fits, frame.add(offset, frame.i64(rows)), offset);
  }
}

void GemmNest::emitTiles(const Panel &panel, Value firstRow, Value endRow) {
  frame.loop(firstRow, endRow, shape.tileRows, [&](Value row) {
    Value left = frame.minimum(frame.sub(endRow, row), frame.i64(shape.tileRows));
    emitTile(panel, row, left);
    if (hasEpilogue)
      emitEpilogue(panel, row, left);
  });
}

/// True if some panel may end before its last column.
bool GemmNest::isRagged() const {
  std::optional<int64_t> columns = shape.columns.literal();
  return !columns || *columns % shape.panelColumns() != 0;
}

GemmNest::Panel GemmNest::makePanel(Value first) {
  SmallVector<Value> none(size_t(shape.vectors));
  Panel panel{first, none, {Value(), Value(), element, none}};
  if (isRagged())
    for (auto [vector, mask] : llvm::enumerate(panel.masks)) {
      Value start = frame.add(first, frame.i64(int64_t(vector) * shape.lanes));
      mask = maskBelow(frame, shape.lanes, frame.sub(frame.size(shape.columns), start));
    }
  return panel;
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
  Panel panel = makePanel(frame.mul(panelNumber, frame.i64(shape.panelColumns())));
  locate(panel);
  Value count = frame.sub(endRow, firstRow);
  auto tiles = [&] {
    copy(panel, count);
    emitTiles(panel, firstRow, endRow);
    return SmallVector<Value>();
  };
  if (!usesDots()) {
    tiles();
    return;
  }
  if (!shape.canCopy()) {
    emitDots(panel, firstRow, endRow);
    return;
  }
  Value isFew =
      b.createOrFold<arith::CmpIOp>(frame.loc, arith::CmpIPredicate::sle, count, frame.i64(GemmShape::dotRows));
  frame.onlyIf(isFew, {}, [&] {
    emitDots(panel, firstRow, endRow);
    return SmallVector<Value>();
  });
  Value isMany =
      b.createOrFold<arith::CmpIOp>(frame.loc, arith::CmpIPredicate::sgt, count, frame.i64(GemmShape::dotRows));
  frame.onlyIf(isMany, {}, tiles);
}

Expr GemmNest::emit() {
  frame.loop(frame.begin(), frame.end(), 1, [&](Value task) { emitTask(task); });
  return elementCount(shape.batch) * shape.panels() * ceilDiv(shape.rows, shape.taskRows());
}

/// True for a transpose that ends a kernel and leaves rows in one piece.
static bool isLastTranspose(Operation *op) {
  auto transpose = dyn_cast<TransposeOp>(op);
  return transpose && transpose.getPerm().back() == int64_t(transpose.getPerm().size()) - 1 &&
         llvm::all_of(op->getUsers(), [](Operation *user) { return isa<ReturnOp>(user); });
}

bool heddle::hasPlainEpilogue(KernelOp kernel, Operation *anchor, bool mayTranspose) {
  Shape shape = shapeOf(anchor->getResult(0).getType());
  llvm::SmallPtrSet<Operation *, 16> after = {anchor};
  for (Operation &op : kernel.getBody().front()) {
    bool follows =
        llvm::any_of(op.getOperands(), [&](Value operand) { return after.contains(operand.getDefiningOp()); });
    if (auto result = dyn_cast<ReturnOp>(op))
      return llvm::all_of(result.getValues(), [&](Value value) { return after.contains(value.getDefiningOp()); });
    if (!follows)
      continue;
    bool isPlain = isa<ElementwiseOpInterface>(op) && shapeOf(op.getResult(0).getType()) == shape;
    if (!isPlain && !(mayTranspose && isLastTranspose(&op)))
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
  bool isSuitable = found && hasPlainEpilogue(kernel, found, /*mayTranspose=*/true) && isWorthTiles(found);
  return isSuitable ? found : MatmulOp();
}

Expr heddle::emitGemm(CpuBackend &backend, KernelOp kernel, MatmulOp matmul) {
  return GemmNest(backend, kernel, matmul).emit();
}
