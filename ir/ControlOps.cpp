// Verifiers and text forms of host steps, control flow, kernels and launches.
#include "ir/HeddleOps.h"
#include "ir/Shapes.h"
#include "mlir/Interfaces/FunctionImplementation.h"

using namespace mlir;
using namespace heddle;

LogicalResult SetSymbolsOp::verify() {
  auto type = cast<RankedTensorType>(getX().getType());
  if (!type.hasStaticShape() || type.getNumElements() != static_cast<int64_t>(getSymbols().size())) // (C1)
    return emitOpError() << "names " << getSymbols().size() << " symbols, expected one per element of " << type;
  if (!isa<IntegerType>(type.getElementType())) // (C2)
    return emitOpError() << "element type is " << type.getElementType() << ", expected an integer";
  return success();
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
  return success();
}

LogicalResult LoopOp::verify() {
  size_t carried = getInitial().size(), stacked = getNumResults() - carried;
  Block &block = getBody().front();
  auto result = cast<ResultOp>(block.getTerminator());
  if (getNumResults() < carried || block.getNumArguments() != carried + 2)
    return emitOpError() << "body has " << block.getNumArguments() << " arguments, expected " << carried + 2;
  if (result.getValues().size() != 1 + carried + stacked) // (C2)
    return emitOpError() << "body yields " << result.getValues().size() << " values, expected "
                         << 1 + carried + stacked;
  for (size_t index = 0; index < carried; ++index) {
    Type type = getInitial()[index].getType();
    if (block.getArgument(2 + index).getType() != type || result.getValues()[1 + index].getType() != type ||
        getResult(index).getType() != type) // (C1)
      return emitOpError() << "carried value " << index << " changes its type, expected " << type;
  }
  return success();
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
  return success();
}

LogicalResult LaunchOp::verifySymbolUses(SymbolTableCollection &symbols) {
  auto kernel = symbols.lookupNearestSymbolFrom<KernelOp>(*this, getKernelAttr());
  if (!kernel) // (C1)
    return emitOpError() << "there is no kernel @" << getKernel();
  if (kernel.getSymbols().size() != getSizes().size()) // (C1)
    return emitOpError() << "gives " << getSizes().size() << " sizes, expected " << kernel.getSymbols().size();
  std::map<std::string, Expr, std::less<>> values;
  for (auto [name, value] : llvm::zip(kernel.getSymbols().getAsValueRange<StringAttr>(), getSizes().exprs()))
    values[name.str()] = value;
  auto check = [&](TypeRange got, TypeRange declared, StringRef what) -> LogicalResult {
    if (got.size() != declared.size()) // (C1)
      return emitOpError() << "has " << got.size() << " " << what << "s, expected " << declared.size();
    for (auto [index, type, pattern] : llvm::enumerate(got, declared)) {
      Type expected = substituteSymbols(pattern, values);
      bool sameElement = getElementTypeOrSelf(type) == getElementTypeOrSelf(expected);
      if (!sameElement || !compatibleShapes(shapeOf(type), shapeOf(expected))) // (C1)
        return emitOpError() << what << " " << index << " has type " << type << ", expected " << expected;
    }
    return success();
  };
  if (failed(check(getOperandTypes(), kernel.getArgumentTypes(), "operand")))
    return failure();
  return check(getResultTypes(), kernel.getResultTypes(), "result");
}
