// Implements Tensor's storage.
#include "tools/io/Tensor.h"
#include "runtime/format/CheckedMath.h"

namespace heddle {

Result<Tensor> Tensor::allocate(DType type, std::vector<int64_t> shape, const ReadLimits &limits) {
  if (shape.size() > limits.rank)
    return Status(Code::OverLimit,
                  "rank " + std::to_string(shape.size()) + " is over the limit of " + std::to_string(limits.rank));
  const std::optional<int64_t> elements = checkedElementCount(shape);
  // A string's own bytes are counted by whoever reads them; here each takes its object.
  const int64_t width = type == DType::String ? sizeof(std::string) : byteWidth(type);
  const std::optional<int64_t> size = elements ? checkedMul(*elements, width) : std::nullopt;
  if (!size)
    return Status(Code::Malformed, "shape " + describe(type, shape) + " has a negative dimension or is too large");
  if (static_cast<uint64_t>(*size) > limits.tensorBytes)
    return Status(Code::OverLimit, "tensor " + describe(type, shape) + " takes " + std::to_string(*size) +
                                       " bytes, the limit is " + std::to_string(limits.tensorBytes));
  Tensor tensor;
  tensor.elementType = type;
  tensor.elements = *elements;
  if (type == DType::String) {
    tensor.text.resize(static_cast<size_t>(*elements));
  } else {
    const size_t rounded = (static_cast<size_t>(*size) + 64) / 64 * 64;
    tensor.storage.reset(static_cast<std::byte *>(std::aligned_alloc(64, rounded)));
    if (!tensor.storage)
      return Status(Code::OverLimit, "no memory for tensor " + describe(type, shape));
  }
  tensor.dims = std::move(shape);
  return tensor;
}

bool Tensor::reinterpretAs(DType wanted) {
  if (byteWidth(wanted) != byteWidth(elementType) || (wanted == DType::String) != (elementType == DType::String))
    return false;
  elementType = wanted;
  return true;
}

std::string describe(DType type, std::span<const int64_t> shape) {
  std::string text;
  const size_t shown = shape.size() > 16 ? 8 : shape.size();
  for (int64_t size : shape.first(shown))
    text += std::to_string(size) + "x";
  if (shown < shape.size())
    text += "...x";
  return text.append(nameOf(type));
}

} // namespace heddle
