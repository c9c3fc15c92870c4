// One table from arith and math ops to C++ text, and the few ops whose text depends on their attributes.
#include "codegen/cuda/ScalarText.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace heddle::cuda;

namespace {

enum class Form { Infix, Prefix, Call, IntegerInfix, UnsignedInfix, UnsignedCall };

struct Row {
  StringLiteral op;
  Form form;
  StringLiteral text;
  Precedence precedence = Precedence::Primary;
  /// IntegerInfix: the function that wraps, for types as wide as int or wider.
  StringLiteral wrapping = "";
};

constexpr Row rows[] = {
    {"arith.addf", Form::Infix, "+", Precedence::Sum},
    {"arith.subf", Form::Infix, "-", Precedence::Sum},
    {"arith.mulf", Form::Infix, "*", Precedence::Product},
    {"arith.divf", Form::Infix, "/", Precedence::Product},
    {"arith.negf", Form::Prefix, "-"},
    {"arith.remf", Form::Call, "heddle::fmod"},
    {"arith.maximumf", Form::Call, "heddle::maximum"},
    {"arith.minimumf", Form::Call, "heddle::minimum"},
    {"arith.addi", Form::IntegerInfix, "+", Precedence::Sum, "heddle::wrapAdd"},
    {"arith.subi", Form::IntegerInfix, "-", Precedence::Sum, "heddle::wrapSub"},
    {"arith.muli", Form::IntegerInfix, "*", Precedence::Product, "heddle::wrapMul"},
    {"arith.divsi", Form::IntegerInfix, "/", Precedence::Product},
    {"arith.remsi", Form::IntegerInfix, "%", Precedence::Product},
    {"arith.divui", Form::UnsignedInfix, "/", Precedence::Product},
    {"arith.remui", Form::UnsignedInfix, "%", Precedence::Product},
    {"arith.shli", Form::UnsignedInfix, "<<", Precedence::Shift},
    {"arith.shrui", Form::UnsignedInfix, ">>", Precedence::Shift},
    {"arith.shrsi", Form::IntegerInfix, ">>", Precedence::Shift},
    {"arith.maxsi", Form::Call, "heddle::maximum"},
    {"arith.minsi", Form::Call, "heddle::minimum"},
    {"arith.maxui", Form::UnsignedCall, "heddle::maximum"},
    {"arith.minui", Form::UnsignedCall, "heddle::minimum"},
    {"math.absf", Form::Call, "heddle::abs"},
    {"math.acos", Form::Call, "heddle::acos"},
    {"math.acosh", Form::Call, "heddle::acosh"},
    {"math.asin", Form::Call, "heddle::asin"},
    {"math.asinh", Form::Call, "heddle::asinh"},
    {"math.atan", Form::Call, "heddle::atan"},
    {"math.atanh", Form::Call, "heddle::atanh"},
    {"math.ceil", Form::Call, "heddle::ceil"},
    {"math.cos", Form::Call, "heddle::cos"},
    {"math.cosh", Form::Call, "heddle::cosh"},
    {"math.erf", Form::Call, "heddle::erf"},
    {"math.exp", Form::Call, "heddle::exp"},
    {"math.expm1", Form::Call, "heddle::expm1"},
    {"math.floor", Form::Call, "heddle::floor"},
    {"math.fma", Form::Call, "heddle::multiplyAdd"},
    {"math.log", Form::Call, "heddle::log"},
    {"math.log1p", Form::Call, "heddle::log1p"},
    {"math.powf", Form::Call, "heddle::pow"},
    {"math.roundeven", Form::Call, "heddle::roundEven"},
    {"math.sin", Form::Call, "heddle::sin"},
    {"math.sinh", Form::Call, "heddle::sinh"},
    {"math.sqrt", Form::Call, "heddle::sqrt"},
    {"math.tan", Form::Call, "heddle::tan"},
    {"math.tanh", Form::Call, "heddle::tanh"},
    {"math.trunc", Form::Call, "heddle::trunc"},
};

bool isNarrow(Type type) { return type.getIntOrFloatBitWidth() < 32; }

/// Arithmetic on integers narrower than int is done in int, so the result is cut to its own width.
CText integerInfix(const Row &row, Type type, ArrayRef<CText> x) {
  if (isNarrow(type))
    return cast(computeName(type), infix(x[0], row.text, x[1], row.precedence));
  if (!row.wrapping.empty())
    return call(row.wrapping, x);
  return infix(x[0], row.text, x[1], row.precedence);
}

CText render(const Row &row, Operation *op, ArrayRef<CText> x) {
  Type type = op->getOperand(0).getType();
  switch (row.form) {
  case Form::Infix:
    return infix(x[0], row.text, x[1], row.precedence);
  case Form::Prefix:
    return prefix(row.text, x[0]);
  case Form::Call:
    return call(row.text, x);
  case Form::IntegerInfix:
    return integerInfix(row, type, x);
  case Form::UnsignedInfix:
    return cast(computeName(type), infix(asUnsigned(x[0], type), row.text, asUnsigned(x[1], type), row.precedence));
  case Form::UnsignedCall:
    return cast(computeName(type), call(row.text, {asUnsigned(x[0], type), asUnsigned(x[1], type)}));
  }
  llvm_unreachable("every form is rendered above");
}

CText logic(StringRef op, Type type, ArrayRef<CText> x, Precedence precedence) {
  CText result = infix(x[0], op, x[1], precedence);
  return isNarrow(type) && !type.isInteger(1) ? cast(computeName(type), result) : result;
}

bool isConstant(Value value, int64_t wanted) {
  auto constant = value.getDefiningOp<arith::ConstantOp>();
  auto integer = constant ? dyn_cast<IntegerAttr>(constant.getValue()) : IntegerAttr();
  return integer && integer.getValue().getSExtValue() == wanted;
}

CText exclusiveOr(Operation *op, ArrayRef<CText> x) {
  Type type = op->getOperand(0).getType();
  bool isComplement = isConstant(op->getOperand(1), -1);
  if (!type.isInteger(1))
    return isComplement ? cast(computeName(type), prefix("~", x[0])) : logic("^", type, x, Precedence::BitXor);
  return isComplement ? prefix("!", x[0]) : infix(x[0], "!=", x[1], Precedence::Equality);
}

std::optional<CText> compareFloats(arith::CmpFOp op, ArrayRef<CText> x) {
  auto less = [&](StringRef text) { return infix(x[0], text, x[1], Precedence::Relational); };
  auto equal = [&](StringRef text) { return infix(x[0], text, x[1], Precedence::Equality); };
  switch (op.getPredicate()) {
  case arith::CmpFPredicate::OEQ:
    return equal("==");
  case arith::CmpFPredicate::UNE:
    return equal("!=");
  case arith::CmpFPredicate::OLT:
    return less("<");
  case arith::CmpFPredicate::OLE:
    return less("<=");
  case arith::CmpFPredicate::OGT:
    return less(">");
  case arith::CmpFPredicate::OGE:
    return less(">=");
  case arith::CmpFPredicate::ULT:
    return prefix("!", less(">="));
  case arith::CmpFPredicate::ULE:
    return prefix("!", less(">"));
  case arith::CmpFPredicate::UGT:
    return prefix("!", less("<="));
  case arith::CmpFPredicate::UGE:
    return prefix("!", less("<"));
  case arith::CmpFPredicate::UNO:
    return op.getLhs() == op.getRhs() ? infix(x[0], "!=", x[0], Precedence::Equality)
                                      : infix(infix(x[0], "!=", x[0], Precedence::Equality), "||",
                                              infix(x[1], "!=", x[1], Precedence::Equality), Precedence::Or);
  default:
    return std::nullopt;
  }
}

CText compareIntegers(arith::CmpIOp op, ArrayRef<CText> x) {
  Type type = op.getLhs().getType();
  auto asSigned = [&](StringRef text) { return infix(x[0], text, x[1], Precedence::Relational); };
  auto unsignedly = [&](StringRef text) {
    return infix(asUnsigned(x[0], type), text, asUnsigned(x[1], type), Precedence::Relational);
  };
  switch (op.getPredicate()) {
  case arith::CmpIPredicate::eq:
    return infix(x[0], "==", x[1], Precedence::Equality);
  case arith::CmpIPredicate::ne:
    return infix(x[0], "!=", x[1], Precedence::Equality);
  case arith::CmpIPredicate::slt:
    return asSigned("<");
  case arith::CmpIPredicate::sle:
    return asSigned("<=");
  case arith::CmpIPredicate::sgt:
    return asSigned(">");
  case arith::CmpIPredicate::sge:
    return asSigned(">=");
  case arith::CmpIPredicate::ult:
    return unsignedly("<");
  case arith::CmpIPredicate::ule:
    return unsignedly("<=");
  case arith::CmpIPredicate::ugt:
    return unsignedly(">");
  case arith::CmpIPredicate::uge:
    return unsignedly(">=");
  }
  llvm_unreachable("every predicate is rendered above");
}

/// Between float types: the halves are structs, so their conversions are functions.
CText convertFloat(Type from, Type to, const CText &x) {
  if (isNarrowFloat(from))
    return to.isF64() ? cast("double", call("heddle::toFloat", x)) : call("heddle::toFloat", x);
  if (isNarrowFloat(to))
    return call(narrowingFunction(to), x);
  return cast(computeName(to), x);
}

std::optional<CText> conversion(Operation *op, ArrayRef<CText> x) {
  Type from = op->getOperand(0).getType(), to = op->getResult(0).getType();
  if (isa<arith::ExtFOp, arith::TruncFOp>(op))
    return convertFloat(from, to, x[0]);
  if (isa<arith::SIToFPOp, arith::FPToSIOp, arith::ExtSIOp>(op))
    return cast(computeName(to), x[0]);
  if (isa<arith::UIToFPOp, arith::ExtUIOp>(op))
    return cast(computeName(to), asUnsigned(x[0], from));
  if (isa<arith::FPToUIOp>(op))
    return cast(computeName(to), cast(unsignedName(to), x[0]));
  if (!isa<arith::TruncIOp>(op))
    return std::nullopt;
  if (to.isInteger(1))
    return infix(infix(x[0], "&", name("1"), Precedence::BitAnd), "!=", name("0"), Precedence::Equality);
  return cast(computeName(to), x[0]);
}

} // namespace

namespace heddle::cuda {

CText asUnsigned(const CText &x, Type type) {
  return x.asUnsigned.empty() ? cast(unsignedName(type), x) : name(x.asUnsigned);
}

std::optional<CText> scalarText(Operation *op, ArrayRef<CText> x) {
  if (const Row *row = llvm::find_if(rows, [&](const Row &r) { return r.op == op->getName().getStringRef(); });
      row != std::end(rows))
    return render(*row, op, x);
  Type type = op->getResult(0).getType();
  if (auto constant = dyn_cast<arith::ConstantOp>(op))
    return literal(cast<TypedAttr>(constant.getValue()));
  if (isa<arith::SelectOp>(op))
    return conditional(x[0], x[1], x[2]);
  if (isa<arith::AndIOp>(op))
    return type.isInteger(1) ? logic("&&", type, x, Precedence::And) : logic("&", type, x, Precedence::BitAnd);
  if (isa<arith::OrIOp>(op))
    return type.isInteger(1) ? logic("||", type, x, Precedence::Or) : logic("|", type, x, Precedence::BitOr);
  if (isa<arith::XOrIOp>(op))
    return exclusiveOr(op, x);
  if (auto compare = dyn_cast<arith::CmpFOp>(op))
    return compareFloats(compare, x);
  if (auto compare = dyn_cast<arith::CmpIOp>(op))
    return compareIntegers(compare, x);
  return conversion(op, x);
}

bool isCostly(Operation *op) {
  return isa<arith::DivFOp, arith::RemFOp, arith::DivSIOp, arith::DivUIOp>(op) ||
         (isa<math::MathDialect>(op->getDialect()) && !isa<math::AbsFOp, math::FloorOp, math::CeilOp>(op));
}

CText combinerText(StringRef combiner, Type compute, bool isUnsigned, const CText &x, const CText &y) {
  bool isSum = combiner == "add";
  if (!isSum && combiner != "mul") {
    StringRef function = combiner == "max" ? "heddle::maximum" : "heddle::minimum";
    if (isUnsigned && !compute.isInteger(1))
      return cast(computeName(compute), call(function, {asUnsigned(x, compute), asUnsigned(y, compute)}));
    return call(function, {x, y});
  }
  StringRef op = isSum ? "+" : "*";
  Precedence precedence = isSum ? Precedence::Sum : Precedence::Product;
  if (isa<FloatType>(compute))
    return infix(x, op, y, precedence);
  if (isNarrow(compute))
    return cast(computeName(compute), infix(x, op, y, precedence));
  return call(isSum ? "heddle::wrapAdd" : "heddle::wrapMul", {x, y});
}

} // namespace heddle::cuda
