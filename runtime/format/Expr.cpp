// Structure of size expressions: leaves, order, substitution.
#include "runtime/format/Expr.h"

#include "runtime/format/ExprNode.h"
#include <algorithm>

namespace heddle {

namespace {

constexpr int64_t maxCountedSize = int64_t{1} << 40;

int compare(const Expr &a, const Expr &b) {
  const Expr::Node &left = ExprBuilder::node(a), &right = ExprBuilder::node(b);
  if (&left == &right)
    return 0;
  if (left.kind != right.kind)
    return left.kind < right.kind ? -1 : 1;
  if (left.size != right.size)
    return left.size < right.size ? -1 : 1;
  if (left.value != right.value)
    return left.value < right.value ? -1 : 1;
  if (int order = left.name.compare(right.name))
    return order;
  if (left.opaque != right.opaque)
    return left.opaque ? 1 : -1;
  size_t common = std::min(left.operands.size(), right.operands.size());
  for (size_t i = 0; i < common; ++i)
    if (int order = compare(left.operands[i], right.operands[i]))
      return order;
  if (left.operands.size() == right.operands.size())
    return 0;
  return left.operands.size() < right.operands.size() ? -1 : 1;
}

/// The expression of `kind` over operands that are in normal form themselves, but need not fit each other.
Expr rebuild(Expr::Kind kind, const std::vector<Expr> &operands) {
  switch (kind) {
  case Expr::Kind::Literal:
  case Expr::Kind::Symbol:
    break;
  case Expr::Kind::Add:
    return sumOf(operands);
  case Expr::Kind::Mul: {
    Expr product = 1;
    for (const Expr &operand : operands)
      product = product * operand;
    return product;
  }
  case Expr::Kind::FloorDiv:
    return floorDiv(operands[0], operands[1]);
  case Expr::Kind::Mod:
    return mod(operands[0], operands[1]);
  case Expr::Kind::Min:
  case Expr::Kind::Max:
    return extremumOf(kind, operands);
  case Expr::Kind::Eq:
    return equal(operands[0], operands[1]);
  case Expr::Kind::Ne:
    return notEqual(operands[0], operands[1]);
  case Expr::Kind::Lt:
    return lessThan(operands[0], operands[1]);
  case Expr::Kind::Le:
    return lessEqual(operands[0], operands[1]);
  case Expr::Kind::And:
  case Expr::Kind::Or:
    return connectiveOf(kind, operands);
  }
  assert(false && "leaves are not rebuilt");
  return {};
}

} // namespace

Expr::Expr() : Expr(int64_t{0}) {}

Expr::Expr(int64_t value) {
  auto leaf = std::make_shared<Node>();
  leaf->value = value;
  node = std::move(leaf);
}

Expr::Expr(std::shared_ptr<const Node> node) : node(std::move(node)) {}

Expr Expr::symbol(std::string name) {
  assert(!name.empty() && "a symbol needs a name");
  auto leaf = std::make_shared<Node>();
  leaf->kind = Kind::Symbol;
  leaf->name = std::move(name);
  return Expr(std::shared_ptr<const Node>(std::move(leaf)));
}

Expr ExprBuilder::make(Expr::Kind kind, std::vector<Expr> operands, bool opaque) {
  auto node = std::make_shared<Expr::Node>();
  node->kind = kind;
  node->opaque = opaque;
  for (const Expr &operand : operands) {
    node->depth = std::max(node->depth, ExprBuilder::node(operand).depth + 1);
    node->size = std::min(node->size + ExprBuilder::node(operand).size, maxCountedSize);
  }
  node->operands = std::move(operands);
  return Expr(std::shared_ptr<const Expr::Node>(std::move(node)));
}

Expr::Kind Expr::kind() const { return node->kind; }

std::optional<int64_t> Expr::literal() const {
  return node->kind == Kind::Literal ? std::optional(node->value) : std::nullopt;
}

std::string_view Expr::symbolName() const { return node->name; }

const std::vector<Expr> &Expr::operands() const { return node->operands; }

Expr Expr::substitute(const std::map<std::string, Expr, std::less<>> &replacements) const {
  if (node->kind == Kind::Literal)
    return *this;
  if (node->kind == Kind::Symbol) {
    auto found = replacements.find(node->name);
    return found == replacements.end() ? *this : found->second;
  }
  std::vector<Expr> replaced;
  replaced.reserve(node->operands.size());
  bool changed = false;
  for (const Expr &operand : node->operands) {
    replaced.push_back(operand.substitute(replacements));
    changed |= replaced.back().node != operand.node;
  }
  return changed ? rebuild(node->kind, replaced) : *this;
}

void Expr::collectSymbols(std::set<std::string> &symbols) const {
  if (node->kind == Kind::Symbol)
    symbols.insert(node->name);
  for (const Expr &operand : node->operands)
    operand.collectSymbols(symbols);
}

bool operator==(const Expr &a, const Expr &b) { return compare(a, b) == 0; }
bool operator<(const Expr &a, const Expr &b) { return compare(a, b) < 0; }

Expr elementCount(const Shape &shape) {
  Expr count = 1;
  for (const Expr &dim : shape)
    count = count * dim;
  return count;
}

} // namespace heddle
