// Strided copies: outer dimensions one by one, the two innermost as tiles.
#include "runtime/format/StridedCopy.h"

#include <algorithm>
#include <cassert>
#include <cstdlib>
#include <cstring>

namespace heddle {

namespace {

struct Dim {
  int64_t size, target, source;
};

constexpr int64_t tile = 32;

template <int Bytes> void copyRow(std::byte *target, const std::byte *source, const Dim &dim) {
  if (dim.target == 1 && dim.source == 1) {
    std::memcpy(target, source, static_cast<size_t>(dim.size * Bytes));
    return;
  }
  for (int64_t i = 0; i < dim.size; ++i)
    std::memcpy(target + i * dim.target * Bytes, source + i * dim.source * Bytes, Bytes);
}

template <int Bytes> void copyPlane(std::byte *target, const std::byte *source, const Dim &outer, const Dim &inner) {
  bool isTransposed = std::abs(outer.source) < std::abs(inner.source);
  int64_t step = isTransposed ? tile : inner.size;
  for (int64_t i = 0; i < outer.size; i += tile)
    for (int64_t j = 0; j < inner.size; j += step)
      for (int64_t k = i; k < std::min(i + tile, outer.size); ++k)
        copyRow<Bytes>(target + (k * outer.target + j * inner.target) * Bytes,
                       source + (k * outer.source + j * inner.source) * Bytes,
                       {std::min(step, inner.size - j), inner.target, inner.source});
}

template <int Bytes> void copyDims(std::byte *target, const std::byte *source, const Dim *dims, size_t rank) {
  if (rank == 2)
    return copyPlane<Bytes>(target, source, dims[0], dims[1]);
  for (int64_t i = 0; i < dims[0].size; ++i)
    copyDims<Bytes>(target + i * dims[0].target * Bytes, source + i * dims[0].source * Bytes, dims + 1, rank - 1);
}

/// Sorts by the target's strides, so that it is written in order, merges what is contiguous in both, and puts the
/// dimension that the source walks fastest next to the innermost.
std::vector<Dim> normalized(std::vector<Dim> dims) {
  std::sort(dims.begin(), dims.end(),
            [](const Dim &a, const Dim &b) { return std::abs(a.target) > std::abs(b.target); });
  std::vector<Dim> merged;
  for (const Dim &dim : dims) {
    if (dim.size == 1)
      continue;
    if (!merged.empty() && merged.back().target == dim.size * dim.target &&
        merged.back().source == dim.size * dim.source)
      merged.back() = {merged.back().size * dim.size, dim.target, dim.source};
    else
      merged.push_back(dim);
  }
  if (merged.size() > 2) {
    auto fastest = std::min_element(merged.begin(), merged.end() - 1,
                                    [](const Dim &a, const Dim &b) { return std::abs(a.source) < std::abs(b.source); });
    if (std::abs(fastest->source) < std::abs(merged.back().source))
      std::rotate(fastest, fastest + 1, merged.end() - 1);
  }
  while (merged.size() < 2)
    merged.insert(merged.begin(), Dim{1, 0, 0});
  return merged;
}

} // namespace

void stridedCopy(std::byte *target, const std::vector<int64_t> &targetStrides, const std::byte *source,
                 const std::vector<int64_t> &sourceStrides, const std::vector<int64_t> &shape, int64_t elementBytes) {
  assert(shape.size() == targetStrides.size() && shape.size() == sourceStrides.size() && "one stride per dimension");
  std::vector<Dim> dims;
  for (size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == 0)
      return;
    dims.push_back({shape[i], targetStrides[i], sourceStrides[i]});
  }
  dims = normalized(std::move(dims));
  switch (elementBytes) {
  case 1:
    return copyDims<1>(target, source, dims.data(), dims.size());
  case 2:
    return copyDims<2>(target, source, dims.data(), dims.size());
  case 4:
    return copyDims<4>(target, source, dims.data(), dims.size());
  default:
    assert(elementBytes == 8 && "elements have 1, 2, 4 or 8 bytes");
    return copyDims<8>(target, source, dims.data(), dims.size());
  }
}

} // namespace heddle
