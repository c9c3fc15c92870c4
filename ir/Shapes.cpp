// Implements conversions between tensor types and size expressions, and symbolic broadcasting.
#include "ir/Shapes.h"

using namespace mlir;
using namespace heddle;

Shape heddle::shapeOf(Type type) {
  auto tensor = cast<RankedTensorType>(type);
  if (auto dims = dyn_cast_or_null<DimsAttr>(tensor.getEncoding()))
    return dims.exprs();
  Shape shape;
  for (int64_t size : tensor.getShape())
    shape.push_back(ShapedType::isDynamic(size) ? Expr::symbol("?") : Expr(size));
  return shape;
}

RankedTensorType heddle::tensorType(const Shape &shape, Type element) {
  SmallVector<int64_t> sizes;
  bool allLiteral = true;
  for (const Expr &size : shape) {
    std::optional<int64_t> literal = size.literal();
    allLiteral &= literal.has_value();
    sizes.push_back(literal.value_or(ShapedType::kDynamic));
  }
  if (allLiteral)
    return RankedTensorType::get(sizes, element);
  return RankedTensorType::get(sizes, element, DimsAttr::get(element.getContext(), shape));
}

RankedTensorType heddle::withElement(RankedTensorType type, Type element) {
  return RankedTensorType::get(type.getShape(), element, type.getEncoding());
}

/// The broadcast of two sizes; nullopt if they are different literals, neither 1.
static std::optional<Expr> broadcastSizes(const Expr &a, const Expr &b) {
  if (a == b || b.isLiteral(1))
    return a;
  if (a.isLiteral(1))
    return b;
  if (a.literal() && b.literal())
    return std::nullopt;
  if (a.literal() || b.literal())
    return a.literal() ? a : b;
  return a < b ? a : b;
}

FailureOr<Shape> heddle::broadcastShapes(ArrayRef<Shape> shapes, std::string *error) {
  Shape result;
  for (const Shape &shape : shapes) {
    if (shape.size() > result.size())
      result.insert(result.begin(), shape.size() - result.size(), Expr(1));
    size_t offset = result.size() - shape.size();
    for (size_t dim = 0; dim < shape.size(); ++dim) {
      std::optional<Expr> size = broadcastSizes(result[offset + dim], shape[dim]);
      if (!size && error)
        *error = "shapes " + textOf(result) + " and " + textOf(shape) + " do not broadcast";
      if (!size)
        return failure();
      result[offset + dim] = *size;
    }
  }
  return result;
}

void heddle::broadcastAssumptions(ArrayRef<Shape> shapes, std::vector<std::pair<Expr, Expr>> &assumptions) {
  FailureOr<Shape> result = broadcastShapes(shapes);
  if (failed(result))
    return;
  for (const Shape &shape : shapes) {
    size_t offset = result->size() - shape.size();
    for (size_t dim = 0; dim < shape.size(); ++dim) {
      const Expr &size = shape[dim], &other = (*result)[offset + dim];
      if (!size.isLiteral(1) && size != other)
        assumptions.emplace_back(other, size);
    }
  }
}

bool heddle::compatibleShapes(const Shape &a, const Shape &b) {
  if (a.size() != b.size())
    return false;
  for (size_t dim = 0; dim < a.size(); ++dim)
    if (a[dim].literal() && b[dim].literal() && a[dim] != b[dim])
      return false;
  return true;
}

Expr heddle::productOf(const Shape &shape, size_t begin, size_t end) {
  Expr product = 1;
  for (size_t dim = begin; dim < end; ++dim)
    product = product * shape[dim];
  return product;
}

std::optional<DType> heddle::dtypeOf(Type type) {
  type = getElementTypeOrSelf(type);
  if (auto integer = dyn_cast<IntegerType>(type)) {
    bool isUnsigned = integer.isUnsigned();
    switch (integer.getWidth()) {
    case 1:
      return DType::Bool;
    case 4:
      return isUnsigned ? DType::U4 : DType::I4;
    case 8:
      return isUnsigned ? DType::U8 : DType::I8;
    case 16:
      return isUnsigned ? DType::U16 : DType::I16;
    case 32:
      return isUnsigned ? DType::U32 : DType::I32;
    case 64:
      return isUnsigned ? DType::U64 : DType::I64;
    default:
      return std::nullopt;
    }
  }
  return llvm::TypeSwitch<Type, std::optional<DType>>(type)
      .Case<Float64Type>([](auto) { return DType::F64; })
      .Case<Float32Type>([](auto) { return DType::F32; })
      .Case<Float16Type>([](auto) { return DType::F16; })
      .Case<BFloat16Type>([](auto) { return DType::BF16; })
      .Case<Float8E4M3FNType>([](auto) { return DType::F8E4M3FN; })
      .Case<Float8E4M3FNUZType>([](auto) { return DType::F8E4M3FNUZ; })
      .Case<Float8E5M2Type>([](auto) { return DType::F8E5M2; })
      .Case<Float8E5M2FNUZType>([](auto) { return DType::F8E5M2FNUZ; })
      .Case<Float8E8M0FNUType>([](auto) { return DType::F8E8M0; })
      .Case<Float4E2M1FNType>([](auto) { return DType::F4E2M1; })
      .Default([](Type) { return std::nullopt; });
}

Type heddle::elementType(MLIRContext *context, DType type) {
  auto integer = [&](unsigned width, IntegerType::SignednessSemantics sign = IntegerType::Signless) {
    return IntegerType::get(context, width, sign);
  };
  switch (type) {
  case DType::F64:
    return Float64Type::get(context);
  case DType::F32:
    return Float32Type::get(context);
  case DType::F16:
    return Float16Type::get(context);
  case DType::BF16:
    return BFloat16Type::get(context);
  case DType::F8E4M3FN:
    return Float8E4M3FNType::get(context);
  case DType::F8E4M3FNUZ:
    return Float8E4M3FNUZType::get(context);
  case DType::F8E5M2:
    return Float8E5M2Type::get(context);
  case DType::F8E5M2FNUZ:
    return Float8E5M2FNUZType::get(context);
  case DType::F8E8M0:
    return Float8E8M0FNUType::get(context);
  case DType::F4E2M1:
    return Float4E2M1FNType::get(context);
  case DType::I64:
    return integer(64);
  case DType::I32:
    return integer(32);
  case DType::I16:
    return integer(16);
  case DType::I8:
    return integer(8);
  case DType::I4:
    return integer(4);
  case DType::U64:
    return integer(64, IntegerType::Unsigned);
  case DType::U32:
    return integer(32, IntegerType::Unsigned);
  case DType::U16:
    return integer(16, IntegerType::Unsigned);
  case DType::U8:
    return integer(8, IntegerType::Unsigned);
  case DType::U4:
    return integer(4, IntegerType::Unsigned);
  case DType::Bool:
    return integer(1);
  case DType::String:
    return {};
  }
  return {};
}

Type heddle::substituteSymbols(Type type, const std::map<std::string, Expr, std::less<>> &replacements) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor || !isa_and_nonnull<DimsAttr>(tensor.getEncoding()))
    return type;
  Shape shape = shapeOf(tensor);
  for (Expr &size : shape)
    size = size.substitute(replacements);
  return tensorType(shape, tensor.getElementType());
}
