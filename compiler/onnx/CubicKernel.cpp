// Implements the weights of cubic interpolation.
#include "compiler/onnx/CubicKernel.h"

using namespace mlir;
using namespace heddle;

Value onnximport::cubic(Node &node, Value t, ArrayRef<double> coefficients) {
  Type f32 = node.builder().getF32Type();
  Value result = node.scalar(coefficients.front(), f32);
  for (double coefficient : coefficients.drop_front())
    result = node.add(node.mul(result, t), node.scalar(coefficient, f32));
  return result;
}

Value onnximport::keysWeight(Node &node, Value distance, double a, bool isNear) {
  return isNear ? cubic(node, distance, {a + 2, -(a + 3), 0, 1}) : cubic(node, distance, {a, -5 * a, 8 * a, -4 * a});
}
