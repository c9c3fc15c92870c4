// Sizes, indices and conditions as text.
#include "codegen/cuda/KernelText.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::cuda;

/// Whether the expression is at least 0 wherever the sizes of dimensions are: no term with a minus, and no symbol that
/// may be anything, such as the step of a range.
static bool isPlainlyNonNegative(const Expr &expr, const TextNames &names) {
  if (std::optional<int64_t> literal = expr.literal())
    return *literal >= 0;
  if (expr.kind() == Expr::Kind::Symbol)
    return names.dimensions.contains(expr.symbolName());
  return llvm::all_of(expr.operands(), [&](const Expr &operand) { return isPlainlyNonNegative(operand, names); });
}

static CText foldInfix(ArrayRef<CText> operands, StringRef op, Precedence precedence) {
  CText result = operands[0];
  for (const CText &operand : operands.drop_front())
    result = infix(result, op, operand, precedence);
  return result;
}

static CText foldCall(ArrayRef<CText> operands, StringRef function) {
  CText result = operands[0];
  for (const CText &operand : operands.drop_front())
    result = call(function, {result, operand});
  return result;
}

static size_t termCount(const Expr &expr) { return expr.kind() == Expr::Kind::Add ? expr.operands().size() : 1; }

/// The literal that every term has as its factor; 1 if they differ.
static int64_t commonFactor(const Expr &expr) {
  if (std::optional<int64_t> value = expr.literal())
    return *value;
  if (expr.kind() == Expr::Kind::Mul)
    return expr.operands()[0].literal().value_or(1);
  if (expr.kind() != Expr::Kind::Add)
    return 1;
  int64_t first = commonFactor(expr.operands()[0]);
  bool isCommon = llvm::all_of(expr.operands(), [&](const Expr &term) { return commonFactor(term) == first; });
  return isCommon ? first : 1;
}

/// `sum + term`, or `sum - rest` where the term has a negative literal factor.
static CText addTerm(const std::optional<CText> &sum, const CText &term, bool isNegative) {
  if (!sum)
    return isNegative ? prefix("-", term) : term;
  // Sums of indices are exact, so that their order needs no parentheses.
  return infix(*sum, isNegative ? "-" : "+", term, Precedence::Sum);
}

/// Where many parts lie side by side, a part ends some terms behind one before. Written out everywhere, these sums
/// would grow with the square of the number of parts.
void KernelText::nameEnd(const Expr &end) {
  if (termCount(end) < minEndTerms || findEnd(end))
    return;
  hasEnds = true;
  at(levelOf({}), [&] {
    Expr nearest(0), rest = end;
    for (const Block &block : blocks)
      for (const auto &[known, name] : block.ends)
        if (Expr distance = end - known; termCount(distance) < termCount(rest)) {
          nearest = known;
          rest = distance;
        }
    bool isBefore = commonFactor(rest) < 0;
    const CText *known = findEnd(nearest);
    CText sum =
        addTerm(known ? std::optional(*known) : std::nullopt, size(isBefore ? rest * Expr(-1) : rest), isBefore);
    std::string name = names.unique("end");
    line("const " + spelling.indexType + " " + name + " = " + sum.text + ";");
    return blocks.back().ends[end] = cuda::name(name);
  });
}

const CText *KernelText::findEnd(const Expr &end) const {
  for (const Block &block : llvm::reverse(blocks))
    if (auto named = block.ends.find(end); named != block.ends.end())
      return &named->second;
  return nullptr;
}

/// An end that has a name, or a multiple of one.
std::optional<CText> KernelText::endText(const Expr &expr) const {
  if (termCount(expr) < minEndTerms)
    return std::nullopt;
  int64_t factor = commonFactor(expr);
  const CText *known = findEnd(factor > 1 ? floorDiv(expr, factor) : expr);
  if (!known)
    return std::nullopt;
  return factor > 1 ? infix(literal(factor), "*", *known, Precedence::Product) : *known;
}

CText KernelText::size(const Expr &expr) {
  for (const auto &[named, name] : llvm::reverse(sizeNames))
    if (named == expr) {
      mentioned.insert(name);
      return cuda::name(name);
    }
  if (std::optional<int64_t> value = expr.literal())
    return literal(*value);
  if (expr.kind() == Expr::Kind::Symbol)
    return cuda::name(spelling.symbols.at(std::string(expr.symbolName())));
  if (std::optional<CText> end = endText(expr))
    return *end;
  SmallVector<CText> x;
  for (const Expr &operand : expr.operands()) {
    // A number that happens to equal a named size is not that size.
    std::optional<int64_t> number = operand.literal();
    x.push_back(number ? literal(*number) : size(operand));
  }
  bool isPlain = isPlainlyNonNegative(expr, spelling);
  switch (expr.kind()) {
  case Expr::Kind::Add:
    return foldInfix(x, "+", Precedence::Sum);
  case Expr::Kind::Mul:
    return foldInfix(x, "*", Precedence::Product);
  case Expr::Kind::FloorDiv:
    return isPlain ? infix(x[0], "/", x[1], Precedence::Product) : call("heddle::floorDiv", x);
  case Expr::Kind::Mod:
    return isPlain ? infix(x[0], "%", x[1], Precedence::Product) : call("heddle::floorMod", x);
  case Expr::Kind::Min:
    return foldCall(x, "heddle::minimum");
  case Expr::Kind::Max:
    return foldCall(x, "heddle::maximum");
  case Expr::Kind::Eq:
    return infix(x[0], "==", x[1], Precedence::Equality);
  case Expr::Kind::Ne:
    return infix(x[0], "!=", x[1], Precedence::Equality);
  case Expr::Kind::Lt:
    return infix(x[0], "<", x[1], Precedence::Relational);
  case Expr::Kind::Le:
    return infix(x[0], "<=", x[1], Precedence::Relational);
  case Expr::Kind::And:
    return foldInfix(x, "&&", Precedence::And);
  case Expr::Kind::Or:
    return foldInfix(x, "||", Precedence::Or);
  case Expr::Kind::Literal:
  case Expr::Kind::Symbol:
    break;
  }
  llvm_unreachable("literals and symbols are printed above");
}

CText KernelText::index(const Index &index) {
  // Large strides first: the order of dimensions.
  std::vector<std::pair<int64_t, size_t>> order;
  for (const auto &[position, term] : llvm::enumerate(index.terms()))
    order.push_back({-term.coefficient.literal().value_or(INT64_MAX), position});
  llvm::sort(order);
  std::optional<CText> sum;
  for (const auto &[stride, position] : order) {
    const Index::Term &term = index.terms()[position];
    CText part = atom(*term.atom);
    std::optional<int64_t> factor = term.coefficient.literal();
    bool isNegative = factor && *factor < 0;
    Expr magnitude = isNegative ? Expr(-*factor) : term.coefficient;
    if (!magnitude.isLiteral(1))
      part = infix(part, "*", size(magnitude), Precedence::Product);
    sum = addTerm(sum, part, isNegative);
  }
  const Expr &constant = index.constant();
  if (sum && constant.isLiteral(0))
    return *sum;
  bool isNegative = sum && commonFactor(constant) < 0;
  return addTerm(sum, size(isNegative ? constant * Expr(-1) : constant), isNegative);
}

static bool isNonNegative(const Index &index) {
  std::optional<Index::Range> range = index.range();
  return range && index.isWithin(Expr(0), range->upper + 1);
}

std::set<int> KernelText::variablesOf(const Index::Atom &atom) const {
  std::set<int> variables(atom.variables.begin(), atom.variables.end());
  SmallVector<NodeId> nodes;
  if (atom.kind == Index::AtomKind::Opaque)
    nodes.push_back(atom.id);
  else
    collectOpaque(atom.operand, nodes);
  for (NodeId node : nodes)
    variables.insert(graph[node].variables.begin(), graph[node].variables.end());
  return variables;
}

/// The dimension with this stride and, if it is not the outermost, this size.
static std::optional<size_t> dimensionOf(const Shape &shape, const Expr &stride, const std::optional<Expr> &size) {
  for (size_t dim = shape.size(); dim-- > 0;) {
    bool isOuter = elementCount(Shape(shape.begin(), shape.begin() + dim)).isLiteral(1);
    bool fits = size ? shape[dim] == *size : isOuter;
    if (fits && elementCount(Shape(shape.begin() + dim + 1, shape.end())) == stride)
      return dim;
  }
  return std::nullopt;
}

/// `row` and `col` in matrices, `i2` for a single dimension of a larger tensor.
std::string KernelText::coordinateName(const Index::Atom &atom) const {
  bool isRemainder = atom.kind == Index::AtomKind::Mod;
  const Index::Atom *inner = &atom;
  Expr stride = isRemainder ? Expr(1) : atom.divisor;
  if (isRemainder && !atom.operand.variableId() && atom.operand.terms().size() == 1) {
    inner = atom.operand.terms()[0].atom.get();
    stride = inner->divisor;
  }
  std::string general = !isRemainder ? "row" : inner == &atom ? "col" : "mid";
  std::optional<int> variable = inner->operand.variableId();
  auto known = variable ? coordinates.find(*variable) : coordinates.end();
  if (known == coordinates.end())
    return general;
  const auto &[shape, dimNames] = known->second;
  bool isMatrix = llvm::count_if(shape, [](const Expr &size) { return !size.isLiteral(1); }) <= 2;
  std::optional<size_t> dim = dimensionOf(shape, stride, isRemainder ? std::optional(atom.divisor) : std::nullopt);
  if (dim && !dimNames.empty())
    return dimNames[*dim];
  return dim && !isMatrix ? "i" + std::to_string(*dim) : general;
}

CText KernelText::atom(const Index::Atom &atom) {
  if (atom.kind == Index::AtomKind::Opaque)
    return value(atom.id);
  if (atom.kind == Index::AtomKind::Variable) {
    for (Block &block : llvm::reverse(blocks)) {
      auto bound = block.variables.find(atom.id);
      if (bound == block.variables.end())
        continue;
      if (auto definition = block.definitions.extract(atom.id))
        block.lines.insert(block.lines.begin(), {0, std::move(definition.mapped()), {}});
      return cuda::name(bound->second);
    }
    llvm_unreachable("a loop variable is used outside its loop");
  }
  AtomKey key{atom.kind, atom.operand, atom.divisor};
  for (const Block &block : llvm::reverse(blocks))
    if (auto named = block.atoms.find(key); named != block.atoms.end())
      return named->second;
  size_t level = levelOf(variablesOf(atom));
  bool isDivision = atom.kind == Index::AtomKind::FloorDiv;
  auto quotient = [&] {
    CText operand = index(atom.operand), divisor = size(atom.divisor);
    if (!isNonNegative(atom.operand))
      return call(isDivision ? "heddle::floorDiv" : "heddle::floorMod", {operand, divisor});
    return infix(operand, isDivision ? "/" : "%", divisor, Precedence::Product);
  };
  if (atomUses[key] < 2 && level + 1 == blocks.size())
    return quotient();
  return at(level, [&] {
    CText text = quotient();
    std::string name = names.unique(coordinateName(atom));
    line("const " + spelling.indexType + " " + name + " = " + text.text + ";");
    return blocks.back().atoms[key] = cuda::name(name);
  });
}

/// `lower <= index && index < upper` with the constant of the index moved to the bounds and without what is known.
CText KernelText::condition(const PullCondition &condition) {
  const Expr &shift = condition.index.constant();
  Index moved = condition.index - Index(shift);
  Expr lower = condition.lower - shift, upper = condition.upper - shift;
  std::optional<Index::Range> range = moved.range();
  SmallVector<NodeId> nodes;
  collectOpaque(moved, nodes);
  bool isChecked = nodes.size() == 1 && graph[nodes[0]].kind == Node::Kind::Checked;
  bool isAbove = isChecked || (range && moved.isWithin(lower, range->upper + 1));
  bool isBelow = range && moved.isWithin(range->lower, upper);
  if (!isBelow)
    nameEnd(upper);
  CText place = index(moved);
  CText above = infix(place, ">=", size(lower), Precedence::Relational);
  if (isBelow)
    return above;
  CText below = infix(place, "<", size(upper), Precedence::Relational);
  return isAbove ? below : infix(above, "&&", below, Precedence::And);
}

void KernelText::countAtoms(const Index &index) {
  for (const Index::Term &term : index.terms()) {
    bool isQuotient = term.atom->kind == Index::AtomKind::FloorDiv || term.atom->kind == Index::AtomKind::Mod;
    if (isQuotient && ++atomUses[{term.atom->kind, term.atom->operand, term.atom->divisor}] == 1)
      countAtoms(term.atom->operand);
  }
}
