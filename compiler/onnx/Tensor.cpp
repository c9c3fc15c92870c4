// Converts between known elements and dense attributes, and prints shapes for messages.
#include "compiler/onnx/Tensor.h"
#include "llvm/ADT/APFloat.h"
#include <cmath>

using namespace mlir;
using namespace heddle;
using namespace heddle::onnximport;

Element Element::ofNumber(double value) {
  constexpr double exactLimit = 9007199254740992.0; // 2^53
  if (std::abs(value) < exactLimit && std::trunc(value) == value && !(value == 0 && std::signbit(value)))
    return Element(static_cast<int64_t>(value));
  Element element(0);
  element.number = value;
  return element;
}

std::optional<double> Element::literalNumber() const {
  if (number)
    return number;
  if (std::optional<int64_t> literal = integer.literal())
    return static_cast<double>(*literal);
  return std::nullopt;
}

std::optional<std::vector<int64_t>> onnximport::literalShape(const Shape &shape) {
  std::vector<int64_t> sizes;
  for (const Expr &size : shape) {
    if (!size.literal())
      return std::nullopt;
    sizes.push_back(*size.literal());
  }
  return sizes;
}

std::optional<int64_t> onnximport::literalCount(const Shape &shape) {
  int64_t count = 1;
  for (const Expr &size : shape)
    if (!size.literal() || __builtin_mul_overflow(count, *size.literal(), &count))
      return std::nullopt;
  return count;
}

std::string onnximport::textOf(const Tensor &tensor) {
  std::optional<DType> type = dtypeOf(tensor.element);
  return std::string(type ? nameOf(*type) : "?") + textOf(tensor.shape);
}

std::optional<Contents> onnximport::contentsOf(DenseElementsAttr attr) {
  if (attr.getNumElements() > maxContents)
    return std::nullopt;
  Contents contents;
  Type element = attr.getElementType();
  if (auto integer = dyn_cast<IntegerType>(element)) {
    for (const APInt &value : attr.getValues<APInt>()) {
      bool isNonNegative = integer.isUnsigned() || integer.getWidth() == 1;
      if (isNonNegative && value.getActiveBits() > 63)
        return std::nullopt;
      contents.push_back(isNonNegative ? static_cast<int64_t>(value.getZExtValue()) : value.getSExtValue());
    }
    return contents;
  }
  for (APFloat value : attr.getValues<APFloat>()) {
    bool losesInfo = false;
    value.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &losesInfo);
    contents.push_back(Element::ofNumber(value.convertToDouble()));
  }
  return contents;
}

DenseElementsAttr onnximport::attributeOf(const Contents &contents, RankedTensorType type) {
  SmallVector<Attribute> elements;
  Type element = type.getElementType();
  for (const Element &value : contents) {
    if (auto integer = dyn_cast<IntegerType>(element)) {
      if (!value.literal())
        return {};
      APInt bits(integer.getWidth(), static_cast<uint64_t>(*value.literal()), /*isSigned=*/true,
                 /*implicitTrunc=*/true);
      elements.push_back(IntegerAttr::get(element, bits));
      continue;
    }
    if (!value.literalNumber())
      return {};
    elements.push_back(FloatAttr::get(element, *value.literalNumber()));
  }
  return DenseElementsAttr::get(type, elements);
}
