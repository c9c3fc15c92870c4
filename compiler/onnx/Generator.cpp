// Rules of ops whose result depends on positions: ranges, diagonals, triangles, running sums, Einstein sums.
#include "compiler/onnx/Rules.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::onnximport;

namespace {

Expr integerRangeSize(Node &node) {
  auto sizeOf = [&](int position, StringRef name) {
    Expr count = elementCount(node.shape(position));
    if (!count.literal())
      unsupported("'" + name + "' has shape " + textOf(node.shape(position)) + ": only a scalar is supported");
    if (count != Expr(1))
      malformed("'" + name + "' has shape " + textOf(node.shape(position)) + ", expected a scalar");
    return node.sizesOf(node.tensor(position), name.str(), /*mayBeNegative=*/true).front();
  };
  Expr start = sizeOf(0, "start"), limit = sizeOf(1, "limit");
  int64_t step = node.constant(2);
  if (step == 0)
    malformed("'delta' is 0");
  Expr distance = step > 0 ? limit - start : start - limit;
  Expr count = ceilDiv(distance, step > 0 ? step : -step);
  return node.importer().isNonNegative(count) ? count : max(count, 0);
}

/// The number of elements of a float range: ceil((limit - start) / delta), at least 0.
Expr floatRangeSize(Node &node) {
  auto scalar = [&](int position) { return node.reshape(node.value(position), {}); };
  std::optional<double> numbers[3];
  for (int position = 0; position < 3; ++position)
    if (const Tensor &operand = node.tensor(position); operand.contents && operand.contents->size() == 1)
      numbers[position] = operand.contents->front().literalNumber();
  if (numbers[0] && numbers[1] && numbers[2]) {
    double count = std::ceil((*numbers[1] - *numbers[0]) / *numbers[2]);
    if (!(std::abs(count) < 1e9))
      malformed("the range has " + std::to_string(count) + " elements");
    return Expr(std::max<int64_t>(static_cast<int64_t>(count), 0));
  }
  Value steps = node.unary<CeilOp>(node.div(node.sub(scalar(1), scalar(0)), scalar(2)));
  Tensor &count = node.importer().tensorOf(node.cast(steps, node.builder().getI64Type()));
  return node.sizesOf(count, "count", /*mayBeNegative=*/false).front();
}

void importRange(Node &node) {
  Type element = node.element(0);
  bool isFloat = isa<FloatType>(element);
  Expr size = isFloat ? floatRangeSize(node) : integerRangeSize(node);
  Value positions = node.iota(size, element);
  Value start = node.reshape(node.value(0), {}), delta = node.reshape(node.value(2), {});
  bool startsAtZero = node.tensor(0).contents && node.tensor(0).contents->front().literal() == 0;
  bool stepsByOne = node.tensor(2).contents && node.tensor(2).contents->front().literal() == 1;
  Value scaled = stepsByOne ? positions : node.mul(positions, delta);
  node.set(0, startsAtZero ? scaled : node.add(scaled, start));
}

void importEyeLike(Node &node) {
  const Shape &shape = node.shape(0);
  if (shape.size() != 2)
    malformed("input has rank " + Twine(shape.size()) + ", expected 2");
  Type i64 = node.builder().getI64Type();
  Type element = node.hasAttribute("dtype") ? node.elementOfNumber(node.intAttr("dtype", 1)) : node.element(0);
  Value rows = node.insertDim(node.iota(shape[0], i64), 1);
  Value diagonal = node.add(rows, node.scalar(node.intAttr("k", 0), i64));
  node.set(0, node.cast(node.binary<EqualOp>(node.iota(shape[1], i64), diagonal), element));
}

/// Keeps row + k <= column (upper) or column <= row + k.
void importTrilu(Node &node) {
  Shape shape = node.shape(0);
  if (shape.size() < 2)
    malformed("input has rank " + Twine(shape.size()) + ", expected at least 2");
  Type i64 = node.builder().getI64Type();
  Value x = node.value(0);
  Value rows = node.insertDim(node.iota(shape[shape.size() - 2], i64), 1), columns = node.iota(shape.back(), i64);
  Value diagonal = node.hasInput(1) ? node.add(rows, node.reshape(node.value(1), {})) : rows;
  Value keeps = node.intAttr("upper", 1) ? node.binary<LessEqualOp>(diagonal, columns)
                                         : node.binary<LessEqualOp>(columns, diagonal);
  node.set(0, node.where(keeps, x, node.scalar(0, elementOf(x))));
}

/// y[i] combines all x[k] with k <= i (k < i if exclusive, k >= i if reverse): x along a new dimension, the others
/// masked by the neutral element, and reduced.
template <ReductionKind kind> void importCumulative(Node &node) {
  Value x = node.value(0);
  int64_t rank = node.rank(0);
  if (!rank)
    malformed("input has rank 0, expected at least 1");
  int64_t axis = node.normalizeAxis(node.constant(1), rank);
  bool isExclusive = node.intAttr("exclusive", 0), isReverse = node.intAttr("reverse", 0);
  Value positions = node.iota(node.shape(0)[axis], node.builder().getI64Type());
  Value target = node.alongAxis(positions, axis, rank + 1), source = node.alongAxis(positions, axis + 1, rank + 1);
  Value low = isReverse ? target : source, high = isReverse ? source : target;
  Value counts = isExclusive ? node.binary<LessOp>(low, high) : node.binary<LessEqualOp>(low, high);
  Value neutral = node.scalar(kind == ReductionKind::Mul ? 1 : 0, elementOf(x));
  Value masked = node.where(counts, node.insertDim(x, axis), neutral);
  node.set(0, node.reduce(kind, masked, {axis + 1}, /*keep=*/false));
}

/// The dimensions of an Einstein sum: one character each, digits for what `...` stands for.
struct EinsumTerms {
  std::vector<std::string> inputs;
  std::string output;
};

/// Replaces `...` by `count` characters that no label uses, aligned at the last one.
std::string withoutEllipsis(std::string term, int64_t count, int64_t largest) {
  size_t dots = term.find("...");
  if (dots == std::string::npos)
    return term;
  std::string names;
  for (int64_t i = largest - count; i < largest; ++i)
    names += static_cast<char>('0' + i);
  return term.replace(dots, 3, names);
}

EinsumTerms readEquation(Node &node) {
  std::string equation = node.stringAttr("equation", "");
  llvm::erase(equation, ' ');
  auto [left, right] = StringRef(equation).split("->");
  SmallVector<StringRef> terms;
  left.split(terms, ',');
  if (static_cast<int>(terms.size()) != node.inputCount())
    malformed("equation has " + Twine(terms.size()) + " terms, the node has " + Twine(node.inputCount()) + " inputs");
  EinsumTerms result;
  int64_t largest = 0;
  for (auto [position, term] : llvm::enumerate(terms))
    if (term.contains("..."))
      largest = std::max<int64_t>(largest, node.rank(position) - static_cast<int64_t>(term.size()) + 3);
  if (largest > 10)
    unsupported("an ellipsis stands for " + Twine(largest) + " dimensions");
  for (auto [position, term] : llvm::enumerate(terms)) {
    int64_t count = node.rank(position) - static_cast<int64_t>(term.size()) + 3;
    result.inputs.push_back(withoutEllipsis(term.str(), std::clamp<int64_t>(count, 0, 10), largest));
    if (static_cast<int64_t>(result.inputs.back().size()) != node.rank(position))
      malformed("term '" + term + "' does not have the rank of input " + Twine(position) + ", " +
                Twine(node.rank(position)));
  }
  result.output = withoutEllipsis(right.str(), largest, largest);
  if (!StringRef(equation).contains("->")) {
    std::map<char, int> uses;
    for (const std::string &input : result.inputs)
      for (char label : input)
        ++uses[label];
    for (auto [label, count] : uses)
      if (count == 1 || isdigit(label))
        result.output += label;
  }
  return result;
}

/// An operand with its dimensions in the order of `labels`; labels that it does not have are size 1.
Value alignedOperand(Node &node, int position, std::string term, const std::string &labels) {
  std::vector<int64_t> perm;
  Shape shape;
  for (char label : labels) {
    size_t dim = term.find(label);
    if (dim == std::string::npos) {
      shape.push_back(1);
      continue;
    }
    if (term.find(label, dim + 1) != std::string::npos)
      unsupported("a diagonal (label '" + std::string(1, label) + "' twice in a term) is not supported");
    perm.push_back(static_cast<int64_t>(dim));
    shape.push_back(node.shape(position)[dim]);
  }
  return node.reshape(node.transpose(node.value(position), perm), shape);
}

/// The product of all operands over all labels, summed over those that the output does not have.
void importEinsum(Node &node) {
  EinsumTerms terms = readEquation(node);
  std::string labels = terms.output;
  for (const std::string &input : terms.inputs)
    for (char label : input)
      if (labels.find(label) == std::string::npos)
        labels += label;
  Value product;
  for (auto [position, term] : llvm::enumerate(terms.inputs)) {
    Value operand = alignedOperand(node, position, term, labels);
    product = product ? node.mul(product, operand) : operand;
  }
  auto summed = llvm::to_vector(llvm::seq<int64_t>(terms.output.size(), labels.size()));
  node.set(0, node.reduce(ReductionKind::Add, product, summed, /*keep=*/false));
}

constexpr RuleEntry rules[] = {
    {"CumProd", importCumulative<ReductionKind::Mul>},
    {"CumSum", importCumulative<ReductionKind::Add>},
    {"Einsum", importEinsum},
    {"EyeLike", importEyeLike},
    {"Range", importRange},
    {"Trilu", importTrilu},
};

} // namespace

std::span<const RuleEntry> onnximport::generatorRules() { return rules; }
