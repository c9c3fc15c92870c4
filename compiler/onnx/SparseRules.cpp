// Implements the rules for sparse tensors.
#include "compiler/onnx/SparseRules.h"
#include "runtime/format/CheckedMath.h"
#include <cstring>

namespace heddle {
namespace {

Status broken(const std::string &what) { return {Code::Malformed, "sparse tensor: " + what}; }

/// The position in the dense tensor that row `row` of the indices names; nullopt if it is outside.
std::optional<int64_t> linearIndex(std::span<const std::byte> indices, int64_t row, bool coordinates,
                                   std::span<const int64_t> dims, int64_t denseCount) {
  const auto load = [&indices](int64_t position) {
    int64_t value;
    std::memcpy(&value, indices.data() + position * sizeof value, sizeof value);
    return value;
  };
  if (!coordinates) {
    const int64_t index = load(row);
    return index >= 0 && index < denseCount ? std::optional(index) : std::nullopt;
  }
  int64_t linear = 0;
  for (size_t dim = 0; dim < dims.size(); ++dim) {
    const int64_t index = load(row * static_cast<int64_t>(dims.size()) + static_cast<int64_t>(dim));
    if (index < 0 || index >= dims[dim])
      return std::nullopt;
    linear = linear * dims[dim] + index;
  }
  return linear;
}

Status checkIndices(const TensorData &indices, int64_t count, std::span<const int64_t> dims, int64_t denseCount) {
  const bool coordinates = indices.shape.size() == 2;
  if (indices.type != DType::I64 || (indices.shape.size() != 1 && !coordinates))
    return broken("indices are not int64 of rank 1 or 2");
  if (indices.shape[0] != count || (coordinates && indices.shape[1] != static_cast<int64_t>(dims.size())))
    return broken("the shape of the indices does not fit " + std::to_string(count) + " values of rank " +
                  std::to_string(dims.size()));
  int64_t previous = -1;
  for (int64_t row = 0; row < count; ++row) {
    const std::optional<int64_t> index = linearIndex(indices.bytes, row, coordinates, dims, denseCount);
    if (!index)
      return broken("index " + std::to_string(row) + " is out of range");
    if (*index <= previous)
      return broken("index " + std::to_string(row) + " is not greater than the one before it");
    previous = *index;
  }
  return Status::ok();
}

} // namespace

Status checkSparseTensor(const LoadedModel &model, const onnx::SparseTensorProto &tensor) {
  if (tensor.values().dims_size() != 1)
    return broken("values have rank " + std::to_string(tensor.values().dims_size()) + ", expected 1");
  const std::vector<int64_t> dims(tensor.dims().begin(), tensor.dims().end());
  const std::optional<int64_t> denseCount = checkedElementCount(dims);
  if (dims.empty() || !denseCount || *denseCount == 0)
    return broken("dimensions are missing, not positive, or too large");
  const int64_t count = tensor.values().dims(0);
  if (!tensor.has_indices())
    return count == 0 ? Status::ok() : broken(std::to_string(count) + " values have no indices");
  Result<TensorData> indices = model.tensor(tensor.indices());
  if (!indices)
    return indices.status();
  return checkIndices(*indices, count, dims, *denseCount);
}

} // namespace heddle
