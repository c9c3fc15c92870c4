// Elements of tensors as doubles, whatever their type: for drawing, comparing and summaries.
#ifndef HEDDLE_TOOLS_COMMON_ELEMENTS_H
#define HEDDLE_TOOLS_COMMON_ELEMENTS_H

#include "tools/io/Tensor.h"

namespace heddle {

/// Element `index` in row-major order; 64-bit integers beyond 2^53 are rounded. Not for strings.
double loadElement(const Tensor &tensor, int64_t index);
/// Stores `value` converted as Cast does.
void storeElement(Tensor &tensor, int64_t index, double value);

} // namespace heddle

#endif // HEDDLE_TOOLS_COMMON_ELEMENTS_H
