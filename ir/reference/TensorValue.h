// A concrete tensor of the evaluator, and its way to and from constants of the IR.
#ifndef HEDDLE_IR_REFERENCE_TENSORVALUE_H
#define HEDDLE_IR_REFERENCE_TENSORVALUE_H

#include "ir/HeddleOps.h"
#include "runtime/format/Status.h"

namespace heddle {

/// Dense row-major elements with their type and shape. Copies share the bytes, which are never written once a value is
/// made; they need no alignment.
struct TensorValue {
  DType type = DType::F32;
  std::vector<int64_t> shape;
  std::span<const std::byte> bytes;
  std::shared_ptr<const void> owner; ///< Keeps the bytes alive.

  /// Takes over the bytes; their number must fit type and shape (asserted).
  static TensorValue of(DType type, std::vector<int64_t> shape, std::vector<std::byte> bytes);

  int64_t elementCount() const;
  const std::byte *element(int64_t position) const { return bytes.data() + position * byteWidth(type); }
  /// The elements as a vector of their C++ type; bool as uint8_t.
  template <typename T> std::vector<T> as() const {
    assert(sizeof(T) == static_cast<size_t>(byteWidth(type)) && "the C++ type has the width of the elements");
    std::vector<T> values(bytes.size() / sizeof(T));
    if (!values.empty())
      std::memcpy(values.data(), bytes.data(), bytes.size());
    return values;
  }
};

/// Number of elements of a shape; fails with Code::OverLimit where it does not fit, or a size is negative.
Result<int64_t> checkedCount(const std::vector<int64_t> &shape);

/// The value of a constant's attribute: dense elements, or a weight with its transform applied.
Result<TensorValue> valueOf(mlir::Attribute constant, const WeightStore &weights);
/// The elements as an inline constant of a static type; a single element if all have the same bits.
mlir::DenseElementsAttr denseOf(const TensorValue &value, mlir::RankedTensorType type);

} // namespace heddle

#endif // HEDDLE_IR_REFERENCE_TENSORVALUE_H
