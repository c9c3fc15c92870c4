// Implements the table of strip loops: one template per kind of op, one line per op.
#include "ir/reference/StripFunctions.h"
#include "ir/Shapes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "runtime/format/ElementConvert.h"
#include "runtime/format/ScalarMath.h"
#include <cmath>

using namespace mlir;
using namespace heddle;

namespace {
/// Value types of strips; unsigned and signed integers share strips.
enum Kind { KindF32, KindF64, KindBool, KindI8, KindI16, KindI32, KindI64, kindCount };
using Functions = std::array<StripFunction, kindCount>;

template <class T> const T *operand(const StripCall &call, unsigned index) {
  return reinterpret_cast<const T *>(call.operands[index]);
}

template <auto scalarOp, class T> void unary(const StripCall &call) {
  const T *x = operand<T>(call, 0);
  T *y = reinterpret_cast<T *>(call.result);
  for (int64_t i = 0; i < call.count; ++i)
    y[i] = static_cast<T>(scalarOp(x[i]));
}

template <auto scalarOp, class T> void binary(const StripCall &call) {
  const T *a = operand<T>(call, 0), *b = operand<T>(call, 1);
  T *y = reinterpret_cast<T *>(call.result);
  for (int64_t i = 0; i < call.count; ++i)
    y[i] = static_cast<T>(scalarOp(a[i], b[i]));
}

template <auto predicate, class T> void compare(const StripCall &call) {
  const T *a = operand<T>(call, 0), *b = operand<T>(call, 1);
  auto *y = reinterpret_cast<uint8_t *>(call.result);
  for (int64_t i = 0; i < call.count; ++i)
    y[i] = predicate(a[i], b[i]) ? 1 : 0;
}

template <class T> void choose(const StripCall &call) {
  const auto *condition = operand<uint8_t>(call, 0);
  const T *a = operand<T>(call, 1), *b = operand<T>(call, 2);
  T *y = reinterpret_cast<T *>(call.result);
  for (int64_t i = 0; i < call.count; ++i)
    y[i] = condition[i] ? a[i] : b[i];
}

void convert(const StripCall &call) { convertElements(call.from, call.operands[0], call.to, call.result, call.count); }

template <auto f> Functions floatUnary() { return {unary<f, float>, unary<f, double>}; }
template <auto f> Functions floatBinary() { return {binary<f, float>, binary<f, double>}; }
template <auto f> Functions floatCompare() { return {compare<f, float>, compare<f, double>}; }
/// Bits without a sign; a bool stays 0 or 1 under every one of these but addition, which no body applies to it.
template <class Make> Functions unsignedKinds(Make make) {
  StripFunction byte = make(uint8_t());
  return {nullptr, nullptr, byte, byte, make(uint16_t()), make(uint32_t()), make(uint64_t())};
}
template <class Make> Functions signedKinds(Make make) {
  return {nullptr, nullptr, nullptr, make(int8_t()), make(int16_t()), make(int32_t()), make(int64_t())};
}
template <auto f> constexpr auto makeBinary = [](auto zero) -> StripFunction { return binary<f, decltype(zero)>; };
template <auto f> constexpr auto makeCompare = [](auto zero) -> StripFunction { return compare<f, decltype(zero)>; };
template <auto f> Functions unsignedBinary() { return unsignedKinds(makeBinary<f>); }
template <auto f> Functions signedBinary() { return signedKinds(makeBinary<f>); }
template <auto f> Functions unsignedCompare() { return unsignedKinds(makeCompare<f>); }
template <auto f> Functions signedCompare() { return signedKinds(makeCompare<f>); }

/// The same arithmetic on all widths, without the promotion of narrow operands to a signed type that could overflow.
constexpr auto wide = [](auto x) { return static_cast<uint64_t>(x); };
constexpr auto bitWidth = [](auto x) { return static_cast<decltype(x)>(8 * sizeof(x)); };
} // namespace

using Table = llvm::StringMap<Functions>;

static void addMath(Table &table) {
  table["math.exp"] = floatUnary<[](auto x) { return scalar::exp(x); }>();
  table["math.exp2"] = floatUnary<[](auto x) { return scalar::exp2(x); }>();
  table["math.expm1"] = floatUnary<[](auto x) { return scalar::expm1(x); }>();
  table["math.log"] = floatUnary<[](auto x) { return scalar::log(x); }>();
  table["math.log1p"] = floatUnary<[](auto x) { return scalar::log1p(x); }>();
  table["math.sin"] = floatUnary<[](auto x) { return scalar::sin(x); }>();
  table["math.cos"] = floatUnary<[](auto x) { return scalar::cos(x); }>();
  table["math.tan"] = floatUnary<[](auto x) { return scalar::tan(x); }>();
  table["math.asin"] = floatUnary<[](auto x) { return scalar::asin(x); }>();
  table["math.acos"] = floatUnary<[](auto x) { return scalar::acos(x); }>();
  table["math.atan"] = floatUnary<[](auto x) { return scalar::atan(x); }>();
  table["math.sinh"] = floatUnary<[](auto x) { return scalar::sinh(x); }>();
  table["math.cosh"] = floatUnary<[](auto x) { return scalar::cosh(x); }>();
  table["math.tanh"] = floatUnary<[](auto x) { return scalar::tanh(x); }>();
  table["math.asinh"] = floatUnary<[](auto x) { return scalar::asinh(x); }>();
  table["math.acosh"] = floatUnary<[](auto x) { return scalar::acosh(x); }>();
  table["math.atanh"] = floatUnary<[](auto x) { return scalar::atanh(x); }>();
  table["math.erf"] = floatUnary<[](auto x) { return scalar::erf(x); }>();
  table["math.sqrt"] = floatUnary<[](auto x) { return scalar::sqrt(x); }>();
  table["math.absf"] = floatUnary<[](auto x) { return scalar::abs(x); }>();
  table["math.floor"] = floatUnary<[](auto x) { return __builtin_elementwise_floor(x); }>();
  table["math.ceil"] = floatUnary<[](auto x) { return __builtin_elementwise_ceil(x); }>();
  table["math.trunc"] = floatUnary<[](auto x) { return scalar::trunc(x); }>();
  table["math.roundeven"] = floatUnary<[](auto x) { return scalar::roundEven(x); }>();
  table["math.powf"] = floatBinary<[](auto x, auto y) { return scalar::pow(x, y); }>();
}

static void addFloats(Table &table) {
  table["arith.negf"] = floatUnary<[](auto x) { return -x; }>();
  table["arith.addf"] = floatBinary<[](auto x, auto y) { return x + y; }>();
  table["arith.subf"] = floatBinary<[](auto x, auto y) { return x - y; }>();
  table["arith.mulf"] = floatBinary<[](auto x, auto y) { return x * y; }>();
  table["arith.divf"] = floatBinary<[](auto x, auto y) { return x / y; }>();
  table["arith.remf"] = floatBinary<[](auto x, auto y) { return scalar::fmod(x, y); }>();
  table["arith.minimumf"] = floatBinary<[](auto x, auto y) { return scalar::minimum(x, y); }>();
  table["arith.maximumf"] = floatBinary<[](auto x, auto y) { return scalar::maximum(x, y); }>();
  table["arith.cmpf.oeq"] = floatCompare<[](auto x, auto y) { return x == y; }>();
  table["arith.cmpf.one"] = floatCompare<[](auto x, auto y) { return x < y || x > y; }>();
  table["arith.cmpf.olt"] = floatCompare<[](auto x, auto y) { return x < y; }>();
  table["arith.cmpf.ole"] = floatCompare<[](auto x, auto y) { return x <= y; }>();
  table["arith.cmpf.ogt"] = floatCompare<[](auto x, auto y) { return x > y; }>();
  table["arith.cmpf.oge"] = floatCompare<[](auto x, auto y) { return x >= y; }>();
  table["arith.cmpf.une"] = floatCompare<[](auto x, auto y) { return x != y; }>();
  table["arith.cmpf.uno"] = floatCompare<[](auto x, auto y) { return std::isnan(x) || std::isnan(y); }>();
  table["arith.cmpf.ord"] = floatCompare<[](auto x, auto y) { return !std::isnan(x) && !std::isnan(y); }>();
}

static void addIntegers(Table &table) {
  table["arith.addi"] = unsignedBinary<[](auto x, auto y) { return wide(x) + wide(y); }>();
  table["arith.subi"] = unsignedBinary<[](auto x, auto y) { return wide(x) - wide(y); }>();
  table["arith.muli"] = unsignedBinary<[](auto x, auto y) { return wide(x) * wide(y); }>();
  table["arith.divsi"] = signedBinary<[](auto x, auto y) { return scalar::divideSigned(x, y); }>();
  table["arith.remsi"] = signedBinary<[](auto x, auto y) { return scalar::remainderSigned(x, y); }>();
  table["arith.divui"] = unsignedBinary<[](auto x, auto y) { return y == 0 ? wide(0) : wide(x) / wide(y); }>();
  table["arith.remui"] = unsignedBinary<[](auto x, auto y) { return y == 0 ? wide(0) : wide(x) % wide(y); }>();
  table["arith.minsi"] = signedBinary<[](auto x, auto y) { return x < y ? x : y; }>();
  table["arith.maxsi"] = signedBinary<[](auto x, auto y) { return x > y ? x : y; }>();
  table["arith.minui"] = unsignedBinary<[](auto x, auto y) { return x < y ? x : y; }>();
  table["arith.maxui"] = unsignedBinary<[](auto x, auto y) { return x > y ? x : y; }>();
  table["arith.andi"] = unsignedBinary<[](auto x, auto y) { return x & y; }>();
  table["arith.ori"] = unsignedBinary<[](auto x, auto y) { return x | y; }>();
  table["arith.xori"] = unsignedBinary<[](auto x, auto y) { return x ^ y; }>();
  table["arith.shli"] = unsignedBinary<[](auto x, auto y) { return y < bitWidth(x) ? wide(x) << y : wide(0); }>();
  table["arith.shrui"] = unsignedBinary<[](auto x, auto y) { return y < bitWidth(x) ? wide(x) >> y : wide(0); }>();
  table["arith.shrsi"] =
      signedBinary<[](auto x, auto y) { return y >= 0 && y < bitWidth(x) ? x >> y : decltype(x >> y)(0); }>();
  table["arith.cmpi.eq"] = unsignedCompare<[](auto x, auto y) { return x == y; }>();
  table["arith.cmpi.ne"] = unsignedCompare<[](auto x, auto y) { return x != y; }>();
  table["arith.cmpi.slt"] = signedCompare<[](auto x, auto y) { return x < y; }>();
  table["arith.cmpi.sle"] = signedCompare<[](auto x, auto y) { return x <= y; }>();
  table["arith.cmpi.sgt"] = signedCompare<[](auto x, auto y) { return x > y; }>();
  table["arith.cmpi.sge"] = signedCompare<[](auto x, auto y) { return x >= y; }>();
  table["arith.cmpi.ult"] = unsignedCompare<[](auto x, auto y) { return x < y; }>();
  table["arith.cmpi.ule"] = unsignedCompare<[](auto x, auto y) { return x <= y; }>();
  table["arith.cmpi.ugt"] = unsignedCompare<[](auto x, auto y) { return x > y; }>();
  table["arith.cmpi.uge"] = unsignedCompare<[](auto x, auto y) { return x >= y; }>();
}

static const Table &stripTable() {
  static const Table table = [] {
    Table made;
    addMath(made);
    addFloats(made);
    addIntegers(made);
    made["arith.select"] = {choose<float>,    choose<double>,   choose<uint8_t>, choose<uint8_t>,
                            choose<uint16_t>, choose<uint32_t>, choose<uint64_t>};
    return made;
  }();
  return table;
}

static std::optional<Kind> kindOf(Type type) {
  std::optional<DType> strip = stripTypeOf(type);
  if (!strip)
    return std::nullopt;
  switch (*strip) {
  case DType::F32:
    return KindF32;
  case DType::F64:
    return KindF64;
  case DType::Bool:
    return KindBool;
  case DType::I8:
    return KindI8;
  case DType::I16:
    return KindI16;
  case DType::I32:
    return KindI32;
  case DType::I64:
    return KindI64;
  default:
    return std::nullopt;
  }
}

static StripFunction findFunction(StringRef name, Type type) {
  auto row = stripTable().find(name);
  std::optional<Kind> kind = kindOf(type);
  return kind && row != stripTable().end() ? row->second[*kind] : nullptr;
}

std::optional<DType> heddle::stripTypeOf(Type scalar) {
  if (!isa<IntegerType, FloatType>(scalar))
    return std::nullopt;
  return dtypeOf(scalar);
}

static DType asUnsigned(DType type) {
  switch (type) {
  case DType::I8:
    return DType::U8;
  case DType::I16:
    return DType::U16;
  case DType::I32:
    return DType::U32;
  case DType::I64:
    return DType::U64;
  default:
    return type;
  }
}

/// A conversion as `convertElements` does it: integers count as unsigned on the side where the op says so.
static std::optional<StripOp> conversionOf(Operation &op) {
  if (!isa<arith::TruncFOp, arith::ExtFOp, arith::TruncIOp, arith::ExtSIOp, arith::ExtUIOp, arith::SIToFPOp,
           arith::UIToFPOp, arith::FPToSIOp, arith::FPToUIOp>(op))
    return std::nullopt;
  std::optional<DType> from = stripTypeOf(op.getOperand(0).getType()), to = stripTypeOf(op.getResult(0).getType());
  bool lowBitToBool = isa<arith::TruncIOp>(op) && to == DType::Bool;
  bool signOfBool = isa<arith::ExtSIOp, arith::SIToFPOp>(op) && from == DType::Bool;
  if (!from || !to || lowBitToBool || signOfBool)
    return std::nullopt;
  if (isa<arith::ExtUIOp, arith::UIToFPOp>(op))
    from = asUnsigned(*from);
  if (isa<arith::FPToUIOp>(op))
    to = asUnsigned(*to);
  return StripOp{convert, *from, *to};
}

std::optional<StripOp> heddle::stripOpOf(Operation &op) {
  if (std::optional<StripOp> conversion = conversionOf(op))
    return conversion;
  if (op.getNumOperands() == 0)
    return std::nullopt;
  std::string name = op.getName().getStringRef().str();
  if (auto comparison = dyn_cast<arith::CmpFOp>(op))
    name += "." + arith::stringifyCmpFPredicate(comparison.getPredicate()).str();
  if (auto comparison = dyn_cast<arith::CmpIOp>(op))
    name += "." + arith::stringifyCmpIPredicate(comparison.getPredicate()).str();
  StripFunction function = findFunction(name, op.getOperands().back().getType());
  return function ? std::optional(StripOp{function}) : std::nullopt;
}

StripFunction heddle::combinerFunction(StringRef combiner, Type compute, bool isUnsigned) {
  bool isFloat = isa<FloatType>(compute);
  StringRef name = llvm::StringSwitch<StringRef>(combiner)
                       .Case("add", isFloat ? "arith.addf" : "arith.addi")
                       .Case("mul", isFloat ? "arith.mulf" : "arith.muli")
                       .Case("min", isFloat      ? "arith.minimumf"
                                    : isUnsigned ? "arith.minui"
                                                 : "arith.minsi")
                       .Case("max", isFloat      ? "arith.maximumf"
                                    : isUnsigned ? "arith.maxui"
                                                 : "arith.maxsi")
                       .Default("");
  return findFunction(name, compute);
}
