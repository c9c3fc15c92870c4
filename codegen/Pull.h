// The traversal that both code generators share: asks a kernel's value for one element, and so on back to the
// arguments.
#ifndef HEDDLE_CODEGEN_PULL_H
#define HEDDLE_CODEGEN_PULL_H

#include "codegen/Index.h"
#include "ir/HeddleOps.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include <map>

namespace heddle {

/// A scalar that the back end holds (a register, a piece of text), by a number that the back end gave out. It has the
/// *compute type* of what it stands for (`ir/Scalars.h`).
struct PullValue {
  int id = -1;
};

/// `lower <= index < upper`.
struct PullCondition {
  Index index;
  Expr lower, upper;
};

/// A `heddle.generic` with reduction dimensions, at one place of its result.
struct PullReduction {
  GenericOp op;
  std::vector<Index> place; ///< One index per result dimension.
  Shape extents;            ///< Of the reduction dimensions, outermost first.
  mlir::Type resultType;    ///< Compute type of the result.
  bool isUnsigned;          ///< min and max of integers.
};

/// What a code generator supplies. It owns the ids of loop variables and of opaque values, and emits at its own current
/// place; every callback that it gets emits there too, and must be called while that place is where the result is
/// needed.
class PullBackend {
public:
  using Alternative = llvm::function_ref<PullValue()>;
  using ReductionBody = llvm::function_ref<llvm::SmallVector<PullValue>(llvm::ArrayRef<Index> point)>;

  virtual ~PullBackend() = default;

  /// The element of kernel argument number `argument` at `indices`, one per dimension, all in bounds.
  virtual PullValue load(unsigned argument, llvm::ArrayRef<Index> indices) = 0;
  /// The element of a small constant at `indices`, all in bounds. Splats come as `constant`.
  virtual PullValue loadConstant(mlir::DenseElementsAttr elements, llvm::ArrayRef<Index> indices) = 0;
  /// A scalar constant of a compute type.
  virtual PullValue constant(mlir::TypedAttr value) = 0;
  /// An index as an i64.
  virtual PullValue index(const Index &index) = 0;
  /// One scalar op with one result (arith, math) on these operands. `arith.truncf` to a float below 32 bits rounds; its
  /// result is used by `arith.extf` only.
  virtual PullValue op(mlir::Operation *op, llvm::ArrayRef<PullValue> operands) = 0;
  /// An i64 as an index, in [0, extent) if that is given; it depends on these loop variables.
  virtual Index opaque(PullValue value, std::optional<Expr> extent, std::vector<int> dependsOn) = 0;
  /// Makes the run fail if the condition is false, with a message about dimension `dim` of operand `op.getX()`.
  /// The emitted code goes on; what it reads then is guarded.
  virtual void check(const PullCondition &condition, ExtractOp op, unsigned dim) = 0;
  /// `inside()` where all conditions hold, else `outside()`. Neither may be evaluated where it is not chosen.
  virtual PullValue guard(llvm::ArrayRef<PullCondition> conditions, Alternative inside, Alternative outside) = 0;
  /// Combines `body` over all points of the reduction's extents, in a loop nest of its own.
  virtual PullValue reduce(const PullReduction &reduction, ReductionBody body) = 0;
  /// Called with the finished element of a computing graph op (elementwise, generic), so that a text back end can give
  /// it a name and a comment. Returns what the users of the element get.
  virtual PullValue finish(mlir::Operation *op, PullValue value) { return value; }
};

/// Pulls elements out of one kernel whose structured ops are expanded (`expandStructured`). Each element is computed
/// once per scope: the memo of a guard's alternative or of a reduction's body ends with it.
///
/// Iteration spaces and element types are checked beforehand by `checkPullable`, so that pulling itself cannot fail.
class Pull {
public:
  Pull(KernelOp kernel, PullBackend &backend) : kernel(kernel), backend(backend) { memo.emplace_back(); }

  /// The element of `value` at `indices` (one per dimension, in bounds), in its compute type.
  PullValue pull(mlir::Value value, llvm::ArrayRef<Index> indices);
  /// Makes `result` the element of `value` at `indices` until the current scope ends: accumulators of an anchor,
  /// reductions computed ahead.
  void define(mlir::Value value, llvm::ArrayRef<Index> indices, PullValue result);
  std::optional<PullValue> lookUp(mlir::Value value, llvm::ArrayRef<Index> indices) const;

  /// Opens a scope of the memo: what is pulled in it is forgotten at its end.
  class Scope {
  public:
    explicit Scope(Pull &pull) : pull(pull) { pull.memo.emplace_back(); }
    ~Scope() { pull.memo.pop_back(); }
    Scope(const Scope &) = delete;
    Scope &operator=(const Scope &) = delete;

  private:
    Pull &pull;
  };

  /// The scalars that `op` yields at one point of its iteration space (result dimensions, then reduction dimensions).
  llvm::SmallVector<PullValue> pullBody(GenericOp op, llvm::ArrayRef<Index> point);
  /// What `op` reduces at one place of its result.
  static PullReduction reductionOf(GenericOp op, llvm::ArrayRef<Index> place);

private:
  using Key = std::pair<void *, std::vector<Index>>;
  struct Scalar;
  struct Frame;
  /// Neighbouring parts of a concatenation, which start here along its axis.
  struct ConcatParts {
    size_t first, count;
    Expr start;
  };

  PullValue compute(mlir::Value value, llvm::ArrayRef<Index> indices);
  PullValue pullElementwise(mlir::Operation *op, llvm::ArrayRef<Index> indices);
  PullValue pullGeneric(GenericOp op, llvm::ArrayRef<Index> indices);
  PullValue pullConstant(ConstantOp op, llvm::ArrayRef<Index> indices);
  PullValue pullSizes(SizesOp op, llvm::ArrayRef<Index> indices);
  PullValue pullSlice(SliceOp op, llvm::ArrayRef<Index> indices);
  PullValue pullConcat(ConcatOp op, llvm::ArrayRef<Index> indices, ConcatParts parts);
  PullValue pullPad(PadOp op, llvm::ArrayRef<Index> indices);
  PullValue guarded(llvm::ArrayRef<PullCondition> conditions, PullBackend::Alternative inside,
                    PullBackend::Alternative outside);

  Scalar &scalar(mlir::Value value, Frame &frame);
  PullValue materialize(mlir::Value value, Frame &frame);
  PullValue pullExtract(ExtractOp op, Frame &frame);
  std::optional<Index> foldIndex(mlir::Operation *op, Frame &frame);
  Index foldPadIndex(PadMode mode, const Index &index, const Expr &size);
  PullValue apply(llvm::ArrayRef<PullValue> operands,
                  llvm::function_ref<mlir::Value(mlir::OpBuilder &, mlir::Location, mlir::ValueRange)> build);
  mlir::Block &scalarBody(mlir::Operation *op);

  KernelOp kernel;
  PullBackend &backend;
  std::vector<std::map<Key, PullValue>> memo;
  llvm::DenseMap<mlir::Operation *, std::unique_ptr<mlir::Block>> bodies;
  std::vector<std::unique_ptr<mlir::Block>> helpers;
};

/// The place in an operand of `from` that holds the element at `indices` of its reshape to `to`.
std::vector<Index> reshapeIndices(llvm::ArrayRef<Index> indices, const Shape &from, const Shape &to);
/// The place in an operand that broadcasts to a shape of which `indices` is a place.
std::vector<Index> broadcastIndices(llvm::ArrayRef<Index> indices, const Shape &operand);
/// An affine map of a `heddle.generic` at a point of its iteration space.
std::vector<Index> applyMap(mlir::AffineMap map, llvm::ArrayRef<Index> point);

/// Replaces structured ops by their expansion until only generics, movement ops, constants and elementwise ops are
/// left, and those structured ops that `keep` wants. This is what both code generators pull from.
void expandStructured(KernelOp kernel, llvm::function_ref<bool(mlir::Operation *)> keep);
/// Fails, with one error per op, if the kernel holds what cannot be pulled: host steps, weights, dynamic types.
/// Ops that `isAnchor` accepts are left to the caller.
llvm::LogicalResult checkPullable(KernelOp kernel, llvm::function_ref<bool(mlir::Operation *)> isAnchor);

} // namespace heddle

#endif // HEDDLE_CODEGEN_PULL_H
