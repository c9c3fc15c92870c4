// Chooses loop arrangements from dry runs.
#include "codegen/cpu/MapLayout.h"
#include "codegen/cpu/StridedLanes.h"
#include "ir/Shapes.h"
#include "ir/StridedView.h"

using namespace mlir;
using namespace heddle;

Expr MapLayout::rows() const {
  Expr count(1);
  for (size_t dim : rowDims)
    count = count * shape[dim];
  return count;
}

Expr MapLayout::columns() const { return productOf(shape, shape.size() - columnDims, shape.size()); }

std::vector<Index> MapTarget::placeOf(ArrayRef<Index> dims) const {
  std::vector<Index> place = dims.vec();
  if (!start.isLiteral(0))
    place[axis] = place[axis] + Index(start);
  return place;
}

std::vector<MapTarget> heddle::mapTargets(KernelOp kernel) {
  std::vector<MapTarget> targets;
  auto terminator = cast<ReturnOp>(kernel.getBody().front().getTerminator());
  for (auto [result, value] : llvm::enumerate(terminator.getValues())) {
    auto concat = value.getDefiningOp<ConcatOp>();
    if (!concat) {
      targets.push_back({unsigned(result), value});
      continue;
    }
    Expr start(0);
    for (Value part : concat.getParts()) {
      targets.push_back({unsigned(result), part, size_t(concat.getAxis()), start});
      start = start + shapeOf(part.getType())[concat.getAxis()];
    }
  }
  return targets;
}

namespace {

/// More dimensions fill no vector better, and each costs a trial.
constexpr size_t mostColumnDims = 8;

/// True if an access along a vector, at this slope of the vector's variable, takes a scalar or neighbours.
bool isDirect(const std::optional<Expr> &slope) { return slope && (slope->isLiteral(0) || slope->isLiteral(1)); }

/// Elements that an access along a vector costs; `isShuffled`: columns of short rows are taken apart in registers.
int64_t accessCost(const std::optional<Expr> &slope, bool isShuffled, int64_t lanes) {
  if (isDirect(slope))
    return 1;
  std::optional<int64_t> stride = slope ? slope->literal() : std::nullopt;
  return isShuffled && stride && *stride >= 2 && *stride <= largestShuffledStride(lanes) ? std::min(*stride, lanes)
                                                                                         : lanes;
}

/// One way to see the result's dimensions, and what was accessed.
struct Trial {
  Recorder recorder;
  std::vector<Index> dims; ///< One per dimension of the result.
  std::optional<int> column;

  Trial(KernelOp kernel, ArrayRef<MapTarget> targets, const Shape &shape, size_t columnDims) : recorder(kernel) {
    size_t rows = shape.size() - columnDims;
    for (size_t dim = 0; dim < rows; ++dim)
      dims.push_back(recorder.newVariable(shape[dim]));
    if (columnDims > 0) {
      Shape columnShape(shape.begin() + rows, shape.end());
      Index flat = recorder.newVariable(elementCount(columnShape));
      column = flat.variableId();
      llvm::append_range(dims, delinearize(flat, columnShape));
    }
    for (const MapTarget &target : targets)
      recorder.pull().pull(target.value, dims);
  }

  bool dependsOnColumn(ArrayRef<Index> indices) const {
    return column && llvm::any_of(indices, [&](const Index &index) { return index.dependsOn(*column); });
  }

  /// Loads that vectors cannot make as a whole.
  size_t strayLoads() const {
    return llvm::count_if(recorder.accesses(), [&](const Recorder::Access &access) {
      return !access.isReduction && column && !isDirect(Recorder::offsetOf(access).slope(*column));
    });
  }

  /// Loads whose addresses take divisions in every lane.
  size_t dividedLoads() const {
    return llvm::count_if(recorder.accesses(), [&](const Recorder::Access &access) {
      return !access.isReduction && column && !Recorder::offsetOf(access).slope(*column);
    });
  }

  /// Reductions that need one result per column.
  size_t columnReductions() const {
    return llvm::count_if(recorder.accesses(), [&](const Recorder::Access &access) {
      return access.isReduction && dependsOnColumn(access.indices);
    });
  }
};

/// True if neighbours along the columns are neighbours in the results; dividing by a free size can hide that.
bool storesRows(const Trial &trial, KernelOp kernel, ArrayRef<MapTarget> targets) {
  return llvm::all_of(targets, [&](const MapTarget &target) {
    Shape shape = shapeOf(kernel.getResultTypes()[target.result]);
    Index place = linearize(target.placeOf(trial.dims), shape, storedStrides(kernel, target.result));
    return place.slope(*trial.column) == Expr(1);
  });
}

/// Compares vectors along the columns with vectors along each reduction: true if the latter cost less.
bool prefersReductionLanes(const Trial &trial, const Expr &columns, int64_t lanes) {
  int64_t inLanes = 0, across = 0;
  int64_t columnCount = columns.literal().value_or(lanes);
  int64_t used = std::clamp<int64_t>(columnCount, 1, lanes);
  for (const Recorder::Access &reduction : trial.recorder.accesses()) {
    if (!reduction.isReduction || !trial.dependsOnColumn(reduction.indices))
      continue;
    int64_t size = elementCount(reduction.extents).literal().value_or(64);
    int64_t columnCost = 1, reducedCost = 1;
    bool isShuffled = shortRow(reduction.extents, lanes).has_value();
    for (const Recorder::Access &load : trial.recorder.accesses()) {
      if (load.isReduction || load.reduced.empty())
        continue;
      Index offset = Recorder::offsetOf(load);
      columnCost = std::max(columnCost, accessCost(offset.slope(*trial.column), isShuffled, lanes));
      reducedCost = std::max(reducedCost, accessCost(offset.slope(load.reduced.back()), /*isShuffled=*/false, lanes));
    }
    // Adding up the lanes costs some 8 steps.
    inLanes += size * columnCost * lanes / used;
    across += lanes * ((size + lanes - 1) / lanes * reducedCost + 8);
  }
  return across < inLanes;
}

/// Dimensions that reductions over the columns do not depend on: a loop over them goes inside, or it would repeat them.
std::vector<size_t> independentDims(const Trial &trial, size_t rows) {
  std::vector<size_t> inner;
  for (size_t dim = 0; dim < rows; ++dim) {
    std::optional<int> variable = trial.dims[dim].variableId();
    bool isInner =
        variable && llvm::any_of(trial.recorder.accesses(), [&](const Recorder::Access &access) {
          return access.isReduction && !access.isGuarded && trial.dependsOnColumn(access.indices) &&
                 llvm::none_of(access.indices, [&](const Index &index) { return index.dependsOn(*variable); });
        });
    if (isInner)
      inner.push_back(dim);
  }
  return inner;
}

/// True if rows fill vectors so well that packing them saves less than its shuffles cost; exponentials still gain.
bool areFull(KernelOp kernel, int64_t columns, int64_t lanes) {
  return columns >= lanes && columns % (lanes / 2) == 0 && kernel.getBody().front().getOps<ExpOp>().empty();
}

/// True if one lane per row costs no gather: all accesses are the same for all rows, or short strides apart.
bool canPackRows(KernelOp kernel, ArrayRef<MapTarget> targets, const MapLayout &layout, int64_t lanes) {
  std::optional<int64_t> columns = layout.columns().literal();
  bool isShort = columns && *columns >= 2 && *columns <= largestShuffledStride(lanes) && lanes >= 2;
  if (!isShort || layout.rows().literal().value_or(lanes) < lanes || areFull(kernel, *columns, lanes))
    return false;
  Recorder recorder(kernel);
  Index row = recorder.newVariable(layout.rows());
  std::optional<int> variable = row.variableId();
  size_t rowDims = layout.shape.size() - layout.columnDims;
  for (int64_t column = 0; column < *columns; ++column) {
    std::vector<Index> dims = delinearize(row, Shape(layout.shape.begin(), layout.shape.begin() + rowDims));
    llvm::append_range(dims, delinearize(Index(column), Shape(layout.shape.begin() + rowDims, layout.shape.end())));
    for (const MapTarget &target : targets) {
      Shape shape = shapeOf(kernel.getResultTypes()[target.result]);
      if (linearize(target.placeOf(dims), shape, storedStrides(kernel, target.result)).slope(*variable) !=
          Expr(*columns))
        return false;
      recorder.pull().pull(target.value, dims);
    }
  }
  return llvm::all_of(recorder.accesses(), [&](const Recorder::Access &access) {
    if (access.isGuarded)
      return false;
    if (access.isReduction)
      return shortRow(access.extents, lanes).has_value();
    std::optional<Expr> slope = Recorder::offsetOf(access).slope(*variable);
    std::optional<int64_t> stride = slope ? slope->literal() : std::nullopt;
    if (!stride || *stride < 0 || *stride > largestShuffledStride(lanes))
      return false;
    return *stride < 2 || mod(elementCount(shapeOf(access.value.getType())), *stride).isLiteral(0);
  });
}

} // namespace

MapLayout heddle::chooseLayout(KernelOp kernel, ArrayRef<MapTarget> targets, int64_t lanes) {
  MapLayout layout;
  layout.shape = shapeOf(targets.front().value.getType());
  size_t rank = layout.shape.size();
  layout.columnDims = rank == 0 ? 0 : 1;
  auto best = std::make_unique<Trial>(kernel, targets, layout.shape, layout.columnDims);
  for (size_t dims = 2; dims <= std::min(rank, mostColumnDims); ++dims) {
    auto wider = std::make_unique<Trial>(kernel, targets, layout.shape, dims);
    // Short rows are better divided than left with most of their lanes unused.
    bool areLong = layout.columns().literal().value_or(lanes) >= lanes / 2;
    bool isWorse =
        wider->strayLoads() > best->strayLoads() || (areLong && wider->dividedLoads() > best->dividedLoads()) ||
        wider->columnReductions() > best->columnReductions() ||
        wider->recorder.accesses().size() > best->recorder.accesses().size() || !storesRows(*wider, kernel, targets);
    if (isWorse)
      break;
    layout.columnDims = dims;
    best = std::move(wider);
  }
  layout.vectors = best->column && !prefersReductionLanes(*best, layout.columns(), lanes);
  layout.rowReductions = llvm::any_of(best->recorder.accesses(), [&](const Recorder::Access &access) {
    return access.isReduction && !best->dependsOnColumn(access.indices);
  });
  size_t rows = rank - layout.columnDims;
  if (layout.vectors)
    layout.innerDims = independentDims(*best, rows);
  for (size_t dim = 0; dim < rows; ++dim)
    if (!llvm::is_contained(layout.innerDims, dim))
      layout.rowDims.push_back(dim);
  layout.packsRows =
      layout.vectors && layout.rowReductions && layout.innerDims.empty() && canPackRows(kernel, targets, layout, lanes);
  return layout;
}
