// Emits register tiles: one broadcast per row, one load per vector, one multiply-add per sum.
#include "codegen/cpu/MicroKernel.h"
#include "codegen/cpu/CpuBackend.h"

using namespace mlir;
using namespace heddle;

SmallVector<Value> heddle::zeroSums(KernelFrame &frame, const RegisterTile &tile) {
  Value zero = arith::ConstantOp::create(frame.b, frame.loc, cast<TypedAttr>(frame.b.getZeroAttr(tile.vectorType())));
  return SmallVector<Value>(tile.sums(), zero);
}

Value heddle::multiplyAdd(KernelFrame &frame, Value left, Value right, Value sum) {
  if (isa<FloatType>(getElementTypeOrSelf(sum)))
    return math::FmaOp::create(frame.b, frame.loc, left, right, sum);
  return frame.add(sum, frame.mul(left, right));
}

SmallVector<Value> heddle::emitProducts(KernelFrame &frame, const RegisterTile &tile, Value lower, Value upper,
                                        ValueRange sums, const TileOperands &operands) {
  assert(sums.size() == tile.sums() && "one sum per row and vector");
  return frame.loop(lower, upper, 1, sums, [&](Value k, ValueRange current) {
    SmallVector<Value> right, next;
    for (int64_t vector = 0; vector < tile.vectors; ++vector)
      right.push_back(operands.right(vector, k));
    for (int64_t row = 0; row < tile.rows; ++row) {
      Value left = vector::BroadcastOp::create(frame.b, frame.loc, tile.vectorType(), operands.left(row, k));
      for (Value factor : right)
        next.push_back(multiplyAdd(frame, left, factor, current[next.size()]));
    }
    return next;
  });
}

static int64_t bytesOf(Type storage) { return storage.getIntOrFloatBitWidth() / 8; }

Value heddle::loadLeft(KernelFrame &frame, const TileRows &rows, int64_t row, Value k) {
  Type storage = storageType(rows.element);
  Value start = rows.rowStride ? frame.elementAddress(rows.bases[0], storage, frame.mul(frame.i64(row), rows.rowStride))
                               : rows.bases[size_t(row)];
  Value address = frame.elementAddress(start, storage, frame.mul(k, rows.depthStride));
  Value loaded = LLVM::LoadOp::create(frame.b, frame.loc, storage, address, bytesOf(storage));
  return fromStorage(frame.b, frame.loc, loaded, rows.element);
}

Value heddle::loadRight(KernelFrame &frame, const RegisterTile &tile, const TilePanel &panel, int64_t vector, Value k) {
  Value offset = frame.add(frame.mul(k, panel.stride), frame.i64(vector * tile.lanes));
  Value address = frame.elementAddress(panel.base, storageType(panel.element), offset);
  return loadLanes(frame, panel.element, tile.lanes, address, panel.masks[size_t(vector)]);
}

Value heddle::loadLanes(KernelFrame &frame, Type element, int64_t lanes, Value address, Value mask) {
  OpBuilder &b = frame.b;
  Type storage = storageType(element);
  auto type = VectorType::get({lanes}, storage);
  Value loaded;
  if (mask) {
    Value zero = arith::ConstantOp::create(b, frame.loc, cast<TypedAttr>(b.getZeroAttr(type)));
    loaded = LLVM::MaskedLoadOp::create(b, frame.loc, type, address, mask, zero,
                                        b.getI32IntegerAttr(int32_t(bytesOf(storage))), UnitAttr());
  } else {
    loaded = LLVM::LoadOp::create(b, frame.loc, type, address, bytesOf(storage));
  }
  return fromStorage(b, frame.loc, loaded, element);
}

Value heddle::maskBelow(KernelFrame &frame, int64_t lanes, Value count) {
  OpBuilder &b = frame.b;
  SmallVector<int64_t> steps = llvm::to_vector(llvm::seq<int64_t>(0, lanes));
  Value step = arith::ConstantOp::create(b, frame.loc, b.getI64VectorAttr(steps));
  Value limit = vector::BroadcastOp::create(b, frame.loc, step.getType(), count);
  return arith::CmpIOp::create(b, frame.loc, arith::CmpIPredicate::slt, step, limit);
}
