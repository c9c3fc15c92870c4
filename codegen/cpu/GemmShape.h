// Sizes of a matrix product and of the register tiles that compute it.
#ifndef HEDDLE_CODEGEN_CPU_GEMMSHAPE_H
#define HEDDLE_CODEGEN_CPU_GEMMSHAPE_H

#include "codegen/cpu/CpuLevel.h"
#include "ir/HeddleOps.h"

namespace heddle {

/// `batch` products of [rows, inner] and [inner, columns]. A tile holds `tileRows * vectors` accumulators of `lanes`
/// elements in registers.
struct GemmShape {
  GemmShape(MatmulOp matmul, const CpuLevel &level);

  Shape batch;
  Expr rows, columns, inner;
  int64_t tileRows, vectors, lanes;
  int64_t elementBytes; ///< Of the compute type.
  /// Heights of the tiles for rows that are left over, in the order in which they are tried.
  llvm::SmallVector<int64_t> remainders;

  int64_t panelColumns() const { return vectors * lanes; }
  /// Rows that a task computes, whole tiles: enough to reuse a panel of the second operand from the cache.
  int64_t taskRows() const { return 128 / tileRows * tileRows; }
  Expr panels() const { return ceilDiv(columns, panelColumns()); }
  int64_t panelBytes() const;
  /// True if a copy of a panel has a known size that fits into a cache.
  bool canPack() const { return inner.literal() && panelBytes() <= 512 * 1024; }

private:
  void chooseTile(const CpuLevel &level);
};

/// False if a dot product per element is the better way: a row times a transposed operand, or a single column.
bool isWorthTiles(MatmulOp matmul);

} // namespace heddle

#endif // HEDDLE_CODEGEN_CPU_GEMMSHAPE_H
