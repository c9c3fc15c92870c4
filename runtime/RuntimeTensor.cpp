// Implements owned tensors.
#include "runtime/RuntimeTensor.h"

#include <cstdlib>
#include <string>

namespace heddle {

Result<int64_t> denseBytes(DType type, const std::vector<int64_t> &shape) {
  int64_t bytes = type == DType::String ? int64_t(sizeof(std::string)) : byteWidth(type);
  bool empty = false;
  for (int64_t size : shape) {
    if (size < 0)
      return Status(Code::OverLimit, "tensor " + describeTensor(type, shape) + " has a negative dimension");
    empty |= size == 0;
  }
  if (empty)
    return int64_t(0);
  for (int64_t size : shape)
    if (__builtin_mul_overflow(bytes, size, &bytes))
      return Status(Code::OverLimit, "tensor " + describeTensor(type, shape) + " is larger than 64 bits can count");
  return bytes;
}

Result<void *> allocateUnowned(int64_t bytes) {
  size_t size = size_t(bytes) > SIZE_MAX - 2 * memoryAlignment ? SIZE_MAX - 2 * memoryAlignment : size_t(bytes);
  size = (size + memoryAlignment) / memoryAlignment * memoryAlignment;
  if (void *memory = std::aligned_alloc(memoryAlignment, size))
    return memory;
  return Status(Code::OverLimit, "no memory for " + std::to_string(bytes) + " bytes");
}

std::shared_ptr<void> allocateAligned(int64_t bytes) {
  Result<void *> memory = allocateUnowned(bytes);
  return memory ? std::shared_ptr<void>(*memory, std::free) : nullptr;
}

Result<RuntimeTensor> RuntimeTensor::allocate(DType type, std::vector<int64_t> shape) {
  Result<int64_t> bytes = denseBytes(type, shape);
  if (!bytes)
    return bytes.status();
  std::shared_ptr<void> memory = allocateAligned(*bytes);
  if (!memory)
    return Status(Code::OverLimit,
                  "no memory for tensor " + describeTensor(type, shape) + " of " + std::to_string(*bytes) + " bytes");
  View view{memory.get(), type, std::move(shape), {}};
  view.strides = rowMajorStrides(view.shape);
  if (type != DType::String)
    return RuntimeTensor(std::move(view), std::move(memory));
  auto *strings = static_cast<std::string *>(memory.get());
  size_t count = size_t(view.elementCount());
  std::uninitialized_default_construct_n(strings, count);
  std::shared_ptr<void> owner(strings, [memory, count](std::string *first) { std::destroy_n(first, count); });
  return RuntimeTensor(std::move(view), std::move(owner));
}

std::string describeTensor(DType type, const std::vector<int64_t> &shape) {
  std::string text;
  for (int64_t size : shape)
    text += std::to_string(size) + "x";
  return text + std::string(nameOf(type));
}

} // namespace heddle
