// The activation functions of recurrent ops.
#ifndef HEDDLE_COMPILER_ONNX_ACTIVATIONS_H
#define HEDDLE_COMPILER_ONNX_ACTIVATIONS_H

#include "compiler/onnx/Node.h"

namespace heddle::onnximport {

/// One of ONNX's activations. `alpha` and `beta` are their defaults.
struct ActivationKind {
  llvm::StringLiteral name;
  bool hasAlpha, hasBeta;
  double alpha, beta;
  mlir::Value (*apply)(Node &node, mlir::Value x, double alpha, double beta);
};

/// An activation with its parameters.
struct Activation {
  const ActivationKind *kind;
  double alpha, beta;

  mlir::Value apply(Node &node, mlir::Value x) const;
};

/// Reads activations, activation_alpha and activation_beta; without them `byDefault`, once per direction. The
/// parameters are listed for those activations alone that have them.
std::vector<Activation> readActivations(Node &node, const std::vector<std::string> &byDefault, int64_t directions);

} // namespace heddle::onnximport

#endif // HEDDLE_COMPILER_ONNX_ACTIVATIONS_H
