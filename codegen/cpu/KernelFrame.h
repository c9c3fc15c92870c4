// The function of a CPU kernel while it is being filled: arguments, sizes, and small arithmetic.
#ifndef HEDDLE_CODEGEN_CPU_KERNELFRAME_H
#define HEDDLE_CODEGEN_CPU_KERNELFRAME_H

#include "codegen/Index.h"
#include "codegen/cpu/CpuKernel.h"
#include "ir/HeddleOps.h"

namespace heddle {

/// Builds `NAME(buffers, sizes, begin, end, scratch) -> i32` around code that the emitters put at `b`. Everything that
/// depends on symbols only is computed once, at the entry.
class KernelFrame {
public:
  KernelFrame(mlir::ModuleOp module, KernelOp kernel, const CpuLevel &level);

  mlir::OpBuilder b;
  mlir::Location loc;

  const CpuLevel &level() const { return cpuLevel; }
  /// Elements of a vector, and vectors in flight in a reduction along a row, as the kernel's schedule says.
  int64_t lanes() const { return vectorLanes; }
  int64_t unroll() const { return vectorsInFlight; }
  mlir::Value begin() { return function.getArgument(2); }
  mlir::Value end() { return function.getArgument(3); }

  /// Address of input or result number `buffer`.
  mlir::Value pointer(unsigned buffer);
  /// A size expression as an i64, computed at the entry.
  mlir::Value size(const Expr &expr);
  /// Address of these elements as they are in memory, read only.
  mlir::Value constantData(mlir::DenseElementsAttr elements);
  /// Bytes of scratch that belong to the running thread; each call gets other ones.
  mlir::Value allocateScratch(int64_t bytes);
  int64_t scratchBytes() const { return scratchUsed; }

  mlir::Value i64(int64_t value);
  mlir::Value add(mlir::Value x, mlir::Value y);
  mlir::Value sub(mlir::Value x, mlir::Value y);
  mlir::Value mul(mlir::Value x, mlir::Value y);
  mlir::Value minimum(mlir::Value x, mlir::Value y);
  mlir::Value maximum(mlir::Value x, mlir::Value y);
  /// Rounds toward minus infinity. `isNonNegative`: both are known not to be negative. Scalars or vectors.
  mlir::Value floorDiv(mlir::Value x, mlir::Value y, bool isNonNegative);
  mlir::Value mod(mlir::Value x, mlir::Value y, bool isNonNegative);
  mlir::Value elementAddress(mlir::Value base, mlir::Type element, mlir::Value offset);

  using LoopBody = llvm::function_ref<llvm::SmallVector<mlir::Value>(mlir::Value, mlir::ValueRange)>;
  /// `for (i = lower; i < upper; i += step)`; the body gets `i` and the carried values and returns the next ones. A
  /// loop that is known to run once, or not at all, is no loop.
  llvm::SmallVector<mlir::Value> loop(mlir::Value lower, mlir::Value upper, int64_t step, mlir::ValueRange carried,
                                      LoopBody body);
  void loop(mlir::Value lower, mlir::Value upper, int64_t step, llvm::function_ref<void(mlir::Value)> body);
  /// `if (condition)`, else the values stay as they are.
  llvm::SmallVector<mlir::Value> onlyIf(mlir::Value condition, mlir::ValueRange otherwise,
                                        llvm::function_ref<llvm::SmallVector<mlir::Value>()> body);

  /// Number of the check with this message; equal messages share one.
  int64_t checkNumber(std::string message);
  /// Makes the entry return 1 + `check` if `failed` (i1). The first failure of a call wins.
  void failIf(mlir::Value failed, int64_t check);
  const std::vector<KernelCheck> &checks() const { return checkTable; }

  /// Ends the function: returns the failure, if any.
  void finish();

private:
  mlir::Value emit(const Expr &expr);
  mlir::Value fold(const std::vector<Expr> &operands, mlir::Value (KernelFrame::*combine)(mlir::Value, mlir::Value));
  mlir::Value truth(const Expr &expr);
  mlir::Value atEntry(llvm::function_ref<mlir::Value()> build);

  void obey(mlir::Attribute schedule);

  const CpuLevel &cpuLevel;
  int64_t vectorLanes, vectorsInFlight;
  mlir::ModuleOp module;
  mlir::func::FuncOp function;
  mlir::Operation *entryEnd; ///< What the entry computes stands before it.
  std::map<std::string, unsigned, std::less<>> symbols;
  std::map<Expr, mlir::Value> sizes;
  llvm::DenseMap<unsigned, mlir::Value> pointers;
  std::vector<KernelCheck> checkTable;
  mlir::Value failure; ///< Address of the failure number, if there are checks.
  int64_t scratchUsed = 0, constantCount = 0;
};

} // namespace heddle

#endif // HEDDLE_CODEGEN_CPU_KERNELFRAME_H
