// Implements copies between strided tensors.
#include "runtime/host/StridedCopy.h"

#include <cassert>
#include <cstring>
#include <string>

namespace heddle {
namespace {

/// The dimensions that a copy walks one by one, and the dense block below them.
struct CopyPlan {
  size_t outerDims = 0;
  int64_t blockElements = 1;
};

/// Merges the trailing dimensions that are dense in both tensors into one block.
CopyPlan planCopy(const View &from, const View &to) {
  CopyPlan plan;
  plan.outerDims = from.shape.size();
  while (plan.outerDims > 0) {
    size_t dim = plan.outerDims - 1;
    bool dense = from.strides[dim] == plan.blockElements && to.strides[dim] == plan.blockElements;
    if (from.shape[dim] != 1 && !dense)
      break;
    plan.blockElements *= from.shape[dim];
    --plan.outerDims;
  }
  return plan;
}

void copyBlock(const View &from, int64_t fromOffset, const View &to, int64_t toOffset, int64_t count) {
  if (from.type == DType::String) {
    const auto *source = static_cast<const std::string *>(from.data) + fromOffset;
    auto *target = static_cast<std::string *>(to.data) + toOffset;
    for (int64_t i = 0; i < count; ++i)
      target[i] = source[i];
    return;
  }
  int64_t width = byteWidth(from.type);
  std::memcpy(static_cast<std::byte *>(to.data) + toOffset * width,
              static_cast<const std::byte *>(from.data) + fromOffset * width, size_t(count * width));
}

} // namespace

bool isDense(const View &view) {
  if (view.elementCount() == 0)
    return true;
  int64_t expected = 1;
  for (size_t dim = view.shape.size(); dim-- > 0;) {
    if (view.shape[dim] != 1 && view.strides[dim] != expected)
      return false;
    expected *= view.shape[dim];
  }
  return true;
}

void copyElements(const View &from, const View &to) {
  assert(from.type == to.type && from.shape == to.shape && "a copy needs equal types and shapes");
  if (from.elementCount() == 0)
    return;
  CopyPlan plan = planCopy(from, to);
  std::vector<int64_t> index(plan.outerDims, 0);
  int64_t fromOffset = 0, toOffset = 0;
  while (true) {
    copyBlock(from, fromOffset, to, toOffset, plan.blockElements);
    size_t dim = plan.outerDims;
    while (dim > 0) {
      --dim;
      fromOffset += from.strides[dim];
      toOffset += to.strides[dim];
      if (++index[dim] < from.shape[dim])
        break;
      fromOffset -= from.strides[dim] * index[dim];
      toOffset -= to.strides[dim] * index[dim];
      index[dim] = 0;
      if (dim == 0)
        return;
    }
    if (plan.outerDims == 0)
      return;
  }
}

} // namespace heddle
