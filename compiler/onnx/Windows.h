// Sliding windows of convolutions and pooling as ONNX's attributes describe them.
#ifndef HEDDLE_COMPILER_ONNX_WINDOWS_H
#define HEDDLE_COMPILER_ONNX_WINDOWS_H

#include "compiler/onnx/Node.h"

namespace heddle::onnximport {

/// One entry per spatial dimension; `pads` holds the low ones, then the high ones.
struct Window {
  std::vector<int64_t> sizes, strides, dilations, pads;
  /// Of `pads`, what only `ceil_mode` adds at the high ends: cells there count as padding, but not for averages.
  std::vector<int64_t> overhang;

  size_t rank() const { return sizes.size(); }
  /// Input elements that a window spans in a dimension.
  int64_t extent(size_t dim) const { return (sizes[dim] - 1) * dilations[dim] + 1; }
};

/// Reads strides, dilations, pads, auto_pad and ceil_mode for the first input, `[N, C, spatial...]`. Throws if a
/// padding depends on a size that is not literal.
Window readWindow(Node &node, std::vector<int64_t> sizes);

/// A MaxPool that gives positions too, as a host call.
void importMaxPoolWithIndices(Node &node, const Window &window);

} // namespace heddle::onnximport

#endif // HEDDLE_COMPILER_ONNX_WINDOWS_H
