// Implements the frame of tiled convolutions and pooling.
#include "codegen/cpu/WindowNest.h"
#include "ir/Shapes.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;
using namespace heddle;

WindowNest::WindowNest(CpuBackend &backend, KernelOp kernel, Operation *anchor, WindowShape windowShape)
    : backend(backend), frame(backend.frame), kernel(kernel), anchor(anchor), shape(std::move(windowShape)) {
  tile = frame.allocateScratch(shape.tileRows * shape.panelColumns() * 4);
  if (shape.isPointwise() && !shape.isChannelsFirst)
    return;
  begins = frame.allocateScratch(shape.taskPixels() * 8);
  for (size_t dim = 0; shape.isPadded && dim < shape.window.size(); ++dim)
    coordinates.push_back(frame.allocateScratch(shape.taskPixels() * 8));
}

VectorType WindowNest::vectorType() { return VectorType::get({shape.lanes}, frame.b.getF32Type()); }

Value WindowNest::splat(float value) {
  return arith::ConstantOp::create(frame.b, frame.loc, DenseElementsAttr::get(vectorType(), value));
}

Value WindowNest::f32Address(Value base, Value offset) {
  return frame.elementAddress(base, frame.b.getF32Type(), offset);
}

Value WindowNest::loadVector(Value address, Value mask) {
  OpBuilder &b = frame.b;
  if (mask)
    return LLVM::MaskedLoadOp::create(b, frame.loc, vectorType(), address, mask, splat(0), b.getI32IntegerAttr(4),
                                      UnitAttr());
  return LLVM::LoadOp::create(b, frame.loc, vectorType(), address, 4);
}

Value WindowNest::mask(Value channel, size_t vector) {
  if (!shape.hasTail())
    return Value();
  OpBuilder &b = frame.b;
  auto type = VectorType::get({shape.lanes}, b.getI64Type());
  SmallVector<int64_t> steps = llvm::to_vector(llvm::seq<int64_t>(0, shape.lanes));
  Value step = arith::ConstantOp::create(b, frame.loc, DenseElementsAttr::get(type, ArrayRef(steps)));
  Value first = frame.add(channel, frame.i64(int64_t(vector) * shape.lanes));
  Value left = vector::BroadcastOp::create(b, frame.loc, type, frame.sub(frame.i64(shape.outputs), first));
  return arith::CmpIOp::create(b, frame.loc, arith::CmpIPredicate::slt, step, left);
}

//===----------------------------------------------------------------------===//
// Where windows lie
//===----------------------------------------------------------------------===//

/// Padding never wins a maximum and adds nothing to a sum.
void WindowNest::makeNeutralRow() {
  if (!shape.isPadded)
    return;
  int64_t count = llvm::divideCeilSigned(shape.channels, shape.lanes) * shape.lanes;
  neutralRow = frame.allocateScratch(count * 4);
  bool isMax = shape.combiner == ReductionKind::Max;
  Value neutral = splat(isMax ? -std::numeric_limits<float>::infinity() : 0.0f);
  frame.loop(frame.i64(0), frame.i64(count), shape.lanes,
             [&](Value at) { LLVM::StoreOp::create(frame.b, frame.loc, neutral, f32Address(neutralRow, at), 4); });
}

Value WindowNest::tableEntry(Value table, Value row) { return frame.elementAddress(table, frame.b.getI64Type(), row); }

WindowNest::Block WindowNest::beginBlock(Value block) {
  Value size = frame.i64(shape.taskPixels()), first = frame.mul(block, size);
  Block result{first, frame.minimum(size, frame.sub(frame.size(shape.pixels()), first))};
  if (begins)
    findWindows(result);
  return result;
}

/// Counts through the pixels of the block; only its first one takes divisions.
void WindowNest::findWindows(const Block &block) {
  OpBuilder &b = frame.b;
  size_t rank = shape.window.size();
  SmallVector<Value> pixel(rank + 1); // image, then coordinates in the output
  Value rest = block.first;
  for (size_t dim = rank; dim > 0; --dim) {
    pixel[dim] = frame.mod(rest, frame.size(shape.output[dim - 1]), true);
    rest = frame.floorDiv(rest, frame.size(shape.output[dim - 1]), true);
  }
  pixel[0] = rest;
  Value tileRows = frame.i64(shape.tileRows);
  Value tiles = b.createOrFold<arith::CeilDivUIOp>(frame.loc, block.count, tileRows);
  frame.loop(frame.i64(0), frame.mul(tiles, tileRows), 1, pixel, [&](Value row, ValueRange current) {
    Value begin = shape.isChannelsFirst ? frame.mul(current[0], frame.i64(shape.channels)) : current[0];
    for (size_t dim = 0; dim < rank; ++dim) {
      Value coordinate =
          frame.sub(frame.mul(current[dim + 1], frame.i64(shape.strides[dim])), frame.i64(shape.lowPads[dim]));
      if (shape.isPadded)
        LLVM::StoreOp::create(b, frame.loc, coordinate, tableEntry(coordinates[dim], row));
      begin = frame.add(frame.mul(begin, frame.size(shape.input[dim])), coordinate);
    }
    LLVM::StoreOp::create(b, frame.loc, frame.mul(begin, frame.i64(pixelElements())), tableEntry(begins, row));
    SmallVector<Value> next(current);
    Value carry =
        arith::CmpIOp::create(b, frame.loc, arith::CmpIPredicate::slt, frame.add(row, frame.i64(1)), block.count);
    for (size_t dim = rank; dim > 0; --dim) {
      Value moved = frame.add(next[dim], arith::ExtUIOp::create(b, frame.loc, b.getI64Type(), carry));
      carry = arith::CmpIOp::create(b, frame.loc, arith::CmpIPredicate::eq, moved, frame.size(shape.output[dim - 1]));
      next[dim] = arith::SelectOp::create(b, frame.loc, carry, frame.i64(0), moved);
    }
    next[0] = frame.add(next[0], arith::ExtUIOp::create(b, frame.loc, b.getI64Type(), carry));
    return next;
  });
}

WindowNest::Position WindowNest::positionAt(ArrayRef<Value> window) {
  Position position;
  for (size_t dim = 0; dim < shape.window.size(); ++dim) {
    Value step = dim < window.size() ? window[dim] : frame.i64(0);
    position.distance.push_back(frame.mul(step, frame.i64(shape.dilations[dim])));
    Value above = position.delta ? frame.mul(position.delta, frame.size(shape.input[dim])) : frame.i64(0);
    position.delta = frame.add(above, position.distance.back());
  }
  position.delta = frame.mul(position.delta, frame.i64(pixelElements()));
  return position;
}

WindowNest::Pixel WindowNest::pixelAt(const Block &block, Value row, const Position &position) {
  OpBuilder &b = frame.b;
  Value input = frame.pointer(cast<BlockArgument>(shape.image).getArgNumber());
  if (!begins) {
    Value last = frame.sub(block.count, frame.i64(1));
    Value pixel = frame.add(block.first, frame.minimum(row, last));
    return {{f32Address(input, frame.mul(pixel, frame.i64(shape.channels)))}, Value()};
  }
  Pixel pixel;
  for (size_t dim = 0; dim < coordinates.size(); ++dim) {
    Value first = LLVM::LoadOp::create(b, frame.loc, b.getI64Type(), tableEntry(coordinates[dim], row));
    // One unsigned comparison: a negative coordinate is larger than any size.
    Value isInside = arith::CmpIOp::create(b, frame.loc, arith::CmpIPredicate::ult,
                                           frame.add(first, position.distance[dim]), frame.size(shape.input[dim]));
    pixel.isInside = pixel.isInside ? Value(arith::AndIOp::create(b, frame.loc, pixel.isInside, isInside)) : isInside;
  }
  Value begin = LLVM::LoadOp::create(b, frame.loc, b.getI64Type(), tableEntry(begins, row));
  Value offset = frame.add(begin, position.delta);
  // The offset is chosen first: an address outside of the image must not be formed.
  if (pixel.isInside)
    offset = arith::SelectOp::create(b, frame.loc, pixel.isInside, offset, frame.i64(0));
  for (int64_t plane = 0; plane < (shape.isChannelsFirst ? shape.channels : 1); ++plane) {
    Value address = f32Address(input, frame.add(offset, frame.size(elementCount(shape.input) * plane)));
    if (pixel.isInside)
      address = arith::SelectOp::create(b, frame.loc, pixel.isInside, address, neutralRow);
    pixel.planes.push_back(address);
  }
  return pixel;
}

SmallVector<Value> WindowNest::forPositions(size_t dims, ValueRange carried, PositionBody body) {
  SmallVector<Value> window;
  auto nest = [&](auto &self, ValueRange values) -> SmallVector<Value> {
    if (window.size() == dims)
      return body(window, values);
    return frame.loop(frame.i64(0), frame.i64(shape.window[window.size()]), 1, values, [&](Value at, ValueRange inner) {
      window.push_back(at);
      SmallVector<Value> next = self(self, inner);
      window.pop_back();
      return next;
    });
  };
  return nest(nest, carried);
}

Value WindowNest::positionNumber(ArrayRef<Value> window) {
  Value number = frame.i64(0);
  for (size_t dim = 0; dim < shape.window.size(); ++dim) {
    number = frame.mul(number, frame.i64(shape.window[dim]));
    if (dim < window.size())
      number = frame.add(number, window[dim]);
  }
  return number;
}

//===----------------------------------------------------------------------===//
// What comes after the sums
//===----------------------------------------------------------------------===//

void WindowNest::storeResults(Value pixelValue, Value channel, size_t vector, Value sum) {
  Pull::Scope scope(backend.pull());
  int column = backend.addVariable(frame.add(channel, frame.i64(int64_t(vector) * shape.lanes)));
  backend.lanes = {column, shape.lanes, mask(channel, vector)};
  Index pixel = Index::variable(backend.addVariable(pixelValue), shape.pixels());
  Shape sizes = {shape.images};
  llvm::append_range(sizes, shape.output);
  std::vector<Index> place = delinearize(pixel, sizes);
  PullValue held = backend.hold(sum);
  if (shape.outputs == 1) {
    // A dimension of one element has no variable, but the lanes need one to run along: the mask leaves lane 0 only.
    // What broadcasts reads at 0.
    place.push_back(Index());
    backend.pull().define(anchor->getResult(0), place, held);
    place.pop_back();
  }
  place.push_back(Index::variable(column, std::max<int64_t>(shape.outputs, 2)));
  backend.pull().define(anchor->getResult(0), place, held);
  // All are computed before any is stored: a result may lie where an input does.
  auto terminator = cast<ReturnOp>(kernel.getBody().front().getTerminator());
  SmallVector<Value> elements;
  for (Value value : terminator.getValues())
    elements.push_back(backend.value(backend.pull().pull(value, place)));
  for (auto [result, value] : llvm::enumerate(elements))
    backend.store(result, place, value);
  backend.lanes = {};
}

/// The sums go through memory, so that the code of what comes after them is there once and not for every row.
void WindowNest::finish(const Block &block, Value row, Value channel, ArrayRef<Value> sums) {
  auto address = [&](Value r, size_t vector) {
    Value position = frame.add(frame.mul(r, frame.i64(shape.panelColumns())), frame.i64(int64_t(vector) * shape.lanes));
    return f32Address(tile, position);
  };
  for (int64_t r = 0; r < shape.tileRows; ++r)
    for (int64_t vector = 0; vector < shape.vectors; ++vector)
      LLVM::StoreOp::create(frame.b, frame.loc, sums[size_t(r * shape.vectors + vector)],
                            address(frame.i64(r), size_t(vector)), 4);
  Value rows = frame.minimum(frame.i64(shape.tileRows), frame.sub(block.count, row));
  Value first = frame.add(block.first, row);
  frame.loop(frame.i64(0), rows, 1, [&](Value r) {
    for (size_t vector = 0; vector < size_t(shape.vectors); ++vector)
      storeResults(frame.add(first, r), channel, vector, loadVector(address(r, vector)));
  });
}
