// Depthwise convolutions and pooling: tiles of output pixels by channels, each channel on its own.
#include "codegen/cpu/Emitters.h"
#include "codegen/cpu/WindowNest.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;
using namespace heddle;

namespace {

/// The addresses of all window positions of a tile are found once, for all its channels.
class ChannelNest : WindowNest {
public:
  ChannelNest(CpuBackend &backend, KernelOp kernel, Operation *anchor, WindowShape shape)
      : WindowNest(backend, kernel, anchor, std::move(shape)) {
    addresses = frame.allocateScratch(this->shape.positions() * this->shape.tileRows * 8);
  }

  Expr emit();

private:
  void findAddresses(const Block &block, Value row);
  void emitChannels(const Block &block, Value row, Value channel);
  Value combine(Value sum, Value element, Value filter);

  Value addresses; ///< Scratch, by position and row of the tile.
};

void ChannelNest::findAddresses(const Block &block, Value row) {
  forPositions(shape.window.size(), ValueRange(), [&](ArrayRef<Value> window, ValueRange) {
    Position position = positionAt(window);
    Value first = frame.mul(positionNumber(window), frame.i64(shape.tileRows));
    for (int64_t r = 0; r < shape.tileRows; ++r) {
      Value pixel = pixelAt(block, frame.add(row, frame.i64(r)), position).planes.front();
      Value entry = frame.elementAddress(addresses, pixel.getType(), frame.add(first, frame.i64(r)));
      LLVM::StoreOp::create(frame.b, frame.loc, pixel, entry);
    }
    return SmallVector<Value>();
  });
}

Value ChannelNest::combine(Value sum, Value element, Value filter) {
  OpBuilder &b = frame.b;
  if (shape.kind == WindowShape::Kind::Depthwise)
    return math::FmaOp::create(b, frame.loc, element, filter, sum);
  if (shape.combiner == ReductionKind::Max)
    return arith::MaximumFOp::create(b, frame.loc, element, sum);
  return arith::AddFOp::create(b, frame.loc, element, sum);
}

void ChannelNest::emitChannels(const Block &block, Value row, Value channel) {
  OpBuilder &b = frame.b;
  bool isMax = shape.combiner == ReductionKind::Max;
  SmallVector<Value> initial(size_t(shape.tileRows * shape.vectors),
                             splat(isMax ? -std::numeric_limits<float>::infinity() : 0.0f));
  bool hasFilters = shape.kind == WindowShape::Kind::Depthwise;
  Value filters;
  if (hasFilters) // Panels lie behind each other, each with all positions.
    filters = f32Address(frame.pointer(cast<BlockArgument>(anchor->getOperand(1)).getArgNumber()),
                         frame.mul(channel, frame.i64(shape.positions())));
  SmallVector<Value> masks;
  for (int64_t vector = 0; vector < shape.vectors; ++vector)
    masks.push_back(mask(channel, size_t(vector)));
  auto step = [&](Value position, ValueRange sums) {
    SmallVector<Value> columns(size_t(shape.vectors)), next;
    Value filterRow = frame.mul(position, frame.i64(shape.panelColumns()));
    for (int64_t vector = 0; hasFilters && vector < shape.vectors; ++vector)
      columns[size_t(vector)] = loadVector(f32Address(filters, frame.add(filterRow, frame.i64(vector * shape.lanes))));
    Value first = frame.mul(position, frame.i64(shape.tileRows));
    Type pointer = LLVM::LLVMPointerType::get(b.getContext());
    for (int64_t r = 0; r < shape.tileRows; ++r) {
      Value entry = frame.elementAddress(addresses, pointer, frame.add(first, frame.i64(r)));
      Value pixel = f32Address(LLVM::LoadOp::create(b, frame.loc, pointer, entry), channel);
      for (int64_t vector = 0; vector < shape.vectors; ++vector) {
        Value element = loadVector(f32Address(pixel, frame.i64(vector * shape.lanes)), masks[size_t(vector)]);
        next.push_back(combine(sums[size_t(r * shape.vectors + vector)], element, columns[size_t(vector)]));
      }
    }
    return next;
  };
  finish(block, row, channel, frame.loop(frame.i64(0), frame.i64(shape.positions()), 1, initial, step));
}

Expr ChannelNest::emit() {
  makeNeutralRow();
  frame.loop(frame.begin(), frame.end(), 1, [&](Value task) {
    Block block = beginBlock(task);
    frame.loop(frame.i64(0), block.count, shape.tileRows, [&](Value row) {
      findAddresses(block, row);
      frame.loop(frame.i64(0), frame.i64(shape.outputs), shape.panelColumns(),
                 [&](Value channel) { emitChannels(block, row, channel); });
    });
  });
  return blocks();
}

} // namespace

Expr heddle::emitWindow(CpuBackend &backend, KernelOp kernel, Operation *anchor) {
  const CpuLevel &level = backend.frame.level();
  if (auto pool = dyn_cast<PoolOp>(anchor))
    return ChannelNest(backend, kernel, anchor, WindowShape(pool, level)).emit();
  WindowShape shape(cast<ConvOp>(anchor), level);
  return shape.kind == WindowShape::Kind::Dense ? emitConv(backend, kernel, cast<ConvOp>(anchor))
                                                : ChannelNest(backend, kernel, anchor, shape).emit();
}
