// Elements in memory and in registers.
#include "codegen/cpu/CpuBackend.h"
#include "codegen/cpu/ScalarFunctions.h"
#include "ir/Scalars.h"

using namespace mlir;
using namespace heddle;

Type heddle::storageType(Type element) {
  if (element.isF64() || element.isF32() || element.isF16())
    return element;
  return IntegerType::get(element.getContext(), std::max(8u, element.getIntOrFloatBitWidth()));
}

Value heddle::fromStorage(OpBuilder &b, Location loc, Value value, Type element) {
  if (element.isInteger(1)) {
    Value zero = arith::ConstantOp::create(b, loc, cast<TypedAttr>(b.getZeroAttr(value.getType())));
    return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, value, zero);
  }
  if (element.isF16())
    return arith::ExtFOp::create(b, loc, typeLike(b.getF32Type(), value.getType()), value);
  if (isa<FloatType>(element) && element.getIntOrFloatBitWidth() < 32)
    return widenFloat(b, loc, value, cast<FloatType>(element));
  return value;
}

Value heddle::toStorage(OpBuilder &b, Location loc, Value value, Type element) {
  Type storage = typeLike(storageType(element), value.getType());
  if (element.isInteger(1))
    return arith::ExtUIOp::create(b, loc, storage, value);
  // F16C rounds f32 correctly; from f64 there is no instruction.
  if (element.isF16() && getElementTypeOrSelf(value).isF32())
    return arith::TruncFOp::create(b, loc, storage, value);
  if (isa<FloatType>(element) && element.getIntOrFloatBitWidth() < 32)
    return narrowFloat(b, loc, value, cast<FloatType>(element));
  return value;
}
