// Pulling on the CPU: values are registers, of which one loop variable's neighbours share a vector.
#ifndef HEDDLE_CODEGEN_CPU_CPUBACKEND_H
#define HEDDLE_CODEGEN_CPU_CPUBACKEND_H

#include "codegen/Pull.h"
#include "codegen/cpu/KernelFrame.h"
#include "codegen/cpu/Recorder.h"

namespace heddle {

/// The loop variable that vectors run along. Lane `l` stands for the variable's value plus `l`.
struct VectorLanes {
  int variable = -1; ///< -1: everything is scalar.
  int64_t width = 1;
  mlir::Value mask; ///< Lanes that are in use; null if all are.

  bool active() const { return variable >= 0; }
};

/// A costly value that a reduction along rows computes and that the elements of a result need again: it waits in the
/// result's row.
struct KeptValue {
  mlir::Value value;
  GenericOp reduction;    ///< Reduces `value` along its last dimension.
  unsigned result;        ///< Of the value's shape and type.
  std::vector<Index> row; ///< The current one, without the last dimension.
  bool isStored = false;  ///< Set when the reduction has been emitted.
};

/// Emits vector, arith, scf and LLVM pointer ops at the frame's builder. A value that does not depend on the lanes'
/// variable is a scalar, any other a vector of `lanes.width`.
class CpuBackend : public PullBackend {
public:
  CpuBackend(KernelFrame &frame, KernelOp kernel) : frame(frame), kernel(kernel), memo(kernel, *this) {}

  Pull &pull() { return memo; }
  VectorLanes lanes;
  std::optional<KeptValue> kept;

  /// A new loop variable with this value (that of lane 0).
  int addVariable(mlir::Value value);
  mlir::Value value(PullValue value) const { return values[value.id]; }
  PullValue hold(mlir::Value value);

  /// Pulls, here, what code inside loops needs but what depends on none of them: rows' reductions, invariant loads.
  /// `body` pulls that code on a recorder, whose variables stand for those of the loops.
  void hoist(llvm::function_ref<void(Recorder &)> body);
  /// Writes an element (scalar or vector) of result number `result`.
  void store(unsigned result, llvm::ArrayRef<Index> indices, mlir::Value value);

  /// Writes the elements of neighbouring columns, which for every lane follow one another from `indices` on.
  void storeColumns(unsigned result, llvm::ArrayRef<Index> indices, llvm::ArrayRef<mlir::Value> columns);

  /// Reads an element of a result that has been stored.
  PullValue loadResult(unsigned result, llvm::ArrayRef<Index> indices);

  /// The index as an i64: of lane 0, and of all lanes.
  mlir::Value scalarIndex(const Index &index);
  mlir::Value vectorIndex(const Index &index);
  /// `value` as a vector of the lanes' width, if it is not one already.
  mlir::Value widen(mlir::Value value);
  mlir::Value stepVector();

  PullValue load(unsigned argument, llvm::ArrayRef<Index> indices) override;
  PullValue loadConstant(mlir::DenseElementsAttr elements, llvm::ArrayRef<Index> indices) override;
  PullValue constant(mlir::TypedAttr value) override;
  PullValue index(const Index &index) override;
  PullValue op(mlir::Operation *op, llvm::ArrayRef<PullValue> operands) override;
  Index opaque(PullValue value, std::optional<Expr> extent, std::vector<int> dependsOn) override;
  void check(const PullCondition &condition, ExtractOp op, unsigned dim) override;
  PullValue guard(llvm::ArrayRef<PullCondition> conditions, Alternative inside, Alternative outside) override;
  PullValue reduce(const PullReduction &reduction, ReductionBody body) override;

  KernelFrame &frame;

private:
  mlir::Value loadFrom(mlir::Value base, mlir::Type element, const Index &offset);
  mlir::Value gather(mlir::Value base, mlir::Type storage, const Index &offset);
  llvm::SmallVector<mlir::Value> loadColumns(mlir::Value base, mlir::Type element, const Index &first, int64_t stride);
  mlir::Value atomValue(const Index::Atom &atom, bool asVector);
  mlir::Value sum(const Index &index, bool asVector);
  mlir::Value conditionValue(llvm::ArrayRef<PullCondition> conditions, bool asVector);
  PullValue guardScalar(mlir::Value condition, Alternative inside, Alternative outside);
  PullValue guardLanes(mlir::Value mask, Alternative inside, Alternative outside);
  mlir::Value maskedAlternative(mlir::Value mask, Alternative alternative);
  mlir::Type lanesType(mlir::Type scalar) const;

  PullValue reduceShortRows(const PullReduction &reduction, ReductionBody body, int64_t elements);
  PullValue reduceInLanes(const PullReduction &reduction, ReductionBody body);
  PullValue reduceAcross(const PullReduction &reduction, ReductionBody body);
  bool keepsValueOf(const PullReduction &reduction) const;
  void keep(const PullReduction &reduction, llvm::ArrayRef<Index> point);

  KernelOp kernel;
  Pull memo;
  std::vector<mlir::Value> variables;
  std::vector<mlir::Value> opaques;
  std::vector<mlir::Value> values;
};

/// The MLIR type that elements of this graph type have in memory: integers without sign, bytes for what is narrower,
/// bits for floats that LLVM must not convert.
mlir::Type storageType(mlir::Type element);
/// Between what is in memory and the compute type; scalars and vectors.
mlir::Value fromStorage(mlir::OpBuilder &b, mlir::Location loc, mlir::Value value, mlir::Type element);
mlir::Value toStorage(mlir::OpBuilder &b, mlir::Location loc, mlir::Value value, mlir::Type element);
/// `scalar`, or a vector of it with the shape of `like`.
mlir::Type typeLike(mlir::Type scalar, mlir::Type like);

} // namespace heddle

#endif // HEDDLE_CODEGEN_CPU_CPUBACKEND_H
