// The weights of cubic interpolation.
#ifndef HEDDLE_COMPILER_ONNX_CUBICKERNEL_H
#define HEDDLE_COMPILER_ONNX_CUBICKERNEL_H

#include "compiler/onnx/Node.h"

namespace heddle::onnximport {

/// ((c0 * t + c1) * t + c2) * t + c3 in f32.
mlir::Value cubic(Node &node, mlir::Value t, llvm::ArrayRef<double> coefficients);

/// The weight of a neighbour at `distance`, below 1 if `isNear`, else between 1 and 2. `a` is the slope at 1. Source:
/// Keys 1981, Cubic convolution interpolation for digital image processing.
mlir::Value keysWeight(Node &node, mlir::Value distance, double a, bool isNear);

} // namespace heddle::onnximport

#endif // HEDDLE_COMPILER_ONNX_CUBICKERNEL_H
