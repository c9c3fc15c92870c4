// Values that are another value's elements at regular distances: what movement ops leave to be read in place.
#ifndef HEDDLE_IR_STRIDEDVIEW_H
#define HEDDLE_IR_STRIDEDVIEW_H

#include "ir/HeddleOps.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace heddle {

/// A tensor as elements of `source`, a dense row-major one: the element at `index` is element
/// `offset + sum(index[d] * strides[d])` of the source. A broadcast dimension has stride 0.
struct StridedView {
  mlir::Value source;
  Expr offset;
  std::vector<Expr> strides;
};

/// Looks through reshapes, transposes, broadcasts and slices as far as strides can describe them; a value that is made
/// by anything else, or by an op that `mayPass` refuses, is its own source. O(ops * rank^2).
StridedView stridedView(mlir::Value value, llvm::function_ref<bool(mlir::Operation *)> mayPass = nullptr);

/// The strides of a dense row-major tensor.
std::vector<Expr> denseStrides(const Shape &shape);

/// The strides of the same elements under another shape, which lists them in the same order; nullopt if there are none.
/// Sizes that are not literal count as larger than 1.
std::optional<std::vector<Expr>> reshapeStrides(const Shape &from, llvm::ArrayRef<Expr> strides, const Shape &to);

/// The same for a value in memory: a dimension of size 1 gets the stride that it would have in front of the next one
/// without a gap, so that a value without gaps has `denseStrides`.
std::optional<std::vector<Expr>> partStrides(const Shape &from, llvm::ArrayRef<Expr> strides, const Shape &to);

/// True if the elements of the slice are neighbours in its operand.
bool isContiguous(SliceOp slice);
/// Distance of the first element of a slice of a row-major tensor from the tensor's, in elements.
Expr firstElement(SliceOp slice);

/// The attribute of a kernel's result that holds its strides.
inline constexpr llvm::StringLiteral stridesAttrName = "heddle.strides";
/// Distances in elements at which a kernel stores its result number `result`.
std::vector<Expr> storedStrides(KernelOp kernel, unsigned result);

} // namespace heddle

#endif // HEDDLE_IR_STRIDEDVIEW_H
