// Verifiers of the plan's ops.
#include "ir/HeddleOps.h"

using namespace mlir;
using namespace heddle;

LogicalResult PlaceOp::verify() {
  bool isPort = getKind() == PlaceKindAttrValue::Input || getKind() == PlaceKindAttrValue::Output;
  if (getName().has_value() != isPort) // (C1)
    return emitOpError("has a name exactly if it is an input or output");
  if (getValue().has_value() != (getKind() == PlaceKindAttrValue::Weight)) // (C1)
    return emitOpError("has a value exactly if it is a weight");
  if (getBytes().has_value() != (getKind() == PlaceKindAttrValue::Arena)) // (C1)
    return emitOpError("has a size in bytes exactly if it is in the arena");
  if (getKind() == PlaceKindAttrValue::Arena && (!getInterval() || getInterval()->size() != 2)) // (C1)
    return emitOpError("has no interval of two positions");
  return success();
}

LogicalResult DefineSymbolOp::verify() {
  if ((getX() != nullptr) == (getSource() == SymbolSource::Value)) // (C1)
    return emitOpError("reads a tensor exactly if its source is not `value`");
  return success();
}

LogicalResult RepeatOp::verify() {
  size_t carried = getInitial().size();
  if (getCurrent().size() != carried || getNext().size() != carried || getFinals().size() != carried) // (C1)
    return emitOpError() << "carries " << carried << " values in, expected the same number of slots and results";
  if (getElements().size() != getStacked().size()) // (C1)
    return emitOpError() << "stacks " << getElements().size() << " elements, expected " << getStacked().size();
  return success();
}
