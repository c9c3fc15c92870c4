// Elementwise, moving and reducing kernels: a loop nest over each result.
#include "codegen/cpu/Emitters.h"
#include "codegen/cpu/LaneLoop.h"
#include "codegen/cpu/MapLayout.h"
#include "ir/Shapes.h"

using namespace mlir;
using namespace heddle;

namespace {

/// Elements that a task should compute at least, so that handing it out costs little.
constexpr int64_t taskElements = 16384;

/// The loops over results of one shape.
class MapNest {
public:
  MapNest(CpuBackend &backend, KernelOp kernel, ArrayRef<MapTarget> targets)
      : backend(backend), frame(backend.frame), targets(targets), layout(chooseLayout(kernel, targets, frame.lanes())) {
    chooseTasks();
    kept = findKept();
  }

  Expr tasks() const { return taskCount; }
  /// Runs tasks [lower, upper).
  void emit(Value lower, Value upper);

private:
  void chooseTasks();
  void emitRow(Value row, Value firstColumn, Value endColumn, bool isWhole);
  void emitPackedRows(Value firstRow);
  void emitColumn(std::vector<Index> &dims, const Index &column);
  void emitInner(std::vector<Index> &dims, size_t next);
  std::vector<Index> dimsOfRow(const Index &row) const;
  void placeColumn(std::vector<Index> &dims, const Index &column) const;
  void hoistRow(const std::vector<Index> &dims);
  std::optional<KeptValue> findKept() const;

  CpuBackend &backend;
  KernelFrame &frame;
  std::vector<MapTarget> targets;
  MapLayout layout;
  std::optional<KeptValue> kept;
  Expr taskCount;
  int64_t rowsPerTask = 1;
  std::optional<int64_t> columnsPerTask; ///< Set if a task is a part of a row.
};

void MapNest::chooseTasks() {
  std::optional<int64_t> columns = layout.columns().literal();
  bool isLong = !columns || *columns > taskElements;
  if (layout.vectors && isLong && !layout.rowReductions) {
    columnsPerTask = taskElements;
    taskCount = layout.rows() * ceilDiv(layout.columns(), taskElements);
    return;
  }
  int64_t work = columns.value_or(taskElements);
  for (size_t dim : layout.innerDims)
    work *= layout.shape[dim].literal().value_or(taskElements);
  if (layout.rowReductions || !layout.vectors)
    work = std::max<int64_t>(work, 1024);
  rowsPerTask = std::max<int64_t>(1, taskElements / std::max<int64_t>(1, work));
  if (layout.packsRows)
    rowsPerTask = std::max<int64_t>(1, rowsPerTask / frame.lanes()) * frame.lanes();
  taskCount = ceilDiv(layout.rows(), rowsPerTask);
  // Without columns there is nothing to do, whatever the number of rows.
  if (!columns || *columns == 0)
    taskCount = taskCount * min(layout.columns(), 1);
}

std::vector<Index> MapNest::dimsOfRow(const Index &row) const {
  Shape sizes;
  for (size_t dim : layout.rowDims)
    sizes.push_back(layout.shape[dim]);
  std::vector<Index> dims(layout.shape.size());
  for (auto [dim, index] : llvm::zip(layout.rowDims, delinearize(row, sizes)))
    dims[dim] = index;
  return dims;
}

void MapNest::placeColumn(std::vector<Index> &dims, const Index &column) const {
  size_t first = layout.shape.size() - layout.columnDims;
  std::vector<Index> split = delinearize(column, Shape(layout.shape.begin() + first, layout.shape.end()));
  std::copy(split.begin(), split.end(), dims.begin() + first);
}

void MapNest::emitInner(std::vector<Index> &dims, size_t next) {
  if (next == layout.innerDims.size()) {
    // All are computed before any is stored: a result may lie where an input does.
    SmallVector<Value> elements;
    for (const MapTarget &target : targets)
      elements.push_back(backend.value(backend.pull().pull(target.value, dims)));
    for (auto [target, element] : llvm::zip(targets, elements))
      backend.store(target.result, target.placeOf(dims), element);
    return;
  }
  size_t dim = layout.innerDims[next];
  frame.loop(frame.i64(0), frame.size(layout.shape[dim]), 1, [&](Value at) {
    Pull::Scope scope(backend.pull());
    dims[dim] = Index::variable(backend.addVariable(at), layout.shape[dim]);
    emitInner(dims, next + 1);
  });
}

void MapNest::emitColumn(std::vector<Index> &dims, const Index &column) {
  Pull::Scope scope(backend.pull());
  if (layout.columnDims > 0)
    placeColumn(dims, column);
  if (backend.kept && backend.kept->isStored)
    backend.pull().define(backend.kept->value, dims, backend.loadResult(backend.kept->result, dims));
  if (!layout.innerDims.empty())
    backend.hoist([&](Recorder &recorder) {
      std::vector<Index> any = dims;
      for (size_t dim : layout.innerDims)
        any[dim] = recorder.newVariable(layout.shape[dim]);
      for (const MapTarget &target : targets)
        recorder.pull().pull(target.value, any);
    });
  emitInner(dims, 0);
}

/// Computes what a row needs before its columns.
void MapNest::hoistRow(const std::vector<Index> &dims) {
  if (layout.columnDims == 0)
    return;
  backend.hoist([&](Recorder &recorder) {
    std::vector<Index> any = dims;
    for (size_t dim : layout.innerDims)
      any[dim] = recorder.newVariable(layout.shape[dim]);
    placeColumn(any, recorder.newVariable(layout.columns()));
    for (const MapTarget &target : targets)
      recorder.pull().pull(target.value, any);
  });
}

/// Finds the exponentials of a softmax: its sum needs them all, and then each result its own.
std::optional<KeptValue> MapNest::findKept() const {
  if (!layout.vectors || layout.columnDims != 1 || !layout.innerDims.empty() || layout.columns().isLiteral(1))
    return std::nullopt;
  const MapTarget &target = targets.front();
  Operation *root = target.value.getDefiningOp();
  if (!root || !target.start.isLiteral(0) || !getElementTypeOrSelf(target.value).isF32())
    return std::nullopt;
  for (auto exponential : root->getBlock()->getOps<ExpOp>()) {
    Type type = exponential.getType();
    bool isElement = false;
    GenericOp reduction;
    for (Operation *user : exponential->getUsers()) {
      auto generic = dyn_cast<GenericOp>(user);
      if (generic && generic.getInputs().size() == 1 && generic.getReduce().size() == 1 &&
          cast<AffineMapAttr>(generic.getMaps()[0]).getValue().isIdentity())
        reduction = generic;
      isElement |= isa<ElementwiseOpInterface>(user) && user->getResult(0).getType() == type;
    }
    if (reduction && isElement && type == target.value.getType())
      return KeptValue{exponential, reduction, target.result, {}};
  }
  return std::nullopt;
}

void MapNest::emitRow(Value row, Value firstColumn, Value endColumn, bool isWhole) {
  Pull::Scope scope(backend.pull());
  std::vector<Index> dims = dimsOfRow(Index::variable(backend.addVariable(row), layout.rows()));
  backend.kept = kept;
  if (kept)
    backend.kept->row.assign(dims.begin(), dims.end() - 1);
  hoistRow(dims);
  if (layout.vectors) {
    LaneLoop(backend, layout.columns(), 1).run(firstColumn, endColumn, isWhole, [&](Index column) {
      emitColumn(dims, column);
    });
    return;
  }
  frame.loop(firstColumn, endColumn, 1,
             [&](Value at) { emitColumn(dims, Index::variable(backend.addVariable(at), layout.columns())); });
}

/// One lane per row: every element of the rows is a vector of its own, and all are stored together.
void MapNest::emitPackedRows(Value firstRow) {
  Pull::Scope scope(backend.pull());
  const int variable = backend.addVariable(firstRow);
  backend.lanes = {variable, frame.lanes(), Value()};
  std::vector<Index> dims = dimsOfRow(Index::variable(variable, layout.rows()));
  backend.kept = kept;
  if (kept)
    backend.kept->row.assign(dims.begin(), dims.end() - 1);
  SmallVector<SmallVector<Value>> columns(targets.size());
  for (int64_t column = 0; column < *layout.columns().literal(); ++column) {
    placeColumn(dims, Index(column));
    for (auto [target, elements] : llvm::zip(targets, columns))
      elements.push_back(backend.value(backend.pull().pull(target.value, dims)));
  }
  placeColumn(dims, Index(0));
  for (auto [target, elements] : llvm::zip(targets, columns))
    backend.storeColumns(target.result, target.placeOf(dims), elements);
  backend.lanes = {};
}

void MapNest::emit(Value lower, Value upper) {
  Value columns = frame.size(layout.columns());
  Pull::Scope scope(backend.pull());
  // What all rows share is computed once per call.
  backend.hoist([&](Recorder &recorder) {
    std::vector<Index> any;
    for (const Expr &size : layout.shape)
      any.push_back(recorder.newVariable(size));
    for (const MapTarget &target : targets)
      recorder.pull().pull(target.value, any);
  });
  if (columnsPerTask) {
    Value chunks = frame.size(ceilDiv(layout.columns(), *columnsPerTask));
    frame.loop(lower, upper, 1, [&](Value task) {
      Value row = frame.floorDiv(task, chunks, true), chunk = frame.mod(task, chunks, true);
      Value first = frame.mul(chunk, frame.i64(*columnsPerTask));
      Value end = frame.minimum(frame.add(first, frame.i64(*columnsPerTask)), columns);
      emitRow(row, first, end, /*isWhole=*/false);
    });
    return;
  }
  Value perTask = frame.i64(rowsPerTask);
  Value end = frame.minimum(frame.mul(upper, perTask), frame.size(layout.rows()));
  std::optional<int64_t> known = layout.columns().literal();
  bool isWhole = known && *known % LaneLoop(backend, layout.columns(), 1).width() == 0;
  Value first = frame.mul(lower, perTask);
  if (layout.packsRows) {
    Value lanes = frame.i64(frame.lanes());
    Value whole = frame.mul(frame.floorDiv(end, lanes, true), lanes); // a task begins at a whole block
    frame.loop(first, whole, frame.lanes(), [&](Value block) { emitPackedRows(block); });
    first = frame.maximum(first, whole);
  }
  frame.loop(first, end, 1, [&](Value row) { emitRow(row, frame.i64(0), columns, isWhole); });
}

} // namespace

Expr heddle::emitMap(CpuBackend &backend, KernelOp kernel) {
  std::vector<std::vector<MapTarget>> groups;
  for (MapTarget &target : mapTargets(kernel)) {
    auto shareLoops = [&](const std::vector<MapTarget> &group) {
      return shapeOf(group.front().value.getType()) == shapeOf(target.value.getType());
    };
    auto group = llvm::find_if(groups, shareLoops);
    if (group == groups.end())
      group = groups.insert(groups.end(), std::vector<MapTarget>());
    group->push_back(std::move(target));
  }
  KernelFrame &frame = backend.frame;
  Expr total(0);
  for (const std::vector<MapTarget> &targets : groups) {
    MapNest nest(backend, kernel, targets);
    // This group's tasks follow those of the groups before it.
    Value offset = frame.size(total), count = frame.size(nest.tasks());
    auto clamp = [&](Value task) { return frame.minimum(frame.maximum(frame.sub(task, offset), frame.i64(0)), count); };
    bool isOnly = groups.size() == 1;
    nest.emit(isOnly ? frame.begin() : clamp(frame.begin()), isOnly ? frame.end() : clamp(frame.end()));
    total = total + nest.tasks();
  }
  return total;
}
