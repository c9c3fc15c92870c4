// Rules of ops whose result depends on positions: ranges, diagonals, triangles, running sums.
#include "compiler/onnx/Reshapes.h"
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
  Expr start = sizeOf(0, "start"), limit = sizeOf(1, "limit"), step = sizeOf(2, "delta");
  require(node, notEqual(step, 0), "'delta' is 0");
  Expr count = ceilDiv(limit - start, step);
  return node.importer().isNonNegative(count) ? count : max(count, 0);
}

/// 2^63: no range has as many elements.
constexpr double countLimit = 9223372036854775808.0;

/// The size of a range between known numbers.
Expr knownRangeSize(double start, double limit, double delta) {
  if (delta == 0)
    malformed("'delta' is 0");
  double count = std::ceil((limit - start) / delta);
  if (!(std::abs(count) < countLimit))
    malformed("the range from " + std::to_string(start) + " to " + std::to_string(limit) + " by " +
              std::to_string(delta) + " has " + std::to_string(count) + " elements");
  return Expr(std::max<int64_t>(static_cast<int64_t>(count), 0));
}

/// The number of elements of a float range: ceil((limit - start) / delta), at least 0. As in ONNX Runtime these
/// are f64 numbers: 0.3 / 0.1 is more than 3 for those nearest in f32.
Expr floatRangeSize(Node &node) {
  std::optional<double> numbers[3];
  for (int position = 0; position < 3; ++position)
    if (const Tensor &operand = node.tensor(position); operand.contents && operand.contents->size() == 1)
      numbers[position] = operand.contents->front().literalNumber();
  if (numbers[0] && numbers[1] && numbers[2])
    return knownRangeSize(*numbers[0], *numbers[1], *numbers[2]);
  Type f64 = node.builder().getF64Type(), i64 = node.builder().getI64Type();
  auto scalar = [&](int position) { return node.cast(node.reshape(node.value(position), {}), f64); };
  Value delta = scalar(2);
  require(node, node.unary<NotOp>(node.binary<EqualOp>(delta, node.scalar(0, f64))), "'delta' is 0");
  Value count = node.unary<CeilOp>(node.div(node.sub(scalar(1), scalar(0)), delta));
  require(node, node.binary<LessOp>(node.unary<AbsOp>(count), node.scalar(countLimit, f64)),
          "(limit - start) / delta is no finite number of elements");
  Value size = node.binary<MaxOp>(node.cast(count, i64), node.scalar(0, i64));
  return node.sizesOf(node.importer().tensorOf(size), "count", /*mayBeNegative=*/false).front();
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

constexpr RuleEntry rules[] = {
    {"CumProd", importCumulative<ReductionKind::Mul>},
    {"CumSum", importCumulative<ReductionKind::Add>},
    {"EyeLike", importEyeLike},
    {"Range", importRange},
    {"Trilu", importTrilu},
};

} // namespace

std::span<const RuleEntry> onnximport::generatorRules() { return rules; }
