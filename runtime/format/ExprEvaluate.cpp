// Evaluation of size expressions: sums and products in 128 bits, every value checked to fit 64.
#include "runtime/format/ExprNode.h"

namespace heddle {

namespace {

using Kind = Expr::Kind;
__extension__ using Wide = __int128;

class Evaluator {
public:
  explicit Evaluator(const SymbolValues &values) : values(values) {}

  Status evaluate(const Expr &expr, int64_t &result) {
    if (std::optional<int64_t> literal = expr.literal()) {
      result = *literal;
      return Status::ok();
    }
    switch (expr.kind()) {
    case Kind::Literal:
    case Kind::Symbol:
      return lookUp(expr, result);
    case Kind::Add:
    case Kind::Mul: {
      Wide wide;
      HEDDLE_RETURN_IF_ERROR(evaluateWide(expr, wide));
      result = static_cast<int64_t>(wide);
      return wide == result ? Status::ok() : overflow(expr);
    }
    case Kind::And:
    case Kind::Or:
      return evaluateConnective(expr, result);
    case Kind::Min:
    case Kind::Max:
      return evaluateExtremum(expr, result);
    default:
      return evaluateBinary(expr, result);
    }
  }

private:
  static Status overflow(const Expr &expr) {
    return Status(Code::Malformed, "'" + expr.str() + "' does not fit in 64 bits");
  }

  Status lookUp(const Expr &expr, int64_t &result) {
    auto found = values.find(expr.symbolName());
    if (found == values.end())
      return Status(Code::Malformed, "symbol '" + std::string(expr.symbolName()) + "' has no value");
    result = found->second;
    return Status::ok();
  }

  /// Intermediate sums and products may pass 64 bits: the normal form `a * a - b * b` of `(a + b) * (a - b)` must not
  /// fail where the written form does not.
  Status evaluateWide(const Expr &expr, Wide &result) {
    if (expr.kind() != Kind::Add && expr.kind() != Kind::Mul) {
      int64_t value;
      HEDDLE_RETURN_IF_ERROR(evaluate(expr, value));
      result = value;
      return Status::ok();
    }
    bool isSum = expr.kind() == Kind::Add;
    result = isSum ? 0 : 1;
    for (const Expr &operand : expr.operands()) {
      Wide value;
      HEDDLE_RETURN_IF_ERROR(evaluateWide(operand, value));
      if (isSum ? __builtin_add_overflow(result, value, &result) : __builtin_mul_overflow(result, value, &result))
        return overflow(expr);
    }
    return Status::ok();
  }

  /// A deciding operand wins over one that cannot be evaluated, wherever it stands: operands are sorted, so the order
  /// that they were written in is lost.
  Status evaluateConnective(const Expr &expr, int64_t &result) {
    bool deciding = expr.kind() == Kind::Or;
    Status failure;
    for (const Expr &operand : expr.operands()) {
      int64_t value;
      if (Status status = evaluate(operand, value); !status) {
        failure = status;
      } else if ((value != 0) == deciding) {
        result = deciding;
        return Status::ok();
      }
    }
    result = !deciding;
    return failure;
  }

  Status evaluateExtremum(const Expr &expr, int64_t &result) {
    bool isFirst = true;
    for (const Expr &operand : expr.operands()) {
      int64_t value;
      HEDDLE_RETURN_IF_ERROR(evaluate(operand, value));
      if (isFirst || (expr.kind() == Kind::Min ? value < result : value > result))
        result = value;
      isFirst = false;
    }
    return Status::ok();
  }

  Status evaluateBinary(const Expr &expr, int64_t &result) {
    int64_t a, b;
    HEDDLE_RETURN_IF_ERROR(evaluate(expr.operands()[0], a));
    HEDDLE_RETURN_IF_ERROR(evaluate(expr.operands()[1], b));
    switch (expr.kind()) {
    case Kind::Eq:
      result = a == b;
      return Status::ok();
    case Kind::Ne:
      result = a != b;
      return Status::ok();
    case Kind::Lt:
      result = a < b;
      return Status::ok();
    case Kind::Le:
      result = a <= b;
      return Status::ok();
    default:
      break;
    }
    assert((expr.kind() == Kind::FloorDiv || expr.kind() == Kind::Mod) && "all other kinds are handled above");
    if (b == 0)
      return Status(Code::Malformed, "division by zero in '" + expr.str() + "'");
    std::optional<int64_t> value = expr.kind() == Kind::FloorDiv ? checkedFloorDiv(a, b) : checkedMod(a, b);
    if (!value)
      return overflow(expr);
    result = *value;
    return Status::ok();
  }

  const SymbolValues &values;
};

} // namespace

Result<int64_t> Expr::evaluate(const SymbolValues &values) const {
  int64_t result = 0;
  if (Status status = Evaluator(values).evaluate(*this, result); !status)
    return status;
  return result;
}

} // namespace heddle
