// Host functions `compress`, `reverse_sequence` and `range`: results that select or count.
#include "runtime/host/Elements.h"
#include "runtime/host/Functions.h"
#include "runtime/host/StridedCopy.h"

#include <cmath>

namespace heddle::host {
namespace {

/// Largest result of `range`, in elements: a step near zero must not use up the memory.
constexpr double maxRange = double(int64_t(1) << 40);

/// The number of elements of a range; Code::Malformed for a step of 0.
Result<int64_t> rangeLength(const View &start, const View &limit, const View &step) {
  if (isFloat(start.type)) {
    const double delta = load<double>(step, 0);
    const double count = std::ceil((load<double>(limit, 0) - load<double>(start, 0)) / delta);
    if (delta == 0 || std::isnan(count) || count > maxRange)
      return Status(Code::Malformed, "a range of step " + std::to_string(delta) + " has no end");
    return int64_t(std::max(count, 0.0));
  }
  const __int128 first = load<int64_t>(start, 0), last = load<int64_t>(limit, 0), delta = load<int64_t>(step, 0);
  if (delta == 0)
    return Status(Code::Malformed, "a range of step 0 has no end");
  const __int128 distance = last - first;
  const __int128 count =
      distance == 0 || (distance < 0) != (delta < 0) ? 0 : (distance + delta - (delta > 0 ? 1 : -1)) / delta;
  if (double(count) > maxRange)
    return Status(Code::OverLimit, "a range of " + std::to_string(double(count)) + " elements");
  return int64_t(count);
}

} // namespace

/// Inputs: x, condition (bool, rank 1, perhaps shorter than the axis). Attributes: axis (absent: x flattened). Result:
/// the slices whose condition is true. Source: ONNX Compress.
Status compress(const HostAttrs &attrs, std::span<const View> inputs, HostOutputs &outputs) {
  HEDDLE_RETURN_IF_ERROR(needInputs(inputs, 2));
  const View &x = inputs[0], &condition = inputs[1];
  if (condition.type != DType::Bool || condition.shape.size() != 1)
    return Status(Code::Malformed, "the condition is not bool of rank 1");
  const bool isFlat = !attrs.contains("axis");
  Result<size_t> axis = isFlat ? Result<size_t>(size_t(0)) : axisOf(intAttr(attrs, "axis", 0), x.shape.size());
  if (!axis)
    return axis.status();
  const int64_t size = isFlat ? x.elementCount() : x.shape[*axis];
  if (condition.shape[0] > size)
    return Status(Code::Malformed,
                  "the condition has " + std::to_string(condition.shape[0]) + " elements for " + std::to_string(size));
  std::vector<int64_t> chosen;
  for (int64_t i = 0; i < condition.shape[0]; ++i)
    if (load<int64_t>(condition, i * condition.strides[0]) != 0)
      chosen.push_back(i);
  std::vector<int64_t> shape = isFlat ? std::vector<int64_t>{0} : x.shape;
  shape[*axis] = int64_t(chosen.size());
  Result<View> y = outputs.allocate(0, shape);
  if (!y)
    return y.status();
  std::vector<int64_t> offsets = isFlat ? rowMajorOffsets(x) : std::vector<int64_t>();
  for (size_t i = 0; i < chosen.size(); ++i)
    if (isFlat)
      copyElement(x, offsets[size_t(chosen[i])], *y, int64_t(i) * y->strides[0]);
    else
      copyElements(sliceAt(x, *axis, chosen[i]), sliceAt(*y, *axis, int64_t(i)));
  return Status::ok();
}

/// Inputs: x of rank 2 or more, lengths i64 [batches]. Attributes: batch_axis (1), time_axis (0), one of them 0 and the
/// other 1. Result: the first lengths[b] steps of batch b reversed. Source: ONNX ReverseSequence.
Status reverseSequence(const HostAttrs &attrs, std::span<const View> inputs, HostOutputs &outputs) {
  HEDDLE_RETURN_IF_ERROR(needInputs(inputs, 2));
  const View &x = inputs[0], &lengths = inputs[1];
  const int64_t batchAxis = intAttr(attrs, "batch_axis", 1), timeAxis = intAttr(attrs, "time_axis", 0);
  if (x.shape.size() < 2 || batchAxis + timeAxis != 1 || batchAxis < 0 || timeAxis < 0)
    return Status(Code::Malformed, "batch and time axes are " + std::to_string(batchAxis) + " and " +
                                       std::to_string(timeAxis) + ", expected 0 and 1 of a tensor of rank 2 or more");
  const int64_t batches = x.shape[size_t(batchAxis)], steps = x.shape[size_t(timeAxis)];
  if (lengths.type != DType::I64 || lengths.shape != std::vector<int64_t>{batches})
    return Status(Code::Malformed, "the lengths are not i64 [" + std::to_string(batches) + "]");
  Result<View> y = outputs.allocate(0, x.shape);
  if (!y)
    return y.status();
  for (int64_t batch = 0; batch < batches; ++batch) {
    const int64_t length = load<int64_t>(lengths, batch * lengths.strides[0]);
    if (length < 0 || length > steps)
      return Status(Code::Malformed, "length " + std::to_string(length) + " of batch " + std::to_string(batch) +
                                         " is not in [0, " + std::to_string(steps) + "]");
    const View from = sliceAt(x, size_t(batchAxis), batch), to = sliceAt(*y, size_t(batchAxis), batch);
    for (int64_t step = 0; step < steps; ++step)
      copyElements(sliceAt(from, 0, step < length ? length - 1 - step : step), sliceAt(to, 0, step));
  }
  return Status::ok();
}

/// Inputs: start, limit, step: scalars of one type. Result: start + i * step for i from 0, below the limit (above, for
/// a negative step). Source: ONNX Range.
Status range(const HostAttrs &, std::span<const View> inputs, HostOutputs &outputs) {
  HEDDLE_RETURN_IF_ERROR(needInputs(inputs, 3));
  for (const View &input : inputs)
    if (input.elementCount() != 1 || input.type != inputs[0].type ||
        (!isFloat(input.type) && !isSignedInteger(input.type)))
      return Status(Code::Malformed, "start, limit and step are not scalars of one numeric type");
  Result<int64_t> count = rangeLength(inputs[0], inputs[1], inputs[2]);
  if (!count)
    return count.status();
  Result<View> y = outputs.allocate(0, {*count});
  if (!y)
    return y.status();
  for (int64_t i = 0; i < *count; ++i) {
    const int64_t offset = i * y->strides[0];
    if (inputs[0].type == DType::F64)
      store(*y, offset, load<double>(inputs[0], 0) + double(i) * load<double>(inputs[2], 0));
    else if (isFloat(inputs[0].type))
      store(*y, offset, double(float(load<double>(inputs[0], 0)) + float(i) * float(load<double>(inputs[2], 0))));
    else
      store(*y, offset, uint64_t(load<int64_t>(inputs[0], 0)) + uint64_t(i) * uint64_t(load<int64_t>(inputs[2], 0)));
  }
  return Status::ok();
}

} // namespace heddle::host
