// Calls host functions from tests.
#ifndef HEDDLE_TEST_UNIT_HOST_HOSTCALL_H
#define HEDDLE_TEST_UNIT_HOST_HOSTCALL_H

#include "runtime/format/HostFunction.h"
#include "tools/io/Tensor.h"

namespace heddle::test {

/// Calls a host function. \param types of the results.
Result<std::vector<Tensor>> callHost(const std::string &name, const HostAttrs &attrs,
                                     const std::vector<const Tensor *> &inputs, const std::vector<DType> &types,
                                     int64_t version = 1);

/// A dense tensor from values.
template <typename T> Tensor tensorOf(DType type, std::vector<int64_t> shape, const std::vector<T> &values) {
  Tensor tensor = std::move(*Tensor::allocate(type, std::move(shape)));
  std::copy(values.begin(), values.end(), reinterpret_cast<T *>(tensor.bytes().data()));
  return tensor;
}

template <typename T> std::vector<T> valuesOf(const Tensor &tensor) {
  auto *first = reinterpret_cast<const T *>(tensor.bytes().data());
  return {first, first + tensor.elementCount()};
}

} // namespace heddle::test

#endif // HEDDLE_TEST_UNIT_HOST_HOSTCALL_H
