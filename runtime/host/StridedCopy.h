// Copies between tensors in memory whatever their strides.
#ifndef HEDDLE_RUNTIME_HOST_STRIDEDCOPY_H
#define HEDDLE_RUNTIME_HOST_STRIDEDCOPY_H

#include "runtime/format/View.h"

namespace heddle {

/// True if the elements lie in row-major order without gaps; strides of dimensions of size 1 do not matter.
bool isDense(const View &view);

/// Copies every element of `from` to the same index of `to`. Both have one type and one shape (asserted) and share no
/// memory. Strings are copied by value. Dense tails of the shape move as one block.
void copyElements(const View &from, const View &to);

} // namespace heddle

#endif // HEDDLE_RUNTIME_HOST_STRIDEDCOPY_H
