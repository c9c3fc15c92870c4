// Verifiers, type inference and folds of the ops that hold, move or generate elements.
#include "ir/HeddleOps.h"
#include "ir/InferTypes.h"
#include "ir/Scalars.h"
#include "ir/Shapes.h"

using namespace mlir;
using namespace heddle;

/// Fails unless operand and result of `op` have the same element type.
static LogicalResult verifySameElement(Operation *op, Value x, Value y) {
  if (Type got = getElementTypeOrSelf(y), expected = getElementTypeOrSelf(x); got != expected)
    return op->emitOpError() << "result has element type " << got << ", expected " << expected;
  return success();
}

LogicalResult heddle::checkAxis(std::optional<Location> loc, int64_t axis, size_t rank) {
  if (axis < 0 || axis >= static_cast<int64_t>(rank))
    return emitOptionalError(loc, "axis is ", axis, ", expected it in [0, ", rank, ")");
  return success();
}

//===----------------------------------------------------------------------===//
// Constant, sizes, iota
//===----------------------------------------------------------------------===//

LogicalResult ConstantOp::verify() {
  if (!isa<DenseElementsAttr, WeightAttr>(getValue())) // (C1)
    return emitOpError() << "value is " << getValue() << ", expected dense elements or a #heddle.weight";
  return success();
}

OpFoldResult ConstantOp::fold(FoldAdaptor) { return getValue(); }

LogicalResult SizesOp::verify() {
  auto type = cast<RankedTensorType>(getY().getType());
  if (!type.hasStaticShape()) // (C1)
    return emitOpError() << "result has type " << type << ", expected a static shape";
  if (type.getNumElements() != static_cast<int64_t>(getValues().size())) // (C2)
    return emitOpError() << "lists " << getValues().size() << " expressions, expected " << type.getNumElements();
  return success();
}

OpFoldResult SizesOp::fold(FoldAdaptor) {
  auto type = cast<RankedTensorType>(getY().getType());
  auto element = dyn_cast<IntegerType>(type.getElementType());
  if (!element)
    return nullptr;
  SmallVector<APInt> values;
  for (const Expr &expr : getValues().exprs()) {
    std::optional<int64_t> literal = expr.literal();
    if (!literal)
      return nullptr;
    values.push_back(APInt(element.getWidth(), static_cast<uint64_t>(*literal), true, true));
  }
  return DenseElementsAttr::get(type, values);
}

LogicalResult IotaOp::verify() {
  if (cast<RankedTensorType>(getY().getType()).getRank() != 1) // (C1)
    return emitOpError() << "result has rank " << cast<RankedTensorType>(getY().getType()).getRank() << ", expected 1";
  return success();
}

//===----------------------------------------------------------------------===//
// Movement
//===----------------------------------------------------------------------===//

LogicalResult ReshapeOp::verify() {
  if (failed(verifySameElement(*this, getX(), getY()))) // (C1)
    return failure();
  std::optional<int64_t> from = elementCount(shapeOf(getX().getType())).literal();
  std::optional<int64_t> to = elementCount(shapeOf(getY().getType())).literal();
  if (from && to && *from != *to) // (C2)
    return emitOpError() << "result has " << *to << " elements, expected " << *from;
  return success();
}

OpFoldResult ReshapeOp::fold(FoldAdaptor adaptor) {
  if (getX().getType() == getY().getType())
    return getX();
  if (auto dense = dyn_cast_or_null<DenseElementsAttr>(adaptor.getX()); dense && getY().getType().hasStaticShape())
    return dense.reshape(getY().getType());
  return nullptr;
}

namespace {
/// reshape(reshape(x)) -> reshape(x)
struct MergeReshapes final : OpRewritePattern<ReshapeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ReshapeOp op, PatternRewriter &rewriter) const override {
    auto producer = op.getX().getDefiningOp<ReshapeOp>();
    if (!producer)
      return rewriter.notifyMatchFailure(op, "input is not a reshape");
    std::optional<int64_t> from = elementCount(shapeOf(producer.getX().getType())).literal();
    std::optional<int64_t> to = elementCount(shapeOf(op.getType())).literal();
    if (from && to && *from != *to)
      return rewriter.notifyMatchFailure(op, "the run refuses the size between the two");
    rewriter.replaceOpWithNewOp<ReshapeOp>(op, op.getY().getType(), producer.getX());
    return success();
  }
};

/// transpose(transpose(x)) -> transpose(x)   [permutations composed]
struct MergeTransposes final : OpRewritePattern<TransposeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(TransposeOp op, PatternRewriter &rewriter) const override {
    auto producer = op.getX().getDefiningOp<TransposeOp>();
    if (!producer)
      return rewriter.notifyMatchFailure(op, "input is not a transpose");
    SmallVector<int64_t> perm;
    for (int64_t dim : op.getPerm())
      perm.push_back(producer.getPerm()[dim]);
    rewriter.replaceOpWithNewOp<TransposeOp>(op, op.getY().getType(), producer.getX(),
                                             rewriter.getDenseI64ArrayAttr(perm));
    return success();
  }
};

/// concat(a, empty, b) -> concat(a, b)   [operands of literal size 0 along the axis]
struct DropEmptyParts final : OpRewritePattern<ConcatOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ConcatOp op, PatternRewriter &rewriter) const override {
    SmallVector<Value> kept;
    for (Value part : op.getParts())
      if (!shapeOf(part.getType())[op.getAxis()].isLiteral(0))
        kept.push_back(part);
    if (kept.empty() || kept.size() == op.getParts().size())
      return rewriter.notifyMatchFailure(op, "no part to drop");
    rewriter.replaceOpWithNewOp<ConcatOp>(op, op.getY().getType(), kept, op.getAxisAttr());
    return success();
  }
};
} // namespace

void ReshapeOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *context) {
  patterns.add<MergeReshapes>(context);
}

LogicalResult TransposeOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, TransposeOp::Adaptor adaptor,
                                            SmallVectorImpl<Type> &types) {
  Shape shape = shapeOf(adaptor.getX().getType()), permuted;
  SmallVector<bool> seen(shape.size(), false);
  for (int64_t dim : adaptor.getPerm()) {
    if (dim < 0 || dim >= static_cast<int64_t>(shape.size()) || seen[dim]) // (C1)
      return emitOptionalError(loc, "perm holds ", dim, ", expected a permutation of ", shape.size(), " dimensions");
    seen[dim] = true;
    permuted.push_back(shape[dim]);
  }
  if (permuted.size() != shape.size()) // (C1)
    return emitOptionalError(loc, "perm has ", permuted.size(), " entries, expected ", shape.size());
  types.push_back(tensorType(permuted, getElementTypeOrSelf(adaptor.getX())));
  return success();
}

bool TransposeOp::swapsLastTwo() {
  ArrayRef<int64_t> perm = getPerm();
  auto rank = static_cast<int64_t>(perm.size());
  return rank >= 2 && perm[rank - 1] == rank - 2 && perm[rank - 2] == rank - 1 &&
         llvm::equal(perm.drop_back(2), llvm::seq<int64_t>(0, rank - 2));
}

OpFoldResult TransposeOp::fold(FoldAdaptor) {
  return llvm::equal(getPerm(), llvm::seq<int64_t>(0, getPerm().size())) ? OpFoldResult(getX()) : nullptr;
}

void TransposeOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *context) {
  patterns.add<MergeTransposes>(context);
}

LogicalResult BroadcastOp::verify() {
  Shape from = shapeOf(getX().getType()), to = shapeOf(getY().getType());
  if (failed(verifySameElement(*this, getX(), getY()))) // (C1)
    return failure();
  if (from.size() > to.size()) // (C2)
    return emitOpError() << "result has rank " << to.size() << ", expected at least " << from.size();
  size_t offset = to.size() - from.size();
  for (size_t dim = 0; dim < from.size(); ++dim) {
    const Expr &size = from[dim], &target = to[offset + dim];
    if (!size.isLiteral(1) && size.literal() && target.literal() && size != target) // (C3)
      return emitOpError() << "dimension " << dim << " has size " << size.str() << ", expected 1 or " << target.str();
  }
  return success();
}

OpFoldResult BroadcastOp::fold(FoldAdaptor) {
  return getX().getType() == getY().getType() ? OpFoldResult(getX()) : nullptr;
}

LogicalResult SliceOp::verify() {
  Shape from = shapeOf(getX().getType()), to = shapeOf(getY().getType());
  if (failed(verifySameElement(*this, getX(), getY()))) // (C1)
    return failure();
  if (from.size() != to.size()) // (C1)
    return emitOpError() << "result has rank " << to.size() << ", expected " << from.size();
  if (getStarts().size() != from.size() || getSteps().size() != from.size()) // (C2)
    return emitOpError() << "has " << getStarts().size() << " starts and " << getSteps().size() << " steps, expected "
                         << from.size();
  Shape starts = getStarts().exprs(), steps = getSteps().exprs();
  for (size_t dim = 0; dim < from.size(); ++dim) {
    if (to[dim].isLiteral(0))
      continue;
    std::optional<int64_t> start = starts[dim].literal(), size = from[dim].literal();
    std::optional<int64_t> last = (starts[dim] + (to[dim] - 1) * steps[dim]).literal();
    if (start && last && size && (std::min(*start, *last) < 0 || std::max(*start, *last) >= *size)) // (C3)
      return emitOpError() << "reads elements " << *start << " to " << *last << " of dimension " << dim
                           << ", expected them in [0, " << *size << ")";
  }
  return success();
}

OpFoldResult SliceOp::fold(FoldAdaptor) {
  auto all = [](DimsAttr dims, int64_t value) {
    return llvm::all_of(dims.exprs(), [&](const Expr &expr) { return expr.isLiteral(value); });
  };
  bool isWhole = getX().getType() == getY().getType() && all(getStarts(), 0) && all(getSteps(), 1);
  return isWhole ? OpFoldResult(getX()) : nullptr;
}

LogicalResult ConcatOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, ConcatOp::Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  if (adaptor.getParts().empty()) // (C1)
    return emitOptionalError(loc, "concat has 0 operands, expected at least 1");
  Shape result = shapeOf(adaptor.getParts()[0].getType());
  int64_t axis = adaptor.getAxis();
  if (failed(checkAxis(loc, axis, result.size()))) // (C2)
    return failure();
  Type element = getElementTypeOrSelf(adaptor.getParts()[0]);
  for (Value part : adaptor.getParts().drop_front()) {
    Shape shape = shapeOf(part.getType());
    if (shape.size() != result.size() || getElementTypeOrSelf(part) != element) // (C1)
      return emitOptionalError(loc, "an operand is ", part.getType(), ", expected rank ", result.size(),
                               " and element type ", element);
    for (size_t dim = 0; dim < shape.size(); ++dim) {
      if (static_cast<int64_t>(dim) == axis)
        result[dim] = result[dim] + shape[dim];
      else if (result[dim].literal() && shape[dim].literal() && result[dim] != shape[dim]) // (C3)
        return emitOptionalError(loc, "dimension ", dim, " has size ", shape[dim].str(), ", expected ",
                                 result[dim].str());
      else if (shape[dim].literal())
        result[dim] = shape[dim];
    }
  }
  types.push_back(tensorType(result, element));
  return success();
}

OpFoldResult ConcatOp::fold(FoldAdaptor) { return getParts().size() == 1 ? OpFoldResult(getParts()[0]) : nullptr; }

void ConcatOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *context) {
  patterns.add<DropEmptyParts>(context);
}

LogicalResult PadOp::verify() {
  auto x = cast<RankedTensorType>(getX().getType()), y = cast<RankedTensorType>(getY().getType());
  auto fill = cast<RankedTensorType>(getFill().getType());
  if (failed(verifySameElement(*this, getX(), getY()))) // (C1)
    return failure();
  if (fill.getElementType() != x.getElementType() || fill.getRank() != 0) // (C1)
    return emitOpError() << "fill is " << fill << ", expected a tensor of rank 0 and element type "
                         << x.getElementType();
  if (x.getRank() != y.getRank()) // (C2)
    return emitOpError() << "result has rank " << y.getRank() << ", expected " << x.getRank();
  if (static_cast<int64_t>(getLow().size()) != x.getRank()) // (C2)
    return emitOpError() << "has " << getLow().size() << " low paddings, expected " << x.getRank();
  return success();
}

//===----------------------------------------------------------------------===//
// Gathers
//===----------------------------------------------------------------------===//

LogicalResult GatherOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, GatherOp::Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  Shape x = shapeOf(adaptor.getX().getType()), indices = shapeOf(adaptor.getIndices().getType());
  int64_t axis = adaptor.getAxis();
  if (failed(checkAxis(loc, axis, x.size()))) // (C1)
    return failure();
  Shape result(x.begin(), x.begin() + axis);
  result.insert(result.end(), indices.begin(), indices.end());
  result.insert(result.end(), x.begin() + axis + 1, x.end());
  types.push_back(tensorType(result, getElementTypeOrSelf(adaptor.getX())));
  return success();
}

LogicalResult GatherElementsOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc,
                                                 GatherElementsOp::Adaptor adaptor, SmallVectorImpl<Type> &types) {
  Shape x = shapeOf(adaptor.getX().getType()), indices = shapeOf(adaptor.getIndices().getType());
  if (failed(checkAxis(loc, adaptor.getAxis(), x.size()))) // (C1)
    return failure();
  if (x.size() != indices.size()) // (C2)
    return emitOptionalError(loc, "indices have rank ", indices.size(), ", expected ", x.size());
  types.push_back(tensorType(indices, getElementTypeOrSelf(adaptor.getX())));
  return success();
}

LogicalResult GatherNDOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, GatherNDOp::Adaptor adaptor,
                                           SmallVectorImpl<Type> &types) {
  Shape x = shapeOf(adaptor.getX().getType()), indices = shapeOf(adaptor.getIndices().getType());
  int64_t batchDims = adaptor.getBatchDims();
  int64_t limit = std::min(x.size(), indices.size());
  if (batchDims < 0 || batchDims >= limit) // (C1)
    return emitOptionalError(loc, "batch_dims is ", batchDims, ", expected it in [0, ", limit, ")");
  std::optional<int64_t> tuple = indices.back().literal();
  if (!tuple || *tuple < 0 || batchDims + *tuple > static_cast<int64_t>(x.size())) // (C2)
    return emitOptionalError(loc, "the last size of indices is ", indices.back().str(), ", expected a literal up to ",
                             x.size() - batchDims);
  Shape result(indices.begin(), indices.end() - 1);
  result.insert(result.end(), x.begin() + batchDims + *tuple, x.end());
  types.push_back(tensorType(result, getElementTypeOrSelf(adaptor.getX())));
  return success();
}

//===----------------------------------------------------------------------===//
// Generic
//===----------------------------------------------------------------------===//

/// Fails unless the body yields the compute type of the result, with `isArg` behind the value that is compared. (C3)
static LogicalResult verifyYield(GenericOp op, bool isArg) {
  ValueRange yielded = cast<YieldOp>(op.getBody().front().getTerminator()).getValues();
  if (yielded.size() != (isArg ? 2u : 1u))
    return op.emitOpError() << "body yields " << yielded.size() << " values, expected " << (isArg ? 2 : 1);
  if (Type expected = computeType(getElementTypeOrSelf(op.getY())); yielded.back().getType() != expected)
    return op.emitOpError() << "body yields " << yielded.back().getType() << ", expected " << expected;
  return success();
}

LogicalResult GenericOp::verify() {
  size_t dims = shapeOf(getY().getType()).size() + getReduce().size();
  if (getMaps().size() != getInputs().size()) // (C1)
    return emitOpError() << "has " << getMaps().size() << " maps, expected " << getInputs().size();
  for (auto [index, map, input] : llvm::enumerate(getMaps().getAsValueRange<AffineMapAttr>(), getInputs()))
    if (map.getNumDims() != dims || map.getNumSymbols() != 0 ||
        map.getNumResults() != shapeOf(input.getType()).size()) // (C1)
      return emitOpError() << "map " << index << " is " << AffineMapAttr::get(map) << ", expected one from " << dims
                           << " dimensions to " << shapeOf(input.getType()).size();
  Block &block = getBody().front();
  if (block.getNumArguments() != getInputs().size()) // (C2)
    return emitOpError() << "body has " << block.getNumArguments() << " arguments, expected " << getInputs().size();
  for (auto [argument, input] : llvm::zip(block.getArguments(), getInputs()))
    if (Type expected = computeType(getElementTypeOrSelf(input)); argument.getType() != expected) // (C2)
      return emitOpError() << "body argument has type " << argument.getType() << ", expected " << expected;
  bool hasCombiner = getCombiner() != "none";
  bool isArg = getCombiner() == "arg_min" || getCombiner() == "arg_max";
  if (hasCombiner && !isArg && !symbolizeReductionKind(getCombiner())) // (C4)
    return emitOpError() << "combiner is \"" << getCombiner()
                         << "\", expected none, add, mul, min, max, arg_min or arg_max";
  if (hasCombiner == (getReduce().size() == 0)) // (C4)
    return emitOpError() << "has combiner \"" << getCombiner() << "\" and " << getReduce().size()
                         << " reduction dimensions, expected a combiner exactly with such dimensions";
  if (bool needsInit = hasCombiner && !isArg; getInit().has_value() != needsInit) // (C5)
    return emitOpError() << "has " << (needsInit ? "no init" : "an init") << ", expected "
                         << (needsInit ? "one" : "none") << " with combiner \"" << getCombiner() << "\"";
  return verifyYield(*this, isArg);
}

LogicalResult CoordinateOp::verify() {
  auto generic = (*this)->getParentOfType<GenericOp>();
  int64_t dims = generic ? shapeOf(generic.getY().getType()).size() + generic.getReduce().size() : 0;
  if (int64_t dim = getDim(); dim < 0 || dim >= dims) // (C1)
    return emitOpError() << "dimension is " << dim << ", expected it in [0, " << dims << ")";
  return success();
}

LogicalResult ExtractOp::verify() {
  int64_t rank = cast<RankedTensorType>(getX().getType()).getRank();
  if (static_cast<int64_t>(getCoordinates().size()) != rank) // (C1)
    return emitOpError() << "has " << getCoordinates().size() << " coordinates, expected " << rank;
  for (int64_t dim : getChecked())
    if (dim < 0 || dim >= rank) // (C2)
      return emitOpError() << "checks dimension " << dim << ", expected it in [0, " << rank << ")";
  if (Type expected = computeType(getElementTypeOrSelf(getX())); getY().getType() != expected) // (C3)
    return emitOpError() << "result has type " << getY().getType() << ", expected " << expected;
  return success();
}
