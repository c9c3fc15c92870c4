// Verifiers and text forms of host steps, control flow, kernels and launches.
#include "ir/HeddleOps.h"
#include "ir/InferTypes.h"
#include "ir/KernelUse.h"
#include "ir/Shapes.h"
#include "ir/StridedView.h"
#include "mlir/Interfaces/FunctionImplementation.h"

using namespace mlir;
using namespace heddle;

using SymbolMap = std::map<std::string, Expr, std::less<>>;

LogicalResult SetSymbolsOp::verify() {
  auto type = cast<RankedTensorType>(getX().getType());
  if (!type.hasStaticShape() || type.getNumElements() != static_cast<int64_t>(getSymbols().size())) // (C1)
    return emitOpError() << "names " << getSymbols().size() << " symbols, expected one per element of " << type;
  if (!isa<IntegerType>(type.getElementType())) // (C2)
    return emitOpError() << "element type is " << type.getElementType() << ", expected an integer";
  return success();
}

/// Fails unless each name of `defines` is a dimension of one of the op's results, or of a body's arguments: from there
/// its value is read.
static LogicalResult verifyDefines(Operation *op, ArrayAttr defines, TypeRange arguments = {}) {
  std::set<std::string> dimensions;
  for (TypeRange types : {TypeRange(op->getResultTypes()), arguments})
    for (Type type : types)
      for (const Expr &size : shapeOf(type))
        dimensions.emplace(size.symbolName());
  for (StringRef name : defines.getAsValueRange<StringAttr>())
    if (name.empty() || !dimensions.count(name.str()))
      return op->emitOpError() << "defines \"" << name << "\", expected a dimension of a result";
  return success();
}

LogicalResult HostCallOp::verify() {
  return verifyDefines(*this, getDefines()); // (C1)
}

LogicalResult IfOp::verify() {
  for (Region *region : {&getThenRegion(), &getElseRegion()}) {
    Block &block = region->front();
    auto result = cast<ResultOp>(block.getTerminator());
    bool fails = llvm::any_of(block, [](Operation &op) { return isa<FailOp>(op); });
    if (result.getValues().empty() && fails)
      continue;
    if (result.getValues().size() != getNumResults()) // (C1)
      return emitOpError() << "branch yields " << result.getValues().size() << " values, expected " << getNumResults();
    for (auto [value, output] : llvm::zip(result.getValues(), getResults())) {
      bool sameElement = getElementTypeOrSelf(value) == getElementTypeOrSelf(output);
      if (!sameElement || !compatibleShapes(shapeOf(value.getType()), shapeOf(output.getType()))) // (C1)
        return emitOpError() << "branch yields " << value.getType() << ", expected " << output.getType();
    }
  }
  if (int64_t rank = cast<RankedTensorType>(getCondition().getType()).getRank(); rank != 0) // (C3)
    return emitOpError() << "condition has rank " << rank << ", expected 0";
  return verifyDefines(*this, getDefines()); // (C2)
}

/// True if the types of a carried value are equal, but for dimensions that are symbols of `defines` in the body and in
/// the result.
static bool agreeAsCarried(Type initial, Type inBody, Type yielded, Type final, ArrayAttr defines) {
  Shape first = shapeOf(initial), body = shapeOf(inBody), next = shapeOf(yielded), last = shapeOf(final);
  for (Type type : {inBody, yielded, final})
    if (getElementTypeOrSelf(type) != getElementTypeOrSelf(initial) || shapeOf(type).size() != first.size())
      return false;
  auto isDefined = [&](const Expr &size) {
    return llvm::is_contained(defines.getAsValueRange<StringAttr>(), StringRef(size.symbolName()));
  };
  for (size_t dim = 0; dim < first.size(); ++dim) {
    bool stays = first[dim] == body[dim] && first[dim] == next[dim] && first[dim] == last[dim];
    bool changes = isDefined(body[dim]) && isDefined(last[dim]) && body[dim] != last[dim];
    if (!stays && !changes)
      return false;
  }
  return true;
}

LogicalResult LoopOp::verify() {
  size_t carried = getInitial().size(), stacked = getNumResults() - carried;
  Block &block = getBody().front();
  auto result = cast<ResultOp>(block.getTerminator());
  if (getNumResults() < carried) // (C1)
    return emitOpError() << "has " << getNumResults() << " results, expected at least " << carried;
  if (block.getNumArguments() != carried + 2) // (C3)
    return emitOpError() << "body has " << block.getNumArguments() << " arguments, expected " << carried + 2;
  Builder builder(getContext());
  Type i64 = RankedTensorType::get({}, builder.getI64Type()), i1 = RankedTensorType::get({}, builder.getI1Type());
  Type control[] = {i64, i1};
  for (size_t index : {0, 1})
    for (Value value : {getOperand(index), Value(block.getArgument(index))})
      if (value.getType() != control[index]) // (C3)
        return emitOpError() << (index ? "condition" : "iteration number") << " has type " << value.getType()
                             << ", expected " << control[index];
  if (result.getValues().size() != 1 + carried + stacked) // (C2)
    return emitOpError() << "body yields " << result.getValues().size() << " values, expected "
                         << 1 + carried + stacked;
  for (size_t index = 0; index < carried; ++index) {
    Type type = getInitial()[index].getType();
    if (!agreeAsCarried(type, block.getArgument(2 + index).getType(), result.getValues()[1 + index].getType(),
                        getResult(index).getType(), getDefines())) // (C1)
      return emitOpError() << "carried value " << index << " changes its type, expected " << type;
  }
  return verifyDefines(*this, getDefines(), block.getArgumentTypes()); // (C4)
}

//===----------------------------------------------------------------------===//
// Kernel and launch
//===----------------------------------------------------------------------===//

ParseResult KernelOp::parse(OpAsmParser &parser, OperationState &result) {
  auto buildType = [](Builder &builder, ArrayRef<Type> arguments, ArrayRef<Type> results,
                      function_interface_impl::VariadicFlag,
                      std::string &) { return builder.getFunctionType(arguments, results); };
  return function_interface_impl::parseFunctionOp(parser, result, /*allowVariadic=*/false,
                                                  getFunctionTypeAttrName(result.name), buildType,
                                                  getArgAttrsAttrName(result.name), getResAttrsAttrName(result.name));
}

void KernelOp::print(OpAsmPrinter &printer) {
  function_interface_impl::printFunctionOp(printer, *this, /*isVariadic=*/false, getFunctionTypeAttrName(),
                                           getArgAttrsAttrName(), getResAttrsAttrName());
}

/// Fails unless the strides of a result are one per dimension over the kernel's symbols, the last one 1.
static LogicalResult verifyStrides(KernelOp kernel, unsigned result) {
  auto strides = dyn_cast<DimsAttr>(kernel.getResultAttr(result, stridesAttrName));
  size_t rank = shapeOf(kernel.getResultTypes()[result]).size();
  if (!strides || strides.size() != rank || (rank > 0 && !strides.exprs().back().isLiteral(1)))
    return kernel.emitOpError() << "result " << result << " has strides "
                                << kernel.getResultAttr(result, stridesAttrName) << ", expected " << rank
                                << " of them, the last one 1";
  std::set<std::string> used;
  for (const Expr &stride : strides.exprs())
    stride.collectSymbols(used);
  for (StringRef symbol : kernel.getSymbols().getAsValueRange<StringAttr>())
    used.erase(symbol.str());
  if (!used.empty())
    return kernel.emitOpError() << "uses symbol \"" << *used.begin() << "\" in strides, which it does not list";
  return success();
}

LogicalResult KernelOp::verify() {
  std::set<std::string> used;
  auto collect = [&](Type type) {
    if (isa<RankedTensorType>(type))
      for (const Expr &size : shapeOf(type))
        size.collectSymbols(used);
  };
  llvm::for_each(getArgumentTypes(), collect);
  llvm::for_each(getResultTypes(), collect);
  for (StringRef symbol : getSymbols().getAsValueRange<StringAttr>())
    used.erase(symbol.str());
  if (!used.empty()) // (C1)
    return emitOpError() << "uses symbol \"" << *used.begin() << "\", which it does not list";
  for (unsigned result = 0; result < getNumResults(); ++result)
    if (Attribute strides = getResultAttr(result, stridesAttrName); strides && failed(verifyStrides(*this, result)))
      return failure(); // (C2)
  return success();
}

LogicalResult ReturnOp::verify() {
  auto kernel = cast<KernelOp>((*this)->getParentOp());
  if (!agreeingTypes(getOperandTypes(), kernel.getResultTypes())) // (C2)
    return emitOpError() << "has the types " << getOperandTypes() << ", expected " << kernel.getResultTypes();
  return success();
}

/// Fails unless the types in `got` are those that the kernel declares, with its symbols replaced.
static LogicalResult verifyTypes(Operation *op, TypeRange got, TypeRange declared, const SymbolMap &values,
                                 StringRef what) {
  if (got.size() != declared.size())
    return op->emitOpError() << "has " << got.size() << " " << what << "s, expected " << declared.size();
  for (auto [index, type, pattern] : llvm::enumerate(got, declared)) {
    Type expected = substituteSymbols(pattern, values);
    bool sameElement = getElementTypeOrSelf(type) == getElementTypeOrSelf(expected);
    if (!sameElement || !compatibleShapes(shapeOf(type), shapeOf(expected)))
      return op->emitOpError() << what << " " << index << " has type " << type << ", expected " << expected;
  }
  return success();
}

LogicalResult heddle::verifyKernelUse(Operation *op, KernelOp kernel, DimsAttr sizes, TypeRange inputs,
                                      TypeRange outputs) {
  if (kernel.getSymbols().size() != sizes.size())
    return op->emitOpError() << "gives " << sizes.size() << " sizes, expected " << kernel.getSymbols().size();
  SymbolMap values;
  for (auto [name, value] : llvm::zip(kernel.getSymbols().getAsValueRange<StringAttr>(), sizes.exprs()))
    values[name.str()] = value;
  if (failed(verifyTypes(op, inputs, kernel.getArgumentTypes(), values, "operand")))
    return failure();
  return verifyTypes(op, outputs, kernel.getResultTypes(), values, "result");
}

LogicalResult LaunchOp::verifySymbolUses(SymbolTableCollection &symbols) {
  auto kernel = symbols.lookupNearestSymbolFrom<KernelOp>(*this, getKernelAttr());
  if (!kernel) // (C1)
    return emitOpError() << "there is no kernel @" << getKernel();
  return verifyKernelUse(*this, kernel, getSizes(), getOperandTypes(), getResultTypes()); // (C2), (C3)
}
