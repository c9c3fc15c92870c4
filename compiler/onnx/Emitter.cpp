// Builds single ops with checked types, and the movement and arithmetic expansions that rules share.
#include "compiler/onnx/Emitter.h"
#include "compiler/onnx/Limits.h"
#include "mlir/IR/Diagnostics.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::onnximport;

namespace {
/// Collects what MLIR reports while it lives.
class MessageCapture {
public:
  explicit MessageCapture(MLIRContext *context)
      : handler(context, [this](Diagnostic &diagnostic) {
          if (text.empty())
            text = diagnostic.str();
          return success();
        }) {}

  /// The first message, without MLIR's "'heddle.add' op ".
  std::string message() const {
    StringRef rest = text;
    if (rest.consume_front("'"))
      rest = rest.substr(rest.find("op ") + 3);
    return rest.str();
  }

private:
  std::string text;
  ScopedDiagnosticHandler handler;
};
} // namespace

void Emitter::setProperties(OperationState &state, OpaqueProperties properties) {
  MessageCapture capture(context());
  state.name.populateDefaultProperties(properties);
  LogicalResult isSet = state.name.getRegisteredInfo()->setOpPropertiesFromAttribute(
      state.name, properties, state.attributes.getDictionary(context()), [&] { return emitError(location); });
  assert(succeeded(isSet) && "a rule gives an op attributes of their declared types");
  (void)isSet;
}

void Emitter::inferTypes(const OperationState &state, function_ref<LogicalResult()> infer) {
  std::string message;
  bool inferred;
  {
    MessageCapture capture(context());
    inferred = succeeded(infer());
    message = capture.message();
  }
  assert((inferred || !message.empty()) && "inference says what does not fit");
  if (!inferred)
    malformed(message);
}

void onnximport::checkTypeSize(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor)
    return;
  const auto limit = static_cast<int64_t>(Limits().tensorBytes);
  int64_t bytes = std::max<int64_t>(tensor.getElementTypeBitWidth() / 8, 1);
  for (int64_t size : tensor.getShape())
    if (!ShapedType::isDynamic(size) && size != 0 && (__builtin_mul_overflow(bytes, size, &bytes) || bytes > limit))
      throw ImportError(Code::OverLimit, "a tensor of shape " + textOf(shapeOf(type)) + " passes the limit of " +
                                             std::to_string(limit) + " bytes");
}

void Emitter::setSymbols(Value value, ArrayRef<std::string> names) {
  SmallVector<StringRef> symbols(names.begin(), names.end());
  OperationState state(location, SetSymbolsOp::getOperationName(), value, {},
                       named("symbols", b.getStrArrayAttr(symbols)));
  create(state);
}

Operation *Emitter::create(OperationState &state) {
  for (Type type : state.types)
    checkTypeSize(type);
  Operation *op = b.create(state);
  std::string message;
  bool isValid;
  {
    MessageCapture capture(context());
    // Not `verify`: it looks for dominance too, but a loop inside a loop stands in a region that has no op yet.
    isValid = succeeded(op->getName().verifyInvariants(op));
    message = capture.message();
  }
  if (!isValid) {
    op->erase();
    unsupported(message);
  }
  onCreated(op);
  return op;
}

Value Emitter::constant(TypedAttr value) { return emitAs<ConstantOp>(value.getType(), {}, named("value", value)); }

Value Emitter::scalar(double value, Type element) { return splat(value, {}, element); }

Value Emitter::splat(double value, const Shape &shape, Type element) {
  if (!literalShape(shape))
    return broadcast(scalar(value, element), shape);
  Attribute single = isa<FloatType>(element)
                         ? Attribute(FloatAttr::get(element, value))
                         : Attribute(IntegerAttr::get(element, APInt(element.getIntOrFloatBitWidth(),
                                                                     static_cast<uint64_t>(static_cast<int64_t>(value)),
                                                                     /*isSigned=*/true, /*implicitTrunc=*/true)));
  return constant(DenseElementsAttr::get(tensorType(shape, element), single));
}

Value Emitter::sizeScalar(const Expr &size, Type element) {
  if (std::optional<int64_t> literal = size.literal())
    return scalar(static_cast<double>(*literal), element);
  Value sizes = emitAs<SizesOp>(tensorType({}, b.getI64Type()), {}, named("values", dims({size})));
  return cast(sizes, element);
}

Value Emitter::iota(const Expr &size, Type element) { return emitAs<IotaOp>(tensorType({size}, element), {}); }

Value Emitter::reshape(Value x, const Shape &shape) {
  if (shapeOfValue(x) == shape)
    return x;
  return emitAs<ReshapeOp>(tensorType(shape, elementOf(x)), x);
}

Value Emitter::broadcast(Value x, const Shape &shape) {
  if (shapeOfValue(x) == shape)
    return x;
  return emitAs<BroadcastOp>(tensorType(shape, elementOf(x)), x);
}

Value Emitter::transpose(Value x, ArrayRef<int64_t> perm) {
  if (llvm::equal(perm, llvm::seq<int64_t>(0, perm.size())))
    return x;
  return emit<TransposeOp>(x, named("perm", integers(perm)));
}

Value Emitter::slice(Value x, const Shape &starts, const Shape &steps, const Shape &sizes) {
  bool isWhole = sizes == shapeOfValue(x) && llvm::all_of(steps, [](const Expr &step) { return step.isLiteral(1); });
  if (isWhole)
    return x;
  return emitAs<SliceOp>(tensorType(sizes, elementOf(x)), x,
                         {named("starts", dims(starts)), named("steps", dims(steps))});
}

Value Emitter::sliceAxis(Value x, int64_t axis, const Expr &start, const Expr &size) {
  Shape sizes = shapeOfValue(x);
  Shape starts(sizes.size(), Expr(0)), steps(sizes.size(), Expr(1));
  starts[axis] = start;
  sizes[axis] = size;
  return slice(x, starts, steps, sizes);
}

Value Emitter::reverse(Value x, int64_t axis) {
  Shape sizes = shapeOfValue(x);
  Shape starts(sizes.size(), Expr(0)), steps(sizes.size(), Expr(1));
  starts[axis] = max(sizes[axis] - 1, 0);
  steps[axis] = Expr(-1);
  return slice(x, starts, steps, sizes);
}

Value Emitter::concat(ValueRange parts, int64_t axis) {
  if (parts.size() == 1)
    return parts.front();
  return emit<ConcatOp>(parts, named("axis", integer(axis)));
}

Value Emitter::pad(Value x, Value fill, const Shape &low, const Shape &high, PadMode mode) {
  Shape sizes = shapeOfValue(x);
  bool isWhole = true;
  for (size_t dim = 0; dim < sizes.size(); ++dim) {
    isWhole &= low[dim].isLiteral(0) && high[dim].isLiteral(0);
    sizes[dim] = sizes[dim] + low[dim] + high[dim];
  }
  if (isWhole)
    return x;
  for (const Expr &size : sizes)
    if (size.literal().value_or(0) < 0)
      malformed("padding gives a negative size in " + textOf(sizes));
  return emitAs<PadOp>(tensorType(sizes, elementOf(x)), {x, fill},
                       {named("low", dims(low)), named("mode", PadModeAttr::get(context(), mode))});
}

Value Emitter::insertDim(Value x, int64_t axis) {
  Shape shape = shapeOfValue(x);
  shape.insert(shape.begin() + axis, Expr(1));
  return reshape(x, shape);
}

Value Emitter::dropDim(Value x, int64_t axis) {
  Shape shape = shapeOfValue(x);
  shape.erase(shape.begin() + axis);
  return reshape(x, shape);
}

Value Emitter::alongAxis(Value x, int64_t axis, int64_t rank) {
  Shape shape(rank - axis, Expr(1));
  shape.front() = elementCount(shapeOfValue(x));
  return reshape(x, shape);
}

Value Emitter::cast(Value x, Type element, bool saturate) {
  if (elementOf(x) == element)
    return x;
  return emitAs<CastOp>(tensorType(shapeOfValue(x), element), x, named("saturate", flag(saturate)));
}

Value Emitter::reduce(ReductionKind kind, Value x, ArrayRef<int64_t> axes, bool keep) {
  if (axes.empty())
    return x;
  SmallVector<int64_t> sorted(axes);
  llvm::sort(sorted);
  Value reduced =
      emit<ReduceOp>(x, {named("kind", ReductionKindAttr::get(context(), kind)), named("axes", integers(sorted))});
  if (!keep)
    return reduced;
  Shape shape = shapeOfValue(x);
  for (int64_t axis : sorted)
    shape[axis] = Expr(1);
  return reshape(reduced, shape);
}
