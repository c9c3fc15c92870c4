// The CUDA text of scalar operations.
#ifndef HEDDLE_CODEGEN_CUDA_SCALARTEXT_H
#define HEDDLE_CODEGEN_CUDA_SCALARTEXT_H

#include "codegen/cuda/CText.h"
#include "mlir/IR/Operation.h"
#include <optional>

namespace heddle::cuda {

/// The expression of a scalar arith or math op on `operands`; nullopt if there is none for it.
/// The same values on every compiler: functions are those of the device headers, integers wrap.
std::optional<CText> scalarText(mlir::Operation *op, llvm::ArrayRef<CText> operands);

/// The integer `x` of this compute type, read as unsigned.
CText asUnsigned(const CText &x, mlir::Type compute);

/// Whether the op takes many instructions: its value is kept rather than computed again.
bool isCostly(mlir::Operation *op);

/// `x` combined with `y` by a combiner of heddle.generic: add, mul, min or max.
CText combinerText(llvm::StringRef combiner, mlir::Type compute, bool isUnsigned, const CText &x, const CText &y);

} // namespace heddle::cuda

#endif // HEDDLE_CODEGEN_CUDA_SCALARTEXT_H
