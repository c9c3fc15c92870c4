// Vectors of every n-th element of memory, by shuffles of vectors of neighbours.
#ifndef HEDDLE_CODEGEN_CPU_STRIDEDLANES_H
#define HEDDLE_CODEGEN_CPU_STRIDEDLANES_H

#include "codegen/cpu/KernelFrame.h"

namespace heddle {

/// Strides from 2 to this are shuffled: a row then takes two vectors at most, and its columns as vectors stay in
/// registers.
inline int64_t largestShuffledStride(int64_t lanes) { return 2 * lanes; }

/// Reads, or writes, a vector of neighbours that begin at this element.
using ReadNeighbours = llvm::function_ref<mlir::Value(int64_t first)>;
using WriteNeighbours = llvm::function_ref<void(int64_t first, mlir::Value vector)>;

/// Reads `lanes` rows of `stride` elements each, which follow one another, as columns: lane `l` of column `c` is
/// element `l * stride + c`. Nothing outside of these elements is read.
///
/// Two ways, whichever takes fewer shuffles: vectors of neighbours are dealt out factor by factor of the stride, or
/// rows are read where they begin and transposed in squares.
llvm::SmallVector<mlir::Value> readColumns(KernelFrame &frame, int64_t stride, int64_t lanes, ReadNeighbours read);
/// The reverse. Elements may be written more than once, the last time with their value.
void writeColumns(KernelFrame &frame, llvm::ArrayRef<mlir::Value> columns, WriteNeighbours write);

/// The size of a reduction over one dimension whose elements are few enough to be columns, if that is known.
std::optional<int64_t> shortRow(const Shape &extents, int64_t lanes);

/// Where a load of every `stride`-th element lies in its group of neighbours.
struct StridedPlace {
  int64_t stride;
  int64_t column; ///< In [0, stride).
};
/// How vectors along `variable` can be shuffled out of a buffer of `count` elements; nullopt if its loads are not a
/// short literal stride apart, or if whole groups of neighbours might not lie within the buffer.
std::optional<StridedPlace> stridedPlace(const Index &offset, int variable, const Expr &count, int64_t lanes);

} // namespace heddle

#endif // HEDDLE_CODEGEN_CPU_STRIDEDLANES_H
