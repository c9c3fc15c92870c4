// Verifiers of the plan's ops.
#include "ir/HeddleOps.h"
#include "ir/KernelUse.h"
#include "ir/Shapes.h"

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
    if (op == *this || isa<PlaceOp, ViewOp, RunOp, HostRunOp, DefineSymbolOp, BranchOp, RepeatOp, FailOp>(op))
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

LogicalResult RunOp::verifySymbolUses(SymbolTableCollection &symbols) {
  auto kernel = symbols.lookupNearestSymbolFrom<KernelOp>(*this, getKernelAttr());
  if (!kernel)
    return success();
  return verifyKernelUse(*this, kernel, getSizes(), getInputs().getTypes(), getOutputs().getTypes()); // (C1), (C2)
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
