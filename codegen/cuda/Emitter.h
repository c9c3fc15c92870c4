// What the emitters of the kernel kinds share: names, the pulling side, the text under construction.
#ifndef HEDDLE_CODEGEN_CUDA_EMITTER_H
#define HEDDLE_CODEGEN_CUDA_EMITTER_H

#include "codegen/cuda/CudaKernel.h"
#include "codegen/cuda/KernelText.h"
#include "codegen/cuda/Recorder.h"

namespace heddle::cuda {

/// A name in the anonymous namespace.
struct ConstantLine {
  std::string name;
  int64_t value;
};

/// One kernel on its way to text. An emitter of a kind fills in the geometry, `constants` and the body of `text`.
class Emitter {
public:
  /// \param kernel with structured ops expanded; kept alive by the caller.
  Emitter(KernelOp kernel, NameTable &names, TextNames spelling, std::vector<std::string> resultNames);

  // Each returns false if the kernel does not have the form that the kind needs; nothing has been printed then.
  bool emitElementwise(ElementwiseScheduleAttr schedule);
  bool emitRows(RowsScheduleAttr schedule);
  bool emitGemm(GemmScheduleAttr schedule, mlir::Operation *op);

  /// Header, constants and entry around the body.
  CudaKernel finish(llvm::ArrayRef<CudaParameter> parameters, llvm::ArrayRef<std::string> symbols,
                    mlir::Attribute schedule);

  std::string error() const { return text.errors().empty() ? "" : text.errors().front(); }

private:
  mlir::ValueRange results() { return kernel.getBody().front().getTerminator()->getOperands(); }
  void addConstant(llvm::StringRef name, int64_t value) { constants.push_back({name.str(), value}); }
  /// A size by name: a constant if it is literal, else a local `int`. Call while the outermost block is open.
  std::string nameSize(llvm::StringRef constantName, const Expr &size);
  /// `out[index] = value;`
  void store(size_t result, const Index &index, NodeId value);
  void emitFlatResults(llvm::ArrayRef<size_t> members, const Expr &count, bool isLoop, bool isAlone);
  /// The anchor, or else the first op that computes.
  mlir::Operation *leadingOp();
  std::string entryLine(llvm::ArrayRef<CudaParameter> parameters, llvm::ArrayRef<std::string> symbols);
  std::string headerComment(llvm::ArrayRef<CudaParameter> parameters, mlir::Attribute schedule);

  friend class RowSweeps;
  friend class ProductText;

  KernelOp kernel;
  mlir::Operation *anchor = nullptr; ///< Of a kernel on tiles.
  ScalarGraph graph;
  Recorder recorder;
  Pull pull;
  TextNames spelling;
  KernelText text;
  std::vector<std::string> resultNames;
  std::vector<ConstantLine> constants;
  std::array<Expr, 3> grid = {Expr(1), Expr(1), Expr(1)};
  int64_t threads = 1;
  int64_t sharedBytes = 0;
  bool needsWarp = false;
  bool needsTile = false;
  /// Values of many steps live in registers: occupancy must not be bought with spills.
  bool keepsRegisters = false;
};

/// A name as it may stand in a comment: letters, digits and `_ . / : -`, at most 96 characters.
std::string commentName(llvm::StringRef name);
/// `f32 [128,768]`.
std::string describe(DType type, const Shape &shape);

} // namespace heddle::cuda

#endif // HEDDLE_CODEGEN_CUDA_EMITTER_H
