// Arithmetic, comparisons and reductions on known elements.
#include "compiler/onnx/ShapeContents.h"
#include <cmath>

using namespace mlir;
using namespace heddle;
using namespace heddle::onnximport;

namespace {

using MaybeElement = std::optional<Element>;

/// What the arithmetic of one element type needs to know.
struct Arithmetic {
  Importer &importer;
  Type element;

  bool isFloat() const { return isa<FloatType>(element); }
  /// i32 and i64 do not wrap for sizes; f32 and f64 are exact enough in double. Others are left to ops.
  bool isSupported() const {
    return element.isSignlessInteger(64) || element.isSignlessInteger(32) || element.isSignlessInteger(1) ||
           element.isF32() || element.isF64();
  }
  MaybeElement number(double value) const {
    return Element::ofNumber(element.isF32() ? static_cast<double>(static_cast<float>(value)) : value);
  }
  MaybeElement integer(int64_t value) const {
    if (element.isInteger(32) && value != static_cast<int32_t>(value))
      return std::nullopt;
    return Element(value);
  }
};

using BinaryFn = MaybeElement (*)(const Arithmetic &, const Element &, const Element &);

bool bothLiteral(const Element &a, const Element &b) { return a.literal() && b.literal(); }
bool bothNumbers(const Element &a, const Element &b) { return a.literalNumber() && b.literalNumber(); }

template <typename FloatFn, typename ExactFn>
MaybeElement ringOp(const Arithmetic &arithmetic, const Element &a, const Element &b, FloatFn onFloats, ExactFn onExprs,
                    bool (*onIntegers)(int64_t, int64_t, int64_t *)) {
  if (arithmetic.isFloat() && bothNumbers(a, b))
    return arithmetic.number(onFloats(*a.literalNumber(), *b.literalNumber()));
  if (!a.isInteger() || !b.isInteger())
    return std::nullopt;
  if (!bothLiteral(a, b))
    return Element(onExprs(a.expr(), b.expr()));
  int64_t value;
  if (onIntegers(*a.literal(), *b.literal(), &value))
    return std::nullopt;
  return arithmetic.integer(value);
}

MaybeElement addElements(const Arithmetic &arithmetic, const Element &a, const Element &b) {
  return ringOp(arithmetic, a, b, std::plus<>(), std::plus<>(),
                [](int64_t x, int64_t y, int64_t *z) { return __builtin_add_overflow(x, y, z); });
}

MaybeElement subElements(const Arithmetic &arithmetic, const Element &a, const Element &b) {
  return ringOp(arithmetic, a, b, std::minus<>(), std::minus<>(),
                [](int64_t x, int64_t y, int64_t *z) { return __builtin_sub_overflow(x, y, z); });
}

MaybeElement mulElements(const Arithmetic &arithmetic, const Element &a, const Element &b) {
  return ringOp(arithmetic, a, b, std::multiplies<>(), std::multiplies<>(),
                [](int64_t x, int64_t y, int64_t *z) { return __builtin_mul_overflow(x, y, z); });
}

/// ONNX truncates: by a positive divisor that is floordiv for a non-negative dividend, and its mirror image for others.
MaybeElement divElements(const Arithmetic &arithmetic, const Element &a, const Element &b) {
  if (arithmetic.isFloat()) {
    if (bothNumbers(a, b))
      return arithmetic.number(*a.literalNumber() / *b.literalNumber());
    return b.literal() == 1 ? MaybeElement(a) : std::nullopt;
  }
  if (b.literal().value_or(1) < 1)
    return std::nullopt;
  if (bothLiteral(a, b))
    return Element(*a.literal() / *b.literal());
  if (arithmetic.importer.isNonNegative(a.expr()) && arithmetic.importer.isNonNegative(b.expr()))
    return Element(floorDiv(a.expr(), b.expr()));
  if (!b.literal())
    return std::nullopt;
  return Element(floorDiv(max(a.expr(), 0), b.expr()) - floorDiv(max(Expr(0) - a.expr(), 0), b.expr()));
}

MaybeElement modElements(const Arithmetic &arithmetic, const Element &a, const Element &b) {
  if (arithmetic.isFloat() || b.literal().value_or(1) < 1 || !arithmetic.importer.isNonNegative(b.expr()))
    return std::nullopt;
  return Element(mod(a.expr(), b.expr()));
}

MaybeElement minElements(const Arithmetic &arithmetic, const Element &a, const Element &b) {
  if (arithmetic.isFloat() && bothNumbers(a, b) && !bothLiteral(a, b))
    return std::nullopt;
  return a.isInteger() && b.isInteger() ? MaybeElement(Element(min(a.expr(), b.expr()))) : std::nullopt;
}

MaybeElement maxElements(const Arithmetic &arithmetic, const Element &a, const Element &b) {
  if (arithmetic.isFloat() && bothNumbers(a, b) && !bothLiteral(a, b))
    return std::nullopt;
  if (!a.isInteger() || !b.isInteger())
    return std::nullopt;
  if (a.literal().value_or(1) <= 0 && arithmetic.importer.isNonNegative(b.expr()))
    return b;
  if (b.literal().value_or(1) <= 0 && arithmetic.importer.isNonNegative(a.expr()))
    return a;
  return Element(max(a.expr(), b.expr()));
}

/// a < b, knowing which expressions are not negative.
Expr isLess(const Importer &importer, const Expr &a, const Expr &b, bool orEqual) {
  int64_t limit = orEqual ? -1 : 0;
  if (b.literal() && *b.literal() <= limit && importer.isNonNegative(a))
    return 0;
  int64_t floor = orEqual ? 0 : -1;
  if (a.literal() && *a.literal() <= floor && importer.isNonNegative(b))
    return 1;
  return orEqual ? lessEqual(a, b) : lessThan(a, b);
}

MaybeElement equalElements(const Arithmetic &arithmetic, const Element &a, const Element &b) {
  if (bothNumbers(a, b))
    return Element(*a.literalNumber() == *b.literalNumber());
  if (!a.isInteger() || !b.isInteger())
    return std::nullopt;
  for (auto [x, y] : {std::pair(&a, &b), std::pair(&b, &a)})
    if (x->literal().value_or(0) < 0 && arithmetic.importer.isNonNegative(y->expr()))
      return Element(0);
  return Element(equal(a.expr(), b.expr()));
}

template <bool swapped, bool orEqual>
MaybeElement compareElements(const Arithmetic &arithmetic, const Element &a, const Element &b) {
  const Element &left = swapped ? b : a, &right = swapped ? a : b;
  if (bothNumbers(a, b) && !bothLiteral(a, b)) {
    double x = *left.literalNumber(), y = *right.literalNumber();
    return Element(orEqual ? x <= y : x < y);
  }
  if (!a.isInteger() || !b.isInteger())
    return std::nullopt;
  return Element(isLess(arithmetic.importer, left.expr(), right.expr(), orEqual));
}

MaybeElement andElements(const Arithmetic &, const Element &a, const Element &b) {
  return Element(logicalAnd(a.expr(), b.expr()));
}
MaybeElement orElements(const Arithmetic &, const Element &a, const Element &b) {
  return Element(logicalOr(a.expr(), b.expr()));
}

/// Applies a function to all elements of operands that broadcast.
Folded combine(Node &node, const Tensor &a, const Tensor &b, BinaryFn function, Type result) {
  Arithmetic arithmetic{node.importer(), a.element};
  if (!a.contents || !b.contents || !arithmetic.isSupported())
    return std::nullopt;
  FailureOr<Shape> shape = broadcastShapes({a.shape, b.shape});
  if (failed(shape) || literalCount(*shape).value_or(maxContents + 1) > maxContents)
    return std::nullopt;
  std::vector<int64_t> sizes = *literalShape(*shape);
  std::vector<int64_t> fromA = broadcastPositions(*literalShape(a.shape), sizes);
  std::vector<int64_t> fromB = broadcastPositions(*literalShape(b.shape), sizes);
  Contents contents;
  for (size_t i = 0; i < fromA.size(); ++i) {
    MaybeElement element = function(arithmetic, (*a.contents)[fromA[i]], (*b.contents)[fromB[i]]);
    if (!element)
      return std::nullopt;
    contents.push_back(*element);
  }
  return knownTensor(std::move(contents), *shape, result);
}

template <BinaryFn function> Folded foldBinary(Node &node) {
  if (node.version() < 7)
    return std::nullopt;
  return combine(node, node.tensor(0), node.tensor(1), function, node.element(0));
}

template <BinaryFn function> Folded foldComparison(Node &node) {
  if (node.version() < 7)
    return std::nullopt;
  return combine(node, node.tensor(0), node.tensor(1), function, node.builder().getI1Type());
}

Folded foldMod(Node &node) { return node.intAttr("fmod", 0) ? std::nullopt : foldBinary<modElements>(node); }

template <BinaryFn function> Folded foldVariadic(Node &node) {
  Tensor result = node.tensor(0);
  for (int i = 1; i < node.inputCount(); ++i) {
    Folded next = combine(node, result, node.tensor(i), function, result.element);
    if (!next)
      return std::nullopt;
    result = std::move(*next);
  }
  return result.contents ? Folded(result) : std::nullopt;
}

template <typename Fn> Folded foldEach(Node &node, Type result, Fn function) {
  const Contents *x = contentsOf(node, 0);
  if (!x)
    return std::nullopt;
  Contents contents;
  for (const Element &element : *x) {
    MaybeElement value = function(element);
    if (!value)
      return std::nullopt;
    contents.push_back(*value);
  }
  return knownTensor(std::move(contents), node.shape(0), result);
}

Folded foldNot(Node &node) {
  return foldEach(node, node.element(0),
                  [](const Element &x) -> MaybeElement { return Element(logicalNot(x.expr())); });
}

Folded foldNeg(Node &node) {
  Arithmetic arithmetic{node.importer(), node.element(0)};
  if (arithmetic.isFloat() || !arithmetic.isSupported())
    return std::nullopt;
  return foldEach(node, node.element(0), [&](const Element &x) { return subElements(arithmetic, Element(0), x); });
}

template <bool up> Folded foldRounding(Node &node) {
  Arithmetic arithmetic{node.importer(), node.element(0)};
  if (!arithmetic.isSupported())
    return std::nullopt;
  return foldEach(node, node.element(0), [&](const Element &x) -> MaybeElement {
    if (x.isInteger())
      return x;
    return arithmetic.number(up ? std::ceil(*x.literalNumber()) : std::floor(*x.literalNumber()));
  });
}

/// One element converted; only what every type in between holds exactly.
MaybeElement castElement(const Importer &importer, const Element &x, Type to) {
  if (to.isInteger(1)) {
    if (x.isInteger())
      return Element(notEqual(x.expr(), 0));
    return Element(1);
  }
  if (to.isF32() || to.isF64())
    return x.isInteger() || to.isF64() ? MaybeElement(x)
                                       : Arithmetic{const_cast<Importer &>(importer), to}.number(*x.literalNumber());
  if (!to.isSignlessInteger(64) && !to.isSignlessInteger(32))
    return std::nullopt;
  if (x.isInteger())
    return x.literal() && to.isInteger(32) && *x.literal() != static_cast<int32_t>(*x.literal()) ? std::nullopt
                                                                                                 : MaybeElement(x);
  double number = *x.literalNumber();
  if (!(std::abs(number) < 2147483648.0))
    return std::nullopt;
  return Element(static_cast<int64_t>(std::trunc(number)));
}

Folded foldCastTo(Node &node, Type to) {
  return foldEach(node, to, [&](const Element &x) { return castElement(node.importer(), x, to); });
}

Folded foldCast(Node &node) {
  if (!contentsOf(node, 0))
    return std::nullopt;
  return foldCastTo(node, node.elementOfNumber(node.intAttr("to", 0)));
}

Folded foldCastLike(Node &node) { return foldCastTo(node, node.element(1)); }

Folded foldWhere(Node &node) {
  const Tensor &condition = node.tensor(0), &a = node.tensor(1), &b = node.tensor(2);
  if (!condition.contents || !a.contents || !b.contents)
    return std::nullopt;
  FailureOr<Shape> shape = broadcastShapes({condition.shape, a.shape, b.shape});
  if (failed(shape) || literalCount(*shape).value_or(maxContents + 1) > maxContents)
    return std::nullopt;
  std::vector<int64_t> sizes = *literalShape(*shape);
  auto positions = [&](const Tensor &tensor) { return broadcastPositions(*literalShape(tensor.shape), sizes); };
  std::vector<int64_t> fromCondition = positions(condition), fromA = positions(a), fromB = positions(b);
  Contents contents;
  for (size_t i = 0; i < fromA.size(); ++i) {
    const Expr &choice = (*condition.contents)[fromCondition[i]].expr();
    const Element &x = (*a.contents)[fromA[i]], &y = (*b.contents)[fromB[i]];
    if (choice.literal())
      contents.push_back(*choice.literal() ? x : y);
    else if (x.isInteger() && y.isInteger())
      contents.push_back(x.expr() == y.expr() ? x.expr() : choice * x.expr() + logicalNot(choice) * y.expr());
    else
      return std::nullopt;
  }
  return knownTensor(std::move(contents), *shape, a.element);
}

/// A reduction of a whole vector, which is what shape arithmetic uses.
template <BinaryFn function> Folded foldReduction(Node &node) {
  const Contents *x = contentsOf(node, 0);
  Arithmetic arithmetic{node.importer(), node.element(0)};
  if (!x || x->empty() || node.rank(0) != 1 || !arithmetic.isSupported())
    return std::nullopt;
  if (arithmetic.isFloat() && x->size() > 1) // The order of float sums is the op's own.
    return std::nullopt;
  if (node.intAttr("noop_with_empty_axes", 0))
    return std::nullopt;
  MaybeElement result = x->front();
  for (size_t i = 1; i < x->size() && result; ++i)
    result = function(arithmetic, *result, (*x)[i]);
  if (!result)
    return std::nullopt;
  Shape shape = node.intAttr("keepdims", 1) ? Shape{Expr(1)} : Shape{};
  return knownTensor({*result}, shape, node.element(0));
}

Folded foldRange(Node &node) {
  const Contents *start = contentsOf(node, 0), *limit = contentsOf(node, 1), *delta = contentsOf(node, 2);
  if (!start || !limit || !delta || isa<FloatType>(node.element(0)))
    return std::nullopt;
  if (start->size() != 1 || limit->size() != 1 || delta->size() != 1)
    return std::nullopt;
  std::optional<int64_t> first = start->front().literal(), last = limit->front().literal(),
                         step = delta->front().literal();
  if (!first || !last || !step || *step == 0)
    return std::nullopt;
  std::optional<int64_t> count = max(ceilDiv(Expr(*last) - Expr(*first), *step), 0).literal();
  if (!count || *count > maxContents)
    return std::nullopt;
  Contents contents;
  for (int64_t i = 0; i < *count; ++i)
    contents.push_back(*first + i * *step);
  return knownTensor(std::move(contents), {Expr(*count)}, node.element(0));
}

constexpr FolderEntry folders[] = {
    {"Add", foldBinary<addElements>},
    {"And", foldBinary<andElements>},
    {"Cast", foldCast},
    {"CastLike", foldCastLike},
    {"Ceil", foldRounding<true>},
    {"Div", foldBinary<divElements>},
    {"Equal", foldComparison<equalElements>},
    {"Floor", foldRounding<false>},
    {"Greater", foldComparison<compareElements<true, false>>},
    {"GreaterOrEqual", foldComparison<compareElements<true, true>>},
    {"Less", foldComparison<compareElements<false, false>>},
    {"LessOrEqual", foldComparison<compareElements<false, true>>},
    {"Max", foldVariadic<maxElements>},
    {"Min", foldVariadic<minElements>},
    {"Mod", foldMod},
    {"Mul", foldBinary<mulElements>},
    {"Neg", foldNeg},
    {"Not", foldNot},
    {"Or", foldBinary<orElements>},
    {"Range", foldRange},
    {"ReduceMax", foldReduction<maxElements>},
    {"ReduceMin", foldReduction<minElements>},
    {"ReduceProd", foldReduction<mulElements>},
    {"ReduceSum", foldReduction<addElements>},
    {"Sub", foldBinary<subElements>},
    {"Where", foldWhere},
};

} // namespace

std::span<const FolderEntry> onnximport::arithmeticFolders() { return folders; }
