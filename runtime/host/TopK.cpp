// Host function `top_k`: the largest or smallest elements along an axis, with their indices.
#include "runtime/host/Elements.h"
#include "runtime/host/Functions.h"

#include <algorithm>
#include <numeric>

namespace heddle::host {

/// Inputs: x, k (one integer). Attributes: axis (-1), largest (1), sorted (1; results are sorted in any case).
/// Results: values and i64 indices, of x's shape with k at `axis`. Of equal elements the lower index comes first; a NaN
/// counts as larger than every number. Source: ONNX TopK.
Status topK(const HostAttrs &attrs, std::span<const View> inputs, HostOutputs &outputs) {
  HEDDLE_RETURN_IF_ERROR(needInputs(inputs, 2));
  const View &x = inputs[0];
  Result<size_t> axis = axisOf(intAttr(attrs, "axis", -1), x.shape.size());
  Result<int64_t> k = scalarOf(inputs[1], "k");
  if (!axis || !k)
    return axis ? k.status() : axis.status();
  const int64_t size = x.shape[*axis];
  if (*k < 0 || *k > size)
    return Status(Code::Malformed,
                  "k is " + std::to_string(*k) + ", the axis has " + std::to_string(size) + " elements");
  std::vector<int64_t> shape = x.shape;
  shape[*axis] = *k;
  Result<View> values = outputs.allocate(0, shape);
  Result<View> indices = outputs.allocate(1, shape);
  if (!values || !indices)
    return values ? indices.status() : values.status();
  if (x.elementCount() == 0 || *k == 0)
    return Status::ok();
  std::vector<int64_t> xRows = rowMajorOffsets(sliceAt(x, *axis, 0));
  std::vector<int64_t> valueRows = rowMajorOffsets(sliceAt(*values, *axis, 0));
  std::vector<int64_t> indexRows = rowMajorOffsets(sliceAt(*indices, *axis, 0));
  const bool largest = intAttr(attrs, "largest", 1) != 0;
  withFamily(x.type, [&]<typename T>(const T &) {
    std::vector<T> row(static_cast<size_t>(size));
    std::vector<int64_t> order(static_cast<size_t>(size));
    for (size_t r = 0; r < xRows.size(); ++r) {
      for (int64_t i = 0; i < size; ++i)
        row[size_t(i)] = load<T>(x, xRows[r] + i * x.strides[*axis]);
      std::iota(order.begin(), order.end(), 0);
      std::partial_sort(order.begin(), order.begin() + *k, order.end(), [&](int64_t a, int64_t b) {
        int relation = compare(row[size_t(a)], row[size_t(b)]);
        return relation == 0 ? a < b : (relation > 0) == largest;
      });
      for (int64_t i = 0; i < *k; ++i) {
        copyElement(x, xRows[r] + order[size_t(i)] * x.strides[*axis], *values,
                    valueRows[r] + i * values->strides[*axis]);
        store(*indices, indexRows[r] + i * indices->strides[*axis], order[size_t(i)]);
      }
    }
  });
  return Status::ok();
}

} // namespace heddle::host
