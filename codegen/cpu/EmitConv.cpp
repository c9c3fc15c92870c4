// Convolutions over all channels of a group: tiles of output pixels by output channels, on packed filters.
#include "codegen/cpu/Emitters.h"
#include "codegen/cpu/WindowNest.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;
using namespace heddle;

namespace {

/// Up to this many channels are added up without a loop.
constexpr int64_t fewChannels = 4;

class ConvNest : WindowNest {
public:
  ConvNest(CpuBackend &backend, KernelOp kernel, ConvOp conv)
      : WindowNest(backend, kernel, conv, WindowShape(conv, backend.frame.level())) {
    bool isContiguous = !shape.isPadded && shape.groups == 1 && shape.dilations.back() == 1;
    outerDims = shape.window.size() - (isContiguous ? 1 : 0);
    run = shape.groupChannels() * (isContiguous ? shape.window.back() : 1);
  }

  Expr emit();

private:
  void emitTask(Value task);
  void emitTile(const Block &block, Value row);
  SmallVector<Value> addRun(ArrayRef<Value> rows, Value filters, ValueRange sums);
  SmallVector<Value> addOne(ArrayRef<Value> rows, Value filters, Value at, ValueRange sums);

  /// Dimensions of the window with a loop of their own, and elements that lie behind each other at each position. The
  /// last dimension belongs to the latter where nothing is padded.
  size_t outerDims;
  int64_t run;
  Value panel;        ///< Filters of the current panel.
  Value firstOutput;  ///< First channel of the current panel.
  Value firstChannel; ///< First input channel of its group.
};

/// Adds the products of one element per pixel with a row of filters.
SmallVector<Value> ConvNest::addOne(ArrayRef<Value> rows, Value filters, Value at, ValueRange sums) {
  OpBuilder &b = frame.b;
  SmallVector<Value> columns, next;
  Value row = frame.mul(at, frame.i64(shape.panelColumns()));
  for (int64_t vector = 0; vector < shape.vectors; ++vector)
    columns.push_back(loadVector(f32Address(filters, frame.add(row, frame.i64(vector * shape.lanes)))));
  for (auto [number, address] : llvm::enumerate(rows)) {
    Value element = LLVM::LoadOp::create(b, frame.loc, b.getF32Type(), f32Address(address, at), 4);
    Value left = vector::BroadcastOp::create(b, frame.loc, vectorType(), element);
    for (auto [vector, right] : llvm::enumerate(columns))
      next.push_back(math::FmaOp::create(b, frame.loc, left, right, sums[number * columns.size() + vector]));
  }
  return next;
}

SmallVector<Value> ConvNest::addRun(ArrayRef<Value> rows, Value filters, ValueRange sums) {
  if (run > fewChannels)
    return frame.loop(frame.i64(0), frame.i64(run), 1, sums,
                      [&](Value at, ValueRange inner) { return addOne(rows, filters, at, inner); });
  SmallVector<Value> next(sums);
  for (int64_t at = 0; at < run; ++at)
    next = addOne(rows, filters, frame.i64(at), next);
  return next;
}

void ConvNest::emitTile(const Block &block, Value row) {
  SmallVector<Value> zeros(size_t(shape.tileRows * shape.vectors), splat(0));
  SmallVector<Value> sums = forPositions(outerDims, zeros, [&](ArrayRef<Value> window, ValueRange inner) {
    Position position = positionAt(window);
    SmallVector<Value> rows;
    for (int64_t r = 0; r < shape.tileRows; ++r) {
      Value pixel = address(block, frame.add(row, frame.i64(r)), position);
      rows.push_back(shape.groups == 1 ? pixel : f32Address(pixel, firstChannel));
    }
    int64_t rowElements = shape.groupChannels() * shape.panelColumns();
    Value filters = f32Address(panel, frame.mul(positionNumber(window), frame.i64(rowElements)));
    return addRun(rows, filters, inner);
  });
  finish(block, row, firstOutput, sums);
}

void ConvNest::emitTask(Value task) {
  Value blockCount = frame.size(blocks());
  Value panelNumber = frame.floorDiv(task, blockCount, true);
  Block block = beginBlock(frame.mod(task, blockCount, true));
  firstOutput = frame.mul(panelNumber, frame.i64(shape.panelColumns()));
  Value group = frame.floorDiv(firstOutput, frame.i64(shape.outputs / shape.groups), true);
  firstChannel = frame.mul(group, frame.i64(shape.groupChannels()));
  int64_t panelElements = shape.positions() * shape.groupChannels() * shape.panelColumns();
  Value filters = frame.pointer(cast<BlockArgument>(anchor->getOperand(1)).getArgNumber());
  panel = f32Address(filters, frame.mul(panelNumber, frame.i64(panelElements)));
  frame.loop(frame.i64(0), block.count, shape.tileRows, [&](Value row) { emitTile(block, row); });
}

Expr ConvNest::emit() {
  makeNeutralRow();
  frame.loop(frame.begin(), frame.end(), 1, [&](Value task) { emitTask(task); });
  return blocks() * llvm::divideCeilSigned(shape.outputs, shape.panelColumns());
}

} // namespace

Expr heddle::emitConv(CpuBackend &backend, KernelOp kernel, ConvOp conv) {
  return ConvNest(backend, kernel, conv).emit();
}
