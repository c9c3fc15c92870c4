// Host functions `cum_sum` and `cum_prod`: running sums and products along an axis.
#include "runtime/host/Elements.h"
#include "runtime/host/Functions.h"

namespace heddle::host {
namespace {

/// What a running value is kept in: f64 for f64, f32 for the smaller floats, 64 bits that wrap for integers.
template <typename Running, typename Value> Running step(bool isProduct, Running running, Value value) {
  return isProduct ? Running(running * Running(value)) : Running(running + Running(value));
}

/// Runs along each row of `x`.
template <typename Running, typename Value>
void runAlong(const View &x, const View &y, size_t axis, const HostAttrs &attrs, bool isProduct) {
  const bool isExclusive = intAttr(attrs, "exclusive", 0) != 0, isReverse = intAttr(attrs, "reverse", 0) != 0;
  const int64_t size = x.shape[axis];
  std::vector<int64_t> xRows = rowMajorOffsets(sliceAt(x, axis, 0)), yRows = rowMajorOffsets(sliceAt(y, axis, 0));
  for (size_t row = 0; row < xRows.size(); ++row) {
    Running running = Running(isProduct ? 1 : 0);
    for (int64_t i = 0; i < size; ++i) {
      const int64_t position = isReverse ? size - 1 - i : i;
      const Running before = running;
      running = step(isProduct, running, load<Value>(x, xRows[row] + position * x.strides[axis]));
      store(y, yRows[row] + position * y.strides[axis], Value(isExclusive ? before : running));
    }
  }
}

Status cumulate(const HostAttrs &attrs, std::span<const View> inputs, HostOutputs &outputs, bool isProduct) {
  HEDDLE_RETURN_IF_ERROR(needInputs(inputs, 2));
  const View &x = inputs[0];
  Result<int64_t> given = scalarOf(inputs[1], "axis");
  if (!given)
    return given.status();
  Result<size_t> axis = axisOf(*given, x.shape.size());
  if (!axis)
    return axis.status();
  if (x.type == DType::String)
    return Status(Code::Malformed, "strings cannot be added up");
  Result<View> y = outputs.allocate(0, x.shape);
  if (!y)
    return y.status();
  if (x.elementCount() == 0)
    return Status::ok();
  if (x.type == DType::F64)
    runAlong<double, double>(x, *y, *axis, attrs, isProduct);
  else if (isFloat(x.type))
    runAlong<float, double>(x, *y, *axis, attrs, isProduct);
  else if (isUnsignedInteger(x.type))
    runAlong<uint64_t, uint64_t>(x, *y, *axis, attrs, isProduct);
  else
    runAlong<uint64_t, int64_t>(x, *y, *axis, attrs, isProduct);
  return Status::ok();
}

} // namespace

/// Inputs: x, axis (one integer). Attributes: exclusive (0), reverse (0). Result: of x's shape and type; integers wrap.
/// Source: ONNX CumSum.
Status cumSum(const HostAttrs &attrs, std::span<const View> inputs, HostOutputs &outputs) {
  return cumulate(attrs, inputs, outputs, false);
}

/// As `cum_sum`, with products. Source: ONNX CumProd.
Status cumProd(const HostAttrs &attrs, std::span<const View> inputs, HostOutputs &outputs) {
  return cumulate(attrs, inputs, outputs, true);
}

} // namespace heddle::host
