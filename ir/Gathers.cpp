// Structured expansions of iota and the gathers: generics that read elements at computed coordinates.
#include "ir/BodyBuilder.h"

using namespace mlir;
using namespace heddle;

SmallVector<Value> IotaOp::buildBody(OpBuilder &builder, ValueRange) {
  BodyBuilder body(builder, getLoc());
  Type element = getElementTypeOrSelf(getY()), i64 = builder.getI64Type();
  return {body.generic(getY().getType(), {}, {}, {}, "none", i64, [&](Scalars &s, ValueRange) -> SmallVector<Value> {
    Value position =
        CoordinateOp::create(s.builder(), s.loc(), s.builder().getI64Type(), s.builder().getI64IntegerAttr(0));
    return {s.convert(position, i64, element)};
  })};
}

namespace {
/// Where each coordinate of the gathered tensor comes from: a dimension of the result, or (checked) component `k` of
/// the index.
struct Coordinate {
  bool isIndex;
  unsigned position;
};
} // namespace

/// y[i] = x[coordinates], where component k of the index is `indices` read at `maps[k]`.
static Value buildGather(OpBuilder &builder, Location loc, Value x, Value indices, Type type, ArrayRef<AffineMap> maps,
                         ArrayRef<Coordinate> coordinates) {
  BodyBuilder body(builder, loc);
  SmallVector<Value> inputs(maps.size(), indices);
  Type i64 = builder.getI64Type(), indexElement = getElementTypeOrSelf(indices);
  return body.generic(type, inputs, maps, {}, "none", indexElement,
                      [&](Scalars &s, ValueRange index) -> SmallVector<Value> {
                        SmallVector<Value> at;
                        SmallVector<int64_t> checked;
                        for (auto [dim, coordinate] : llvm::enumerate(coordinates)) {
                          if (coordinate.isIndex) {
                            checked.push_back(dim);
                            at.push_back(s.convert(index[coordinate.position], indexElement, i64));
                          } else {
                            at.push_back(CoordinateOp::create(s.builder(), s.loc(), i64,
                                                              s.builder().getI64IntegerAttr(coordinate.position)));
                          }
                        }
                        return {ExtractOp::create(s.builder(), s.loc(), computeType(getElementTypeOrSelf(x)), x, at,
                                                  s.builder().getDenseI64ArrayAttr(checked))};
                      });
}

SmallVector<Value> GatherOp::buildBody(OpBuilder &builder, ValueRange operands) {
  unsigned axis = getAxis(), rank = shapeOf(getX().getType()).size(),
           indexRank = shapeOf(getIndices().getType()).size();
  unsigned resultRank = rank - 1 + indexRank;
  SmallVector<AffineExpr> indexDims;
  for (unsigned dim = 0; dim < indexRank; ++dim)
    indexDims.push_back(builder.getAffineDimExpr(axis + dim));
  SmallVector<Coordinate> coordinates;
  for (unsigned dim = 0; dim < rank; ++dim)
    coordinates.push_back(dim == axis ? Coordinate{true, 0}
                                      : Coordinate{false, dim < axis ? dim : dim - 1 + indexRank});
  AffineMap map = AffineMap::get(resultRank, 0, indexDims, builder.getContext());
  return {buildGather(builder, getLoc(), operands[0], operands[1], getY().getType(), {map}, coordinates)};
}

SmallVector<Value> GatherElementsOp::buildBody(OpBuilder &builder, ValueRange operands) {
  unsigned rank = shapeOf(getX().getType()).size();
  SmallVector<Coordinate> coordinates;
  for (unsigned dim = 0; dim < rank; ++dim)
    coordinates.push_back(dim == getAxis() ? Coordinate{true, 0} : Coordinate{false, dim});
  AffineMap map = AffineMap::getMultiDimIdentityMap(rank, builder.getContext());
  return {buildGather(builder, getLoc(), operands[0], operands[1], getY().getType(), {map}, coordinates)};
}

SmallVector<Value> GatherNDOp::buildBody(OpBuilder &builder, ValueRange operands) {
  Shape x = shapeOf(getX().getType()), indices = shapeOf(getIndices().getType());
  unsigned tuple = *indices.back().literal(), batchDims = getBatchDims(), outer = indices.size() - 1;
  unsigned resultRank = shapeOf(getY().getType()).size();
  SmallVector<AffineMap> maps;
  for (unsigned component = 0; component < tuple; ++component) {
    SmallVector<AffineExpr> dims;
    for (unsigned dim = 0; dim < outer; ++dim)
      dims.push_back(builder.getAffineDimExpr(dim));
    dims.push_back(builder.getAffineConstantExpr(component));
    maps.push_back(AffineMap::get(resultRank, 0, dims, builder.getContext()));
  }
  SmallVector<Coordinate> coordinates;
  for (unsigned dim = 0; dim < x.size(); ++dim) {
    if (dim >= batchDims && dim < batchDims + tuple)
      coordinates.push_back({true, dim - batchDims});
    else
      coordinates.push_back({false, dim < batchDims ? dim : dim - batchDims - tuple + outer});
  }
  return {buildGather(builder, getLoc(), operands[0], operands[1], getY().getType(), maps, coordinates)};
}
