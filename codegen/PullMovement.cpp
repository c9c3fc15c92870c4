// Pulling through ops that move elements: indices are rewritten, bounds become guards.
#include "codegen/Pull.h"
#include "ir/Scalars.h"
#include "ir/Shapes.h"

using namespace mlir;
using namespace heddle;

std::vector<Index> heddle::broadcastIndices(ArrayRef<Index> indices, const Shape &operand) {
  assert(operand.size() <= indices.size() && "a broadcast does not lower the rank");
  std::vector<Index> place(operand.size());
  size_t added = indices.size() - operand.size();
  for (size_t dim = 0; dim < operand.size(); ++dim)
    if (!operand[dim].isLiteral(1))
      place[dim] = indices[added + dim];
  return place;
}

static Index applyExpr(AffineExpr expr, ArrayRef<Index> point) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return Index(constant.getValue());
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return point[dim.getPosition()];
  auto binary = cast<AffineBinaryOpExpr>(expr);
  Index left = applyExpr(binary.getLHS(), point), right = applyExpr(binary.getRHS(), point);
  switch (expr.getKind()) {
  case AffineExprKind::Add:
    return left + right;
  case AffineExprKind::Mul:
    return right.isConstant() ? left * right.constant() : right * left.constant();
  case AffineExprKind::FloorDiv:
    return floorDiv(left, right.constant());
  case AffineExprKind::CeilDiv:
    return floorDiv(left + Index(right.constant() - 1), right.constant());
  case AffineExprKind::Mod:
    return mod(left, right.constant());
  default:
    llvm_unreachable("maps of heddle.generic have no symbols");
  }
}

std::vector<Index> heddle::applyMap(AffineMap map, ArrayRef<Index> point) {
  std::vector<Index> place;
  for (AffineExpr expr : map.getResults())
    place.push_back(applyExpr(expr, point));
  return place;
}

namespace {

/// Dimensions that are not a literal 1, which take no part in a reshape.
std::vector<size_t> properDims(const Shape &shape) {
  std::vector<size_t> dims;
  for (size_t dim = 0; dim < shape.size(); ++dim)
    if (!shape[dim].isLiteral(1))
      dims.push_back(dim);
  return dims;
}

/// The sizes of the shortest runs that start both lists and have equal products; all of both if there are none.
std::pair<size_t, size_t> matchGroup(ArrayRef<Expr> a, ArrayRef<Expr> b) {
  for (size_t total = 2; total < a.size() + b.size(); ++total)
    for (size_t inA = 1; inA < total && inA <= a.size(); ++inA) {
      size_t inB = total - inA;
      if (inB <= b.size() &&
          elementCount(Shape(a.begin(), a.begin() + inA)) == elementCount(Shape(b.begin(), b.begin() + inB)))
        return {inA, inB};
    }
  return {a.size(), b.size()};
}

} // namespace

/// Matches groups of dimensions with equal products, so that each group is delinearized on its own.
std::vector<Index> heddle::reshapeIndices(ArrayRef<Index> indices, const Shape &from, const Shape &to) {
  std::vector<size_t> fromDims = properDims(from), toDims = properDims(to);
  Shape fromSizes, toSizes;
  for (size_t dim : fromDims)
    fromSizes.push_back(from[dim]);
  for (size_t dim : toDims)
    toSizes.push_back(to[dim]);
  std::vector<Index> place(from.size());
  size_t i = 0, j = 0;
  while (i < fromDims.size() && j < toDims.size()) {
    auto [takenFrom, takenTo] = matchGroup(ArrayRef(fromSizes).drop_front(i), ArrayRef(toSizes).drop_front(j));
    std::vector<Index> group;
    for (size_t k = j; k < j + takenTo; ++k)
      group.push_back(indices[toDims[k]]);
    Index position = linearize(group, Shape(toSizes.begin() + j, toSizes.begin() + j + takenTo));
    std::vector<Index> split = delinearize(position, Shape(fromSizes.begin() + i, fromSizes.begin() + i + takenFrom));
    for (size_t k = 0; k < takenFrom; ++k)
      place[fromDims[i + k]] = split[k];
    i += takenFrom;
    j += takenTo;
  }
  return place;
}

PullValue Pull::guarded(ArrayRef<PullCondition> conditions, PullBackend::Alternative inside,
                        PullBackend::Alternative outside) {
  SmallVector<PullCondition> open;
  for (const PullCondition &condition : conditions)
    if (!condition.index.isWithin(condition.lower, condition.upper))
      open.push_back(condition);
  if (open.empty())
    return inside();
  auto scoped = [this](PullBackend::Alternative alternative) {
    Scope scope(*this);
    return alternative();
  };
  return backend.guard(open, [&] { return scoped(inside); }, [&] { return scoped(outside); });
}

PullValue Pull::pullConstant(ConstantOp op, ArrayRef<Index> indices) {
  auto elements = cast<DenseElementsAttr>(op.getValue());
  if (!elements.isSplat())
    return backend.loadConstant(elements, indices);
  Type type = computeType(elements.getElementType());
  if (auto real = dyn_cast<FloatType>(type)) {
    APFloat value = elements.getSplatValue<APFloat>();
    bool losesInfo;
    value.convert(real.getFloatSemantics(), APFloat::rmNearestTiesToEven, &losesInfo);
    return backend.constant(FloatAttr::get(type, value));
  }
  APInt bits = elements.getSplatValue<APInt>();
  unsigned width = type.getIntOrFloatBitWidth();
  bool isUnsigned = elements.getElementType().isUnsignedInteger();
  return backend.constant(IntegerAttr::get(type, isUnsigned ? bits.zextOrTrunc(width) : bits.sextOrTrunc(width)));
}

PullValue Pull::pullSizes(SizesOp op, ArrayRef<Index> indices) {
  Shape values = op.getValues().exprs();
  Index position = linearize(indices.vec(), shapeOf(op.getY().getType()));
  Type type = computeType(getElementTypeOrSelf(op.getY()));
  auto element = [&](size_t at) {
    PullValue value = backend.index(Index(values[at]));
    if (type.isInteger(64))
      return value;
    return apply(value, [&](OpBuilder &b, Location loc, ValueRange x) -> Value {
      return arith::TruncIOp::create(b, loc, type, x[0]);
    });
  };
  // Few elements: a chain of guards, closed by the last element.
  auto from = [&](auto &self, size_t at) -> PullValue {
    if (at + 1 == values.size())
      return element(at);
    return guarded(
        PullCondition{position, Expr(int64_t(at)), Expr(int64_t(at) + 1)}, [&] { return element(at); },
        [&] { return self(self, at + 1); });
  };
  return position.isConstant() && position.constant().literal() ? element(size_t(*position.constant().literal()))
                                                                : from(from, 0);
}

PullValue Pull::pullSlice(SliceOp op, ArrayRef<Index> indices) {
  Shape starts = op.getStarts().exprs(), steps = op.getSteps().exprs();
  std::vector<Index> place;
  for (size_t dim = 0; dim < starts.size(); ++dim)
    place.push_back(indices[dim] * steps[dim] + Index(starts[dim]));
  return pull(op.getX(), place);
}

/// So many parts of a concatenation are tried one after the other, more by halves.
static constexpr size_t maxTriedParts = 8;

PullValue Pull::pullConcat(ConcatOp op, ArrayRef<Index> indices, ConcatParts parts) {
  unsigned axis = op.getAxis();
  if (parts.count == 1) {
    std::vector<Index> place = indices.vec();
    place[axis] = place[axis] - Index(parts.start);
    return pull(op.getParts()[parts.first], place);
  }
  size_t before = parts.count > maxTriedParts ? parts.count / 2 : 1;
  Expr end = parts.start;
  for (Value part : op.getParts().slice(parts.first, before))
    end = end + shapeOf(part.getType())[axis];
  return guarded(
      PullCondition{indices[axis], Expr(0), end},
      [&] { return pullConcat(op, indices, {parts.first, before, parts.start}); },
      [&] { return pullConcat(op, indices, {parts.first + before, parts.count - before, end}); });
}

/// The coordinate that padding by edge, reflection or wrapping reads.
Index Pull::foldPadIndex(PadMode mode, const Index &index, const Expr &size) {
  if (mode == PadMode::Wrap)
    return mod(index, size);
  auto build = [&](OpBuilder &b, Location loc, ValueRange x) -> Value {
    Value zero = arith::ConstantOp::create(b, loc, b.getI64IntegerAttr(0)), at = x[0], last = x[1];
    if (mode == PadMode::Edge)
      return arith::MaxSIOp::create(b, loc, arith::MinSIOp::create(b, loc, at, last), zero);
    // Reflection has the period 2 * last; `at` counts within it already.
    Value mirrored = arith::SubIOp::create(b, loc, arith::AddIOp::create(b, loc, last, last), at);
    return arith::MinSIOp::create(b, loc, at, mirrored);
  };
  if (size.isLiteral(1))
    return Index();
  // A dimension of one element, known at run time only, must not give a period of 0.
  Expr period = size.literal() ? (size - 1) * 2 : max((size - 1) * 2, 1);
  Index position = mode == PadMode::Reflect ? mod(index, period) : index;
  PullValue folded = apply({backend.index(position), backend.index(Index(size - 1))}, build);
  return backend.opaque(folded, size, index.variables());
}

PullValue Pull::pullPad(PadOp op, ArrayRef<Index> indices) {
  Shape low = op.getLow().exprs(), shape = shapeOf(op.getX().getType());
  std::vector<Index> place;
  SmallVector<PullCondition> conditions;
  for (size_t dim = 0; dim < shape.size(); ++dim) {
    Index index = indices[dim] - Index(low[dim]);
    if (op.getMode() == PadMode::Constant)
      conditions.push_back({index, Expr(0), shape[dim]});
    else if (!index.isWithin(Expr(0), shape[dim]))
      index = foldPadIndex(op.getMode(), index, shape[dim]);
    place.push_back(index);
  }
  return guarded(conditions, [&] { return pull(op.getX(), place); }, [&] { return pull(op.getFill(), {}); });
}
