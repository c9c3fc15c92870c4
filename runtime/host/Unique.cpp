// Host function `unique`: the distinct elements, or the distinct slices along an axis.
#include "runtime/host/Elements.h"
#include "runtime/host/Functions.h"
#include "runtime/host/StridedCopy.h"

#include <algorithm>
#include <numeric>

namespace heddle::host {
namespace {

/// The input as a list of items to be told apart: elements of all of it, or slices along an axis.
class Items {
public:
  Items(const View &x, std::optional<size_t> axis) : x(x), axis(axis) {
    if (axis) {
      View first = x.shape[*axis] == 0 ? x : sliceAt(x, *axis, 0);
      if (x.shape[*axis] != 0)
        inner = rowMajorOffsets(first);
      for (int64_t i = 0; i < x.shape[*axis]; ++i)
        starts.push_back(i * x.strides[*axis]);
    } else {
      inner = {0};
      starts = rowMajorOffsets(x);
    }
  }

  size_t count() const { return starts.size(); }

  /// Lexicographic in row-major order of the slices' elements.
  int compareItems(size_t a, size_t b) const {
    return withFamily(x.type, [&]<typename T>(const T &) {
      for (int64_t offset : inner)
        if (int relation = compare(load<T>(x, starts[a] + offset), load<T>(x, starts[b] + offset)))
          return relation;
      return 0;
    });
  }

  /// Writes the items `chosen` as the first result.
  Status write(const std::vector<size_t> &chosen, HostOutputs &outputs) const {
    std::vector<int64_t> shape = axis ? x.shape : std::vector<int64_t>{0};
    shape[axis.value_or(0)] = int64_t(chosen.size());
    Result<View> result = outputs.allocate(0, shape);
    if (!result)
      return result.status();
    for (size_t i = 0; i < chosen.size(); ++i)
      if (axis)
        copyElements(sliceAt(x, *axis, int64_t(chosen[i])), sliceAt(*result, *axis, int64_t(i)));
      else
        copyElement(x, starts[chosen[i]], *result, int64_t(i) * result->strides[0]);
    return Status::ok();
  }

private:
  const View &x;
  std::optional<size_t> axis;
  std::vector<int64_t> starts; ///< Per item: offset of its first element.
  std::vector<int64_t> inner;  ///< Offsets of an item's elements from its first.
};

/// Items that are equal, by the first of each group.
struct Groups {
  std::vector<size_t> first;   ///< Per group: its first item.
  std::vector<size_t> groupOf; ///< Per item.
  std::vector<int64_t> sizes;  ///< Per group.
};

Groups groupItems(const Items &items, bool sorted) {
  std::vector<size_t> order(items.count());
  std::iota(order.begin(), order.end(), size_t(0));
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    int relation = items.compareItems(a, b);
    return relation == 0 ? a < b : relation < 0;
  });
  Groups groups;
  groups.groupOf.resize(items.count());
  for (size_t i = 0; i < order.size(); ++i) {
    if (i == 0 || items.compareItems(order[i - 1], order[i]) != 0) {
      groups.first.push_back(order[i]);
      groups.sizes.push_back(0);
    }
    groups.groupOf[order[i]] = groups.first.size() - 1;
    ++groups.sizes.back();
  }
  if (sorted)
    return groups;
  // In order of first appearance.
  std::vector<size_t> appearance(groups.first.size()), rank(groups.first.size());
  std::iota(appearance.begin(), appearance.end(), size_t(0));
  std::sort(appearance.begin(), appearance.end(),
            [&](size_t a, size_t b) { return groups.first[a] < groups.first[b]; });
  Groups renumbered;
  for (size_t i = 0; i < appearance.size(); ++i) {
    rank[appearance[i]] = i;
    renumbered.first.push_back(groups.first[appearance[i]]);
    renumbered.sizes.push_back(groups.sizes[appearance[i]]);
  }
  for (size_t group : groups.groupOf)
    renumbered.groupOf.push_back(rank[group]);
  return renumbered;
}

template <typename T> Status writeList(const std::vector<T> &list, size_t index, HostOutputs &outputs) {
  Result<View> result = outputs.allocate(index, {int64_t(list.size())});
  if (!result)
    return result.status();
  for (size_t i = 0; i < list.size(); ++i)
    store(*result, int64_t(i) * result->strides[0], int64_t(list[i]));
  return Status::ok();
}

} // namespace

/// Inputs: x. Attributes: axis (absent: x flattened), sorted (1; 0: in order of first appearance). Results: the unique
/// items; i64 index of each one's first occurrence; i64 index into the result for each item of x; i64 counts. NaNs are
/// equal to each other and sort last. Source: ONNX Unique.
Status unique(const HostAttrs &attrs, std::span<const View> inputs, HostOutputs &outputs) {
  HEDDLE_RETURN_IF_ERROR(needInputs(inputs, 1));
  std::optional<size_t> axis;
  if (attrs.contains("axis")) {
    Result<size_t> given = axisOf(intAttr(attrs, "axis", 0), inputs[0].shape.size());
    if (!given)
      return given.status();
    axis = *given;
  }
  Items items(inputs[0], axis);
  Groups groups = groupItems(items, intAttr(attrs, "sorted", 1) != 0);
  HEDDLE_RETURN_IF_ERROR(items.write(groups.first, outputs));
  HEDDLE_RETURN_IF_ERROR(writeList(groups.first, 1, outputs));
  HEDDLE_RETURN_IF_ERROR(writeList(groups.groupOf, 2, outputs));
  return writeList(groups.sizes, 3, outputs);
}

} // namespace heddle::host
