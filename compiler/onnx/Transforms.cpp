// Rules of DFT and STFT: products with matrices of cosines and sines.
#include "compiler/onnx/Reshapes.h"
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
  Expr length, bins;
};

/// cos and sin of 2 pi j k / length, [rows, columns], computed in f64 from exact remainders.
Complex waves(Node &node, const Expr &length, const Expr &rows, const Expr &columns, Type element) {
  Type i64 = node.builder().getI64Type(), f64 = node.builder().getF64Type();
  Value products = node.mul(node.insertDim(node.iota(rows, i64), 1), node.iota(columns, i64));
  Value steps = node.binary<ModOp>(products, node.sizeScalar(length, i64));
  Value turn = node.div(node.scalar(2 * llvm::numbers::pi, f64), node.sizeScalar(length, f64));
  Value angles = node.mul(node.cast(steps, f64), turn);
  return {node.cast(node.unary<CosOp>(angles), element), node.cast(node.unary<SinOp>(angles), element)};
}

Value product(Node &node, Value a, Value b) { return node.emit<MatmulOp>({a, b}); }

/// Transforms the last dimension: sums of x e^(-i a).
Complex apply(Node &node, const Complex &x, const Transform &transform) {
  Type element = elementOf(x.real);
  Complex wave = waves(node, transform.length, transform.length, transform.bins, element);
  Value real = product(node, x.real, wave.real), imaginary = node.unary<NegOp>(product(node, x.real, wave.imaginary));
  if (!x.imaginary)
    return {real, imaginary};
  return {node.add(real, product(node, x.imaginary, wave.imaginary)),
          node.add(imaginary, product(node, x.imaginary, wave.real))};
}

/// The real numbers whose transform begins with the bins in the last dimension of x. The others are their conjugates,
/// so all but the first, and the middle one of an even length, count twice.
Value applyRealInverse(Node &node, const Complex &x, const Expr &length) {
  Type element = elementOf(x.real), i64 = node.builder().getI64Type();
  Expr bins = shapeOfValue(x.real).back();
  Complex wave = waves(node, length, bins, length, element);
  Value k = node.iota(bins, i64), zero = node.scalar(0, i64);
  Value isSingle =
      node.binary<EqualOp>(node.binary<ModOp>(node.mul(k, node.scalar(2, i64)), node.sizeScalar(length, i64)), zero);
  Value counts = node.where(isSingle, node.scalar(1, element), node.scalar(2, element));
  Value weights = node.insertDim(node.div(counts, node.sizeScalar(length, element)), 1);
  Value real = product(node, x.real, node.mul(wave.real, weights));
  return x.imaginary ? node.sub(real, product(node, x.imaginary, node.mul(wave.imaginary, weights))) : real;
}

/// Splits the last dimension, which holds a real number or a complex one.
Complex parts(Node &node, Value x) {
  Shape shape = shapeOfValue(x);
  int64_t last = static_cast<int64_t>(shape.size()) - 1;
  std::optional<int64_t> size = shape.back().literal();
  if (!size)
    unsupported("the last size must be known, but is " + shape.back().str() + ": give the input shapes");
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
Value resized(Node &node, Value x, const Expr &length) {
  if (!x)
    return x;
  Shape shape = shapeOfValue(x), low(shape.size(), Expr(0)), high = low;
  high.back() = length - shape.back();
  return node.pad(x, node.scalar(0, elementOf(x)), low, high, PadMode::Constant);
}

/// Matrices of waves hold the square of the length.
void checkLength(Node &node, const Expr &length) {
  constexpr int64_t maxLength = 1 << 14;
  std::string message = "a transform of length " + length.str() + " is not supported";
  Expr fits = logicalAnd(lessEqual(1, length), lessEqual(length, maxLength));
  if (fits.isLiteral(0))
    unsupported(message);
  require(node, fits, message);
}

/// An operand that is one size.
Expr sizeAt(Node &node, int position) {
  Shape sizes = node.sizes(position);
  if (sizes.size() != 1)
    malformed("input " + Twine(position) + " has " + Twine(sizes.size()) + " elements, expected 1");
  return sizes.front();
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
  int64_t axis = node.version() < 20 ? node.intAttr("axis", 1) : node.hasInput(2) ? node.constant(2) : -2;
  axis = node.normalizeAxis(axis, node.rank(0));
  if (isInverse && !isOneSided)
    unsupported("an inverse transform with complex results is not supported");
  if (axis == node.rank(0) - 1)
    malformed("axis is the dimension of real and imaginary parts");
  const Expr &size = node.shape(0)[axis];
  Expr length = node.hasInput(1) ? sizeAt(node, 1) : isInverse ? (size - 1) * 2 : size;
  checkLength(node, length);
  Expr half = floorDiv(length, 2) + 1;
  Complex x = parts(node, node.value(0));
  for (Value *part : {&x.real, &x.imaginary})
    *part = resized(node, withAxisLast(node, *part, axis, /*back=*/false), isInverse ? half : length);
  if (isInverse) {
    Value y = withAxisLast(node, applyRealInverse(node, x, length), axis, /*back=*/true);
    return node.set(0, node.insertDim(y, rankOf(y)));
  }
  Complex y = apply(node, x, {length, isOneSided ? half : length});
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
  if (node.hasInput(2) && node.rank(2) != 1)
    malformed("'window' has rank " + Twine(node.rank(2)) + ", expected 1");
  Expr length = node.hasInput(3) ? sizeAt(node, 3) : node.shape(2)[0];
  checkLength(node, length);
  Complex signal = parts(node, node.value(0));
  Expr frames = floorDiv(node.shape(0)[1] - length, step) + 1;
  require(node, lessEqual(length, node.shape(0)[1]), "the signal is shorter than a frame of " + length.str());
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
  node.set(0, joined(node, apply(node, signal, {length, isOneSided ? floorDiv(length, 2) + 1 : length})));
}

/// 2595 log10(1 + f / 700), or back.
Value toMel(Node &node, Value hertz) {
  Type f64 = node.builder().getF64Type();
  Value ratio = node.div(hertz, node.scalar(700, f64));
  return node.mul(node.unary<LogOp>(node.add(ratio, node.scalar(1, f64))),
                  node.scalar(2595 / llvm::numbers::ln10, f64));
}

Value fromMel(Node &node, Value mel) {
  Type f64 = node.builder().getF64Type();
  Value power = node.unary<ExpOp>(node.mul(mel, node.scalar(llvm::numbers::ln10 / 2595, f64)));
  return node.mul(node.sub(power, node.scalar(1, f64)), node.scalar(700, f64));
}

/// Triangles over the bins of a spectrum whose corners lie at equal distances on the mel scale.
void importMelWeightMatrix(Node &node) {
  Type f64 = node.builder().getF64Type();
  Expr triangles = sizeAt(node, 0), length = sizeAt(node, 1), bins = floorDiv(length, 2) + 1;
  auto number = [&](int position) { return node.cast(node.reshape(node.value(position), {}), f64); };
  Value low = toMel(node, number(3)), high = toMel(node, number(4));
  Value step = node.div(node.sub(high, low), node.sizeScalar(triangles + 2, f64));
  Value hertz = fromMel(node, node.add(node.mul(node.iota(triangles + 2, f64), step), low));
  Value perHertz = node.div(node.sizeScalar(length + 1, f64), number(2));
  Value corners = node.unary<FloorOp>(node.mul(hertz, perHertz));
  auto corner = [&](int64_t first) { return node.sliceAxis(corners, 0, first, triangles); };
  Value left = corner(0), middle = corner(1), right = corner(2), zero = node.scalar(0, f64), one = node.scalar(1, f64);
  Value bin = node.insertDim(node.iota(bins, f64), 1);
  auto between = [&](Value from, Value to) {
    return node.binary<AndOp>(node.binary<LessEqualOp>(from, bin), node.binary<LessOp>(bin, to));
  };
  Value rising = node.div(node.sub(bin, left), node.binary<MaxOp>(node.sub(middle, left), one));
  Value falling = node.div(node.sub(right, bin), node.binary<MaxOp>(node.sub(right, middle), one));
  Value sides = node.where(between(left, middle), rising, node.where(between(middle, right), falling, zero));
  Value y = node.where(node.binary<EqualOp>(bin, middle), one, sides);
  node.set(0, node.cast(y, node.elementOfNumber(node.intAttr("output_datatype", 1))));
}

constexpr RuleEntry rules[] = {{"DFT", importDFT}, {"MelWeightMatrix", importMelWeightMatrix}, {"STFT", importSTFT}};

} // namespace

std::span<const RuleEntry> onnximport::transformRules() { return rules; }
