// Rules of DFT and STFT: products with matrices of cosines and sines.
#include "compiler/onnx/Rules.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::onnximport;

namespace {

/// Real and imaginary parts; `imaginary` is null where all of it is 0.
struct Complex {
  Value real, imaginary;
};

/// A transform of `length` numbers to the first `bins` of its spectrum.
struct Transform {
  int64_t length, bins;
};

/// cos and sin of 2 pi j k / length, [length, bins], computed in f64 from exact remainders.
Complex waves(Node &node, const Transform &transform, Type element) {
  Type i64 = node.builder().getI64Type(), f64 = node.builder().getF64Type();
  Value rows = node.insertDim(node.iota(transform.length, i64), 1), columns = node.iota(transform.bins, i64);
  Value steps = node.binary<ModOp>(node.mul(rows, columns), node.scalar(static_cast<double>(transform.length), i64));
  double turn = 2 * llvm::numbers::pi / static_cast<double>(transform.length);
  Value angles = node.mul(node.cast(steps, f64), node.scalar(turn, f64));
  return {node.cast(node.unary<CosOp>(angles), element), node.cast(node.unary<SinOp>(angles), element)};
}

/// Transforms the last dimension: sums of x e^(-i a).
Complex apply(Node &node, const Complex &x, const Transform &transform) {
  Type element = elementOf(x.real);
  Complex wave = waves(node, transform, element);
  auto product = [&](Value a, Value b) { return node.emit<MatmulOp>({a, b}); };
  Value real = product(x.real, wave.real), imaginary = node.unary<NegOp>(product(x.real, wave.imaginary));
  if (!x.imaginary)
    return {real, imaginary};
  return {node.add(real, product(x.imaginary, wave.imaginary)), node.add(imaginary, product(x.imaginary, wave.real))};
}

/// Splits the last dimension, which holds a real number or a complex one.
Complex parts(Node &node, Value x) {
  Shape shape = shapeOfValue(x);
  int64_t last = static_cast<int64_t>(shape.size()) - 1;
  std::optional<int64_t> size = shape.back().literal();
  if (size != 1 && size != 2)
    malformed("the last dimension has size " + shape.back().str() + ", expected 1 or 2");
  Complex result{node.dropDim(node.sliceAxis(x, last, 0, 1), last), Value()};
  if (size == 2)
    result.imaginary = node.dropDim(node.sliceAxis(x, last, 1, 1), last);
  return result;
}

Value joined(Node &node, const Complex &x) {
  int64_t last = rankOf(x.real);
  return node.concat({node.insertDim(x.real, last), node.insertDim(x.imaginary, last)}, last);
}

/// Crops or extends the last dimension by zeros.
Value resized(Node &node, Value x, int64_t length) {
  if (!x)
    return x;
  Shape shape = shapeOfValue(x), low(shape.size(), Expr(0)), high = low;
  high.back() = Expr(length) - shape.back();
  return node.pad(x, node.scalar(0, elementOf(x)), low, high, PadMode::Constant);
}

int64_t checkedLength(const Expr &size) {
  constexpr int64_t maxLength = 1 << 14;
  if (!size.literal())
    unsupported("the length of the transform must be known, but is " + size.str() + ": give the input shapes");
  if (*size.literal() < 1 || *size.literal() > maxLength)
    unsupported("a transform of length " + size.str() + " is not supported");
  return *size.literal();
}

Value withAxisLast(Node &node, Value x, int64_t axis, bool back) {
  if (!x)
    return x;
  int64_t last = rankOf(x) - 1;
  std::vector<int64_t> perm;
  for (int64_t dim = 0; dim <= last; ++dim)
    if (dim != (back ? last : axis))
      perm.push_back(dim);
  perm.insert(back ? perm.begin() + axis : perm.end(), back ? last : axis);
  return node.transpose(x, perm);
}

void importDFT(Node &node) {
  if (node.rank(0) < 2)
    malformed("input has rank " + Twine(node.rank(0)) + ", expected at least 2");
  bool isOneSided = node.intAttr("onesided", 0) != 0, isInverse = node.intAttr("inverse", 0) != 0;
  if (isInverse)
    unsupported("inverse = 1 is not supported");
  int64_t axis = node.version() < 20 ? node.intAttr("axis", 1) : node.hasInput(2) ? node.constant(2) : -2;
  axis = node.normalizeAxis(axis, node.rank(0));
  if (axis == node.rank(0) - 1)
    malformed("axis is the dimension of real and imaginary parts");
  int64_t length = checkedLength(node.hasInput(1) ? Expr(node.constant(1)) : node.shape(0)[axis]);
  Complex x = parts(node, node.value(0));
  for (Value *part : {&x.real, &x.imaginary})
    *part = resized(node, withAxisLast(node, *part, axis, /*back=*/false), length);
  Complex y = apply(node, x, {length, isOneSided ? length / 2 + 1 : length});
  for (Value *part : {&y.real, &y.imaginary})
    *part = withAxisLast(node, *part, axis, /*back=*/true);
  node.set(0, joined(node, y));
}

/// Frames of the signal, frame_step apart, times the window, transformed.
void importSTFT(Node &node) {
  if (node.rank(0) != 3)
    malformed("'signal' has rank " + Twine(node.rank(0)) + ", expected 3");
  int64_t step = node.constant(1);
  if (step < 1)
    malformed("'frame_step' is " + Twine(step));
  if (!node.hasInput(2) && !node.hasInput(3))
    malformed("neither 'window' nor 'frame_length' is given");
  int64_t length = checkedLength(node.hasInput(3) ? Expr(node.constant(3)) : node.shape(2)[0]);
  Complex signal = parts(node, node.value(0));
  Expr frames = floorDiv(node.shape(0)[1] - length, step) + 1;
  if (frames.literal().value_or(0) < 0)
    malformed("the signal is shorter than a frame of " + Twine(length));
  Type i64 = node.builder().getI64Type();
  Value starts = node.mul(node.iota(frames, i64), node.scalar(static_cast<double>(step), i64));
  Value positions = node.add(node.insertDim(starts, 1), node.iota(length, i64));
  for (Value *part : {&signal.real, &signal.imaginary}) {
    if (!*part)
      continue;
    *part = node.emit<GatherOp>({*part, positions}, node.named("axis", node.integer(1)));
    if (node.hasInput(2))
      *part = node.mul(*part, node.value(2));
  }
  bool isOneSided = node.intAttr("onesided", 1) != 0 && !signal.imaginary;
  node.set(0, joined(node, apply(node, signal, {length, isOneSided ? length / 2 + 1 : length})));
}

constexpr RuleEntry rules[] = {{"DFT", importDFT}, {"STFT", importSTFT}};

} // namespace

std::span<const RuleEntry> onnximport::transformRules() { return rules; }
