// Rules of ops whose result depends on positions: ranges, diagonals, triangles, running sums, Einstein sums.
#include "compiler/onnx/Rules.h"
#include "ir/BodyBuilder.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::onnximport;

namespace {

Expr integerRangeSize(Node &node) {
  auto sizeOf = [&](int position, StringRef name) {
    if (elementCount(node.shape(position)) != Expr(1))
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

Expr floatRangeSize(Node &node) {
  double start = node.constantNumber(0), limit = node.constantNumber(1), delta = node.constantNumber(2);
  double count = std::ceil((limit - start) / delta);
  if (!(std::abs(count) < 1e9))
    malformed("the range has " + std::to_string(count) + " elements");
  return Expr(std::max<int64_t>(static_cast<int64_t>(count), 0));
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

/// y[i] combines all x[k] with k <= i (k < i if exclusive, k >= i if reverse).
template <ReductionKind kind> void importCumulative(Node &node) {
  Value x = node.value(0);
  int64_t rank = node.rank(0);
  if (!rank)
    malformed("input has rank 0, expected at least 1");
  int64_t axis = node.normalizeAxis(node.constant(1), rank);
  bool isExclusive = node.intAttr("exclusive", 0), isReverse = node.intAttr("reverse", 0);
  BodyBuilder body(node.builder(), node.loc());
  SmallVector<AffineExpr> dims;
  for (int64_t dim = 0; dim < rank; ++dim)
    dims.push_back(body.dim(dim == axis ? rank : dim));
  auto coordinate = [](Scalars &s, int64_t dim) -> Value {
    return CoordinateOp::create(s.builder(), s.loc(), s.builder().getI64Type(), s.builder().getI64IntegerAttr(dim));
  };
  auto buildScalar = [&](Scalars &s, ValueRange operands) -> SmallVector<Value> {
    Value target = coordinate(s, axis), source = coordinate(s, rank);
    Value low = isReverse ? target : source, high = isReverse ? source : target;
    Value counts = isExclusive ? s.lt(low, high) : s.le(low, high);
    return {s.select(counts, operands[0], s.cst(kind == ReductionKind::Mul ? 1 : 0, operands[0]))};
  };
  Value result = body.generic(x.getType(), x, {AffineMap::get(rank + 1, 0, dims, node.context())}, {node.shape(0)[axis]},
                              stringifyReductionKind(kind), elementOf(x), buildScalar, node.opType());
  node.set(0, result);
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
