// Implements reading the attributes of host calls.
#include "ir/HostAttributes.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace heddle;

static HostAttr hostAttr(Attribute attr) {
  return llvm::TypeSwitch<Attribute, HostAttr>(attr)
      .Case<IntegerAttr>([](IntegerAttr value) { return value.getInt(); })
      .Case<FloatAttr>([](FloatAttr value) { return value.getValueAsDouble(); })
      .Case<StringAttr>([](StringAttr value) { return value.str(); })
      .Case<DenseI64ArrayAttr>([](DenseI64ArrayAttr values) {
        return std::vector<int64_t>(values.asArrayRef().begin(), values.asArrayRef().end());
      })
      .Case<DenseF64ArrayAttr>([](DenseF64ArrayAttr values) {
        return std::vector<double>(values.asArrayRef().begin(), values.asArrayRef().end());
      })
      .Default(
          [](Attribute) -> HostAttr { llvm_unreachable("host calls carry numbers, strings and arrays of numbers"); });
}

HostAttrs heddle::hostAttributes(DictionaryAttr attributes) {
  HostAttrs result;
  for (NamedAttribute attribute : attributes)
    result[attribute.getName().str()] = hostAttr(attribute.getValue());
  return result;
}
