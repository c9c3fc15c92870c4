// An ONNX value during import: its type, and what is known of its elements.
#ifndef HEDDLE_COMPILER_ONNX_TENSOR_H
#define HEDDLE_COMPILER_ONNX_TENSOR_H

#include "ir/HeddleOps.h"
#include "ir/Shapes.h"
#include <optional>
#include <string>
#include <vector>

namespace heddle::onnximport {

/// A known element: an integer expression, or a number that is no integer. Integral elements of float tensors are
/// expressions too, all but -0.0.
class Element {
public:
  Element(Expr expr) : integer(std::move(expr)) {}
  Element(int64_t value) : integer(value) {}
  /// Integral values of a magnitude below 2^53 become expressions.
  static Element ofNumber(double value);

  bool isInteger() const { return !number; }
  const Expr &expr() const {
    assert(isInteger() && "the element is not an integer");
    return integer;
  }
  /// The value as a float; nullopt if it depends on symbols.
  std::optional<double> literalNumber() const;
  /// The value as an integer; nullopt if it is none or depends on symbols.
  std::optional<int64_t> literal() const { return number ? std::nullopt : integer.literal(); }

private:
  Expr integer;
  std::optional<double> number;
};

/// The elements of a tensor with literal sizes, in row-major order.
using Contents = std::vector<Element>;

/// Tensors of more elements never have contents.
constexpr int64_t maxContents = 1024;

/// An ONNX value: an MLIR value, or one that becomes an MLIR value when first used as data.
struct Tensor {
  Shape shape;
  mlir::Type element;
  mlir::Value value;                ///< Null as long as only `constant` or `contents` are known.
  mlir::TypedAttr constant;         ///< A dense attribute or a weight; null if not constant.
  std::optional<Contents> contents; ///< Set for small tensors whose elements are known.
  /// Set for an ONNX sequence, which has nothing else: its tensors, owned by the import.
  std::optional<std::vector<Tensor *>> sequence;

  int64_t rank() const { return static_cast<int64_t>(shape.size()); }
  mlir::RankedTensorType type() const { return tensorType(shape, element); }
};

/// The sizes if all are literal.
std::optional<std::vector<int64_t>> literalShape(const Shape &shape);
/// Their product if all are literal and it does not overflow.
std::optional<int64_t> literalCount(const Shape &shape);
/// `f32[batch, 3, 8]`.
std::string textOf(const Tensor &tensor);

/// The elements of a dense attribute of at most `maxContents` numbers of up to 64 bits; nullopt for others.
std::optional<Contents> contentsOf(mlir::DenseElementsAttr attr);
/// The dense attribute of literal elements; null if an element is no literal.
mlir::DenseElementsAttr attributeOf(const Contents &contents, mlir::RankedTensorType type);

} // namespace heddle::onnximport

#endif // HEDDLE_COMPILER_ONNX_TENSOR_H
