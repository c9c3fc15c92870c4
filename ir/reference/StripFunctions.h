// The table from scalar ops to loops over strips of elements.
#ifndef HEDDLE_IR_REFERENCE_STRIPFUNCTIONS_H
#define HEDDLE_IR_REFERENCE_STRIPFUNCTIONS_H

#include "mlir/IR/Operation.h"
#include "runtime/format/DType.h"
#include <cstddef>

namespace heddle {

/// The longest strip that scalar ops are applied to at once.
inline constexpr int64_t maxStrip = 1024;

/// One application of a scalar op to `count` elements of each operand. Strips are aligned to 8 bytes; bool takes a
/// byte.
struct StripCall {
  const std::byte *const *operands;
  std::byte *result;
  int64_t count;
  DType from, to; ///< Conversions only.
};
using StripFunction = void (*)(const StripCall &);

/// What a scalar op does to strips.
struct StripOp {
  StripFunction function = nullptr;
  DType from = DType::F32, to = DType::F32;
};

/// The element type that a scalar of this type has in a strip, integers signed; nullopt if no strip holds it.
std::optional<DType> stripTypeOf(mlir::Type scalar);
/// The loop of a scalar op; nullopt if the table has none.
std::optional<StripOp> stripOpOf(mlir::Operation &op);
/// The loop of a combiner ("add", "mul", "min", "max") on elements of a compute type; null if there is none.
StripFunction combinerFunction(llvm::StringRef combiner, mlir::Type compute, bool isUnsigned);

} // namespace heddle

#endif // HEDDLE_IR_REFERENCE_STRIPFUNCTIONS_H
