// Matrix products and convolutions as one product of two matrices per batch.
#ifndef HEDDLE_CODEGEN_CUDA_PRODUCT_H
#define HEDDLE_CODEGEN_CUDA_PRODUCT_H

#include "codegen/cuda/Recorder.h"

namespace heddle::cuda {

/// One of the two matrices.
struct ProductOperand {
  mlir::Value value;
  std::vector<Index> place; ///< In `value`, in terms of the product's variables.
  bool isInnerLast = false; ///< Neighbours in memory are neighbours along the inner dimension.
  Expr rowLength;           ///< Elements from one row in memory to the next.
};

/// What a loop variable counts: the elements of `shape`, whose dimensions go by these names.
struct ProductAxis {
  Index index;
  Shape shape;
  std::vector<std::string> names;
};

/// `result[place] = sum over k of lhs * rhs`, for each row and column of each batch.
///
/// A convolution is one with a row per filter, a column per pixel of the result and an inner dimension of channels and
/// window: the matrix of windows is never stored (implicit GEMM). Batches are images and groups.
struct Product {
  mlir::Operation *op = nullptr;
  Shape batch;
  Expr rows, cols, inner;
  Index batchIndex, row, col, k;
  ProductOperand lhs, rhs;
  std::vector<ProductAxis> axes; ///< For names in the text.
  /// Blocks along x, of which a grid may have most, go along the columns.
  bool columnsAlongX = false;
  std::vector<Index> place;
};

/// Describes a `heddle.matmul`, or a `heddle.conv` in nchw layout without padding, in new variables of the recorder.
/// nullopt for another op or layout.
std::optional<Product> describeProduct(mlir::Operation *op, Recorder &recorder);

/// Moves the padding of a convolution into an op before it, which is pulled: bounds become guards.
void separatePadding(ConvOp conv);

} // namespace heddle::cuda

#endif // HEDDLE_CODEGEN_CUDA_PRODUCT_H
