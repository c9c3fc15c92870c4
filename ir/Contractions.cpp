// Matrix products, convolutions and pooling: type inference and structured expansions.
#include "ir/BodyBuilder.h"

using namespace mlir;
using namespace heddle;

/// x[0] * x[1]: what contractions sum up.
static SmallVector<Value> product(Scalars &s, ValueRange x) { return {s.mul(x[0], x[1])}; }

//===----------------------------------------------------------------------===//
// Matmul
//===----------------------------------------------------------------------===//

/// Fails unless `shape` is that of panels of `nr` columns, `n` columns in all.
static LogicalResult checkPanels(std::optional<Location> loc, const Shape &shape, int64_t nr, int64_t n,
                                 bool transpose) {
  if (nr < 1 || n < 0 || transpose)
    return emitOptionalError(loc, "packed_nr is ", nr, " and n ", n, transpose ? " with" : " without",
                             " transpose_b, expected positive numbers without it");
  int64_t panels = llvm::divideCeil(n, nr);
  if (shape.size() != 3 || !shape[0].isLiteral(panels) || !shape[2].isLiteral(nr))
    return emitOptionalError(loc, "panels have the shape ", textOf(shape), ", expected [", panels, ", K, ", nr, "]");
  return success();
}

LogicalResult MatmulOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, MatmulOp::Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  Shape a = shapeOf(adaptor.getA().getType()), b = shapeOf(adaptor.getB().getType());
  Type element = getElementTypeOrSelf(adaptor.getA());
  if (a.size() < 2 || b.size() < 2 || getElementTypeOrSelf(adaptor.getB()) != element) // (C1)
    return emitOptionalError(loc, "operands are ", adaptor.getA().getType(), " and ", adaptor.getB().getType(),
                             ", expected the same element type and rank 2 or more");
  bool isPacked = adaptor.getPackedNr() != 0;
  if (isPacked && failed(checkPanels(loc, b, adaptor.getPackedNr(), adaptor.getN(), adaptor.getTransposeB()))) // (C4)
    return failure();
  Expr rows = a[a.size() - (adaptor.getTransposeA() ? 1 : 2)], innerA = a[a.size() - (adaptor.getTransposeA() ? 2 : 1)];
  Expr innerB = isPacked ? b[1] : b[b.size() - (adaptor.getTransposeB() ? 1 : 2)];
  Expr columns = isPacked ? Expr(adaptor.getN()) : b[b.size() - (adaptor.getTransposeB() ? 2 : 1)];
  if (innerA.literal() && innerB.literal() && innerA != innerB) // (C2)
    return emitOptionalError(loc, "inner sizes differ: got ", innerB.str(), ", expected ", innerA.str());
  Shape batchA(a.begin(), a.end() - 2), batchB;
  if (!isPacked)
    batchB.assign(b.begin(), b.end() - 2);
  std::string error;
  FailureOr<Shape> result = broadcastShapes({batchA, batchB}, &error);
  if (failed(result)) // (C3)
    return emitOptionalError(loc, "batch dimensions: ", error);
  result->push_back(rows);
  result->push_back(columns);
  types.push_back(tensorType(*result, element));
  return success();
}

/// Batch positions of an operand: the result's last batch dimensions, 0 where the operand's size is a literal 1.
static SmallVector<AffineExpr> batchDims(OpBuilder &builder, const Shape &shape, size_t resultRank) {
  SmallVector<AffineExpr> dims;
  for (size_t dim = 0; dim + 2 < shape.size(); ++dim)
    dims.push_back(shape[dim].isLiteral(1) ? builder.getAffineConstantExpr(0)
                                           : builder.getAffineDimExpr(resultRank - shape.size() + dim));
  return dims;
}

SmallVector<Value> MatmulOp::buildBody(OpBuilder &builder, ValueRange operands) {
  BodyBuilder body(builder, getLoc());
  Shape a = shapeOf(getA().getType()), b = shapeOf(getB().getType());
  unsigned rank = shapeOf(getY().getType()).size();
  AffineExpr row = body.dim(rank - 2), column = body.dim(rank - 1), inner = body.dim(rank);
  SmallVector<AffineExpr> dimsA = batchDims(builder, a, rank), dimsB;
  dimsA.append({getTransposeA() ? inner : row, getTransposeA() ? row : inner});
  if (int64_t nr = getPackedNr()) {
    dimsB = {column.floorDiv(nr), inner, column % nr};
  } else {
    dimsB = batchDims(builder, b, rank);
    dimsB.append({getTransposeB() ? column : inner, getTransposeB() ? inner : column});
  }
  auto map = [&](ArrayRef<AffineExpr> dims) { return AffineMap::get(rank + 1, 0, dims, builder.getContext()); };
  Expr innerSize = a[a.size() - (getTransposeA() ? 2 : 1)];
  return {body.generic(getY().getType(), operands.take_front(2), {map(dimsA), map(dimsB)}, {innerSize}, "add",
                       getElementTypeOrSelf(getA()), product)};
}

//===----------------------------------------------------------------------===//
// Conv
//===----------------------------------------------------------------------===//

/// floor((size + padding - dilation * (window - 1) - 1) / stride) + 1, at least 0. Sizes are never negative, so most
/// windows cannot give less.
static Expr windowedSize(const Expr &size, int64_t padding, const Expr &window, int64_t stride, int64_t dilation) {
  Expr covered = (window - 1) * dilation + 1, least = padding - covered;
  Expr count = floorDiv(size + padding - covered, stride) + 1;
  return least.literal() && *least.literal() + stride >= 0 ? count : max(count, 0);
}

static LogicalResult checkWindow(std::optional<Location> loc, size_t spatial, ArrayRef<int64_t> strides,
                                 ArrayRef<int64_t> pads, ArrayRef<int64_t> dilations) {
  auto positive = [](ArrayRef<int64_t> values) { return llvm::all_of(values, [](int64_t v) { return v > 0; }); };
  if (strides.size() != spatial || dilations.size() != spatial || pads.size() != 2 * spatial)
    return emitOptionalError(loc, "has ", strides.size(), " strides, ", dilations.size(), " dilations and ",
                             pads.size(), " pads, expected ", spatial, ", ", spatial, " and ", 2 * spatial);
  if (!positive(strides) || !positive(dilations) || llvm::any_of(pads, [](int64_t pad) { return pad < 0; }))
    return emitOptionalError(loc, "strides are [", strides, "], dilations [", dilations, "], pads [", pads,
                             "], expected positive ones, and pads that are not negative");
  return success();
}

namespace {
/// What a convolution's filters are, whether they are packed or not.
struct Filters {
  Expr outputs, channels; ///< Of all groups; of one group.
  Shape window;
};
} // namespace

static Filters filtersOf(const Shape &w, int64_t packedNr, ArrayRef<int64_t> window, int64_t outputs) {
  if (packedNr == 0)
    return {w[0], w[1], Shape(w.begin() + 2, w.end())};
  Filters filters{outputs, w[1], Shape(window.begin(), window.end())};
  int64_t positions = 1;
  for (int64_t size : window)
    positions *= size;
  filters.channels = floorDiv(w[1], positions);
  return filters;
}

/// (C5)
static LogicalResult checkPacked(std::optional<Location> loc, const Shape &w, ConvOp::Adaptor conv, const Shape &x) {
  if (w.size() != 3 || conv.getWindow().size() + 2 != x.size() ||
      llvm::any_of(conv.getWindow(), [](int64_t size) { return size < 1; }))
    return emitOptionalError(loc, "packed filters have rank ", w.size(), " and a window of ", conv.getWindow().size(),
                             " entries, expected 3 and ", x.size() - 2, " positive ones");
  int64_t positions = 1;
  for (int64_t size : conv.getWindow())
    positions *= size;
  Expr panels = ceilDiv(Expr(conv.getOutputs()), conv.getPackedNr());
  if (conv.getOutputs() < 1 || w[0] != panels || !w[2].isLiteral(conv.getPackedNr()) ||
      w[1].literal().value_or(positions) % positions != 0)
    return emitOptionalError(loc, "packed filters do not fit a window of ", positions, " positions and ",
                             conv.getOutputs(), " outputs");
  return success();
}

LogicalResult ConvOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, ConvOp::Adaptor adaptor,
                                       SmallVectorImpl<Type> &types) {
  Shape x = shapeOf(adaptor.getX().getType()), w = shapeOf(adaptor.getW().getType());
  if (Type got = getElementTypeOrSelf(adaptor.getW()), expected = getElementTypeOrSelf(adaptor.getX());
      got != expected) // (C1)
    return emitOptionalError(loc, "weight has element type ", got, ", expected ", expected);
  bool isPacked = adaptor.getPackedNr() != 0;
  if ((!isPacked && x.size() != w.size()) || x.size() < 3 || x.size() > 5) // (C1)
    return emitOptionalError(loc, "ranks are ", x.size(), " and ", w.size(), ", expected both equal, 3 to 5");
  if (isPacked && failed(checkPacked(loc, w, adaptor, x))) // (C5)
    return failure();
  size_t spatial = x.size() - 2;
  if (failed(checkWindow(loc, spatial, adaptor.getStrides(), adaptor.getPads(), adaptor.getDilations()))) // (C2)
    return failure();
  bool isNchw = adaptor.getLayout() == ConvLayout::NCHW;
  int64_t groups = adaptor.getGroups();
  Filters filters = filtersOf(w, adaptor.getPackedNr(), adaptor.getWindow(), adaptor.getOutputs());
  Expr channels = isNchw ? x[1] : x.back();
  std::optional<int64_t> in = channels.literal(), out = filters.outputs.literal(),
                         perGroup = filters.channels.literal();
  if (groups < 1 || (out && *out % groups != 0) || (in && *in % groups != 0)) // (C3)
    return emitOptionalError(loc, "has ", channels.str(), " and ", filters.outputs.str(),
                             " channels, expected multiples of ", groups, " groups");
  if (in && perGroup && *in / groups != *perGroup) // (C3)
    return emitOptionalError(loc, "weight has ", *perGroup, " channels, expected ", *in / groups);
  Shape result = {x[0]};
  if (isNchw)
    result.push_back(filters.outputs);
  for (size_t dim = 0; dim < spatial; ++dim)
    result.push_back(windowedSize(x[(isNchw ? 2 : 1) + dim], adaptor.getPads()[dim] + adaptor.getPads()[spatial + dim],
                                  filters.window[dim], adaptor.getStrides()[dim], adaptor.getDilations()[dim]));
  if (!isNchw)
    result.push_back(filters.outputs);
  types.push_back(tensorType(result, getElementTypeOrSelf(adaptor.getX())));
  return success();
}

/// Pads only the spatial dimensions, which start at `first`.
static Value padSpatial(BodyBuilder &body, Value x, ArrayRef<int64_t> pads, size_t first, Attribute fill) {
  size_t rank = shapeOf(x.getType()).size(), spatial = pads.size() / 2;
  SmallVector<int64_t> low(rank, 0), high(rank, 0);
  for (size_t dim = 0; dim < spatial; ++dim) {
    low[first + dim] = pads[dim];
    high[first + dim] = pads[spatial + dim];
  }
  return body.pad(x, low, high, fill);
}

SmallVector<Value> ConvOp::buildBody(OpBuilder &builder, ValueRange operands) {
  BodyBuilder body(builder, getLoc());
  Shape w = shapeOf(getW().getType());
  Filters filters = filtersOf(w, getPackedNr(), getWindow(), getOutputs());
  bool isNchw = getLayout() == ConvLayout::NCHW;
  unsigned spatial = filters.window.size(), rank = spatial + 2, firstSpatial = isNchw ? 2 : 1;
  Type element = getElementTypeOrSelf(getX());
  Value x = padSpatial(body, operands[0], getPads(), firstSpatial, builder.getZeroAttr(element));
  // Iteration: the result's dimensions, then channel in the group, then the window.
  AffineExpr output = body.dim(isNchw ? 1 : rank - 1), channel = body.dim(rank), row = builder.getAffineConstantExpr(0);
  if (int64_t groups = getGroups(); groups > 1) {
    assert(filters.outputs.literal() && filters.channels.literal() && "a grouped convolution needs literal channels");
    channel = output.floorDiv(*filters.outputs.literal() / groups) * *filters.channels.literal() + channel;
  }
  SmallVector<AffineExpr> xDims = {body.dim(0)}, wDims = {output, body.dim(rank)};
  if (isNchw)
    xDims.push_back(channel);
  for (unsigned dim = 0; dim < spatial; ++dim) {
    AffineExpr window = body.dim(rank + 1 + dim);
    xDims.push_back(body.dim(firstSpatial + dim) * getStrides()[dim] + window * getDilations()[dim]);
    wDims.push_back(window);
    row = row * filters.window[dim].literal().value_or(1) + window;
  }
  if (!isNchw)
    xDims.push_back(channel);
  if (int64_t nr = getPackedNr()) {
    assert(filters.channels.literal() && "packed filters have literal channels");
    wDims = {output.floorDiv(nr), row * *filters.channels.literal() + body.dim(rank), output % nr};
  }
  Shape reduce = {filters.channels};
  llvm::append_range(reduce, filters.window);
  unsigned dims = rank + reduce.size();
  auto map = [&](ArrayRef<AffineExpr> exprs) { return AffineMap::get(dims, 0, exprs, builder.getContext()); };
  return {body.generic(getY().getType(), {x, operands[1]}, {map(xDims), map(wDims)}, reduce, "add", element, product)};
}

//===----------------------------------------------------------------------===//
// Pool
//===----------------------------------------------------------------------===//

LogicalResult PoolOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, PoolOp::Adaptor adaptor,
                                       SmallVectorImpl<Type> &types) {
  Shape x = shapeOf(adaptor.getX().getType());
  size_t spatial = adaptor.getWindow().size();
  if (x.size() != spatial + 2) // (C1)
    return emitOptionalError(loc, "window has ", spatial, " entries, expected ", x.size() < 2 ? 0 : x.size() - 2);
  if (llvm::any_of(adaptor.getWindow(), [](int64_t size) { return size < 1; })) // (C1)
    return emitOptionalError(loc, "window is [", adaptor.getWindow(), "], expected positive sizes");
  if (failed(checkWindow(loc, spatial, adaptor.getStrides(), adaptor.getPads(), adaptor.getDilations()))) // (C2)
    return failure();
  if (adaptor.getKind() != ReductionKind::Add && adaptor.getKind() != ReductionKind::Max) // (C3)
    return emitOptionalError(loc, "kind is ", stringifyReductionKind(adaptor.getKind()), ", expected add or max");
  size_t first = adaptor.getLayout() == ConvLayout::NCHW ? 2 : 1;
  for (size_t dim = 0; dim < spatial; ++dim)
    x[first + dim] = windowedSize(x[first + dim], adaptor.getPads()[dim] + adaptor.getPads()[spatial + dim],
                                  adaptor.getWindow()[dim], adaptor.getStrides()[dim], adaptor.getDilations()[dim]);
  types.push_back(tensorType(x, getElementTypeOrSelf(adaptor.getX())));
  return success();
}

SmallVector<Value> PoolOp::buildBody(OpBuilder &builder, ValueRange operands) {
  BodyBuilder body(builder, getLoc());
  Type element = getElementTypeOrSelf(getX());
  unsigned rank = shapeOf(getX().getType()).size(), spatial = rank - 2;
  TypedAttr neutral = neutralElement(getKind(), element);
  Attribute fill = neutral;
  if (auto value = dyn_cast<FloatAttr>(neutral)) {
    APFloat narrow = value.getValue();
    bool losesInfo;
    narrow.convert(cast<FloatType>(element).getFloatSemantics(), APFloat::rmNearestTiesToEven, &losesInfo);
    fill = FloatAttr::get(element, narrow);
  } else {
    fill = IntegerAttr::get(element, cast<IntegerAttr>(neutral).getValue());
  }
  bool isNchw = getLayout() == ConvLayout::NCHW;
  unsigned first = isNchw ? 2 : 1;
  Value x = padSpatial(body, operands[0], getPads(), first, fill);
  SmallVector<AffineExpr> dims = {body.dim(0)};
  if (isNchw)
    dims.push_back(body.dim(1));
  Shape reduce;
  for (unsigned dim = 0; dim < spatial; ++dim) {
    dims.push_back(body.dim(first + dim) * getStrides()[dim] + body.dim(rank + dim) * getDilations()[dim]);
    reduce.push_back(getWindow()[dim]);
  }
  if (!isNchw)
    dims.push_back(body.dim(rank - 1));
  return {body.generic(getY().getType(), x, AffineMap::get(rank + spatial, 0, dims, builder.getContext()), reduce,
                       stringifyReductionKind(getKind()), element,
                       [](Scalars &, ValueRange v) { return SmallVector<Value>{v[0]}; })};
}
