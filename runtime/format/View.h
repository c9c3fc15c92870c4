// A tensor somewhere in memory, as host functions and the runtime see it.
#ifndef HEDDLE_RUNTIME_FORMAT_VIEW_H
#define HEDDLE_RUNTIME_FORMAT_VIEW_H

#include "runtime/format/DType.h"
#include <cstdint>
#include <vector>

namespace heddle {

/// Borrowed memory with a shape and strides. Strides are in elements and may be 0 (broadcast) or negative.
/// The memory belongs to whoever made the view and is aligned to the element only.
struct View {
  void *data = nullptr;
  DType type = DType::F32;
  std::vector<int64_t> shape;
  std::vector<int64_t> strides;

  int64_t elementCount() const {
    int64_t count = 1;
    for (int64_t size : shape)
      count *= size;
    return count;
  }
};

/// Row-major strides, in elements, of a dense tensor.
inline std::vector<int64_t> rowMajorStrides(const std::vector<int64_t> &shape) {
  std::vector<int64_t> strides(shape.size(), 1);
  for (size_t dim = shape.size(); dim > 1; --dim)
    strides[dim - 2] = strides[dim - 1] * shape[dim - 1];
  return strides;
}

} // namespace heddle

#endif // HEDDLE_RUNTIME_FORMAT_VIEW_H
