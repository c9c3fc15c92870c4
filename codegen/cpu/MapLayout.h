// How the loops over a result are arranged: which dimensions become one, and along which one vectors run.
#ifndef HEDDLE_CODEGEN_CPU_MAPLAYOUT_H
#define HEDDLE_CODEGEN_CPU_MAPLAYOUT_H

#include "codegen/cpu/Recorder.h"

namespace heddle {

/// Loops over results of one shape: *rows*, then *columns* (the last dimensions as one), then *inner* dimensions.
struct MapLayout {
  std::vector<size_t> rowDims; ///< Outermost first.
  std::vector<size_t>
      innerDims;         ///< Dimensions that the columns' reductions do not depend on, inside of the columns' loop.
  size_t columnDims = 0; ///< The last so many dimensions form the columns.
  bool vectors = false;  ///< Vectors run along the columns; otherwise elements are computed one by one.
  bool rowReductions = false; ///< A row needs reductions of its own.
  Shape shape;

  Expr rows() const;
  Expr columns() const;
};

/// Chooses the arrangement for `results`, which have one shape, by the slopes of their accesses.
MapLayout chooseLayout(KernelOp kernel, llvm::ArrayRef<mlir::Value> results, int64_t lanes);

} // namespace heddle

#endif // HEDDLE_CODEGEN_CPU_MAPLAYOUT_H
