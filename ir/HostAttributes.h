// The attributes of a host call, as its function takes them.
#ifndef HEDDLE_IR_HOSTATTRIBUTES_H
#define HEDDLE_IR_HOSTATTRIBUTES_H

#include "mlir/IR/BuiltinAttributes.h"
#include "runtime/format/HostFunction.h"

namespace heddle {

/// Numbers, strings and arrays of numbers by name; other attributes do not occur (see `heddle.host_call`).
HostAttrs hostAttributes(mlir::DictionaryAttr attributes);

} // namespace heddle

#endif // HEDDLE_IR_HOSTATTRIBUTES_H
