// Elements of strided tensors of any type: loads, stores, walks.
#ifndef HEDDLE_RUNTIME_HOST_ELEMENTS_H
#define HEDDLE_RUNTIME_HOST_ELEMENTS_H

#include "runtime/format/HostFunction.h"
#include <cmath>
#include <string>
#include <type_traits>

namespace heddle::host {

/// The element at `offset` elements from the view's first. T holds every value of the type's family: double for floats,
/// int64_t for signed integers and bools, uint64_t for unsigned integers.
template <typename T> T load(const View &view, int64_t offset);
template <> double load<double>(const View &view, int64_t offset);
template <> int64_t load<int64_t>(const View &view, int64_t offset);
template <> uint64_t load<uint64_t>(const View &view, int64_t offset);
template <> std::string load<std::string>(const View &view, int64_t offset);

/// Stores a value of the type's family: floats are rounded to nearest even, integers keep their low bits.
void store(const View &view, int64_t offset, double value);
void store(const View &view, int64_t offset, int64_t value);
void store(const View &view, int64_t offset, uint64_t value);
void store(const View &view, int64_t offset, std::string value);

/// Copies one element between tensors of one type.
void copyElement(const View &from, int64_t fromOffset, const View &to, int64_t toOffset);

/// Calls `body` with a value of the type that holds the family of `type`, for its type alone.
template <typename Body> auto withFamily(DType type, const Body &body) {
  if (type == DType::String)
    return body(std::string());
  if (isFloat(type))
    return body(double());
  if (isUnsignedInteger(type))
    return body(uint64_t());
  return body(int64_t());
}

/// The total order that sorting functions use: numbers ascending, -0 equal to 0, a NaN above all numbers and equal to
/// every other NaN; strings by their bytes. Negative, 0 or positive.
template <typename T> int compare(const T &a, const T &b) {
  if constexpr (std::is_same_v<T, double>)
    if (std::isnan(a) || std::isnan(b))
      return int(std::isnan(a)) - int(std::isnan(b));
  return a < b ? -1 : a > b ? 1 : 0;
}

/// Offsets of all elements in row-major order.
std::vector<int64_t> rowMajorOffsets(const View &view);

/// A view without dimension `axis`, at index `index` of it.
View sliceAt(const View &view, size_t axis, int64_t index);

/// `axis` counted from the end if negative. Code::Malformed if it is not in [-rank, rank).
Result<size_t> axisOf(int64_t axis, size_t rank);

/// The single element of an integer tensor. Code::Malformed names `what` if there is none.
Result<int64_t> scalarOf(const View &view, const std::string &what);

/// Attributes with their defaults.
int64_t intAttr(const HostAttrs &attrs, std::string_view name, int64_t otherwise);
std::string stringAttr(const HostAttrs &attrs, std::string_view name, std::string otherwise = "");
std::vector<int64_t> intsAttr(const HostAttrs &attrs, std::string_view name);
std::vector<double> floatsAttr(const HostAttrs &attrs, std::string_view name);

/// True unless an optional input is absent: no data and no dimension.
inline bool isPresent(std::span<const View> inputs, size_t index) {
  return index < inputs.size() && (inputs[index].data || !inputs[index].shape.empty());
}

/// Code::Malformed if there are fewer than `count` inputs.
Status needInputs(std::span<const View> inputs, size_t count);

} // namespace heddle::host

#endif // HEDDLE_RUNTIME_HOST_ELEMENTS_H
