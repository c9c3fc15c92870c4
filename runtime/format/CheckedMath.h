// Arithmetic on sizes that come from outside: every overflow is seen.
#ifndef HEDDLE_RUNTIME_FORMAT_CHECKEDMATH_H
#define HEDDLE_RUNTIME_FORMAT_CHECKEDMATH_H

#include <concepts>
#include <cstdint>
#include <optional>
#include <span>

namespace heddle {

template <std::integral T> std::optional<T> checkedAdd(T a, T b) {
  T sum;
  return __builtin_add_overflow(a, b, &sum) ? std::nullopt : std::optional<T>(sum);
}

template <std::integral T> std::optional<T> checkedMul(T a, T b) {
  T product;
  return __builtin_mul_overflow(a, b, &product) ? std::nullopt : std::optional<T>(product);
}

/// The number of elements of a shape. nullopt for a negative dimension, or if the product of the dimensions overflows;
/// zeros are left out of that product, so that strides of an empty tensor are safe to compute too.
inline std::optional<int64_t> checkedElementCount(std::span<const int64_t> shape) {
  int64_t product = 1;
  bool empty = false;
  for (int64_t size : shape) {
    if (size < 0)
      return std::nullopt;
    empty |= size == 0;
    if (size != 0 && __builtin_mul_overflow(product, size, &product))
      return std::nullopt;
  }
  return empty ? 0 : product;
}

/// The number of elements from the first of a tensor to behind its last, both included; 0 if it has none. nullopt for a
/// negative size or stride, or if it overflows.
inline std::optional<int64_t> checkedExtent(std::span<const int64_t> shape, std::span<const int64_t> strides) {
  std::optional<int64_t> count = checkedElementCount(shape);
  if (!count || *count == 0)
    return count;
  int64_t last = 0, step = 0;
  for (size_t dim = 0; dim < shape.size(); ++dim)
    if (strides[dim] < 0 || __builtin_mul_overflow(shape[dim] - 1, strides[dim], &step) ||
        __builtin_add_overflow(last, step, &last))
      return std::nullopt;
  return checkedAdd<int64_t>(last, 1);
}

/// True if so many elements of `width` bytes, from `offset` bytes on, end within `bytes`; none may begin anywhere.
inline bool liesWithin(int64_t offset, int64_t elements, int64_t width, int64_t bytes) {
  if (elements == 0)
    return offset >= 0;
  std::optional<int64_t> size = checkedMul(elements, width);
  std::optional<int64_t> end = size ? checkedAdd(offset, *size) : std::nullopt;
  return offset >= 0 && end && *end <= bytes;
}

} // namespace heddle

#endif // HEDDLE_RUNTIME_FORMAT_CHECKEDMATH_H
