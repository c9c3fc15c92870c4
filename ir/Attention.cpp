// Attention: type inference and its expansion into products and a softmax.
#include "ir/BodyBuilder.h"
#include "ir/InferTypes.h"

using namespace mlir;
using namespace heddle;

LogicalResult AttentionOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, AttentionOp::Adaptor adaptor,
                                            SmallVectorImpl<Type> &types) {
  Shape q = shapeOf(adaptor.getQ().getType()), k = shapeOf(adaptor.getK().getType()),
        v = shapeOf(adaptor.getV().getType());
  Type element = getElementTypeOrSelf(adaptor.getQ());
  bool isOneElement =
      getElementTypeOrSelf(adaptor.getK()) == element && getElementTypeOrSelf(adaptor.getV()) == element;
  if (!isOneElement || std::min({q.size(), k.size(), v.size()}) < 2) // (C1)
    return emitOptionalError(loc, "q, k and v are ", adaptor.getQ().getType(), ", ", adaptor.getK().getType(), " and ",
                             adaptor.getV().getType(), ", expected one element type and rank 2 or more");
  auto clash = [](const Expr &a, const Expr &b) { return a.literal() && b.literal() && a != b; };
  Expr rowsK = k[k.size() - 2], rowsV = v[v.size() - 2];
  if (clash(q.back(), k.back()) || clash(rowsK, rowsV)) // (C2)
    return emitOptionalError(loc, "q has ", q.back().str(), " columns, k has ", rowsK.str(), " rows of ",
                             k.back().str(), ", and v has ", rowsV.str(), " rows");
  std::string error;
  auto batchOf = [](const Shape &shape) { return Shape(shape.begin(), shape.end() - 2); };
  FailureOr<Shape> result = broadcastShapes({batchOf(q), batchOf(k), batchOf(v)}, &error);
  if (failed(result)) // (C3)
    return emitOptionalError(loc, "leading dimensions: ", error);
  result->push_back(q[q.size() - 2]);
  if (Value mask = adaptor.getMask()) {
    Shape scores = *result;
    scores.push_back(rowsK);
    FailureOr<Shape> together = broadcastShapes({scores, shapeOf(mask.getType())});
    if (failed(together) || !compatibleShapes(*together, scores)) // (C4)
      return emitOptionalError(loc, mask.getType(), " does not broadcast to the scores");
    Type expected = adaptor.getFill() ? IntegerType::get(element.getContext(), 1) : element;
    if (Type got = getElementTypeOrSelf(mask); got != expected) // (C6)
      return emitOptionalError(loc, "mask has elements of ", got, ", expected ", expected);
  }
  result->push_back(v.back());
  types.push_back(tensorType(*result, element));
  return success();
}

/// The part of a fused location that is labelled `role`; the whole location if there is none. An attention that was
/// recognized has such parts, so that each kernel that comes of it names its own nodes.
static Location partOf(Location loc, StringRef role) {
  auto fused = dyn_cast<FusedLoc>(loc);
  for (Location part : fused ? fused.getLocations() : ArrayRef<Location>()) {
    auto labelled = dyn_cast<FusedLoc>(part);
    auto label = labelled ? dyn_cast_or_null<StringAttr>(labelled.getMetadata()) : StringAttr();
    if (label && label == role)
      return part;
  }
  return loc;
}

SmallVector<Value> AttentionOp::buildBody(OpBuilder &builder, ValueRange operands) {
  auto at = [&](StringRef role) { return BodyBuilder(builder, partOf(getLoc(), role)); };
  Type element = getElementTypeOrSelf(getQ());
  Value q = operands[0], k = operands[1], v = operands[2];
  if (double scale = getScale().convertToDouble(); scale != 1)
    q = at("scale").make<MulOp>(q, at("scale").scalar(scale, element));
  Value scores = at("product").make<MatmulOp>(q, k, /*transpose_a=*/false, /*transpose_b=*/true);
  if (std::optional<APFloat> fill = getFill())
    scores = at("mask").make<WhereOp>(operands[3], scores, at("mask").scalar(fill->convertToDouble(), element));
  else if (getMask())
    scores = at("mask").make<AddOp>(scores, operands[3]);
  int64_t last = static_cast<int64_t>(shapeOf(scores.getType()).size()) - 1;
  Value weights = at("softmax").make<SoftmaxOp>(scores, last);
  if (getNanIsZero()) {
    BodyBuilder body = at("nan");
    weights = body.make<WhereOp>(body.make<IsNaNOp>(weights), body.scalar(0, element), weights);
  }
  return {MatmulOp::create(builder, partOf(getLoc(), "result"), getY().getType(), weights, v)};
}
