// Convolutions over all channels of a group: tiles of output pixels by output channels, on packed filters.
#include "codegen/cpu/Emitters.h"
#include "codegen/cpu/MicroKernel.h"
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
    bool isContiguous = !shape.isPadded && !shape.isChannelsFirst && shape.groups == 1 && shape.dilations.back() == 1;
    outerDims = shape.window.size() - (isContiguous ? 1 : 0);
    run = shape.groupChannels() * (isContiguous ? shape.window.back() : 1);
  }

  Expr emit();

private:
  void emitTask(Value task);
  void emitTile(const Block &block, Value row);
  SmallVector<Value> addRun(ArrayRef<Pixel> pixels, Value filters, ValueRange sums);
  Value isAnyInside(ArrayRef<Pixel> pixels);

  /// Dimensions of the window with a loop of their own, and elements that lie behind each other at each position. The
  /// last dimension belongs to the latter where nothing is padded.
  size_t outerDims;
  int64_t run;
  Value panel;        ///< Filters of the current panel.
  Value firstOutput;  ///< First channel of the current panel.
  Value firstChannel; ///< First input channel of its group.
};

/// Adds the products of what lies at one window position, all of it in one loop or, if it is little, in none.
SmallVector<Value> ConvNest::addRun(ArrayRef<Pixel> pixels, Value filters, ValueRange sums) {
  OpBuilder &b = frame.b;
  RegisterTile tile{shape.tileRows, shape.vectors, shape.lanes, b.getF32Type()};
  auto right = [&](int64_t vector, Value k) {
    Value row = frame.mul(k, frame.i64(shape.panelColumns()));
    return loadVector(f32Address(filters, frame.add(row, frame.i64(vector * shape.lanes))));
  };
  auto load = [&](Value address) -> Value { return LLVM::LoadOp::create(b, frame.loc, b.getF32Type(), address, 4); };
  if (run > fewChannels) {
    auto left = [&](int64_t row, Value k) { return load(f32Address(pixels[size_t(row)].planes[0], k)); };
    return emitProducts(frame, tile, frame.i64(0), frame.i64(run), sums, {left, right});
  }
  SmallVector<Value> next(sums);
  for (int64_t at = 0; at < run; ++at) {
    auto left = [&](int64_t row, Value k) {
      ArrayRef<Value> planes = pixels[size_t(row)].planes;
      return load(shape.isChannelsFirst ? planes[size_t(at)] : f32Address(planes[0], k));
    };
    next = emitProducts(frame, tile, frame.i64(at), frame.i64(at + 1), next, {left, right});
  }
  return next;
}

/// Null if all pixels of a tile are known to be inside.
Value ConvNest::isAnyInside(ArrayRef<Pixel> pixels) {
  Value any;
  for (const Pixel &pixel : pixels)
    if (pixel.isInside)
      any = any ? Value(arith::OrIOp::create(frame.b, frame.loc, any, pixel.isInside)) : pixel.isInside;
  return any;
}

void ConvNest::emitTile(const Block &block, Value row) {
  SmallVector<Value> zeros(size_t(shape.tileRows * shape.vectors), splat(0));
  SmallVector<Value> sums = forPositions(outerDims, zeros, [&](ArrayRef<Value> window, ValueRange inner) {
    Position position = positionAt(window);
    SmallVector<Pixel> pixels;
    for (int64_t r = 0; r < shape.tileRows; ++r) {
      pixels.push_back(pixelAt(block, frame.add(row, frame.i64(r)), position));
      if (shape.groups > 1)
        pixels.back().planes[0] = f32Address(pixels.back().planes[0], firstChannel);
    }
    int64_t rowElements = shape.groupChannels() * shape.panelColumns();
    Value filters = f32Address(panel, frame.mul(positionNumber(window), frame.i64(rowElements)));
    Value any = isAnyInside(pixels);
    if (!any || run <= fewChannels)
      return addRun(pixels, filters, inner);
    // Borders and dilated windows have positions where a whole tile would add zeros.
    return frame.onlyIf(any, inner, [&] { return addRun(pixels, filters, inner); });
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
