// Implements the function skeleton of CPU kernels and the arithmetic of sizes.
#include "codegen/cpu/KernelFrame.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;
using namespace heddle;

/// A kernel without a schedule, or one whose product runs without tiles, gets vectors of f32 that fill a register. An
/// addition takes 4 cycles, and each waits for the one before it: hence 4 vectors in flight.
KernelFrame::KernelFrame(ModuleOp module, KernelOp kernel, const CpuLevel &level)
    : b(kernel.getContext()), loc(UnknownLoc::get(kernel.getContext())), cpuLevel(level),
      vectorLanes(level.vectorBytes / 4), vectorsInFlight(4), module(module) {
  obey(kernel.getScheduleAttr());
  b.setInsertionPointToEnd(module.getBody());
  Type pointer = LLVM::LLVMPointerType::get(b.getContext()), i64 = b.getI64Type();
  auto type = b.getFunctionType({pointer, pointer, i64, i64, pointer}, b.getI32Type());
  function = func::FuncOp::create(b, loc, kernel.getSymName(), type);
  b.setInsertionPointToEnd(function.addEntryBlock());
  entryEnd = arith::ConstantOp::create(b, loc, b.getI64IntegerAttr(0));
  for (auto [number, name] : llvm::enumerate(kernel.getSymbols().getAsValueRange<StringAttr>()))
    symbols.emplace(name.str(), number);
}

void KernelFrame::obey(Attribute schedule) {
  if (auto elementwise = dyn_cast_or_null<ElementwiseScheduleAttr>(schedule))
    vectorLanes = elementwise.getVector();
  if (auto rows = dyn_cast_or_null<RowsScheduleAttr>(schedule)) {
    vectorLanes = rows.getVector();
    vectorsInFlight = rows.getUnroll();
  }
  vectorLanes = llvm::PowerOf2Ceil(std::max<int64_t>(1, vectorLanes));
  vectorsInFlight = std::max<int64_t>(1, vectorsInFlight);
}

Value KernelFrame::atEntry(function_ref<Value()> build) {
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPoint(entryEnd);
  return build();
}

Value KernelFrame::elementAddress(Value base, Type element, Value offset) {
  auto noWrap = LLVM::GEPNoWrapFlags::inbounds;
  Type pointer = LLVM::LLVMPointerType::get(b.getContext());
  Type result = pointer;
  if (auto vector = dyn_cast<VectorType>(offset.getType()))
    result = VectorType::get(vector.getShape(), pointer);
  return LLVM::GEPOp::create(b, loc, result, element, base, ArrayRef<LLVM::GEPArg>{offset}, noWrap);
}

Value KernelFrame::pointer(unsigned buffer) {
  Value &known = pointers[buffer];
  if (!known)
    known = atEntry([&]() -> Value {
      Type pointer = LLVM::LLVMPointerType::get(b.getContext());
      return LLVM::LoadOp::create(b, loc, pointer, elementAddress(function.getArgument(0), pointer, i64(buffer)));
    });
  return known;
}

Value KernelFrame::allocateScratch(int64_t bytes) {
  int64_t offset = scratchUsed;
  scratchUsed += (bytes + 63) / 64 * 64;
  return atEntry([&] { return elementAddress(function.getArgument(4), b.getI8Type(), i64(offset)); });
}

/// Row-major bytes; elements below 8 bits take one byte each.
static std::string bytesOf(DenseElementsAttr elements) {
  Type type = elements.getElementType();
  if (type.getIntOrFloatBitWidth() >= 8)
    return std::string(elements.getRawData().data(), elements.getRawData().size());
  std::string bytes;
  if (isa<FloatType>(type))
    for (const APFloat &value : elements.getValues<APFloat>())
      bytes.push_back(char(value.bitcastToAPInt().getZExtValue()));
  else
    for (const APInt &value : elements.getValues<APInt>())
      bytes.push_back(
          char(type.isInteger(1) || type.isUnsignedInteger() ? value.getZExtValue() : value.getSExtValue()));
  return bytes;
}

Value KernelFrame::constantData(DenseElementsAttr elements) {
  std::string bytes = bytesOf(elements), name = "constant_" + std::to_string(constantCount++);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(module.getBody());
  Type type = LLVM::LLVMArrayType::get(b.getI8Type(), bytes.size());
  auto global = LLVM::GlobalOp::create(b, loc, type, /*isConstant=*/true, LLVM::Linkage::Private, name,
                                       b.getStringAttr(bytes), /*alignment=*/64);
  b.setInsertionPoint(entryEnd);
  return LLVM::AddressOfOp::create(b, loc, global);
}

Value KernelFrame::i64(int64_t value) { return arith::ConstantOp::create(b, loc, b.getI64IntegerAttr(value)); }
Value KernelFrame::add(Value x, Value y) { return b.createOrFold<arith::AddIOp>(loc, x, y); }
Value KernelFrame::sub(Value x, Value y) { return b.createOrFold<arith::SubIOp>(loc, x, y); }
Value KernelFrame::mul(Value x, Value y) { return b.createOrFold<arith::MulIOp>(loc, x, y); }
Value KernelFrame::minimum(Value x, Value y) { return b.createOrFold<arith::MinSIOp>(loc, x, y); }
Value KernelFrame::maximum(Value x, Value y) { return b.createOrFold<arith::MaxSIOp>(loc, x, y); }

Value KernelFrame::floorDiv(Value x, Value y, bool isNonNegative) {
  if (isNonNegative)
    return b.createOrFold<arith::DivUIOp>(loc, x, y);
  Value quotient = b.createOrFold<arith::DivSIOp>(loc, x, y);
  Value rest = sub(x, mul(quotient, y)), zero = sub(x, x);
  Value inexact = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, rest, zero);
  Value signs = arith::XOrIOp::create(b, loc, rest, y);
  Value opposite = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, signs, zero);
  Value below = arith::AndIOp::create(b, loc, inexact, opposite);
  // An i1 of all ones is -1.
  return add(quotient, arith::ExtSIOp::create(b, loc, x.getType(), below));
}

Value KernelFrame::mod(Value x, Value y, bool isNonNegative) {
  if (isNonNegative)
    return b.createOrFold<arith::RemUIOp>(loc, x, y);
  return sub(x, mul(floorDiv(x, y, false), y));
}

Value KernelFrame::size(const Expr &expr) {
  if (std::optional<int64_t> value = expr.literal())
    return i64(*value);
  auto found = sizes.find(expr);
  if (found == sizes.end())
    found = sizes.emplace(expr, atEntry([&] { return emit(expr); })).first;
  return found->second;
}

Value KernelFrame::fold(const std::vector<Expr> &operands, Value (KernelFrame::*combine)(Value, Value)) {
  Value result = size(operands.front());
  for (size_t i = 1; i < operands.size(); ++i)
    result = (this->*combine)(result, size(operands[i]));
  return result;
}

Value KernelFrame::truth(const Expr &expr) {
  return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, size(expr), i64(0));
}

Value KernelFrame::emit(const Expr &expr) {
  const std::vector<Expr> &operands = expr.operands();
  auto compare = [&](arith::CmpIPredicate predicate) -> Value {
    Value holds = arith::CmpIOp::create(b, loc, predicate, size(operands[0]), size(operands[1]));
    return arith::ExtUIOp::create(b, loc, b.getI64Type(), holds);
  };
  // A divisor of 0 belongs to code that no task runs, but the entry computes it.
  auto divisor = [&]() -> Value {
    Value value = size(operands[1]);
    if (operands[1].literal())
      return value;
    Value isZero = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, value, i64(0));
    return arith::SelectOp::create(b, loc, isZero, i64(1), value);
  };
  auto logic = [&](bool isAnd) -> Value {
    Value result = truth(operands.front());
    for (size_t i = 1; i < operands.size(); ++i) {
      Value next = truth(operands[i]);
      result = isAnd ? Value(arith::AndIOp::create(b, loc, result, next))
                     : Value(arith::OrIOp::create(b, loc, result, next));
    }
    return arith::ExtUIOp::create(b, loc, b.getI64Type(), result);
  };
  switch (expr.kind()) {
  case Expr::Kind::Literal:
    return i64(*expr.literal());
  case Expr::Kind::Symbol: {
    auto found = symbols.find(expr.symbolName());
    assert(found != symbols.end() && "the verifier has found every symbol in the kernel's list");
    Value address = elementAddress(function.getArgument(1), b.getI64Type(), i64(found->second));
    return LLVM::LoadOp::create(b, loc, b.getI64Type(), address);
  }
  case Expr::Kind::Add:
    return fold(operands, &KernelFrame::add);
  case Expr::Kind::Mul:
    return fold(operands, &KernelFrame::mul);
  case Expr::Kind::Min:
    return fold(operands, &KernelFrame::minimum);
  case Expr::Kind::Max:
    return fold(operands, &KernelFrame::maximum);
  case Expr::Kind::FloorDiv:
    return floorDiv(size(operands[0]), divisor(), false);
  case Expr::Kind::Mod:
    return mod(size(operands[0]), divisor(), false);
  case Expr::Kind::Eq:
    return compare(arith::CmpIPredicate::eq);
  case Expr::Kind::Ne:
    return compare(arith::CmpIPredicate::ne);
  case Expr::Kind::Lt:
    return compare(arith::CmpIPredicate::slt);
  case Expr::Kind::Le:
    return compare(arith::CmpIPredicate::sle);
  case Expr::Kind::And:
    return logic(true);
  case Expr::Kind::Or:
    return logic(false);
  }
  llvm_unreachable("all kinds of expressions are handled");
}

static std::optional<int64_t> constantOf(Value value) {
  llvm::APInt bits;
  if (matchPattern(value, m_ConstantInt(&bits)))
    return bits.getSExtValue();
  return std::nullopt;
}

SmallVector<Value> KernelFrame::loop(Value lower, Value upper, int64_t step, ValueRange carried, LoopBody body) {
  std::optional<int64_t> first = constantOf(lower), limit = constantOf(upper);
  if (first && limit && *first >= *limit)
    return SmallVector<Value>(carried);
  if (first && limit && *first + step >= *limit)
    return body(lower, carried);
  auto loop = scf::ForOp::create(b, loc, lower, upper, i64(step), carried);
  OpBuilder::InsertionGuard guard(b);
  if (carried.empty())
    loop.getBody()->getTerminator()->erase();
  b.setInsertionPointToEnd(loop.getBody());
  scf::YieldOp::create(b, loc, body(loop.getInductionVar(), loop.getRegionIterArgs()));
  return SmallVector<Value>(loop.getResults());
}

void KernelFrame::loop(Value lower, Value upper, int64_t step, function_ref<void(Value)> body) {
  loop(lower, upper, step, ValueRange(), [&](Value at, ValueRange) {
    body(at);
    return SmallVector<Value>();
  });
}

SmallVector<Value> KernelFrame::onlyIf(Value condition, ValueRange otherwise, function_ref<SmallVector<Value>()> body) {
  if (std::optional<int64_t> known = constantOf(condition))
    return *known ? body() : SmallVector<Value>(otherwise);
  auto branch = scf::IfOp::create(b, loc, otherwise.getTypes(), condition, /*addThenBlock=*/true,
                                  /*addElseBlock=*/!otherwise.empty());
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToEnd(branch.thenBlock());
  scf::YieldOp::create(b, loc, body());
  if (!otherwise.empty()) {
    b.setInsertionPointToEnd(branch.elseBlock());
    scf::YieldOp::create(b, loc, otherwise);
  }
  return SmallVector<Value>(branch.getResults());
}

int64_t KernelFrame::checkNumber(std::string message) {
  for (auto [number, check] : llvm::enumerate(checkTable))
    if (check.message == message)
      return number;
  checkTable.push_back({std::move(message)});
  return checkTable.size() - 1;
}

void KernelFrame::failIf(Value failed, int64_t check) {
  if (!failure)
    failure = atEntry([&]() -> Value {
      Type pointer = LLVM::LLVMPointerType::get(b.getContext());
      Value slot = LLVM::AllocaOp::create(b, loc, pointer, b.getI32Type(), i64(1));
      LLVM::StoreOp::create(b, loc, arith::ConstantOp::create(b, loc, b.getI32IntegerAttr(0)), slot);
      return slot;
    });
  scf::IfOp::create(b, loc, failed, [&](OpBuilder &inner, Location) {
    Value current = LLVM::LoadOp::create(inner, loc, inner.getI32Type(), failure);
    Value none = arith::ConstantOp::create(inner, loc, inner.getI32IntegerAttr(0));
    Value number = arith::ConstantOp::create(inner, loc, inner.getI32IntegerAttr(check + 1));
    Value isFirst = arith::CmpIOp::create(inner, loc, arith::CmpIPredicate::eq, current, none);
    LLVM::StoreOp::create(inner, loc, arith::SelectOp::create(inner, loc, isFirst, number, current), failure);
    scf::YieldOp::create(inner, loc);
  });
}

void KernelFrame::finish() {
  Value result;
  if (failure)
    result = LLVM::LoadOp::create(b, loc, b.getI32Type(), failure);
  else
    result = arith::ConstantOp::create(b, loc, b.getI32IntegerAttr(0));
  func::ReturnOp::create(b, loc, result);
}
