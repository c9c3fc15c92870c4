// Rules of pooling over windows and over whole images.
#include "compiler/onnx/Rules.h"
#include "compiler/onnx/Windows.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::onnximport;

namespace {

Window readPoolWindow(Node &node) {
  std::vector<int64_t> sizes = node.intsAttr("kernel_shape");
  if (sizes.empty())
    malformed("kernel_shape is missing");
  return readWindow(node, sizes);
}

/// A number that no element is smaller than.
Value smallestScalar(Node &node, Type element) {
  if (isa<FloatType>(element))
    return node.scalar(-std::numeric_limits<double>::infinity(), element);
  auto integer = cast<IntegerType>(element);
  return node.scalar(integer.isUnsigned() ? 0 : -std::ldexp(1.0, static_cast<int>(integer.getWidth()) - 1), element);
}

Value pool(Node &node, ReductionKind kind, Value x, const Window &window) {
  if (window.rank() > 3)
    unsupported("pooling over " + Twine(window.rank()) + " dimensions is not supported");
  if (!window.freePads.empty()) {
    Type element = elementOf(x);
    Value fill = kind == ReductionKind::Max ? smallestScalar(node, element) : node.scalar(0, element);
    x = paddedOutside(node, x, window, fill);
  }
  return node.emit<PoolOp>(
      x, {node.named("kind", ReductionKindAttr::get(node.context(), kind)),
          node.named("window", node.integers(window.sizes)), node.named("strides", node.integers(window.strides)),
          node.named("pads", node.integers(window.pads)), node.named("dilations", node.integers(window.dilations))});
}

void importMaxPool(Node &node) {
  if (node.hasOutput(1))
    return importMaxPoolWithIndices(node, readPoolWindow(node));
  node.set(0, pool(node, ReductionKind::Max, node.value(0), readPoolWindow(node)));
}

/// How many elements each window averages: those inside the image, or with `countsPadding` inside the declared padding
/// too.
Value windowCounts(Node &node, const Window &window, bool countsPadding, Type element) {
  Shape sizes = {1, 1};
  Window counted = window;
  if (countsPadding)
    counted.freePads.clear();
  for (size_t dim = 0; dim < window.rank(); ++dim) {
    Expr size = node.shape(0)[dim + 2];
    if (countsPadding) {
      size = size + (window.pads[dim] + window.pads[dim + window.rank()] - window.overhang[dim]);
      counted.pads[dim] = 0;
      counted.pads[dim + window.rank()] = window.overhang[dim];
    }
    sizes.push_back(size);
  }
  if (countsPadding)
    for (const Window::FreePad &pad : window.freePads)
      sizes[pad.dim + 2] = pad.padded;
  return pool(node, ReductionKind::Add, node.splat(1, sizes, element), counted);
}

void importAveragePool(Node &node) {
  Window window = readPoolWindow(node);
  bool countsPadding = node.intAttr("count_include_pad", 0);
  Value sum = pool(node, ReductionKind::Add, node.value(0), window);
  auto isZero = [](int64_t value) { return value == 0; };
  bool isUniform =
      llvm::all_of(countsPadding ? window.overhang : window.pads, isZero) && (countsPadding || window.freePads.empty());
  double full = 1;
  for (int64_t size : window.sizes)
    full *= static_cast<double>(size);
  Type element = elementOf(sum);
  Value counts = isUniform ? node.scalar(full, element) : windowCounts(node, window, countsPadding, element);
  node.set(0, node.div(sum, counts));
}

/// The p-th root of the sum of |x|^p, at integer p.
Value normOf(Node &node, Value x, double p, function_ref<Value(Value)> sum) {
  Type element = elementOf(x);
  Value magnitude = node.unary<AbsOp>(x);
  if (p == 1)
    return sum(magnitude);
  if (p == 2)
    return node.unary<SqrtOp>(sum(node.mul(x, x)));
  Value total = sum(node.binary<PowOp>(magnitude, node.scalar(p, element)));
  return node.binary<PowOp>(total, node.scalar(1 / p, element));
}

void importLpPool(Node &node) {
  Window window = readPoolWindow(node);
  double p = static_cast<double>(node.intAttr("p", 2));
  node.set(0, normOf(node, node.value(0), p, [&](Value x) { return pool(node, ReductionKind::Add, x, window); }));
}

SmallVector<int64_t> spatialAxes(Node &node) {
  if (node.rank(0) < 2)
    malformed("'X' has rank " + Twine(node.rank(0)) + ", expected at least 2");
  return llvm::to_vector(llvm::seq<int64_t>(2, node.rank(0)));
}

void importGlobalMaxPool(Node &node) {
  node.set(0, node.reduce(ReductionKind::Max, node.value(0), spatialAxes(node), /*keep=*/true));
}

void importGlobalAveragePool(Node &node) {
  Value sum = node.reduce(ReductionKind::Add, node.value(0), spatialAxes(node), /*keep=*/true);
  Expr count = productOf(node.shape(0), 2, node.shape(0).size());
  node.set(0, node.div(sum, node.sizeScalar(count, elementOf(sum))));
}

void importGlobalLpPool(Node &node) {
  SmallVector<int64_t> axes = spatialAxes(node);
  double p = static_cast<double>(node.intAttr("p", 2));
  node.set(0, normOf(node, node.value(0), p,
                     [&](Value x) { return node.reduce(ReductionKind::Add, x, axes, /*keep=*/true); }));
}

constexpr RuleEntry rules[] = {
    {"AveragePool", importAveragePool},
    {"GlobalAveragePool", importGlobalAveragePool},
    {"GlobalLpPool", importGlobalLpPool},
    {"GlobalMaxPool", importGlobalMaxPool},
    {"LpPool", importLpPool},
    {"MaxPool", importMaxPool},
};

} // namespace

std::span<const RuleEntry> onnximport::poolingRules() { return rules; }
