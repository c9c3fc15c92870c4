// Rules of reductions: sums, means, norms, extrema and their positions.
#include "compiler/onnx/Rules.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::onnximport;

namespace {

/// A reduction as ONNX describes it.
struct Reduction {
  std::vector<int64_t> axes;
  bool keep = true;
  bool isNoop = false; ///< No axes, and that means that nothing is reduced.
};

Reduction readReduction(Node &node) {
  Reduction reduction;
  reduction.keep = node.intAttr("keepdims", 1) != 0;
  int axesInputSince = node.opType() == "ReduceSum" ? 13 : 18;
  if (node.version() < axesInputSince)
    reduction.axes = node.intsAttr("axes");
  else if (node.hasInput(1))
    reduction.axes = node.constants(1);
  reduction.axes = node.normalizeAxes(reduction.axes, node.rank(0));
  if (!reduction.axes.empty())
    return reduction;
  reduction.isNoop = node.intAttr("noop_with_empty_axes", 0) != 0;
  if (!reduction.isNoop)
    for (int64_t axis = 0; axis < node.rank(0); ++axis)
      reduction.axes.push_back(axis);
  return reduction;
}

Value reduceBy(Node &node, ReductionKind kind, Value x, const Reduction &reduction) {
  return node.reduce(kind, x, reduction.axes, reduction.keep);
}

template <ReductionKind kind> void importReduce(Node &node) {
  node.set(0, reduceBy(node, kind, node.value(0), readReduction(node)));
}

void importReduceMean(Node &node) {
  Reduction reduction = readReduction(node);
  Value sum = reduceBy(node, ReductionKind::Add, node.value(0), reduction);
  Expr count = 1;
  for (int64_t axis : reduction.axes)
    count = count * node.shape(0)[axis];
  node.set(0, node.div(sum, node.sizeScalar(count, elementOf(sum))));
}

void importReduceL1(Node &node) {
  Reduction reduction = readReduction(node);
  node.set(0, reduceBy(node, ReductionKind::Add, node.unary<AbsOp>(node.value(0)), reduction));
}

Value sumOfSquares(Node &node, const Reduction &reduction) {
  Value x = node.value(0);
  return reduceBy(node, ReductionKind::Add, node.mul(x, x), reduction);
}

void importReduceSumSquare(Node &node) { node.set(0, sumOfSquares(node, readReduction(node))); }

void importReduceL2(Node &node) {
  Value sum = sumOfSquares(node, readReduction(node));
  Type element = elementOf(sum);
  if (isa<FloatType>(element))
    return node.set(0, node.unary<SqrtOp>(sum));
  Type wide = node.builder().getF64Type();
  node.set(0, node.cast(node.unary<SqrtOp>(node.cast(sum, wide)), element));
}

/// Logarithms of integers are computed in f64 and truncated.
Value asFloat(Node &node, Value x) {
  return isa<FloatType>(elementOf(x)) ? x : node.cast(x, node.builder().getF64Type());
}

void importReduceLogSum(Node &node) {
  Value sum = reduceBy(node, ReductionKind::Add, asFloat(node, node.value(0)), readReduction(node));
  node.set(0, node.cast(node.unary<LogOp>(sum), node.element(0)));
}

/// log(sum(exp(x - m))) + m with m the maximum, or 0 where that is infinite.
void importReduceLogSumExp(Node &node) {
  Reduction reduction = readReduction(node);
  Value x = asFloat(node, node.value(0));
  if (reduction.isNoop)
    return node.set(0, node.tensor(0));
  Value maximum = node.reduce(ReductionKind::Max, x, reduction.axes, /*keep=*/true);
  Value isInfinite =
      node.emit<IsInfOp>(maximum, {node.named("positive", node.flag(true)), node.named("negative", node.flag(true))});
  Value shift = node.where(isInfinite, node.scalar(0, elementOf(x)), maximum);
  Value sum = node.reduce(ReductionKind::Add, node.unary<ExpOp>(node.sub(x, shift)), reduction.axes, /*keep=*/true);
  Value result = node.cast(node.add(node.unary<LogOp>(sum), shift), node.element(0));
  if (reduction.keep)
    return node.set(0, result);
  Shape dropped;
  for (int64_t dim = 0; dim < node.rank(0); ++dim)
    if (!llvm::is_contained(reduction.axes, dim))
      dropped.push_back(node.shape(0)[dim]);
  node.set(0, node.reshape(result, dropped));
}

template <ReductionKind kind> void importArgReduce(Node &node) {
  Value x = node.value(0);
  int64_t axis = node.axisAttr(0, node.rank(0));
  SmallVector<NamedAttribute> attributes = {node.named("kind", ReductionKindAttr::get(node.context(), kind)),
                                            node.named("axis", node.integer(axis))};
  if (node.intAttr("select_last_index", 0))
    attributes.push_back(node.named("last", node.builder().getUnitAttr()));
  Value position = node.emit<ArgReduceOp>(x, attributes);
  node.set(0, node.intAttr("keepdims", 1) ? node.insertDim(position, axis) : position);
}

constexpr RuleEntry rules[] = {
    {"ArgMax", importArgReduce<ReductionKind::Max>},
    {"ArgMin", importArgReduce<ReductionKind::Min>},
    {"ReduceL1", importReduceL1},
    {"ReduceL2", importReduceL2},
    {"ReduceLogSum", importReduceLogSum},
    {"ReduceLogSumExp", importReduceLogSumExp},
    {"ReduceMax", importReduce<ReductionKind::Max>},
    {"ReduceMean", importReduceMean},
    {"ReduceMin", importReduce<ReductionKind::Min>},
    {"ReduceProd", importReduce<ReductionKind::Mul>},
    {"ReduceSum", importReduce<ReductionKind::Add>},
    {"ReduceSumSquare", importReduceSumSquare},
};

} // namespace

std::span<const RuleEntry> onnximport::reductionRules() { return rules; }
