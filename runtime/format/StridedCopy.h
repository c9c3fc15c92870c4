// Copies between strided arrays of equal shape.
#ifndef HEDDLE_RUNTIME_FORMAT_STRIDEDCOPY_H
#define HEDDLE_RUNTIME_FORMAT_STRIDEDCOPY_H

#include <cstddef>
#include <cstdint>
#include <vector>

namespace heddle {

/// Copies an array of elements of 1, 2, 4 or 8 bytes. Strides are in elements, of any sign, and 0 to repeat a source
/// element; the arrays do not overlap and need no alignment. Transpositions are done in tiles that stay in the cache.
void stridedCopy(std::byte *target, const std::vector<int64_t> &targetStrides, const std::byte *source,
                 const std::vector<int64_t> &sourceStrides, const std::vector<int64_t> &shape, int64_t elementBytes);

} // namespace heddle

#endif // HEDDLE_RUNTIME_FORMAT_STRIDEDCOPY_H
