// Prepares a kernel for emission and picks the emitter of its schedule.
#include "codegen/cuda/Emitter.h"
#include "codegen/cuda/Product.h"
#include "ir/Origins.h"
#include "ir/Shapes.h"
#include "ir/StridedView.h"
#include "mlir/IR/Diagnostics.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::cuda;

/// Indices are computed in int up to this many elements: a block may reach past the last one.
static constexpr int64_t intLimit = int64_t(1) << 30;
static constexpr int64_t staticSharedLimit = 48 * 1024;

namespace {

/// Everything that has a name before the first line of the body.
struct Interface {
  NameTable names;
  TextNames spelling;
  std::vector<CudaParameter> parameters;
  std::vector<std::string> resultNames;
  std::vector<std::string> symbols;
  std::vector<Expr> guards;
  std::set<std::string, std::less<>> bounded; ///< Symbols that an index can hold, by what the guards say.
};

} // namespace

static std::string valueName(DictionaryAttr attributes) {
  auto name = attributes ? attributes.getAs<StringAttr>("heddle.name") : StringAttr();
  return name ? name.str() : "";
}

/// The ONNX name of an argument: said by an attribute, else that of the node whose result it is. A constant carries the
/// name of the node that it belongs to, which names nothing.
static std::string argumentName(KernelOp kernel, unsigned number) {
  if (std::string name = valueName(kernel.getArgAttrDict(number)); !name.empty())
    return name;
  std::vector<std::string> own = originsOf(kernel.getLoc());
  kernel->walk([&](Operation *op) { llvm::append_range(own, originsOf(op->getLoc())); });
  std::vector<std::string> producers = originsOf(kernel.getArgument(number).getLoc());
  return producers.empty() || llvm::is_contained(own, producers.back()) ? "" : producers.back();
}

/// What an argument without a name is to the op that reads it first, such as `bias`; "in" and its number where that
/// says nothing.
static std::string roleOf(KernelOp kernel, unsigned number) {
  BlockArgument argument = kernel.getArgument(number);
  std::string plain = "in" + std::to_string(number);
  if (argument.use_empty())
    return plain;
  OpOperand &use = *argument.use_begin();
  Operation *user = use.getOwner();
  bool isSecond = use.getOperandNumber() == 1;
  auto result = user->getNumResults() == 1 ? dyn_cast<RankedTensorType>(user->getResult(0).getType()) : nullptr;
  bool isSmall = result && shapeOf(argument.getType()) != shapeOf(result);
  if (isa<ConvOp, MatmulOp>(user))
    return isSecond ? "weights" : plain;
  if (isa<GatherOp>(user))
    return isSecond ? "indices" : "table";
  if (isSmall && isa<AddOp, SubOp>(user))
    return "bias";
  return isSmall && isa<MulOp, DivOp>(user) ? "scale" : plain;
}

/// Sorts out the symbols of a dimension's size: the size itself is never negative, and the terms of a sum or product
/// are no larger than what must fit an index.
static void noteSize(const Expr &part, const Expr &size, Interface &interface) {
  if (part.kind() == Expr::Kind::Symbol) {
    interface.bounded.insert(std::string(part.symbolName()));
    if (part == size)
      interface.spelling.dimensions.insert(std::string(part.symbolName()));
  }
  bool isNegated = llvm::any_of(part.operands(), [](const Expr &operand) { return operand.literal().value_or(0) < 0; });
  if (part.kind() == Expr::Kind::Add || (part.kind() == Expr::Kind::Mul && !isNegated))
    for (const Expr &operand : part.operands())
      noteSize(operand, size, interface);
}

static Status addParameter(Interface &interface, KernelOp kernel, Type type, std::string value, std::string fallback,
                           bool isWritten) {
  std::optional<DType> dtype = dtypeOf(type);
  assert(dtype && "kernels hold tensors of element types that can be stored");
  // Of a node's path the last part is enough; the comment has all of it.
  StringRef last = StringRef(value).take_back(value.size() - (StringRef(value).rfind('/') + 1));
  std::string name = interface.names.unique(last.empty() ? StringRef(fallback) : last);
  Shape shape = shapeOf(type);
  Expr count = elementCount(shape);
  if (count.literal().value_or(0) >= intLimit)
    interface.spelling.indexType = "long long";
  if (Expr fits = lessThan(count, intLimit); !count.literal() && !llvm::is_contained(interface.guards, fits))
    interface.guards.push_back(fits);
  for (const Expr &size : shape)
    noteSize(size, size, interface);
  interface.parameters.push_back({name, std::move(value), *dtype, std::move(shape), isWritten});
  if (isWritten) {
    interface.resultNames.push_back(name);
  } else {
    interface.spelling.arguments.push_back(name);
    interface.spelling.elements.push_back(getElementTypeOrSelf(type));
  }
  return Status::ok();
}

static Status describeInterface(Interface &interface, KernelOp kernel) {
  interface.names.unique(kernelName(kernel.getSymName()));
  for (auto [number, type] : llvm::enumerate(kernel.getArgumentTypes()))
    HEDDLE_RETURN_IF_ERROR(addParameter(interface, kernel, type, argumentName(kernel, number), roleOf(kernel, number),
                                        /*isWritten=*/false));
  for (auto [number, type] : llvm::enumerate(kernel.getResultTypes())) {
    std::string fallback = kernel.getResultTypes().size() == 1 ? "out" : "out" + std::to_string(number);
    HEDDLE_RETURN_IF_ERROR(addParameter(interface, kernel, type, valueName(kernel.getResultAttrDict(number)), fallback,
                                        /*isWritten=*/true));
  }
  for (StringRef symbol : kernel.getSymbols().getAsValueRange<StringAttr>()) {
    interface.symbols.push_back(symbol.str());
    interface.spelling.symbols[symbol.str()] = interface.names.unique(symbol);
    // The start of a range, say, may be any integer.
    if (!interface.bounded.contains(symbol.str()))
      interface.spelling.indexType = "long long";
  }
  return Status::ok();
}

/// Fails with the first diagnostic of what CUDA code cannot be pulled from.
static Status checkOps(KernelOp kernel, Operation *anchor) {
  std::string message;
  ScopedDiagnosticHandler handler(kernel.getContext(), [&](Diagnostic &diagnostic) {
    if (message.empty())
      message = diagnostic.str();
    return success();
  });
  if (succeeded(checkPullable(kernel, [&](Operation *op) { return op == anchor; })))
    return Status::ok();
  return {Code::Unsupported, "kernel " + commentName(kernel.getSymName()) + ": " + message};
}

/// heddle-place-parts makes none with gaps for a GPU.
static Status checkResults(KernelOp kernel) {
  for (unsigned result = 0; result < kernel.getNumResults(); ++result)
    if (kernel.getResultAttr(result, stridesAttrName))
      return {Code::Unsupported, "kernel " + commentName(kernel.getSymName()) + ": result " + std::to_string(result) +
                                     " has strides, CUDA kernels store without gaps"};
  return Status::ok();
}

/// The product or convolution that a gemm schedule is about; null if the kernel does not hold exactly one.
static Operation *findAnchor(KernelOp kernel) {
  Operation *anchor = nullptr;
  for (Operation &op : kernel.getBody().front()) {
    if (!isa<MatmulOp, ConvOp>(op))
      continue;
    if (anchor)
      return nullptr;
    anchor = &op;
  }
  return anchor;
}

Result<CudaKernel> heddle::emitKernel(KernelOp original) {
  OwningOpRef<KernelOp> owned = original.clone();
  KernelOp kernel = *owned;
  Attribute schedule = kernel.getScheduleAttr();
  Operation *anchor = isa_and_nonnull<GemmScheduleAttr>(schedule) ? findAnchor(kernel) : nullptr;
  if (auto conv = dyn_cast_or_null<ConvOp>(anchor))
    separatePadding(conv);
  expandStructured(kernel, [&](Operation *op) { return op == anchor; });
  HEDDLE_RETURN_IF_ERROR(checkOps(kernel, anchor));
  HEDDLE_RETURN_IF_ERROR(checkResults(kernel));
  auto makeEmitter = [&](Interface &interface) -> Result<std::unique_ptr<Emitter>> {
    HEDDLE_RETURN_IF_ERROR(describeInterface(interface, kernel));
    return std::make_unique<Emitter>(kernel, interface.names, interface.spelling, interface.resultNames);
  };
  Interface interface;
  Result<std::unique_ptr<Emitter>> emitter = makeEmitter(interface);
  if (!emitter)
    return emitter.status();
  bool done = false;
  if (auto rows = dyn_cast_or_null<RowsScheduleAttr>(schedule))
    done = (*emitter)->emitRows(rows);
  else if (anchor)
    done = (*emitter)->emitGemm(cast<GemmScheduleAttr>(schedule), anchor);
  if (!done) {
    // The general form computes every kernel, one element per thread.
    expandStructured(kernel, [](Operation *) { return false; });
    auto general = dyn_cast_or_null<ElementwiseScheduleAttr>(schedule);
    if (!general)
      general = ElementwiseScheduleAttr::get(kernel.getContext(), /*vector=*/1, /*threads=*/256, /*perThread=*/1);
    interface = Interface();
    emitter = makeEmitter(interface);
    (*emitter)->emitElementwise(general);
    schedule = general;
  }
  CudaKernel result = (*emitter)->finish(interface.parameters, interface.symbols, schedule);
  result.guards = interface.guards;
  if (std::string error = (*emitter)->error(); !error.empty())
    return Status(Code::Unsupported, "kernel " + commentName(kernel.getSymName()) + ": " + error);
  if (result.staticSharedBytes > staticSharedLimit)
    return Status(Code::OverLimit,
                  "kernel " + commentName(kernel.getSymName()) + ": needs " + std::to_string(result.staticSharedBytes) +
                      " bytes of static shared memory, at most " + std::to_string(staticSharedLimit) + " are allowed");
  return result;
}
