// What is done to a weight's bytes before kernels read them: a recorded list of steps with a text form and an executor.
#ifndef HEDDLE_RUNTIME_FORMAT_WEIGHTTRANSFORM_H
#define HEDDLE_RUNTIME_FORMAT_WEIGHTTRANSFORM_H

#include "runtime/format/DType.h"
#include "runtime/format/Status.h"
#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace heddle {

/// A matrix K x N as panels of `nr` columns: `[ceil(N / nr)][ceil(K / kr)][nr][kr]`, zero where K or N ends. With kr =
/// 1 the last dimension is dropped: `[ceil(N / nr)][K][nr]`. kr > 1 keeps neighbours along K together, for instructions
/// that add up kr products per lane (2 for bf16, 4 for 8-bit integers).
struct PackedLayout {
  int64_t nr = 1;
  int64_t kr = 1;

  bool operator==(const PackedLayout &) const = default;
};

namespace weight {

/// Converts the elements, with the meaning of convertElements.
struct Cast {
  DType type = DType::F32;
  bool operator==(const Cast &) const = default;
};
/// Dimension i of the result is dimension `order[i]` of the source.
struct Permute {
  std::vector<int64_t> order;
  bool operator==(const Permute &) const = default;
};
/// The same elements in row-major order.
struct Reshape {
  std::vector<int64_t> shape;
  bool operator==(const Reshape &) const = default;
};
/// Element i along a dimension is element `start + i * step`; the step may be negative, not 0.
struct Slice {
  std::vector<int64_t> starts, sizes, steps;
  bool operator==(const Slice &) const = default;
};
/// Appends another weight, untransformed and of the same type, along an axis.
struct Concat {
  int64_t axis = 0;
  std::string digest;
  bool operator==(const Concat &) const = default;
};
/// Surrounds with a value, which is converted to the element type.
struct Pad {
  std::vector<int64_t> low, high; ///< Not negative.
  double value = 0;
  bool operator==(const Pad &) const = default;
};
/// Multiplies slice i along an axis by element i of another weight, a vector of the same float type. Products are
/// rounded once.
struct Scale {
  int64_t axis = 0;
  std::string digest;
  bool operator==(const Scale &) const = default;
};
/// A matrix into panels.
struct Pack {
  PackedLayout layout;
  bool operator==(const Pack &) const = default;
};

using Step = std::variant<Cast, Permute, Reshape, Slice, Concat, Pad, Scale, Pack>;

} // namespace weight

/// Steps in the order of execution. Empty: the bytes as they are.
using WeightTransform = std::vector<weight::Step>;

/// The type of a dense row-major tensor.
struct DenseType {
  DType type = DType::F32;
  std::vector<int64_t> shape;
  bool operator==(const DenseType &) const = default;
};

/// Borrowed constant bytes. A single element for a larger shape is a splat.
struct DenseTensor {
  DenseType type;
  std::span<const std::byte> bytes;
};

/// Finds the weights that a transform names besides its source; nullopt if there is none of that digest.
using WeightLookup = std::function<std::optional<DenseTensor>(std::string_view digest)>;

/// `[permute<[1, 0]>, pack<nr = 32>]`; "" if empty. `parseTransform(printTransform(t))` gives an equal transform.
std::string printTransform(const WeightTransform &transform);
/// Inverse of printTransform; "[]" and "" are empty. Bounded: at most 64 steps and 64 numbers per list. An error gives
/// the column.
Result<WeightTransform> parseTransform(std::string_view text);

/// The type after all steps; an error names the step that does not fit its operand, or the weight that is not found.
Result<DenseType> transformedType(const DenseType &source, const WeightTransform &transform,
                                  const WeightLookup &lookup);

/// Bytes of a dense tensor; an error if they do not fit in 63 bits.
Result<int64_t> denseBytes(const DenseType &type);

/// Executes the steps into `target`, whose size must be that of the transformed type (asserted). Permutations and
/// slices cost nothing of their own: the next step that writes reads through them. At most two temporary copies live at
/// once; a single writing step writes to `target` directly. Errors are those of transformedType, and Code::Malformed
/// for sources whose bytes do not match their type.
Status applyTransform(const DenseTensor &source, const WeightTransform &transform, const WeightLookup &lookup,
                      std::span<std::byte> target);

} // namespace heddle

#endif // HEDDLE_RUNTIME_FORMAT_WEIGHTTRANSFORM_H
