// The canonical linear form of indices, and division by sizes.
#include "codegen/Index.h"
#include "codegen/IndexRange.h"
#include <algorithm>
#include <cassert>

using namespace heddle;

namespace {

int compareExprs(const Expr &a, const Expr &b) { return a == b ? 0 : (a < b ? -1 : 1); }

int compareAtoms(const Index::Atom &a, const Index::Atom &b) {
  if (a.kind != b.kind)
    return a.kind < b.kind ? -1 : 1;
  if (a.kind == Index::AtomKind::Variable || a.kind == Index::AtomKind::Opaque)
    return a.id == b.id ? 0 : (a.id < b.id ? -1 : 1);
  if (int order = Index::compare(a.operand, b.operand))
    return order;
  return compareExprs(a.divisor, b.divisor);
}

} // namespace

Index::Index(Expr constant) : constantPart(std::move(constant)) {}

Index Index::of(std::shared_ptr<const Atom> atom) {
  Index index;
  index.sum.push_back({Expr(1), std::move(atom)});
  return index;
}

Index Index::ofAtom(Atom atom) { return of(std::make_shared<const Atom>(std::move(atom))); }

Index Index::variable(int id, Expr extent) {
  if (extent.isLiteral(1))
    return Index();
  Atom atom;
  atom.kind = AtomKind::Variable;
  atom.id = id;
  atom.extent = std::move(extent);
  atom.variables = {id};
  return ofAtom(std::move(atom));
}

Index Index::opaque(int id, std::optional<Expr> extent, std::vector<int> dependsOn) {
  Atom atom;
  atom.kind = AtomKind::Opaque;
  atom.id = id;
  atom.extent = std::move(extent);
  atom.variables = std::move(dependsOn);
  std::sort(atom.variables.begin(), atom.variables.end());
  return ofAtom(std::move(atom));
}

std::optional<int> Index::variableId() const {
  if (sum.size() != 1 || !constantPart.isLiteral(0) || !sum[0].coefficient.isLiteral(1) ||
      sum[0].atom->kind != AtomKind::Variable)
    return std::nullopt;
  return sum[0].atom->id;
}

std::vector<int> Index::variables() const {
  std::vector<int> result;
  for (const Term &term : sum)
    result.insert(result.end(), term.atom->variables.begin(), term.atom->variables.end());
  std::sort(result.begin(), result.end());
  result.erase(std::unique(result.begin(), result.end()), result.end());
  return result;
}

bool Index::dependsOn(int variable) const {
  return std::any_of(sum.begin(), sum.end(), [&](const Term &term) {
    return std::binary_search(term.atom->variables.begin(), term.atom->variables.end(), variable);
  });
}

std::optional<Expr> Index::slope(int variable) const {
  Expr result;
  for (const Term &term : sum) {
    if (!std::binary_search(term.atom->variables.begin(), term.atom->variables.end(), variable))
      continue;
    if (term.atom->kind != AtomKind::Variable)
      return std::nullopt;
    result = term.coefficient;
  }
  return result;
}

int Index::compare(const Index &a, const Index &b) {
  if (a.sum.size() != b.sum.size())
    return a.sum.size() < b.sum.size() ? -1 : 1;
  for (size_t i = 0; i < a.sum.size(); ++i) {
    if (int order = a.sum[i].atom == b.sum[i].atom ? 0 : compareAtoms(*a.sum[i].atom, *b.sum[i].atom))
      return order;
    if (int order = compareExprs(a.sum[i].coefficient, b.sum[i].coefficient))
      return order;
  }
  return compareExprs(a.constantPart, b.constantPart);
}

void Index::add(const Expr &coefficient, const std::shared_ptr<const Atom> &atom) {
  if (coefficient.isLiteral(0))
    return;
  auto place = std::lower_bound(sum.begin(), sum.end(), *atom, [](const Term &term, const Atom &wanted) {
    return compareAtoms(*term.atom, wanted) < 0;
  });
  if (place == sum.end() || compareAtoms(*place->atom, *atom) != 0) {
    sum.insert(place, {coefficient, atom});
    return;
  }
  place->coefficient = place->coefficient + coefficient;
  if (place->coefficient.isLiteral(0))
    sum.erase(place);
}

std::optional<size_t> Index::findTerm(const Expr &coefficient, const Atom &atom) const {
  for (size_t i = 0; i < sum.size(); ++i)
    if (sum[i].coefficient == coefficient && compareAtoms(*sum[i].atom, atom) == 0)
      return i;
  return std::nullopt;
}

/// `c * d * (x floordiv d) + c * (x mod d)` -> `c * x`: undoes a delinearization that turned out to be needless.
void Index::recombine() {
  for (size_t i = 0; i < sum.size(); ++i) {
    Term rest = sum[i];
    if (rest.atom->kind != AtomKind::Mod)
      continue;
    const Index &quotient = *rest.atom->quotient;
    if (quotient.sum.size() != 1 || !quotient.constantPart.isLiteral(0))
      continue;
    const Term &wanted = quotient.sum[0];
    auto partner = findTerm(rest.coefficient * rest.atom->divisor * wanted.coefficient, *wanted.atom);
    if (!partner)
      continue;
    sum.erase(sum.begin() + std::max(i, *partner));
    sum.erase(sum.begin() + std::min(i, *partner));
    *this = *this + rest.atom->operand * rest.coefficient;
    return;
  }
}

Index heddle::operator+(const Index &a, const Index &b) {
  Index result = a;
  result.constantPart = a.constantPart + b.constantPart;
  for (const Index::Term &term : b.sum)
    result.add(term.coefficient, term.atom);
  result.recombine();
  return result;
}

Index heddle::operator-(const Index &a, const Index &b) { return a + b * Expr(-1); }

Index heddle::operator*(const Index &a, const Expr &factor) {
  Index result(a.constantPart * factor);
  for (const Index::Term &term : a.sum)
    result.add(term.coefficient * factor, term.atom);
  result.recombine();
  return result;
}

namespace {

/// `index == quotient * divisor + rest`.
struct Split {
  Index quotient, rest;
};

/// Splits off what is a multiple of the divisor as it stands.
Split splitMultiples(const Index &index, const Expr &divisor) {
  Split split;
  auto place = [&](const Expr &coefficient, const Index &factor) {
    if (std::optional<Expr> quotient = divideExactly(coefficient, divisor))
      split.quotient = split.quotient + factor * *quotient;
    else
      split.rest = split.rest + factor * coefficient;
  };
  for (const Index::Term &term : index.terms())
    place(term.coefficient, Index::of(term.atom));
  const Expr &constant = index.constant();
  if (constant.literal() && divisor.literal()) {
    split.quotient = split.quotient + Index(floorDiv(constant, divisor));
    split.rest = split.rest + Index(mod(constant, divisor));
  } else if (constant.kind() == Expr::Kind::Add) {
    for (const Expr &part : constant.operands())
      place(part, Index(1));
  } else {
    place(constant, Index(1));
  }
  return split;
}

bool isWithinDivisor(const Index &index, const Expr &divisor) {
  std::optional<Index::Range> bounds = index.range();
  if (!bounds)
    return false;
  PositiveSizes positive(index);
  positive.add(divisor);
  return positive.provesNonNegative(bounds->lower) && positive.provesNonNegative(divisor - 1 - bounds->upper);
}

/// Finds g that divides the divisor and all terms but some whose sum lies in [0, g): `index == quotient * g + rest`.
std::optional<Expr> commonFactor(const Index &index, const Expr &divisor, Split &split) {
  for (const Index::Term &term : index.terms()) {
    if (term.coefficient.isLiteral(1) || term.coefficient.isLiteral(-1) || !divideExactly(divisor, term.coefficient))
      continue;
    split = splitMultiples(index, term.coefficient);
    if (isWithinDivisor(split.rest, term.coefficient))
      return term.coefficient;
  }
  return std::nullopt;
}

/// The atom if the index is that atom alone.
const Index::Atom *loneAtom(const Index &index, Index::AtomKind kind) {
  bool alone = index.terms().size() == 1 && index.constant().isLiteral(0) &&
               index.terms()[0].coefficient.isLiteral(1) && index.terms()[0].atom->kind == kind;
  return alone ? index.terms()[0].atom.get() : nullptr;
}

Index::Atom divisionAtom(Index::AtomKind kind, const Index &operand, const Expr &divisor) {
  Index::Atom atom;
  atom.kind = kind;
  atom.operand = operand;
  atom.divisor = divisor;
  atom.variables = operand.variables();
  return atom;
}

} // namespace

Index heddle::floorDiv(const Index &a, const Expr &divisor) {
  if (divisor.isLiteral(1))
    return a;
  // A size of 0 belongs to a loop that never runs: any index will do.
  if (divisor.isLiteral(0))
    return Index();
  if (isWithinDivisor(a, divisor))
    return Index();
  auto [quotient, rest] = splitMultiples(a, divisor);
  if (isWithinDivisor(rest, divisor))
    return quotient;
  if (rest.isConstant())
    return quotient + Index(floorDiv(rest.constant(), divisor));
  Split split;
  if (std::optional<Expr> factor = commonFactor(rest, divisor, split))
    return quotient + floorDiv(split.quotient, floorDiv(divisor, *factor));
  if (const Index::Atom *atom = loneAtom(rest, Index::AtomKind::FloorDiv))
    return quotient + floorDiv(atom->operand, atom->divisor * divisor);
  // (x mod (a * d)) floordiv d -> (x floordiv d) mod a
  if (const Index::Atom *atom = loneAtom(rest, Index::AtomKind::Mod))
    if (std::optional<Expr> outer = divideExactly(atom->divisor, divisor))
      return quotient + mod(floorDiv(atom->operand, divisor), *outer);
  return quotient + Index::ofAtom(divisionAtom(Index::AtomKind::FloorDiv, rest, divisor));
}

Index heddle::mod(const Index &a, const Expr &divisor) {
  if (divisor.isLiteral(1) || divisor.isLiteral(0))
    return Index();
  if (isWithinDivisor(a, divisor))
    return a;
  Index rest = splitMultiples(a, divisor).rest;
  if (isWithinDivisor(rest, divisor))
    return rest;
  if (rest.isConstant())
    return Index(mod(rest.constant(), divisor));
  Split split;
  if (std::optional<Expr> factor = commonFactor(rest, divisor, split))
    return mod(split.quotient, floorDiv(divisor, *factor)) * *factor + split.rest;
  if (const Index::Atom *atom = loneAtom(rest, Index::AtomKind::Mod))
    if (divideExactly(atom->divisor, divisor))
      return mod(atom->operand, divisor);
  Index::Atom atom = divisionAtom(Index::AtomKind::Mod, rest, divisor);
  atom.quotient = std::make_shared<const Index>(floorDiv(rest, divisor));
  return Index::ofAtom(std::move(atom));
}

Index Index::substitute(int variable, const Index &replacement) const {
  Index result(constantPart);
  for (const Term &term : sum) {
    const Atom &atom = *term.atom;
    bool affected = std::binary_search(atom.variables.begin(), atom.variables.end(), variable);
    assert((!affected || atom.kind != AtomKind::Opaque) && "an opaque value cannot follow a substitution");
    if (!affected)
      result.add(term.coefficient, term.atom);
    else if (atom.kind == AtomKind::Variable)
      result = result + replacement * term.coefficient;
    else if (atom.kind == AtomKind::FloorDiv)
      result =
          result + heddle::floorDiv(atom.operand.substitute(variable, replacement), atom.divisor) * term.coefficient;
    else
      result = result + heddle::mod(atom.operand.substitute(variable, replacement), atom.divisor) * term.coefficient;
  }
  result.recombine();
  return result;
}

namespace {

std::string atomText(const Index::Atom &atom) {
  switch (atom.kind) {
  case Index::AtomKind::Variable:
    return "i" + std::to_string(atom.id);
  case Index::AtomKind::Opaque:
    return "v" + std::to_string(atom.id);
  case Index::AtomKind::FloorDiv:
    return "(" + atom.operand.str() + ") floordiv (" + atom.divisor.str() + ")";
  case Index::AtomKind::Mod:
    return "(" + atom.operand.str() + ") mod (" + atom.divisor.str() + ")";
  }
  return {};
}

} // namespace

std::string Index::str() const {
  std::string text;
  for (const Term &term : sum) {
    text += text.empty() ? "" : " + ";
    if (!term.coefficient.isLiteral(1))
      text +=
          (term.coefficient.operands().empty() ? term.coefficient.str() : "(" + term.coefficient.str() + ")") + " * ";
    bool division = term.atom->kind == AtomKind::FloorDiv || term.atom->kind == AtomKind::Mod;
    text += division ? "(" + atomText(*term.atom) + ")" : atomText(*term.atom);
  }
  if (!constantPart.isLiteral(0) || text.empty())
    text += (text.empty() ? "" : " + ") + constantPart.str();
  return text;
}

Index heddle::linearize(const std::vector<Index> &indices, const Shape &shape) {
  assert(indices.size() == shape.size() && "one index per dimension");
  Index position;
  for (size_t dim = 0; dim < shape.size(); ++dim)
    position = position * shape[dim] + indices[dim];
  return position;
}

Index heddle::linearize(const std::vector<Index> &indices, const Shape &shape, const std::vector<Expr> &strides) {
  assert(indices.size() == shape.size() && strides.size() == shape.size() && "one index and stride per dimension");
  Index position, run;
  for (size_t dim = 0; dim < shape.size(); ++dim) {
    run = run * shape[dim] + indices[dim];
    if (dim + 1 < shape.size() && strides[dim] == strides[dim + 1] * shape[dim + 1])
      continue;
    position = position + run * strides[dim];
    run = Index();
  }
  return position;
}

std::vector<Index> heddle::delinearize(const Index &position, const Shape &shape) {
  std::vector<Index> indices(shape.size());
  Index rest = position;
  for (size_t dim = shape.size(); dim > 0; --dim) {
    // The position lies in the box, so the first dimension needs no modulo.
    indices[dim - 1] = dim == 1 ? rest : mod(rest, shape[dim - 1]);
    rest = floorDiv(rest, shape[dim - 1]);
  }
  return indices;
}
