// Pulling on the CPU: indices, loads, stores, scalar ops.
#include "codegen/cpu/CpuBackend.h"
#include "codegen/IndexRange.h"
#include "codegen/cpu/StridedLanes.h"
#include "ir/Shapes.h"
#include "ir/StridedView.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;
using namespace heddle;

Type heddle::typeLike(Type scalar, Type like) {
  auto vector = dyn_cast<VectorType>(like);
  return vector ? Type(VectorType::get(vector.getShape(), scalar)) : scalar;
}

int CpuBackend::addVariable(Value value) {
  variables.push_back(value);
  return int(variables.size()) - 1;
}

PullValue CpuBackend::hold(Value value) {
  values.push_back(value);
  return {int(values.size()) - 1};
}

Type CpuBackend::lanesType(Type scalar) const { return VectorType::get({lanes.width}, scalar); }

Value CpuBackend::widen(Value value) {
  if (isa<VectorType>(value.getType()))
    return value;
  return vector::BroadcastOp::create(frame.b, frame.loc, lanesType(value.getType()), value);
}

Value CpuBackend::stepVector() {
  SmallVector<int64_t> steps(lanes.width);
  for (auto [lane, step] : llvm::enumerate(steps))
    step = lane;
  return arith::ConstantOp::create(frame.b, frame.loc, frame.b.getI64VectorAttr(steps));
}

//===----------------------------------------------------------------------===//
// Indices
//===----------------------------------------------------------------------===//

Value CpuBackend::atomValue(const Index::Atom &atom, bool asVector) {
  switch (atom.kind) {
  case Index::AtomKind::Variable: {
    Value value = variables[atom.id];
    if (!asVector || atom.id != lanes.variable)
      return value;
    return frame.add(widen(value), stepVector());
  }
  case Index::AtomKind::Opaque:
    return opaques[atom.id];
  case Index::AtomKind::FloorDiv:
  case Index::AtomKind::Mod:
    break;
  }
  bool operandIsVector = asVector && atom.operand.dependsOn(lanes.variable);
  Value operand = operandIsVector ? vectorIndex(atom.operand) : scalarIndex(atom.operand);
  Value divisor = frame.size(atom.divisor);
  if (isa<VectorType>(operand.getType()))
    divisor = widen(divisor);
  std::optional<Index::Range> range = atom.operand.range();
  bool isNonNegative = range && PositiveSizes(atom.operand).provesNonNegative(range->lower);
  return atom.kind == Index::AtomKind::FloorDiv ? frame.floorDiv(operand, divisor, isNonNegative)
                                                : frame.mod(operand, divisor, isNonNegative);
}

Value CpuBackend::sum(const Index &index, bool asVector) {
  auto matched = [&](Value scalar, Value like) { return isa<VectorType>(like.getType()) ? widen(scalar) : scalar; };
  Value result;
  for (const Index::Term &term : index.terms()) {
    Value product = atomValue(*term.atom, asVector);
    if (!term.coefficient.isLiteral(1))
      product = frame.mul(product, matched(frame.size(term.coefficient), product));
    result = result ? frame.add(matched(result, product), matched(product, result)) : product;
  }
  if (!result)
    return frame.size(index.constant());
  if (index.constant().isLiteral(0))
    return result;
  return frame.add(result, matched(frame.size(index.constant()), result));
}

Value CpuBackend::scalarIndex(const Index &index) { return sum(index, /*asVector=*/false); }

Value CpuBackend::vectorIndex(const Index &index) {
  std::optional<Expr> slope = index.slope(lanes.variable);
  if (!slope)
    return widen(sum(index, /*asVector=*/true));
  Value base = widen(scalarIndex(index));
  if (slope->isLiteral(0))
    return base;
  Value step = slope->isLiteral(1) ? stepVector() : frame.mul(stepVector(), widen(frame.size(*slope)));
  return frame.add(base, step);
}

PullValue CpuBackend::index(const Index &index) {
  return hold(lanes.active() && index.dependsOn(lanes.variable) ? vectorIndex(index) : scalarIndex(index));
}

Index CpuBackend::opaque(PullValue value, std::optional<Expr> extent, std::vector<int> dependsOn) {
  // A scalar is the same in all lanes, whatever the traversal had to assume.
  if (!isa<VectorType>(this->value(value).getType()))
    llvm::erase(dependsOn, lanes.variable);
  opaques.push_back(this->value(value));
  return Index::opaque(int(opaques.size()) - 1, std::move(extent), std::move(dependsOn));
}

//===----------------------------------------------------------------------===//
// Loads and stores
//===----------------------------------------------------------------------===//

static int64_t bytesOf(Type storage) { return (storage.getIntOrFloatBitWidth() + 7) / 8; }

Value CpuBackend::gather(Value base, Type storage, const Index &offset) {
  OpBuilder &b = frame.b;
  Value addresses = frame.elementAddress(base, storage, vectorIndex(offset));
  Value mask = lanes.mask;
  if (!mask)
    mask = arith::ConstantOp::create(b, frame.loc,
                                     DenseElementsAttr::get(cast<ShapedType>(lanesType(b.getI1Type())), true));
  Value zero = arith::ConstantOp::create(b, frame.loc, cast<TypedAttr>(b.getZeroAttr(lanesType(storage))));
  return LLVM::masked_gather::create(b, frame.loc, lanesType(storage), addresses, mask, zero, bytesOf(storage));
}

Value CpuBackend::loadFrom(Value base, Type element, const Index &offset) {
  OpBuilder &b = frame.b;
  Type storage = storageType(element);
  std::optional<Expr> slope = lanes.active() ? offset.slope(lanes.variable) : Expr(0);
  if (!slope || !(slope->isLiteral(0) || slope->isLiteral(1)))
    return fromStorage(b, frame.loc, gather(base, storage, offset), element);
  Value address = frame.elementAddress(base, storage, scalarIndex(offset));
  bool isVector = slope->isLiteral(1);
  Type type = isVector ? lanesType(storage) : storage;
  Value loaded;
  if (isVector && lanes.mask) {
    Value zero = arith::ConstantOp::create(b, frame.loc, cast<TypedAttr>(b.getZeroAttr(type)));
    loaded = LLVM::MaskedLoadOp::create(b, frame.loc, type, address, lanes.mask, zero,
                                        b.getI32IntegerAttr(bytesOf(storage)), UnitAttr());
  } else {
    loaded = LLVM::LoadOp::create(b, frame.loc, type, address, bytesOf(storage));
  }
  return fromStorage(b, frame.loc, loaded, element);
}

/// All elements of lanes that are `stride` apart, `first` being lane 0's: one vector per column.
SmallVector<Value> CpuBackend::loadColumns(Value base, Type element, const Index &first, int64_t stride) {
  OpBuilder &b = frame.b;
  Type storage = storageType(element);
  SmallVector<Value> columns = readColumns(frame, stride, lanes.width, [&](int64_t neighbour) -> Value {
    Value address = frame.elementAddress(base, storage, scalarIndex(first + Index(neighbour)));
    return LLVM::LoadOp::create(b, frame.loc, lanesType(storage), address, bytesOf(storage));
  });
  for (Value &column : columns)
    column = fromStorage(b, frame.loc, column, element);
  return columns;
}

PullValue CpuBackend::load(unsigned argument, ArrayRef<Index> indices) {
  Type type = kernel.getArgumentTypes()[argument], element = getElementTypeOrSelf(type);
  Shape shape = shapeOf(type);
  Index offset = linearize(indices.vec(), shape);
  std::optional<StridedPlace> place;
  if (lanes.active() && !lanes.mask)
    place = stridedPlace(offset, lanes.variable, elementCount(shape), lanes.width);
  if (!place)
    return hold(loadFrom(frame.pointer(argument), element, offset));
  auto [stride, wanted] = *place;
  SmallVector<Value> columns = loadColumns(frame.pointer(argument), element, offset - Index(wanted), stride);
  // The others are likely to be asked for next.
  if (indices.back() == Index(wanted) && shape.back().isLiteral(stride))
    for (auto [column, value] : llvm::enumerate(columns)) {
      std::vector<Index> neighbour = indices.vec();
      neighbour.back() = Index(int64_t(column));
      memo.define(kernel.getBody().getArgument(argument), neighbour, hold(value));
    }
  return hold(columns[wanted]);
}

PullValue CpuBackend::loadResult(unsigned result, ArrayRef<Index> indices) {
  Type type = kernel.getResultTypes()[result];
  Index offset = linearize(indices.vec(), shapeOf(type), storedStrides(kernel, result));
  Value base = frame.pointer(kernel.getArgumentTypes().size() + result);
  return hold(loadFrom(base, getElementTypeOrSelf(type), offset));
}

void CpuBackend::store(unsigned result, ArrayRef<Index> indices, Value value) {
  OpBuilder &b = frame.b;
  Type type = kernel.getResultTypes()[result], element = getElementTypeOrSelf(type), storage = storageType(element);
  Index offset = linearize(indices.vec(), shapeOf(type), storedStrides(kernel, result));
  Value base = frame.pointer(kernel.getArgumentTypes().size() + result);
  Value address = frame.elementAddress(base, storage, scalarIndex(offset));
  if (lanes.active())
    value = widen(value);
  assert((!lanes.active() || offset.slope(lanes.variable) == Expr(1)) &&
         "results are written along their last dimension");
  Value stored = toStorage(b, frame.loc, value, element);
  if (lanes.mask)
    LLVM::MaskedStoreOp::create(b, frame.loc, stored, address, lanes.mask, bytesOf(storage));
  else
    LLVM::StoreOp::create(b, frame.loc, stored, address, bytesOf(storage));
}

void CpuBackend::storeColumns(unsigned result, ArrayRef<Index> indices, ArrayRef<Value> columns) {
  assert(lanes.active() && !lanes.mask && "whole groups of neighbours are written");
  OpBuilder &b = frame.b;
  Type type = kernel.getResultTypes()[result], element = getElementTypeOrSelf(type), storage = storageType(element);
  Value base = frame.pointer(kernel.getArgumentTypes().size() + result);
  SmallVector<Value> stored;
  for (Value column : columns)
    stored.push_back(toStorage(b, frame.loc, widen(column), element));
  Index first = linearize(indices.vec(), shapeOf(type), storedStrides(kernel, result));
  writeColumns(frame, stored, [&](int64_t neighbour, Value vector) {
    Value address = frame.elementAddress(base, storage, scalarIndex(first + Index(neighbour)));
    LLVM::StoreOp::create(b, frame.loc, vector, address, bytesOf(storage));
  });
}

PullValue CpuBackend::loadConstant(DenseElementsAttr elements, ArrayRef<Index> indices) {
  Index offset = linearize(indices.vec(), shapeOf(elements.getType()));
  Type element = elements.getElementType();
  return hold(loadFrom(frame.constantData(elements), element, offset));
}

//===----------------------------------------------------------------------===//
// Scalar ops
//===----------------------------------------------------------------------===//

PullValue CpuBackend::constant(TypedAttr value) { return hold(arith::ConstantOp::create(frame.b, frame.loc, value)); }

/// Rounding to a narrow float stays in the wide type: no value of a type that LLVM would convert by a call ever exists.
static Value convertNarrow(OpBuilder &b, Location loc, Operation *op, Value x) {
  Type result = op->getResult(0).getType();
  if (isa<arith::TruncFOp>(op))
    return fromStorage(b, loc, toStorage(b, loc, x, result), result);
  Type wide = typeLike(result, x.getType());
  return wide == x.getType() ? x : Value(arith::ExtFOp::create(b, loc, wide, x));
}

static bool isNarrow(Type type) { return isa<FloatType>(type) && type.getIntOrFloatBitWidth() < 32; }

PullValue CpuBackend::op(Operation *op, ArrayRef<PullValue> operands) {
  SmallVector<Value> inputs;
  bool anyVector = false;
  for (PullValue operand : operands) {
    inputs.push_back(value(operand));
    anyVector |= isa<VectorType>(inputs.back().getType());
  }
  bool converts = (isa<arith::TruncFOp>(op) && isNarrow(op->getResult(0).getType())) ||
                  (isa<arith::ExtFOp>(op) && isNarrow(op->getOperand(0).getType()));
  if (converts)
    return hold(convertNarrow(frame.b, frame.loc, op, inputs[0]));
  Type result = op->getResult(0).getType();
  if (anyVector) {
    for (Value &input : inputs)
      input = widen(input);
    result = lanesType(result);
  }
  OperationState state(frame.loc, op->getName(), inputs, result, op->getAttrs());
  return hold(frame.b.create(state)->getResult(0));
}
