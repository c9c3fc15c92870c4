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
  /// Paddings that depend on sizes: `pads` is 0 there, and `paddedOutside` adds them to the operand.
  struct FreePad {
    size_t dim;       ///< Of the window.
    Expr low, padded; ///< Elements before the input's first, and the size with all padding.
  };
  std::vector<FreePad> freePads;

  size_t rank() const { return sizes.size(); }
  /// Input elements that a window spans in a dimension.
  int64_t extent(size_t dim) const { return (sizes[dim] - 1) * dilations[dim] + 1; }
};

/// An attribute with one integer in [least, 2^31) for each of `count` places.
std::vector<int64_t> boundedInts(Node &node, llvm::StringRef name, size_t count, int64_t byDefault, int64_t least);

/// The window of the filters at input 1, which agrees with kernel_shape and the rank of input 0.
std::vector<int64_t> filterWindow(Node &node);

/// Reads strides, dilations, pads, auto_pad and ceil_mode for the first input, `[N, C, spatial...]`.
Window readWindow(Node &node, std::vector<int64_t> sizes);

/// `x` of shape `[N, C, spatial...]` with the window's `freePads` around it, filled with the scalar `fill`.
mlir::Value paddedOutside(Node &node, mlir::Value x, const Window &window, mlir::Value fill);

/// A MaxPool that gives positions too, as a host call that gets sizes and paddings from the run.
void importMaxPoolWithIndices(Node &node, const Window &window);

} // namespace heddle::onnximport

#endif // HEDDLE_COMPILER_ONNX_WINDOWS_H
