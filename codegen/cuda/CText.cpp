// Builds C++ expressions with no parenthesis too many, and exact literals.
#include "codegen/cuda/CText.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/TypeSwitch.h"
#include <charconv>
#include <limits>

using namespace mlir;
using namespace heddle::cuda;

namespace heddle::cuda {

CText name(std::string text) { return {std::move(text), Precedence::Primary, ""}; }

CText infix(const CText &left, StringRef op, const CText &right, Precedence precedence) {
  // Only the logical operators may be grouped at will.
  bool isLogical = precedence == Precedence::And || precedence == Precedence::Or;
  auto above = isLogical ? precedence : static_cast<Precedence>(static_cast<int>(precedence) + 1);
  return {left.in(precedence) + " " + op.str() + " " + right.in(above), precedence, ""};
}

CText prefix(StringRef op, const CText &operand) {
  // `- -x` must not become `--x`.
  std::string text = operand.in(Precedence::Unary);
  bool joins = op == "-" && StringRef(text).starts_with("-");
  return {op.str() + (joins ? "(" + text + ")" : text), Precedence::Unary, ""};
}

CText call(StringRef function, ArrayRef<CText> arguments) {
  std::string text = function.str() + "(";
  llvm::ListSeparator comma;
  for (const CText &argument : arguments)
    text += StringRef(comma).str() + argument.text;
  return {text + ")", Precedence::Primary, ""};
}

CText cast(StringRef type, const CText &operand) {
  // A type of two words has no functional notation, so all casts are C casts.
  return {"(" + type.str() + ")" + operand.in(Precedence::Unary), Precedence::Unary, ""};
}

CText conditional(const CText &condition, const CText &yes, const CText &no) {
  return {condition.in(Precedence::Or) + " ? " + yes.in(Precedence::Or) + " : " + no.in(Precedence::Conditional),
          Precedence::Conditional, ""};
}

CText subscript(const CText &array, const CText &index) {
  return name(array.in(Precedence::Primary) + "[" + index.text + "]");
}

bool isNarrowFloat(Type type) { return isa<FloatType>(type) && type.getIntOrFloatBitWidth() < 32; }

std::string narrowingFunction(Type narrow) {
  if (narrow.isF16() || narrow.isBF16())
    return narrow.isF16() ? "heddle::toF16" : "heddle::toBF16";
  return "heddle::toSmall<" + computeName(narrow).str() + ">";
}

static StringRef floatName(Type type) {
  return TypeSwitch<Type, StringRef>(type)
      .Case([](Float64Type) { return "double"; })
      .Case([](Float16Type) { return "heddle::f16"; })
      .Case([](BFloat16Type) { return "heddle::bf16"; })
      .Case([](Float8E4M3FNType) { return "heddle::f8e4m3fn"; })
      .Case([](Float8E4M3FNUZType) { return "heddle::f8e4m3fnuz"; })
      .Case([](Float8E5M2Type) { return "heddle::f8e5m2"; })
      .Case([](Float8E5M2FNUZType) { return "heddle::f8e5m2fnuz"; })
      .Case([](Float8E8M0FNUType) { return "heddle::f8e8m0"; })
      .Case([](Float4E2M1FNType) { return "heddle::f4e2m1"; })
      .Default([](Type) { return "float"; });
}

StringRef computeName(Type compute) {
  if (isa<FloatType>(compute))
    return floatName(compute);
  switch (compute.getIntOrFloatBitWidth()) {
  case 1:
    return "bool";
  case 8:
    return "signed char";
  case 16:
    return "short";
  case 32:
    return "int";
  default:
    return "long long";
  }
}

StringRef unsignedName(Type compute) {
  switch (compute.getIntOrFloatBitWidth()) {
  case 1:
    return "bool";
  case 8:
    return "unsigned char";
  case 16:
    return "unsigned short";
  case 32:
    return "unsigned";
  default:
    return "unsigned long long";
  }
}

StringRef storageName(Type element) {
  if (isa<FloatType>(element))
    return floatName(element);
  unsigned width = element.getIntOrFloatBitWidth();
  if (width == 4)
    return element.isUnsignedInteger() ? "unsigned char" : "signed char";
  return element.isUnsignedInteger() ? unsignedName(element) : computeName(element);
}

template <typename Number> static std::string shortest(Number value) {
  char buffer[64];
  auto end = std::to_chars(buffer, buffer + sizeof(buffer), value).ptr;
  std::string text(buffer, end);
  return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}

static CText floatLiteral(FloatAttr value) {
  APFloat number = value.getValue();
  if (number.isNaN())
    return name("heddle::nan");
  if (number.isInfinity())
    return number.isNegative() ? prefix("-", name("heddle::inf")) : name("heddle::inf");
  bool isDouble = value.getType().isF64();
  std::string text = isDouble ? shortest(number.convertToDouble()) : shortest(number.convertToFloat()) + "f";
  return {text, number.isNegative() ? Precedence::Unary : Precedence::Primary, ""};
}

CText literal(TypedAttr value) {
  if (auto number = dyn_cast<FloatAttr>(value))
    return floatLiteral(number);
  Type type = value.getType();
  const APInt bits = llvm::cast<IntegerAttr>(value).getValue();
  if (type.isInteger(1))
    return name(bits.isZero() ? "false" : "true");
  int64_t number = bits.getSExtValue();
  bool isLong = type.getIntOrFloatBitWidth() > 32;
  StringRef suffix = isLong ? "LL" : "";
  // The smallest value has no literal: `-2147483648` negates a number that does not fit.
  if (bits.isMinSignedValue() && bits.getBitWidth() >= 32)
    return {std::to_string(number + 1) + suffix.str() + " - 1", Precedence::Sum, ""};
  return {std::to_string(number) + suffix.str(), number < 0 ? Precedence::Unary : Precedence::Primary, ""};
}

CText literal(int64_t value) {
  bool fits = value > std::numeric_limits<int32_t>::min() && value <= std::numeric_limits<int32_t>::max();
  return {std::to_string(value) + (fits ? "" : "LL"), value < 0 ? Precedence::Unary : Precedence::Primary, ""};
}

} // namespace heddle::cuda
