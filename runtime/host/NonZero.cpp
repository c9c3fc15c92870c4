// Host function `nonzero`: the indices of elements that are not zero, one column each, in row-major order.
#include "runtime/host/Elements.h"
#include "runtime/host/Functions.h"

namespace heddle::host {

/// Inputs: x of rank r. Results: i64 [r, n]. A NaN is not zero. Source: ONNX NonZero.
Status nonZero(const HostAttrs &, std::span<const View> inputs, HostOutputs &outputs) {
  HEDDLE_RETURN_IF_ERROR(needInputs(inputs, 1));
  const View &x = inputs[0];
  std::vector<int64_t> found;
  std::vector<int64_t> offsets = rowMajorOffsets(x);
  withFamily(x.type, [&]<typename T>(const T &zero) {
    for (size_t i = 0; i < offsets.size(); ++i)
      if (load<T>(x, offsets[i]) != zero)
        found.push_back(int64_t(i));
  });
  const int64_t rank = int64_t(x.shape.size()), count = int64_t(found.size());
  Result<View> result = outputs.allocate(0, {rank, count});
  if (!result)
    return result.status();
  for (int64_t column = 0; column < count; ++column) {
    int64_t rest = found[size_t(column)];
    for (int64_t dim = rank; dim-- > 0; rest /= x.shape[size_t(dim)])
      store(*result, dim * result->strides[0] + column * result->strides[1], rest % x.shape[size_t(dim)]);
  }
  return Status::ok();
}

} // namespace heddle::host
