// Host function `max_pool`: the largest elements of sliding windows, with their positions.
#include "runtime/host/Elements.h"
#include "runtime/host/Functions.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace heddle::host {
namespace {

/// The window of a pooling op: one entry per spatial dimension, low paddings only.
struct Window {
  std::vector<int64_t> sizes, strides, dilations, pads;
  bool isColumnMajor = false;
};

/// The elements of an i64 vector; none if it is something else.
std::vector<int64_t> integersOf(const View &view) {
  std::vector<int64_t> values;
  if (view.type == DType::I64 && view.shape.size() == 1)
    for (int64_t i = 0; i < view.shape[0]; ++i)
      values.push_back(load<int64_t>(view, i * view.strides[0]));
  return values;
}

/// Attributes and operands may hold anything; with entries in [least, 2^31) nothing that is computed of them overflows.
Status checkEntries(const std::string &name, const std::vector<int64_t> &values, int64_t least) {
  for (int64_t value : values)
    if (value < least || value > std::numeric_limits<int32_t>::max())
      return Status(Code::Malformed, name + " has entry " + std::to_string(value) + ", expected it in [" +
                                         std::to_string(least) + ", 2^31)");
  return Status::ok();
}

/// Calls `visit` with every index of a box, in row-major order.
template <typename Visit> void forEachIndex(const std::vector<int64_t> &sizes, const Visit &visit) {
  int64_t count = 1;
  for (int64_t size : sizes)
    count *= size;
  std::vector<int64_t> index(sizes.size(), 0);
  for (int64_t i = 0; i < count; ++i) {
    visit(index);
    for (size_t dim = sizes.size(); dim-- > 0 && ++index[dim] == sizes[dim];)
      index[dim] = 0;
  }
}

/// The part of one window that lies in the image: its first element and its sizes, the latter in steps of a dilation.
struct Box {
  std::vector<int64_t> first, sizes;
};

/// Sizes are 0 where all of the window is padding.
Box clippedWindow(const View &x, const Window &window, const std::vector<int64_t> &output) {
  Box box;
  for (size_t dim = 0; dim < window.sizes.size(); ++dim) {
    const int64_t dilation = window.dilations[dim], start = output[dim] * window.strides[dim] - window.pads[dim];
    const int64_t skipped = start < 0 ? (-start + dilation - 1) / dilation : 0;
    // An image without elements may have other sizes near 2^63: room is bounded by the window.
    const int64_t extent = (window.sizes[dim] - 1) * dilation + 1;
    const int64_t room = std::min(x.shape[dim + 2], start + extent) - start;
    const int64_t end = room <= 0 ? 0 : (room + dilation - 1) / dilation;
    box.first.push_back(start + skipped * dilation);
    box.sizes.push_back(std::max<int64_t>(end - skipped, 0));
  }
  return box;
}

/// Where the largest element of one window lies in its plane; nullopt if all of it is padding.
template <typename T>
std::optional<std::vector<int64_t>> largestIn(const View &x, int64_t plane, const Window &window,
                                              const std::vector<int64_t> &output) {
  const Box box = clippedWindow(x, window, output);
  std::optional<std::vector<int64_t>> best;
  T largest{};
  forEachIndex(box.sizes, [&](const std::vector<int64_t> &inner) {
    std::vector<int64_t> at(inner.size());
    int64_t offset = plane;
    for (size_t dim = 0; dim < inner.size(); ++dim) {
      at[dim] = box.first[dim] + inner[dim] * window.dilations[dim];
      offset += at[dim] * x.strides[dim + 2];
    }
    const T value = load<T>(x, offset);
    if (!best || compare(value, largest) > 0) {
      best = at;
      largest = value;
    }
  });
  return best;
}

/// The number of an element in its plane, by rows or by columns.
int64_t numberOf(const std::vector<int64_t> &at, const View &x, bool isColumnMajor) {
  int64_t number = 0;
  const size_t rank = at.size();
  for (size_t i = 0; i < rank; ++i) {
    const size_t dim = isColumnMajor ? rank - 1 - i : i;
    number = number * x.shape[dim + 2] + at[dim];
  }
  return number;
}

} // namespace

/// Inputs: x [N, C, spatial...], the sizes of the result's spatial dimensions, and the padding below each. Attributes:
/// window, strides, dilations, storage_order (0; 1: positions count columns first). Results: the largest elements, and
/// the i64 number of each in all of x. A NaN is larger than every number. Source: ONNX MaxPool.
Status maxPool(const HostAttrs &attrs, std::span<const View> inputs, HostOutputs &outputs) {
  HEDDLE_RETURN_IF_ERROR(needInputs(inputs, 3));
  const View &x = inputs[0];
  std::vector<int64_t> sizes = integersOf(inputs[1]), shape;
  const Window window{intsAttr(attrs, "window"), intsAttr(attrs, "strides"), intsAttr(attrs, "dilations"),
                      integersOf(inputs[2]), intAttr(attrs, "storage_order", 0) != 0};
  const size_t rank = window.sizes.size();
  if (x.shape.size() != rank + 2 || window.strides.size() != rank || window.dilations.size() != rank ||
      window.pads.size() != rank || sizes.size() != rank)
    return Status(Code::Malformed, "the window does not have the rank of the image");
  HEDDLE_RETURN_IF_ERROR(checkEntries("window", window.sizes, 1));
  HEDDLE_RETURN_IF_ERROR(checkEntries("strides", window.strides, 1));
  HEDDLE_RETURN_IF_ERROR(checkEntries("dilations", window.dilations, 1));
  HEDDLE_RETURN_IF_ERROR(checkEntries("the padding", window.pads, 0));
  HEDDLE_RETURN_IF_ERROR(checkEntries("the result's size", sizes, 0));
  shape = {x.shape[0], x.shape[1]};
  shape.insert(shape.end(), sizes.begin(), sizes.end());
  Result<View> values = outputs.allocate(0, shape);
  Result<View> positions = outputs.allocate(1, shape);
  if (!values || !positions)
    return values ? positions.status() : values.status();
  int64_t planeSize = 1;
  for (size_t dim = 2; dim < x.shape.size(); ++dim)
    planeSize *= x.shape[dim];
  const std::vector<int64_t> valueOffsets = rowMajorOffsets(*values), positionOffsets = rowMajorOffsets(*positions);
  size_t next = 0;
  bool isPadding = false;
  for (int64_t plane = 0; plane < x.shape[0] * x.shape[1]; ++plane) {
    const int64_t start = plane / x.shape[1] * x.strides[0] + plane % x.shape[1] * x.strides[1];
    forEachIndex(sizes, [&](const std::vector<int64_t> &output) {
      auto best = withFamily(x.type, [&]<typename T>(const T &) { return largestIn<T>(x, start, window, output); });
      isPadding |= !best;
      if (!best)
        return;
      int64_t offset = start;
      for (size_t dim = 0; dim < rank; ++dim)
        offset += (*best)[dim] * x.strides[dim + 2];
      copyElement(x, offset, *values, valueOffsets[next]);
      store(*positions, positionOffsets[next++], plane * planeSize + numberOf(*best, x, window.isColumnMajor));
    });
  }
  return isPadding ? Status(Code::Malformed, "a window lies in the padding alone") : Status::ok();
}

} // namespace heddle::host
