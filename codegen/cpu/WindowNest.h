// What convolution and pooling in register tiles share: where windows begin, and what comes after the sums.
#ifndef HEDDLE_CODEGEN_CPU_WINDOWNEST_H
#define HEDDLE_CODEGEN_CPU_WINDOWNEST_H

#include "codegen/cpu/CpuBackend.h"
#include "codegen/cpu/WindowShape.h"

namespace heddle {

/// A block of output pixels is computed tile by tile. For each pixel of the block, scratch holds where its window
/// begins in the input. A window position outside of the image is read from a row of neutral elements, so no copy of
/// the image is padded. Rows of the last tile that are left over repeat the block's last pixel and are not stored.
/// Source of the idea: Dukhan, The Indirect Convolution Algorithm, 2019.
class WindowNest {
public:
  WindowNest(CpuBackend &backend, KernelOp kernel, mlir::Operation *anchor, WindowShape shape);

protected:
  /// Output pixels `[first, first + count)`; count is at least 1.
  struct Block {
    mlir::Value first, count;
  };

  /// Fills the row of neutral elements, once per call of the kernel.
  void makeNeutralRow();
  /// Block number `block` of the output, with its windows found.
  Block beginBlock(mlir::Value block);
  Expr blocks() const { return ceilDiv(shape.pixels(), shape.taskPixels()); }

  /// Where a window position lies in the input, from where the window begins.
  struct Position {
    mlir::Value delta;                       ///< Elements from the window's begin.
    llvm::SmallVector<mlir::Value> distance; ///< Per spatial dimension.
  };
  Position positionAt(llvm::ArrayRef<mlir::Value> window);
  struct Pixel {
    llvm::SmallVector<mlir::Value> planes; ///< Its address; one per channel where the image is channels first.
    mlir::Value isInside;                  ///< Null if it always is.
  };
  Pixel pixelAt(const Block &block, mlir::Value row, const Position &position);

  /// Calls `body` for the positions of the first `dims` dimensions of the window, with carried values.
  using PositionBody =
      llvm::function_ref<llvm::SmallVector<mlir::Value>(llvm::ArrayRef<mlir::Value> window, mlir::ValueRange carried)>;
  llvm::SmallVector<mlir::Value> forPositions(size_t dims, mlir::ValueRange carried, PositionBody body);
  /// Number of a position in the filters, given its first coordinates; those that are missing are 0.
  mlir::Value positionNumber(llvm::ArrayRef<mlir::Value> window);

  /// Pulls the kernel's results for a tile of sums (row by row, `vectors` each), from pixel `row` of the block on, and
  /// channel `channel` on.
  void finish(const Block &block, mlir::Value row, mlir::Value channel, llvm::ArrayRef<mlir::Value> sums);
  /// Lanes of vector number `vector` that are channels, if not all are known to be.
  mlir::Value mask(mlir::Value channel, size_t vector);

  mlir::VectorType vectorType();
  mlir::Value splat(float value);
  mlir::Value loadVector(mlir::Value address, mlir::Value mask = mlir::Value());
  mlir::Value f32Address(mlir::Value base, mlir::Value offset);

  CpuBackend &backend;
  KernelFrame &frame;
  KernelOp kernel;
  mlir::Operation *anchor;
  WindowShape shape;

private:
  void findWindows(const Block &block);
  void storeResults(mlir::Value pixel, mlir::Value channel, size_t vector, mlir::Value sum);
  mlir::Value tableEntry(mlir::Value table, mlir::Value row);
  int64_t pixelElements() const { return shape.isChannelsFirst ? 1 : shape.channels; }

  mlir::Value neutralRow;
  mlir::Value tile;                           ///< Scratch for a tile's sums.
  mlir::Value begins;                         ///< Per pixel: elements from the input's begin; null if pointwise.
  llvm::SmallVector<mlir::Value> coordinates; ///< Per dimension and pixel: the window's first coordinate, if padded.
};

} // namespace heddle

#endif // HEDDLE_CODEGEN_CPU_WINDOWNEST_H
