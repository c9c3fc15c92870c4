// A recursive-descent parser of size expressions, bounded so that hostile text costs little.
#include "runtime/format/ExprNode.h"
#include "runtime/format/ExprWords.h"

#include <charconv>

namespace heddle {

namespace {

using Kind = Expr::Kind;

constexpr size_t maxLength = 64 << 10;
constexpr int maxDepth = 256;

/// Grammar, loosest first; each function leaves `failure` set on an error and then returns a meaningless expression.
///   or := and ("or" and)*            and := not ("and" not)*        not := "not" not | comparison
///   comparison := sum (("==" | "!=" | "<" | "<=" | ">" | ">=") sum)?
///   sum := product (("+" | "-") product)*
///   product := unary (("*" | "floordiv" | "ceildiv" | "mod") unary)*
///   unary := "-" unary | primary
///   primary := number | symbol | quoted | ("min" | "max") "(" or ("," or)* ")" | "(" or ")"
class Parser {
public:
  explicit Parser(std::string_view text) : text(text) {}

  Result<Expr> run() {
    if (text.size() > maxLength)
      return Status(Code::Malformed, "expression has " + std::to_string(text.size()) +
                                         " characters, expected at most " + std::to_string(maxLength));
    Expr expr = parseOr();
    if (!failure.isOk())
      return failure;
    skipSpace();
    if (position != text.size())
      return unexpected("an operator or the end");
    return expr;
  }

private:
  Status errorAt(size_t offset, const std::string &message) {
    return Status(Code::Malformed, "column " + std::to_string(offset + 1) + " of the expression: " + message);
  }

  /// Records the first error only; what follows it is a consequence.
  Expr fail(Status status) {
    if (failure.isOk())
      failure = std::move(status);
    position = text.size();
    return {};
  }

  Status unexpected(const std::string &wanted) {
    std::string got = "the end";
    if (position < text.size()) {
      char c = text[position];
      got = c >= ' ' && c <= '~' ? std::string("'") + c + "'" : "byte " + std::to_string(static_cast<unsigned char>(c));
    }
    return errorAt(position, "expected " + wanted + ", got " + got);
  }

  void skipSpace() {
    while (position < text.size() && (text[position] == ' ' || text[position] == '\t' || text[position] == '\n'))
      ++position;
  }

  /// Takes `token` if it comes next. A word is not the beginning of a longer one.
  bool take(std::string_view token) {
    skipSpace();
    if (text.substr(position, token.size()) != token)
      return false;
    size_t end = position + token.size();
    if (isSymbolStart(token.front()) && end < text.size() && isSymbolPart(text[end]))
      return false;
    position = end;
    return true;
  }

  /// Every expression made here passes through: a long chain such as `a mod b mod c ...` nests without any parenthesis.
  Expr bounded(Expr expr) {
    if (ExprBuilder::node(expr).depth <= maxDepth)
      return expr;
    return fail(errorAt(position, "nested deeper than " + std::to_string(maxDepth)));
  }

  Expr parseOr() {
    if (++nesting > maxDepth) {
      --nesting;
      return fail(errorAt(position, "nested deeper than " + std::to_string(maxDepth)));
    }
    std::vector<Expr> operands = {parseAnd()};
    while (take("or"))
      operands.push_back(parseAnd());
    --nesting;
    return operands.size() == 1 ? operands.front() : bounded(connectiveOf(Kind::Or, operands));
  }

  Expr parseAnd() {
    std::vector<Expr> operands = {parseNot()};
    while (take("and"))
      operands.push_back(parseNot());
    return operands.size() == 1 ? operands.front() : bounded(connectiveOf(Kind::And, operands));
  }

  Expr parseNot() {
    bool isInverted = false, isLogical = false;
    while (take("not")) {
      isInverted = !isInverted;
      isLogical = true;
    }
    Expr operand = parseComparison();
    if (!isLogical)
      return operand;
    Expr inverse = logicalNot(operand);
    return bounded(isInverted ? inverse : logicalNot(inverse));
  }

  Expr parseComparison() {
    Expr left = parseSum();
    if (take("=="))
      return bounded(equal(left, parseSum()));
    if (take("!="))
      return bounded(notEqual(left, parseSum()));
    if (take("<="))
      return bounded(lessEqual(left, parseSum()));
    if (take(">="))
      return bounded(lessEqual(parseSum(), left));
    if (take("<"))
      return bounded(lessThan(left, parseSum()));
    if (take(">"))
      return bounded(lessThan(parseSum(), left));
    return left;
  }

  Expr parseSum() {
    std::vector<Expr> terms = {parseProduct()};
    while (failure.isOk()) {
      if (take("+"))
        terms.push_back(parseProduct());
      else if (take("-"))
        terms.push_back(parseProduct() * -1);
      else
        break;
    }
    return terms.size() == 1 ? terms.front() : bounded(sumOf(terms));
  }

  Expr parseProduct() {
    Expr product = parseUnary();
    while (failure.isOk()) {
      if (take("*"))
        product = bounded(product * parseUnary());
      else if (take("floordiv"))
        product = bounded(floorDiv(product, parseUnary()));
      else if (take("ceildiv"))
        product = bounded(ceilDiv(product, parseUnary()));
      else if (take("mod"))
        product = bounded(mod(product, parseUnary()));
      else
        break;
    }
    return product;
  }

  Expr parseUnary() {
    bool isNegative = false;
    while (take("-"))
      isNegative = !isNegative;
    skipSpace();
    // The sign belongs to the number: the magnitude of INT64_MIN alone does not fit.
    if (position < text.size() && isDigit(text[position]))
      return parseNumber(isNegative);
    Expr operand = parsePrimary();
    return isNegative ? bounded(operand * -1) : operand;
  }

  Expr parseNumber(bool isNegative) {
    size_t start = position;
    while (position < text.size() && isDigit(text[position]))
      ++position;
    std::string digits = (isNegative ? "-" : "") + std::string(text.substr(start, position - start));
    int64_t value = 0;
    if (std::from_chars(digits.data(), digits.data() + digits.size(), value).ec != std::errc())
      return fail(errorAt(start, "number does not fit in 64 bits"));
    return value;
  }

  Expr parsePrimary() {
    if (take("("))
      return closed(parseOr());
    if (take("min"))
      return parseCall(Kind::Min);
    if (take("max"))
      return parseCall(Kind::Max);
    skipSpace();
    if (position < text.size() && text[position] == '"')
      return parseQuoted();
    size_t start = position;
    if (position < text.size() && isSymbolStart(text[position]))
      while (position < text.size() && isSymbolPart(text[position]))
        ++position;
    std::string_view name = text.substr(start, position - start);
    if (isPlainSymbol(name))
      return Expr::symbol(std::string(name));
    position = start;
    return fail(unexpected("a number, a symbol or '('"));
  }

  Expr closed(Expr expr) {
    if (failure.isOk() && !take(")"))
      return fail(unexpected("')'"));
    return expr;
  }

  Expr parseCall(Kind kind) {
    if (!take("("))
      return fail(unexpected("'('"));
    std::vector<Expr> operands = {parseOr()};
    while (take(","))
      operands.push_back(parseOr());
    return closed(bounded(extremumOf(kind, operands)));
  }

  static int hexDigit(char c) {
    if (isDigit(c))
      return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  }

  Expr parseQuoted() {
    size_t start = position++;
    std::string name;
    while (position < text.size() && text[position] != '"') {
      char c = text[position++];
      if (c == '\\' && !parseEscape(c))
        return fail(errorAt(position, "expected the escape '\\\\', '\\\"' or '\\xHH'"));
      name += c;
    }
    if (position == text.size())
      return fail(errorAt(start, "the quoted symbol has no end"));
    ++position;
    if (name.empty())
      return fail(errorAt(start, "the quoted symbol is empty"));
    return Expr::symbol(name);
  }

  /// The character of an escape; `position` stands behind its backslash.
  bool parseEscape(char &c) {
    char kind = position < text.size() ? text[position] : '\0';
    if (kind == '"' || kind == '\\') {
      c = kind;
      ++position;
      return true;
    }
    if (kind != 'x' || position + 2 >= text.size())
      return false;
    int high = hexDigit(text[position + 1]), low = hexDigit(text[position + 2]);
    if (high < 0 || low < 0)
      return false;
    c = static_cast<char>(high << 4 | low);
    position += 3;
    return true;
  }

  std::string_view text;
  size_t position = 0;
  int nesting = 0;
  Status failure;
};

} // namespace

Result<Expr> Expr::parse(std::string_view text) { return Parser(text).run(); }

} // namespace heddle
