// The register tile that matrix products and convolutions share.
#ifndef HEDDLE_CODEGEN_CPU_MICROKERNEL_H
#define HEDDLE_CODEGEN_CPU_MICROKERNEL_H

#include "codegen/cpu/KernelFrame.h"

namespace heddle {

/// A tile of `rows` times `vectors * lanes` sums that stay in registers while the reduction runs. Sums, and everything
/// indexed by them, are ordered by row, then by vector.
struct RegisterTile {
  int64_t rows;    ///< MR.
  int64_t vectors; ///< NR / lanes.
  int64_t lanes;
  mlir::Type element; ///< Compute type of sums and operands: a float or an integer.

  size_t sums() const { return size_t(rows * vectors); }
  mlir::VectorType vectorType() const { return mlir::VectorType::get({lanes}, element); }
};

/// Elements of the first operand in memory: (row, k) lies at `bases[row] + k * depthStride` elements, or, where rows
/// are at one distance, at `bases[0] + row * rowStride + k * depthStride`.
struct TileRows {
  llvm::SmallVector<mlir::Value> bases; ///< One, or one per row.
  mlir::Value rowStride;                ///< Null if there is a base per row.
  mlir::Value depthStride;
  mlir::Type element; ///< Graph type; converted when read.
};

/// Vectors of the second operand in memory: (k, vector) lies at `base + k * stride + vector * lanes` elements.
struct TilePanel {
  mlir::Value base;
  mlir::Value stride;
  mlir::Type element; ///< Graph type; converted when read.
  /// Lanes that may be read of each vector; null where all may.
  llvm::SmallVector<mlir::Value> masks;
};

/// What a tile multiplies. Both are called once per step of the reduction, in the loop's body; `k` runs from `lower`
/// to `upper`.
struct TileOperands {
  llvm::function_ref<mlir::Value(int64_t row, mlir::Value k)> left;     ///< A scalar of the compute type.
  llvm::function_ref<mlir::Value(int64_t vector, mlir::Value k)> right; ///< A vector of the compute type.
};

/// Vectors of zeros to start from.
llvm::SmallVector<mlir::Value> zeroSums(KernelFrame &frame, const RegisterTile &tile);

/// Emits `sums += left * right` over `[lower, upper)` and returns the sums. Each sum adds its products in the order of
/// k, one fused multiply-add each (integers wrap), so that tiles of all sizes give equal results.
llvm::SmallVector<mlir::Value> emitProducts(KernelFrame &frame, const RegisterTile &tile, mlir::Value lower,
                                            mlir::Value upper, mlir::ValueRange sums, const TileOperands &operands);

/// `sum + left * right`, all of one compute type; scalars or vectors.
mlir::Value multiplyAdd(KernelFrame &frame, mlir::Value left, mlir::Value right, mlir::Value sum);

/// Reads of operands in memory, for `TileOperands`.
mlir::Value loadLeft(KernelFrame &frame, const TileRows &rows, int64_t row, mlir::Value k);
mlir::Value loadRight(KernelFrame &frame, const RegisterTile &tile, const TilePanel &panel, int64_t vector,
                      mlir::Value k);

/// `lanes` elements of this graph type from an address on, in the compute type; zero where the mask, if given, is not
/// set.
mlir::Value loadLanes(KernelFrame &frame, mlir::Type element, int64_t lanes, mlir::Value address, mlir::Value mask);
/// Mask of the lanes `l` with `l < count`.
mlir::Value maskBelow(KernelFrame &frame, int64_t lanes, mlir::Value count);

} // namespace heddle

#endif // HEDDLE_CODEGEN_CPU_MICROKERNEL_H
