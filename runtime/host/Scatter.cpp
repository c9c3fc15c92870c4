// Host functions `scatter_elements` and `scatter_nd`: a copy of a tensor with elements replaced, or combined, at given
// indices.
#include "runtime/host/Elements.h"
#include "runtime/host/Functions.h"
#include "runtime/host/StridedCopy.h"

#include <algorithm>
#include <cmath>

namespace heddle::host {
namespace {

enum class Combination { None, Add, Mul, Max, Min };

Result<Combination> combinationOf(const HostAttrs &attrs) {
  const std::string name = stringAttr(attrs, "reduction", "none");
  constexpr std::string_view names[] = {"none", "add", "mul", "max", "min"};
  const auto *found = std::find(std::begin(names), std::end(names), name);
  if (found == std::end(names))
    return Status(Code::Malformed, "reduction is '" + name + "', expected none, add, mul, max or min");
  return static_cast<Combination>(found - std::begin(names));
}

/// Integers wrap; a NaN wins over every number.
template <typename T> T combine(Combination combination, T old, T update) {
  if constexpr (std::is_same_v<T, double>)
    if (combination != Combination::Add && combination != Combination::Mul && (std::isnan(old) || std::isnan(update)))
      return std::isnan(old) ? old : update;
  switch (combination) {
  case Combination::None:
    return update;
  case Combination::Max:
    return std::max(old, update);
  case Combination::Min:
    return std::min(old, update);
  case Combination::Add:
  case Combination::Mul:
    break;
  }
  bool isSum = combination == Combination::Add;
  if constexpr (std::is_same_v<T, double>)
    return isSum ? old + update : old * update;
  else
    return T(isSum ? uint64_t(old) + uint64_t(update) : uint64_t(old) * uint64_t(update));
}

/// Writes single elements of `y`, one after another.
class ElementWriter {
public:
  ElementWriter(Combination combination, const View &updates, const View &y)
      : combination(combination), updates(updates), y(y) {}

  void write(int64_t updateOffset, int64_t offset) const {
    if (combination == Combination::None)
      return copyElement(updates, updateOffset, y, offset);
    withFamily(y.type, [&]<typename T>(const T &) {
      if constexpr (!std::is_same_v<T, std::string>)
        store(y, offset, combine(combination, load<T>(y, offset), load<T>(updates, updateOffset)));
    });
  }

private:
  Combination combination;
  const View &updates, &y;
};

/// An index, counted from the end if negative and that is allowed.
Result<int64_t> indexWithin(int64_t index, int64_t size, bool mayBeNegative = true) {
  const int64_t normal = index < 0 && mayBeNegative ? index + size : index;
  if (normal < 0 || normal >= size)
    return Status(Code::Malformed,
                  "index " + std::to_string(index) + " is out of bounds for a dimension of " + std::to_string(size));
  return normal;
}

Status checkTypes(std::span<const View> inputs, Combination combination) {
  HEDDLE_RETURN_IF_ERROR(needInputs(inputs, 3));
  if (inputs[0].type != inputs[2].type)
    return Status(Code::Malformed, "data and updates have different types");
  if (inputs[0].type == DType::String && combination != Combination::None)
    return Status(Code::Malformed, "strings cannot be combined");
  return Status::ok();
}

/// A result that holds a copy of `data`.
Result<View> copyOf(const View &data, HostOutputs &outputs) {
  Result<View> y = outputs.allocate(0, data.shape);
  if (y)
    copyElements(data, *y);
  return y;
}

} // namespace

/// Inputs: data, indices (integers, data's rank), updates (indices' shape). Attributes: axis (0), reduction ("none"),
/// negative (1): 0 refuses negative indices, which count from the end otherwise. y[i] combined with updates[i] where
/// coordinate `axis` of i is replaced by indices[i], in row-major order of the indices. Source: ONNX ScatterElements.
Status scatterElements(const HostAttrs &attrs, std::span<const View> inputs, HostOutputs &outputs) {
  Result<Combination> combination = combinationOf(attrs);
  if (!combination)
    return combination.status();
  HEDDLE_RETURN_IF_ERROR(checkTypes(inputs, *combination));
  const View &data = inputs[0], &indices = inputs[1], &updates = inputs[2];
  Result<size_t> axis = axisOf(intAttr(attrs, "axis", 0), data.shape.size());
  if (!axis)
    return axis.status();
  bool fits = indices.shape.size() == data.shape.size() && indices.shape == updates.shape;
  for (size_t dim = 0; fits && dim < data.shape.size(); ++dim)
    fits = dim == *axis || indices.shape[dim] <= data.shape[dim];
  if (!fits)
    return Status(Code::Malformed, "indices and updates do not have one shape within that of the data");
  Result<View> y = copyOf(data, outputs);
  if (!y)
    return y.status();
  View rows = *y; // What an update writes if its index is 0.
  rows.shape = indices.shape;
  rows.strides[*axis] = 0;
  const std::vector<int64_t> rowOffsets = rowMajorOffsets(rows), indexOffsets = rowMajorOffsets(indices),
                             updateOffsets = rowMajorOffsets(updates);
  const ElementWriter writer(*combination, updates, *y);
  const bool mayBeNegative = intAttr(attrs, "negative", 1) != 0;
  for (size_t i = 0; i < indexOffsets.size(); ++i) {
    Result<int64_t> index = indexWithin(load<int64_t>(indices, indexOffsets[i]), data.shape[*axis], mayBeNegative);
    if (!index)
      return index.status();
    writer.write(updateOffsets[i], rowOffsets[i] + *index * y->strides[*axis]);
  }
  return Status::ok();
}

/// Inputs: data, indices (integers [.., k]), updates (the shape of indices without the last dimension, then that of
/// data from dimension k on). Attribute: reduction ("none"). Each tuple of k coordinates chooses a slice of y, which is
/// combined with its update. Source: ONNX ScatterND.
Status scatterND(const HostAttrs &attrs, std::span<const View> inputs, HostOutputs &outputs) {
  Result<Combination> combination = combinationOf(attrs);
  if (!combination)
    return combination.status();
  HEDDLE_RETURN_IF_ERROR(checkTypes(inputs, *combination));
  const View &data = inputs[0], &indices = inputs[1], &updates = inputs[2];
  if (indices.shape.empty() || indices.shape.back() > int64_t(data.shape.size()))
    return Status(Code::Malformed, "the indices do not have one to rank(data) coordinates each");
  const auto coordinates = size_t(indices.shape.back());
  std::vector<int64_t> expected(indices.shape.begin(), indices.shape.end() - 1);
  expected.insert(expected.end(), data.shape.begin() + ptrdiff_t(coordinates), data.shape.end());
  if (updates.shape != expected)
    return Status(Code::Malformed, "the updates do not have the shape that indices and data imply");
  Result<View> y = copyOf(data, outputs);
  if (!y)
    return y.status();
  View slice = *y, tuples = indices;
  slice.shape.erase(slice.shape.begin(), slice.shape.begin() + ptrdiff_t(coordinates));
  slice.strides.erase(slice.strides.begin(), slice.strides.begin() + ptrdiff_t(coordinates));
  tuples.shape.pop_back();
  tuples.strides.pop_back();
  const std::vector<int64_t> inner = rowMajorOffsets(slice), tupleOffsets = rowMajorOffsets(tuples),
                             updateOffsets = rowMajorOffsets(updates);
  const ElementWriter writer(*combination, updates, *y);
  for (size_t i = 0; i < tupleOffsets.size(); ++i) {
    int64_t start = 0;
    for (size_t dim = 0; dim < coordinates; ++dim) {
      const int64_t offset = tupleOffsets[i] + int64_t(dim) * indices.strides.back();
      Result<int64_t> index = indexWithin(load<int64_t>(indices, offset), data.shape[dim]);
      if (!index)
        return index.status();
      start += *index * y->strides[dim];
    }
    for (size_t j = 0; j < inner.size(); ++j)
      writer.write(updateOffsets[i * inner.size() + j], start + inner[j]);
  }
  return Status::ok();
}

} // namespace heddle::host
