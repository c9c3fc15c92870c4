// The loops of a matrix product: tasks, column panels, tiles.
#ifndef HEDDLE_CODEGEN_CPU_GEMMNEST_H
#define HEDDLE_CODEGEN_CPU_GEMMNEST_H

#include "codegen/cpu/CpuBackend.h"
#include "codegen/cpu/GemmShape.h"
#include "codegen/cpu/MicroKernel.h"

namespace heddle {

/// Emits one matrix product with its epilogue. A task is a panel of columns and a block of rows of one product of the
/// batch.
class GemmNest {
public:
  GemmNest(CpuBackend &backend, KernelOp kernel, MatmulOp matmul);
  /// Fills the frame's function; returns the number of tasks.
  Expr emit();

private:
  /// A column panel of the current task.
  struct Panel {
    mlir::Value first;                    ///< Its first column.
    llvm::SmallVector<mlir::Value> masks; ///< Columns in use of each vector; null where all are.
    TilePanel memory;                     ///< Without `base` where it is pulled.
  };

  void emitTask(mlir::Value task);
  void emitTiles(const Panel &panel, mlir::Value firstRow, mlir::Value endRow);
  Panel makePanel(mlir::Value first);
  bool isRagged() const;

  // GemmPanels.cpp: the second operand.
  void locate(Panel &panel);
  mlir::Value rightBase();
  mlir::Value copyPays(mlir::Value rowCount);
  void copy(Panel &panel, mlir::Value rowCount);
  void copyRows(const Panel &panel);
  void copyLines(const Panel &panel);
  void copySquare(const Panel &panel, mlir::Value firstDepth, mlir::Value mask);
  mlir::Value pullRight(const Panel &panel, size_t vector, mlir::Value k);
  mlir::Value readRight(const Panel &panel, size_t vector, mlir::Value k);
  mlir::Value lineAddress(mlir::Value column);

  // GemmDots.cpp: a few rows times a transposed second operand, which is not copied.
  bool usesDots() const;
  void emitDots(const Panel &panel, mlir::Value firstRow, mlir::Value endRow);
  mlir::Value partialDot(const TileRows &left, mlir::Value line);
  mlir::Value dots(mlir::Value row, mlir::Value firstColumn);

  RegisterTile tileOf(int64_t rows) const { return {rows, shape.vectors, shape.lanes, element}; }
  std::vector<Index> rowPlace(mlir::Value row);
  mlir::Value leftAddress(mlir::Value row);
  std::optional<TileRows> directRows(mlir::Value row, int64_t rows);
  llvm::SmallVector<mlir::Value> products(const Panel &panel, mlir::Value row, int64_t rows);
  mlir::Value tileAddress(mlir::Value row, size_t vector);
  void emitTile(const Panel &panel, mlir::Value row, mlir::Value left);
  void storeTile(const Panel &panel, mlir::Value row, mlir::Value offset, int64_t rows);
  void emitEpilogue(const Panel &panel, mlir::Value firstRow, mlir::Value rows);
  void storeResults(mlir::Value row, mlir::Value sum);
  void useColumns(const Panel &panel, size_t vector);
  std::vector<Index> operandIndices(const Shape &operand, const Index &row, const Index &column,
                                    bool isTransposed) const;

  CpuBackend &backend;
  KernelFrame &frame;
  KernelOp kernel;
  MatmulOp matmul;
  GemmShape shape;
  mlir::Type element;       ///< Compute type.
  std::vector<Index> batch; ///< Of the current task.
  Index column;             ///< Of the current vector.
  bool hasEpilogue;
  mlir::Value copied;   ///< Scratch for a panel's copy.
  mlir::Value tile;     ///< Scratch for a tile's sums.
  mlir::Value lineSums; ///< Scratch for the sums of a vector of lines.
};

/// Lane numbers of the two shuffles that interleave a pair of registers.
struct LaneShuffles {
  llvm::SmallVector<int64_t> low, high; ///< Of the lower halves of the two, and of the upper ones.
};
LaneShuffles interleavingShuffles(int64_t lanes);

/// Register `i` of the result holds element `i` of each of `rows`, in their order: a square of lanes, transposed.
llvm::SmallVector<mlir::Value> transposeLanes(KernelFrame &frame, llvm::ArrayRef<mlir::Value> rows);
/// Lane `i` of the result is the sum of the lanes of `rows[i]`. As many rows as lanes.
mlir::Value sumOfEachRow(KernelFrame &frame, llvm::ArrayRef<mlir::Value> rows);

} // namespace heddle

#endif // HEDDLE_CODEGEN_CPU_GEMMNEST_H
