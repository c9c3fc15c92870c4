// Verifiers of the plan's ops.
#include "ir/HeddleOps.h"
#include "ir/KernelUse.h"
#include "ir/Shapes.h"
#include "ir/StridedView.h"

using namespace mlir;
using namespace heddle;

/// Fails unless `text` is a size expression; `what` names it.
static LogicalResult verifyExpr(Operation *op, StringRef text, StringRef what) {
  if (Result<Expr> expr = Expr::parse(text); !expr)
    return op->emitOpError() << what << " is \"" << text
                             << "\", expected a size expression: " << expr.status().message();
  return success();
}

LogicalResult PlanOp::verify() {
  auto check = [&](Operation *op) -> WalkResult {
    if (op == *this || isa<PlaceOp, ViewOp, PartOp, RunOp, HostRunOp, DefineSymbolOp, BranchOp, RepeatOp, FailOp>(op))
      return WalkResult::advance();
    return op->emitOpError("is in a plan, expected a place, a view or a step"); // (C1)
  };
  return failure((*this)->walk(check).wasInterrupted());
}

LogicalResult PlaceOp::verify() {
  auto check = [&](bool isThere, bool isExpected, StringRef what) -> LogicalResult {
    if (isThere == isExpected)
      return success();
    return emitOpError() << "has " << (isThere ? "" : "no ") << what << ", expected " << (isExpected ? "one" : "none")
                         << " with kind " << stringifyPlaceKindAttrValue(getKind());
  };
  bool isPort = getKind() == PlaceKindAttrValue::Input || getKind() == PlaceKindAttrValue::Output;
  bool isArena = getKind() == PlaceKindAttrValue::Arena;
  if (failed(check(getName().has_value(), isPort, "name")) ||                                           // (C1)
      failed(check(getValue().has_value(), getKind() == PlaceKindAttrValue::Weight, "value")) ||        // (C2)
      failed(check(getBytes().has_value(), isArena, "size in bytes")) ||                                // (C3)
      failed(check(getInterval() && getInterval()->size() == 2, isArena, "interval of two positions"))) // (C3)
    return failure();
  return getBytes() ? verifyExpr(*this, *getBytes(), "size in bytes") : success(); // (C4)
}

LogicalResult ViewOp::verify() {
  Type from = getX().getType(), to = getY().getType();
  if (getElementTypeOrSelf(from) != getElementTypeOrSelf(to)) // (C1)
    return emitOpError() << "result has element type " << getElementTypeOrSelf(to) << ", expected "
                         << getElementTypeOrSelf(from);
  std::optional<int64_t> got = elementCount(shapeOf(to)).literal(), expected = elementCount(shapeOf(from)).literal();
  if (got && expected && *got != *expected) // (C2)
    return emitOpError() << "result has " << *got << " elements, expected " << *expected;
  return success();
}

/// True if the elements behind `value` have gaps between them: it is a part, or a view of one, that is not row-major.
static bool hasGaps(Value value) {
  while (auto view = value.getDefiningOp<ViewOp>())
    value = view.getX();
  auto part = value.getDefiningOp<PartOp>();
  Shape shape = part ? shapeOf(part.getY().getType()) : Shape();
  return part && (hasGaps(part.getX()) || partStrides(shape, part.getStrides().exprs(), shape) != denseStrides(shape));
}

/// The distance from a part's first element to its last; nullopt if it is not literal, or if there is no element.
static std::optional<int64_t> literalExtent(const Shape &shape, const Shape &strides) {
  int64_t extent = 0;
  for (auto [size, stride] : llvm::zip(shape, strides)) {
    if (!size.literal() || !stride.literal() || *size.literal() == 0)
      return std::nullopt;
    extent += (*size.literal() - 1) * *stride.literal();
  }
  return extent;
}

LogicalResult PartOp::verify() {
  Type from = getX().getType(), to = getY().getType();
  if (getElementTypeOrSelf(from) != getElementTypeOrSelf(to)) // (C1)
    return emitOpError() << "result has element type " << getElementTypeOrSelf(to) << ", expected "
                         << getElementTypeOrSelf(from);
  if (failed(verifyExpr(*this, getOffset(), "offset"))) // (C2)
    return failure();
  Shape shape = shapeOf(to), strides = getStrides().exprs();
  if (strides.size() != shape.size()) // (C3)
    return emitOpError() << "has " << strides.size() << " strides, expected " << shape.size();
  std::optional<int64_t> first = Expr::parse(getOffset())->literal(), extent = literalExtent(shape, strides);
  std::optional<int64_t> count = elementCount(shapeOf(from)).literal();
  if (first && (*first < 0 || (extent && count && *first + *extent >= *count))) // (C4)
    return emitOpError() << "has elements from " << *first << " to " << *first + extent.value_or(0)
                         << ", expected them in [0, " << elementCount(shapeOf(from)).str() << ")";
  if (hasGaps(getX())) // (C5)
    return emitOpError("is a part of a part with gaps");
  return success();
}

/// Fails unless a step finds the strides that its kernel has: `expected` ones where it writes, none where it reads.
static LogicalResult verifyStrides(RunOp run, KernelOp kernel) {
  for (Value input : run.getInputs())
    if (hasGaps(input))
      return run.emitOpError("reads a part with gaps");
  std::map<std::string, Expr, std::less<>> values;
  for (auto [name, size] : llvm::zip(kernel.getSymbols().getAsValueRange<StringAttr>(), run.getSizes().exprs()))
    values[name.str()] = size;
  for (auto [index, output] : llvm::enumerate(run.getOutputs())) {
    Shape shape = shapeOf(output.getType()), expected = storedStrides(kernel, index);
    auto part = output.getDefiningOp<PartOp>();
    Shape strides = part ? Shape(part.getStrides().exprs()) : Shape(denseStrides(shape));
    for (auto [size, got, wanted] : llvm::zip(shape, strides, expected)) {
      wanted = wanted.substitute(values);
      if (got.literal() && wanted.literal() && got != wanted && !size.isLiteral(1))
        return run.emitOpError() << "output " << index << " has a stride of " << got.str() << ", expected "
                                 << wanted.str();
    }
  }
  return success();
}

LogicalResult RunOp::verifySymbolUses(SymbolTableCollection &symbols) {
  auto kernel = symbols.lookupNearestSymbolFrom<KernelOp>(*this, getKernelAttr());
  if (!kernel)
    return success();
  if (failed(verifyKernelUse(*this, kernel, getSizes(), getInputs().getTypes(), getOutputs().getTypes()))) // (C1), (C2)
    return failure();
  return verifyStrides(*this, kernel); // (C3)
}

LogicalResult DefineSymbolOp::verify() {
  if ((getX() != nullptr) == (getSource() == SymbolSource::Value)) // (C1)
    return emitOpError() << (getX() ? "reads a tensor" : "reads no tensor") << ", expected "
                         << (getX() ? "none" : "one") << " with source " << stringifySymbolSource(getSource());
  if (failed(verifyExpr(*this, getValue(), "value"))) // (C4)
    return failure();
  if (!getX())
    return success();
  bool isElement = getSource() == SymbolSource::Element;
  auto type = cast<RankedTensorType>(getX().getType());
  if (isElement && !isa<IntegerType>(type.getElementType())) // (C3)
    return emitOpError() << "element type is " << type.getElementType() << ", expected an integer";
  Expr count = isElement ? elementCount(shapeOf(type)) : Expr(type.getRank());
  std::optional<int64_t> limit = count.literal();
  int64_t index = getIndex();
  if (index < 0 || (limit && index >= *limit)) // (C2)
    return emitOpError() << "index is " << index << ", expected it in [0, " << count.str() << ")";
  return success();
}

LogicalResult BranchOp::verify() {
  if (int64_t rank = cast<RankedTensorType>(getCondition().getType()).getRank(); rank != 0) // (C1)
    return emitOpError() << "condition has rank " << rank << ", expected 0";
  return success();
}

LogicalResult RepeatOp::verify() {
  size_t carried = getInitial().size();
  if (getCurrent().size() != carried || getNext().size() != carried || getFinals().size() != carried) // (C1)
    return emitOpError() << "carries " << getCurrent().size() << ", " << getNext().size() << " and "
                         << getFinals().size() << " values, expected " << carried;
  if (getElements().size() != getStacked().size()) // (C2)
    return emitOpError() << "stacks " << getElements().size() << " elements, expected " << getStacked().size();
  return success();
}

LogicalResult ObjectOp::verify() {
  if (failed(verifyExpr(*this, getTasks(), "tasks")) || // (C1)
      failed(verifyExpr(*this, getDynamicShared(), "dynamic_shared")))
    return failure();
  size_t grid = getGrid() ? getGrid()->size() : 0, block = getBlock() ? getBlock()->size() : 0;
  bool hasGeometry = getGrid() || getBlock();
  if (hasGeometry && (grid != 3 || block != 3)) // (C2)
    return emitOpError() << "has " << grid << " grid and " << block << " block sizes, expected 3 of each";
  return success();
}
