// The text form of size expressions.
#include "runtime/format/ExprNode.h"
#include "runtime/format/ExprWords.h"

namespace heddle {

namespace {

using Kind = Expr::Kind;

/// How tightly the outermost operator of a text binds.
enum class Level { Or, And, Comparison, Sum, Product, Division, Primary };

std::string quoted(std::string_view name) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text = "\"";
  for (char c : name) {
    auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte > 0x7e) {
      text += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
      continue;
    }
    if (c == '"' || c == '\\')
      text += '\\';
    text += c;
  }
  return text + '"';
}

Level levelOf(const Expr &expr) {
  switch (expr.kind()) {
  case Kind::Literal:
    return *expr.literal() < 0 ? Level::Sum : Level::Primary;
  case Kind::Symbol:
  case Kind::Min:
  case Kind::Max:
    return Level::Primary;
  case Kind::Add:
    return Level::Sum;
  case Kind::Mul:
    return Level::Product;
  case Kind::FloorDiv:
  case Kind::Mod:
    return Level::Division;
  case Kind::And:
    return Level::And;
  case Kind::Or:
    return Level::Or;
  default:
    return Level::Comparison;
  }
}

class Printer {
public:
  void print(const Expr &expr) {
    switch (expr.kind()) {
    case Kind::Literal:
      text += std::to_string(*expr.literal());
      return;
    case Kind::Symbol:
      text += isPlainSymbol(expr.symbolName()) ? std::string(expr.symbolName()) : quoted(expr.symbolName());
      return;
    case Kind::Add:
      return printSum(expr);
    case Kind::Mul:
      return printProduct(expr.operands(), /*isNegated=*/false);
    case Kind::Min:
      return printCall("min(", expr);
    case Kind::Max:
      return printCall("max(", expr);
    case Kind::FloorDiv:
      return printList(expr, " floordiv ", Level::Primary);
    case Kind::Mod:
      return printList(expr, " mod ", Level::Primary);
    case Kind::Eq:
      return printList(expr, " == ", Level::Sum);
    case Kind::Ne:
      return printList(expr, " != ", Level::Sum);
    case Kind::Lt:
      return printList(expr, " < ", Level::Sum);
    case Kind::Le:
      return printList(expr, " <= ", Level::Sum);
    case Kind::And:
      return printList(expr, " and ", Level::Comparison);
    case Kind::Or:
      return printList(expr, " or ", Level::Comparison);
    }
  }

  std::string text;

private:
  void printAt(const Expr &expr, Level level) {
    bool needsParentheses = levelOf(expr) < level;
    text += needsParentheses ? "(" : "";
    print(expr);
    text += needsParentheses ? ")" : "";
  }

  void printList(const Expr &expr, std::string_view separator, Level level) {
    bool isFirst = true;
    for (const Expr &operand : expr.operands()) {
      text += isFirst ? "" : separator;
      printAt(operand, level);
      isFirst = false;
    }
  }

  void printCall(std::string_view name, const Expr &expr) {
    text += name;
    printList(expr, ", ", Level::Or);
    text += ")";
  }

  /// A coefficient of -1 is a minus sign. `isNegated`: the caller has written the sign of the coefficient.
  void printProduct(const std::vector<Expr> &factors, bool isNegated) {
    size_t first = 0;
    if (std::optional<int64_t> coefficient = factors.front().literal(); coefficient && factors.size() > 1) {
      int64_t shown = isNegated ? -*coefficient : *coefficient;
      first = 1;
      if (shown == -1)
        text += "-";
      else if (shown != 1)
        text += std::to_string(shown) + " * ";
    }
    for (size_t i = first; i < factors.size(); ++i) {
      text += i == first ? "" : " * ";
      printAt(factors[i], Level::Primary);
    }
  }

  /// A term whose coefficient is negative is subtracted.
  void printSum(const Expr &sum) {
    bool isFirst = true;
    for (const Expr &term : sum.operands()) {
      bool isProduct = term.kind() == Kind::Mul && !ExprBuilder::node(term).opaque;
      int64_t sign = (isProduct ? term.operands().front() : term).literal().value_or(1);
      bool isSubtracted = !isFirst && sign < 0 && sign != INT64_MIN;
      text += isFirst ? "" : isSubtracted ? " - " : " + ";
      isFirst = false;
      if (isProduct)
        printProduct(term.operands(), isSubtracted);
      else if (isSubtracted)
        text += std::to_string(-sign);
      else
        printAt(term, Level::Division);
    }
  }
};

} // namespace

std::string Expr::str() const {
  Printer printer;
  printer.print(*this);
  return std::move(printer.text);
}

std::string textOf(const Shape &shape) {
  std::string text = "[";
  for (size_t dim = 0; dim < shape.size(); ++dim)
    text += (dim == 0 ? "" : ", ") + shape[dim].str();
  return text + "]";
}

} // namespace heddle
