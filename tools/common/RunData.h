// What the running verbs do with tensors: draw inputs, summarize and compare outputs.
#ifndef HEDDLE_TOOLS_COMMON_RUNDATA_H
#define HEDDLE_TOOLS_COMMON_RUNDATA_H

#include "runtime/format/Expr.h"
#include "tools/io/Tensor.h"

namespace heddle {

/// What one drawn tensor may take: a shape that comes from a model must not keep the machine busy.
constexpr uint64_t mostDrawnBytes = uint64_t(256) << 20;

/// A tensor of random elements: floats of standard normal distribution, integers 0 or 1, bools. The stream depends on
/// `seed` and `name` only. Code::OverLimit beyond mostDrawnBytes.
Result<Tensor> drawTensor(const std::string &name, DType type, std::vector<int64_t> shape, uint64_t seed);

/// One line: `2x3xf32 min -1.2 max 3.4 mean 0.5 [0.1, 0.2, ...]`; NaNs and infinities are counted.
std::string summarize(const Tensor &tensor);

struct Tolerance {
  double relative = 1e-3, absolute = 1e-7;
};
/// Compares as the ONNX backend suite does: equal shapes and types, |got - want| <= absolute + relative * |want|, NaN
/// equals NaN, strings exact. Code::Mismatch says what differs first and how much at most.
Status compareTensors(const std::string &name, const Tensor &got, const Tensor &want, const Tolerance &tolerance);

} // namespace heddle

#endif // HEDDLE_TOOLS_COMMON_RUNDATA_H
