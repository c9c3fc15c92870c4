// Values that programs read from files and write to files: tensors, sequences of tensors, optionals.
#ifndef HEDDLE_TOOLS_IO_TENSOR_H
#define HEDDLE_TOOLS_IO_TENSOR_H

#include "runtime/format/DType.h"
#include "runtime/format/Status.h"
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace heddle {

/// Bounds on what one read may allocate.
struct ReadLimits {
  uint64_t tensorBytes = uint64_t(8) << 30; ///< One tensor.
  uint64_t totalBytes = uint64_t(16) << 30; ///< All tensors of one file or folder.
  size_t rank = 64;                         ///< Dimensions of one tensor.
  size_t count = 100000;                    ///< Tensors of one file or folder.
};

/// A dense row-major tensor that owns its elements. Movable only: copies of weights and activations are never wanted
/// by accident.
class Tensor {
public:
  /// A tensor without elements; meant to be assigned to.
  Tensor() = default;
  /// Memory for a shape, not initialized. Code::Malformed for a negative dimension or one that overflows,
  /// Code::OverLimit beyond `limits` or without memory.
  static Result<Tensor> allocate(DType type, std::vector<int64_t> shape, const ReadLimits &limits = {});

  DType type() const { return elementType; }
  const std::vector<int64_t> &shape() const { return dims; }
  int64_t elementCount() const { return elements; }
  /// The elements, 64-byte aligned; empty for strings.
  std::span<std::byte> bytes() { return {storage.get(), storedBytes()}; }
  std::span<const std::byte> bytes() const { return {storage.get(), storedBytes()}; }
  /// The elements of a string tensor; empty for every other type.
  std::vector<std::string> &strings() { return text; }
  const std::vector<std::string> &strings() const { return text; }

  /// Gives the elements another type of the same width without touching their bits: u16 read from a .npy file becomes
  /// the bf16 that a model's input asks for. False if the widths differ.
  bool reinterpretAs(DType wanted);

private:
  struct Free {
    void operator()(std::byte *memory) const { std::free(memory); }
  };
  size_t storedBytes() const { return static_cast<size_t>(elements * byteWidth(elementType)) * (storage != nullptr); }

  DType elementType = DType::F32;
  std::vector<int64_t> dims{0};
  int64_t elements = 0;
  std::unique_ptr<std::byte[], Free> storage;
  std::vector<std::string> text;
};

using Sequence = std::vector<Tensor>;

/// ONNX's optional: nothing, a tensor, or a sequence.
using Optional = std::variant<std::monostate, Tensor, Sequence>;

/// What a graph input or output can be.
using Value = std::variant<Tensor, Sequence, Optional>;

struct NamedTensor {
  std::string name;
  Tensor tensor;
};

/// "2x3xf32", for messages and summaries.
std::string describe(DType type, std::span<const int64_t> shape);

} // namespace heddle

#endif // HEDDLE_TOOLS_IO_TENSOR_H
