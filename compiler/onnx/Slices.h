// The boxes that ONNX's Slice describes, as starts, steps and sizes.
#ifndef HEDDLE_COMPILER_ONNX_SLICES_H
#define HEDDLE_COMPILER_ONNX_SLICES_H

#include "compiler/onnx/Node.h"

namespace heddle::onnximport {

/// One entry per dimension, normalized as `heddle.slice` wants them.
struct Box {
  Shape starts, steps, sizes;
};

/// Reads the starts, ends, axes and steps of a Slice, as attributes or inputs, for the first input.
Box readBox(Node &node);

} // namespace heddle::onnximport

#endif // HEDDLE_COMPILER_ONNX_SLICES_H
