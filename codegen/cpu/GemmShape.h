// Sizes of a matrix product and of the register tiles that compute it.
#ifndef HEDDLE_CODEGEN_CPU_GEMMSHAPE_H
#define HEDDLE_CODEGEN_CPU_GEMMSHAPE_H

#include "codegen/cpu/CpuLevel.h"
#include "ir/HeddleOps.h"
#include "ir/StridedView.h"

namespace heddle {

/// How the second operand's elements lie in memory.
enum class RightLayout {
  Panels, ///< A packed weight whose panels are those of the tiles.
  Rows,   ///< Neighbours along the columns lie together.
  Lines,  ///< Neighbours along the reduction lie together: a transposed matrix.
  Pulled, ///< Anything else.
};

/// `batch` products of [rows, inner] and [inner, columns]. A tile holds `tileRows * vectors` accumulators of `lanes`
/// elements in registers.
struct GemmShape {
  GemmShape(KernelOp kernel, MatmulOp matmul, const CpuLevel &level);

  Shape batch;
  Expr rows, columns, inner;
  int64_t tileRows, vectors, lanes;
  int64_t elementBytes; ///< Of the compute type.
  /// Heights of the tiles for rows that are left over, in the order in which they are tried.
  llvm::SmallVector<int64_t> remainders;
  /// The operands as views of arguments; nullopt where they must be pulled.
  std::optional<StridedView> left, right;
  RightLayout layout = RightLayout::Pulled;
  /// The second operand is one matrix for the whole batch: the rows of all batches are rows of one product.
  bool isFlat = false;
  /// Those rows of the first operand lie at one distance.
  bool hasEvenRows = true;

  int64_t panelColumns() const { return vectors * lanes; }
  /// Rows that a task computes, whole tiles: enough to reuse a panel of the second operand from the cache, and more
  /// where each task copies the panel.
  int64_t taskRows() const { return (layout == RightLayout::Panels ? 128 : 512) / tileRows * tileRows; }
  Expr panels() const { return ceilDiv(columns, panelColumns()); }
  /// Steps of the reduction for which a panel's copy has room: whole vectors. Where only a run knows the size, longer
  /// reductions are not copied.
  int64_t copiedDepth() const;
  int64_t panelBytes() const { return copiedDepth() * panelColumns() * elementBytes; }
  /// True if a panel can be copied, to a place that stays in a cache.
  bool canCopy() const { return (inner.literal() || layout == RightLayout::Rows) && panelBytes() <= 512 * 1024; }
  /// Rows up to which reading a transposed operand's lines in place is faster than copying them into a panel.
  static constexpr int64_t dotRows = 4;
  /// True if `left` can be read in vectors along the reduction.
  bool readsLeftLines() const;

private:
  void chooseTile(KernelOp kernel, MatmulOp matmul, const CpuLevel &level);
  void locate(MatmulOp matmul);
  void flatten(MatmulOp matmul, const Shape &y);
};

/// False if a dot product per element is the better way: a single column.
bool isWorthTiles(MatmulOp matmul);

} // namespace heddle

#endif // HEDDLE_CODEGEN_CPU_GEMMSHAPE_H
