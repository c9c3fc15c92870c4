// How the loops over a result are arranged: which dimensions become one, and along which one vectors run.
#ifndef HEDDLE_CODEGEN_CPU_MAPLAYOUT_H
#define HEDDLE_CODEGEN_CPU_MAPLAYOUT_H

#include "codegen/cpu/Recorder.h"

namespace heddle {

/// A value that a kernel stores: a result, or a part of one that concatenates.
struct MapTarget {
  unsigned result;
  mlir::Value value;
  size_t axis = 0; ///< Along which the part begins at `start`.
  Expr start = 0;

  /// Where the element of `value` at `dims` lies in the result.
  std::vector<Index> placeOf(llvm::ArrayRef<Index> dims) const;
};

/// What the kernel stores; a concatenation that is a result is written part by part, so that no element has to find out
/// which part it comes from.
std::vector<MapTarget> mapTargets(KernelOp kernel);

/// Loops over results of one shape: *rows*, then *columns* (the last dimensions as one), then *inner* dimensions.
struct MapLayout {
  std::vector<size_t> rowDims; ///< Outermost first.
  std::vector<size_t>
      innerDims;         ///< Dimensions that the columns' reductions do not depend on, inside of the columns' loop.
  size_t columnDims = 0; ///< The last so many dimensions form the columns.
  bool vectors = false;  ///< Vectors run along the columns; otherwise elements are computed one by one.
  bool rowReductions = false; ///< A row needs reductions of its own.
  /// Columns and reductions are so few that vectors run across whole rows, one lane per row, as far as rows fill them.
  bool packsRows = false;
  Shape shape;

  Expr rows() const;
  Expr columns() const;
};

/// Chooses the arrangement for `targets`, which have one shape, by the slopes of their accesses.
MapLayout chooseLayout(KernelOp kernel, llvm::ArrayRef<MapTarget> targets, int64_t lanes);

} // namespace heddle

#endif // HEDDLE_CODEGEN_CPU_MAPLAYOUT_H
