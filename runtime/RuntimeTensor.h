// A tensor that owns its memory or borrows the caller's.
#ifndef HEDDLE_RUNTIME_RUNTIMETENSOR_H
#define HEDDLE_RUNTIME_RUNTIMETENSOR_H

#include "runtime/format/Status.h"
#include "runtime/format/View.h"
#include <memory>

namespace heddle {

/// Alignment in bytes of everything that the runtime allocates.
inline constexpr size_t memoryAlignment = 64;

/// Bytes of a dense tensor. Fails with Code::OverLimit if a dimension is negative or the product overflows.
Result<int64_t> denseBytes(DType type, const std::vector<int64_t> &shape);

/// Memory from the heap, aligned to `memoryAlignment`; null if there is none. `bytes` may be 0. Contents are undefined.
std::shared_ptr<void> allocateAligned(int64_t bytes);
/// The same for a caller who ends its life with std::free; Code::OverLimit naming the bytes if there is none.
Result<void *> allocateUnowned(int64_t bytes);

/// A view together with what keeps its memory alive. Copies share the memory.
class RuntimeTensor {
public:
  /// No tensor at all.
  RuntimeTensor() = default;
  /// Memory of somebody else, who keeps it alive.
  static RuntimeTensor borrow(View view) { return RuntimeTensor(std::move(view), nullptr); }
  /// New memory, row-major; undefined contents, empty strings. Fails with Code::OverLimit naming the bytes.
  static Result<RuntimeTensor> allocate(DType type, std::vector<int64_t> shape);

  bool isDefined() const { return defined; }
  const View &view() const { return content; }

private:
  RuntimeTensor(View view, std::shared_ptr<void> owner)
      : content(std::move(view)), owner(std::move(owner)), defined(true) {}

  View content;
  std::shared_ptr<void> owner;
  bool defined = false;
};

/// "2x3xf32", for messages.
std::string describeTensor(DType type, const std::vector<int64_t> &shape);

} // namespace heddle

#endif // HEDDLE_RUNTIME_RUNTIMETENSOR_H
