// From a kernel to CUDA C++ text and the facts that a launch needs.
#ifndef HEDDLE_CODEGEN_CUDA_CUDAKERNEL_H
#define HEDDLE_CODEGEN_CUDA_CUDAKERNEL_H

#include "ir/HeddleOps.h"
#include "runtime/format/DType.h"
#include "runtime/format/Expr.h"
#include <array>

namespace heddle {

/// A parameter that points to a tensor.
struct CudaParameter {
  std::string name;  ///< In the text.
  std::string value; ///< ONNX value name; empty if unknown.
  DType type = DType::F32;
  Shape shape; ///< In the kernel's symbols.
  bool isWritten = false;
};

/// An emitted kernel. Parameters of the entry, in order: `parameters`, an `int` or `long long` per symbol, and
/// `unsigned *error` if there are checks: a word that holds 0 until check number n raises it to n.
struct CudaKernel {
  std::string name;   ///< The entry, and the stem of the file.
  std::string symbol; ///< Of the heddle.kernel; equal to the name if it is an identifier.
  std::string source;
  std::array<Expr, 3> grid = {Expr(1), Expr(1), Expr(1)}; ///< In the kernel's symbols; a 0 runs nothing.
  std::array<int64_t, 3> block = {1, 1, 1};
  int64_t staticSharedBytes = 0; ///< As the text declares it; the device headers' reductions need a little more.
  Expr dynamicSharedBytes;
  std::vector<CudaParameter> parameters;
  std::vector<std::string> symbols;
  /// Symbols are passed, and indices computed, in 64 bits: some symbol is no size of a dimension and may be any
  /// integer, such as the start of a range, or there are too many elements for `int`.
  bool hasWideSymbols = false;
  std::vector<std::string> checks; ///< Message of check number i + 1.
  /// Predicates over the symbols without which the text is wrong: element counts stay below a limit, since indices are
  /// computed in int. None if all sizes are literal.
  std::vector<Expr> guards;
  /// Source line (1-based) -> ONNX nodes, ascending: a line belongs to the last entry at or above it.
  std::vector<std::pair<int64_t, std::string>> lines;
  int minimumArchitecture = 80;
};

/// Emits the kernel by its schedule. The kernel itself is not changed. Code::Unsupported names an op without CUDA text,
/// Code::OverLimit static shared memory beyond 48 KiB.
Result<CudaKernel> emitKernel(KernelOp kernel);

/// The manifest of a kernel as JSON: entry, geometry, parameters, limits, checks, hash of the source, line table.
/// Deterministic; ends with a newline.
std::string manifestJson(const CudaKernel &kernel);

} // namespace heddle

#endif // HEDDLE_CODEGEN_CUDA_CUDAKERNEL_H
