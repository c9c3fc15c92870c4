// Instantiates ScalarMath with recorded values.
#include "codegen/cpu/ScalarFunctions.h"
#include "codegen/cpu/MathValue.h"
#include "runtime/format/ScalarMath.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace heddle;
using recorded::Float;
using recorded::Recording;

namespace {

/// The formula of a unary or binary op; null if the op is an instruction.
template <int W> Value formula(Recording &at, Operation *op) {
  Float<W> x{&at, op->getOperand(0)};
  Float<W> y{&at, op->getOperand(op->getNumOperands() - 1)};
  return TypeSwitch<Operation *, Value>(op)
      .Case([&](math::ExpOp) { return scalar::exp(x).value; })
      .Case([&](math::Exp2Op) { return scalar::exp2(x).value; })
      .Case([&](math::ExpM1Op) { return scalar::expm1(x).value; })
      .Case([&](math::LogOp) { return scalar::log(x).value; })
      .Case([&](math::Log1pOp) { return scalar::log1p(x).value; })
      .Case([&](math::SinOp) { return scalar::sin(x).value; })
      .Case([&](math::CosOp) { return scalar::cos(x).value; })
      .Case([&](math::TanOp) { return scalar::tan(x).value; })
      .Case([&](math::AsinOp) { return scalar::asin(x).value; })
      .Case([&](math::AcosOp) { return scalar::acos(x).value; })
      .Case([&](math::AtanOp) { return scalar::atan(x).value; })
      .Case([&](math::SinhOp) { return scalar::sinh(x).value; })
      .Case([&](math::CoshOp) { return scalar::cosh(x).value; })
      .Case([&](math::TanhOp) { return scalar::tanh(x).value; })
      .Case([&](math::AsinhOp) { return scalar::asinh(x).value; })
      .Case([&](math::AcoshOp) { return scalar::acosh(x).value; })
      .Case([&](math::AtanhOp) { return scalar::atanh(x).value; })
      .Case([&](math::ErfOp) { return scalar::erf(x).value; })
      .Case([&](math::PowFOp) { return scalar::pow(x, y).value; })
      .Case([&](arith::RemFOp) { return scalar::fmod(x, y).value; })
      .Default([](Operation *) { return Value(); });
}

template <typename Format> Value widenAs(Recording &at, Value bits) {
  recorded::Bits<32> code{&at, bits};
  Float<32> like = fromBits(code);
  return scalar::decodeSmallFloat<Format>(like, code).value;
}

template <typename Format> Value narrowAs(Recording &at, Value value, bool saturate) {
  return scalar::encodeSmallFloat<Format>(Float<32>{&at, value}, saturate).value;
}

} // namespace

void heddle::expandMath(Operation *root) {
  SmallVector<Operation *> ops;
  root->walk([&](Operation *op) {
    bool isMath = op->getDialect() && op->getDialect()->getNamespace() == "math";
    if (isMath || isa<arith::RemFOp>(op))
      ops.push_back(op);
  });
  for (Operation *op : ops) {
    OpBuilder b(op);
    Recording at{b, op->getLoc()};
    Type element = getElementTypeOrSelf(op->getResult(0).getType());
    Value replacement;
    if (element.isF32())
      replacement = formula<32>(at, op);
    else if (element.isF64())
      replacement = formula<64>(at, op);
    if (!replacement)
      continue;
    op->replaceAllUsesWith(ValueRange(replacement));
    op->erase();
  }
}

Value heddle::widenFloat(OpBuilder &b, Location loc, Value bits, FloatType format) {
  Recording at{b, loc};
  Value wide = arith::ExtUIOp::create(b, loc, Recording::typeLike(b.getI32Type(), bits), bits);
  if (isa<Float8E8M0FNUType>(format)) {
    recorded::Bits<32> code{&at, wide};
    return scalar::decodePowerOfTwo(fromBits(code), code).value;
  }
  return TypeSwitch<Type, Value>(format)
      .Case([&](BFloat16Type) { return widenAs<scalar::BF16>(at, wide); })
      .Case([&](Float8E4M3FNType) { return widenAs<scalar::F8E4M3FN>(at, wide); })
      .Case([&](Float8E4M3FNUZType) { return widenAs<scalar::F8E4M3FNUZ>(at, wide); })
      .Case([&](Float8E5M2Type) { return widenAs<scalar::F8E5M2>(at, wide); })
      .Case([&](Float8E5M2FNUZType) { return widenAs<scalar::F8E5M2FNUZ>(at, wide); })
      .Case([&](Float4E2M1FNType) { return widenAs<scalar::F4E2M1>(at, wide); });
}

Value heddle::narrowFloat(OpBuilder &b, Location loc, Value value, FloatType format) {
  Recording at{b, loc};
  if (getElementTypeOrSelf(value).isF64())
    value = scalar::narrowToOdd(Float<64>{&at, value}).value;
  if (format.isF16())
    return arith::TruncFOp::create(b, loc, Recording::typeLike(format, value), value);
  Value code = TypeSwitch<Type, Value>(format)
                   .Case([&](BFloat16Type) { return narrowAs<scalar::BF16>(at, value, false); })
                   .Case([&](Float8E4M3FNType) { return narrowAs<scalar::F8E4M3FN>(at, value, true); })
                   .Case([&](Float8E4M3FNUZType) { return narrowAs<scalar::F8E4M3FNUZ>(at, value, true); })
                   .Case([&](Float8E5M2Type) { return narrowAs<scalar::F8E5M2>(at, value, true); })
                   .Case([&](Float8E5M2FNUZType) { return narrowAs<scalar::F8E5M2FNUZ>(at, value, true); })
                   .Case([&](Float4E2M1FNType) { return narrowAs<scalar::F4E2M1>(at, value, true); })
                   .Case([&](Float8E8M0FNUType) {
                     return scalar::encodePowerOfTwo(Float<32>{&at, value}, scalar::PowerRounding::Up, true).value;
                   });
  Type storage = b.getIntegerType(std::max(8u, format.getWidth()));
  return arith::TruncIOp::create(b, loc, Recording::typeLike(storage, code), code);
}
