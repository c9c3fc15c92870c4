// heddle-choose-layouts: convolutions compute channels last, and what lies between them follows.
#include "ir/Shapes.h"
#include "mlir/IR/Remarks.h"
#include "passes/Passes.h"
#include "passes/WeightValue.h"

namespace heddle {
#define GEN_PASS_DEF_CHOOSELAYOUTS
#include "passes/Passes.h.inc"
} // namespace heddle

using namespace mlir;
using namespace heddle;

/// [N, C, spatial...] -> [N, spatial..., C].
static SmallVector<int64_t> toLast(size_t rank) {
  SmallVector<int64_t> perm = {0};
  for (size_t dim = 2; dim < rank; ++dim)
    perm.push_back(static_cast<int64_t>(dim));
  if (rank > 1)
    perm.push_back(1);
  return perm;
}

/// [N, spatial..., C] -> [N, C, spatial...].
static SmallVector<int64_t> toFirst(size_t rank) {
  SmallVector<int64_t> perm = {0};
  if (rank > 1)
    perm.push_back(static_cast<int64_t>(rank) - 1);
  for (size_t dim = 2; dim < rank; ++dim)
    perm.push_back(static_cast<int64_t>(dim) - 1);
  return perm;
}

/// Where dimension `dim` of a channels-first tensor stands when the channels are last.
static int64_t dimInLast(int64_t dim, size_t rank) {
  return dim == 0 ? 0 : dim == 1 ? static_cast<int64_t>(rank) - 1 : dim - 1;
}

static Shape permuted(const Shape &shape, ArrayRef<int64_t> perm) {
  Shape result;
  for (int64_t dim : perm)
    result.push_back(shape[dim]);
  return result;
}

/// True if the permutation moves only dimensions of size 1: then the elements keep their order.
static bool keepsOrder(const Shape &shape, ArrayRef<int64_t> perm) {
  int64_t last = -1;
  for (int64_t dim : perm) {
    if (shape[dim].isLiteral(1))
      continue;
    if (dim < last)
      return false;
    last = dim;
  }
  return true;
}

static Value permute(OpBuilder &b, Location loc, Value x, ArrayRef<int64_t> perm) {
  Shape shape = shapeOf(x.getType());
  if (llvm::equal(perm, llvm::seq<int64_t>(0, perm.size())))
    return x;
  if (keepsOrder(shape, perm))
    return ReshapeOp::create(b, loc, tensorType(permuted(shape, perm), getElementTypeOrSelf(x)), x);
  return TransposeOp::create(b, loc, x, perm);
}

namespace {
/// One pass over a function, in program order. A value whose elements also exist channels last is known by both; what
/// reads it is rebuilt on the latter. The value in its old order stays behind for those that need it.
class LayoutSweep {
public:
  void run(func::FuncOp function);
  int64_t moved() const { return movedOps; }

private:
  void visit(Operation *op);
  Value lastOf(Value x);
  bool isKnown(Value x) const { return channelsLast.contains(x); }
  bool mostAreKnown(ValueRange operands, const Shape &result) const;
  void replace(Operation *op, Value y);

  void visitConv(ConvOp op);
  void visitPool(PoolOp op);
  void visitElementwise(Operation *op);
  void visitConcat(ConcatOp op);
  void visitReduce(ReduceOp op);
  void visitReshape(ReshapeOp op);
  void visitTranspose(TransposeOp op);
  void rebuild(Operation *op, ArrayRef<unsigned> operands, function_ref<void(Operation *)> adapt);

  llvm::DenseMap<Value, Value> channelsLast;
  int64_t movedOps = 0;
};
} // namespace

/// `x` channels last, made right behind `x` if it does not exist.
Value LayoutSweep::lastOf(Value x) {
  if (Value known = channelsLast.lookup(x))
    return known;
  OpBuilder b(x.getContext());
  b.setInsertionPointAfterValue(x);
  Value made = permute(b, x.getLoc(), x, toLast(shapeOf(x.getType()).size()));
  return channelsLast[x] = made;
}

/// True if following costs no more transposes than it saves. Only operands of the result's shape count; others are
/// small.
bool LayoutSweep::mostAreKnown(ValueRange operands, const Shape &result) const {
  int64_t known = 0, others = 0;
  bool any = false;
  for (Value operand : operands) {
    Shape shape = shapeOf(operand.getType());
    any |= shape.size() == result.size() && isKnown(operand);
    if (shape == result && !keepsOrder(shape, toLast(shape.size())))
      ++(isKnown(operand) ? known : others);
  }
  return any && known >= others;
}

/// Lets `y`, which is channels last, stand for the only result of `op`.
void LayoutSweep::replace(Operation *op, Value y) {
  OpBuilder b(op);
  Value first = permute(b, op->getLoc(), y, toFirst(shapeOf(y.getType()).size()));
  if (first != y)
    channelsLast[first] = y;
  op->getResult(0).replaceAllUsesWith(first);
  op->erase();
  ++movedOps;
}

/// Clones `op` on the channels-last forms of these operands, with a result of the permuted shape.
void LayoutSweep::rebuild(Operation *op, ArrayRef<unsigned> operands, function_ref<void(Operation *)> adapt) {
  Type old = op->getResult(0).getType();
  IRMapping mapping;
  for (unsigned operand : operands)
    mapping.map(op->getOperand(operand), lastOf(op->getOperand(operand)));
  OpBuilder b(op);
  Operation *clone = b.clone(*op, mapping);
  Shape shape = shapeOf(old);
  clone->getResult(0).setType(tensorType(permuted(shape, toLast(shape.size())), getElementTypeOrSelf(old)));
  adapt(clone);
  replace(op, clone->getResult(0));
}

/// The channels of the filters must be panels in the end, or reading them channels last is slow.
void LayoutSweep::visitConv(ConvOp op) {
  auto filters = cast<RankedTensorType>(op.getW().getType());
  bool isPlain = getElementTypeOrSelf(op.getX()).isF32() && filters.hasStaticShape();
  if (op.getLayout() == ConvLayout::NCHW && isPlain && weightValueOf(op.getW()))
    rebuild(op, {0}, [](Operation *clone) { cast<ConvOp>(clone).setLayout(ConvLayout::NHWC); });
}

void LayoutSweep::visitPool(PoolOp op) {
  if (op.getLayout() == ConvLayout::NCHW && isKnown(op.getX()))
    rebuild(op, {0}, [](Operation *clone) { cast<PoolOp>(clone).setLayout(ConvLayout::NHWC); });
}

/// Operands of lower rank get leading dimensions of size 1, so that they can be permuted like the others.
void LayoutSweep::visitElementwise(Operation *op) {
  Shape result = shapeOf(op->getResult(0).getType());
  size_t rank = result.size();
  if (rank < 3 || !mostAreKnown(op->getOperands(), result))
    return;
  SmallVector<unsigned> moved;
  OpBuilder b(op);
  for (OpOperand &operand : op->getOpOperands()) {
    Shape shape = shapeOf(operand.get().getType());
    if (elementCount(shape).isLiteral(1))
      continue;
    if (shape.size() < rank) {
      shape.insert(shape.begin(), rank - shape.size(), Expr(1));
      operand.set(
          ReshapeOp::create(b, op->getLoc(), tensorType(shape, getElementTypeOrSelf(operand.get())), operand.get()));
    }
    moved.push_back(operand.getOperandNumber());
  }
  rebuild(op, moved, [](Operation *) {});
}

void LayoutSweep::visitConcat(ConcatOp op) {
  size_t rank = shapeOf(op.getY().getType()).size();
  int64_t known = llvm::count_if(op.getParts(), [&](Value part) { return isKnown(part); });
  if (rank < 3 || 2 * known < static_cast<int64_t>(op.getParts().size()))
    return;
  SmallVector<unsigned> parts = llvm::to_vector(llvm::seq<unsigned>(0, op.getParts().size()));
  rebuild(op, parts, [&](Operation *clone) { cast<ConcatOp>(clone).setAxis(dimInLast(op.getAxis(), rank)); });
}

/// Dropping the channels, or all other dimensions, leaves no order to restore.
void LayoutSweep::visitReduce(ReduceOp op) {
  if (!isKnown(op.getX()) || llvm::is_contained(op.getAxes(), 0))
    return;
  size_t rank = shapeOf(op.getX().getType()).size();
  SmallVector<int64_t> axes;
  for (int64_t axis : op.getAxes())
    axes.push_back(dimInLast(axis, rank));
  llvm::sort(axes);
  OpBuilder b(op);
  Value y = ReduceOp::create(b, op.getLoc(), op.getKind(), lastOf(op.getX()), axes);
  if (!llvm::is_contained(op.getAxes(), 1))
    return replace(op, y);
  op.getY().replaceAllUsesWith(y);
  op->erase();
  ++movedOps;
}

/// A reshape that keeps batch and channels is one of the other dimensions in either order.
void LayoutSweep::visitReshape(ReshapeOp op) {
  Shape from = shapeOf(op.getX().getType()), to = shapeOf(op.getY().getType());
  if (!isKnown(op.getX()) || from.size() < 3 || to.size() < 3 || from[0] != to[0] || from[1] != to[1])
    return;
  OpBuilder b(op);
  Type type = tensorType(permuted(to, toLast(to.size())), getElementTypeOrSelf(op.getY()));
  channelsLast[op.getY()] = ReshapeOp::create(b, op.getLoc(), type, lastOf(op.getX()));
}

/// Reads what is channels last directly; a transpose that makes channels first of something is that something known.
void LayoutSweep::visitTranspose(TransposeOp op) {
  size_t rank = op.getPerm().size();
  if (isKnown(op.getX())) {
    SmallVector<int64_t> perm;
    for (int64_t dim : op.getPerm())
      perm.push_back(dimInLast(dim, rank));
    OpBuilder b(op);
    op.getY().replaceAllUsesWith(permute(b, op.getLoc(), lastOf(op.getX()), perm));
    op->erase();
    ++movedOps;
    return;
  }
  if (rank > 3 && llvm::equal(op.getPerm(), toFirst(rank)))
    channelsLast[op.getY()] = op.getX();
}

void LayoutSweep::visit(Operation *op) {
  auto isFollowing = [&](Value x, size_t minRank) { return isKnown(x) && shapeOf(x.getType()).size() >= minRank; };
  auto dims = [](DimsAttr attr) {
    Shape exprs = attr.exprs();
    return DimsAttr::get(attr.getContext(), permuted(exprs, toLast(exprs.size())));
  };
  llvm::TypeSwitch<Operation *>(op)
      .Case([&](ConvOp conv) { visitConv(conv); })
      .Case([&](PoolOp pool) { visitPool(pool); })
      .Case([&](ConcatOp concat) { visitConcat(concat); })
      .Case([&](ReduceOp reduce) { visitReduce(reduce); })
      .Case([&](ReshapeOp reshape) { visitReshape(reshape); })
      .Case([&](TransposeOp transpose) { visitTranspose(transpose); })
      .Case([&](ElementwiseOpInterface) { visitElementwise(op); })
      .Case([&](SliceOp slice) {
        if (isFollowing(slice.getX(), 3))
          rebuild(op, {0}, [&](Operation *clone) {
            cast<SliceOp>(clone).setStartsAttr(dims(slice.getStarts()));
            cast<SliceOp>(clone).setStepsAttr(dims(slice.getSteps()));
          });
      })
      .Case([&](PadOp pad) {
        if (isFollowing(pad.getX(), 3))
          rebuild(op, {0}, [&](Operation *clone) { cast<PadOp>(clone).setLowAttr(dims(pad.getLow())); });
      })
      .Case([&](BroadcastOp broadcast) {
        size_t rank = shapeOf(broadcast.getY().getType()).size();
        if (isFollowing(broadcast.getX(), 3) && shapeOf(broadcast.getX().getType()).size() == rank)
          rebuild(op, {0}, [](Operation *) {});
      })
      .Case([&](GatherOp gather) {
        size_t rank = shapeOf(gather.getX().getType()).size();
        if (isFollowing(gather.getX(), 3) && shapeOf(gather.getIndices().getType()).size() == 1)
          rebuild(op, {0}, [&](Operation *clone) { cast<GatherOp>(clone).setAxis(dimInLast(gather.getAxis(), rank)); });
      })
      .Case([&](SoftmaxOp softmax) {
        size_t rank = shapeOf(softmax.getX().getType()).size();
        if (isFollowing(softmax.getX(), 3))
          rebuild(op, {0},
                  [&](Operation *clone) { cast<SoftmaxOp>(clone).setAxis(dimInLast(softmax.getAxis(), rank)); });
      });
}

void LayoutSweep::run(func::FuncOp function) {
  // Outer blocks first: what a branch adds behind an outer value is not visited.
  function.walk<WalkOrder::PreOrder>([&](Block *block) {
    for (Operation &op : llvm::make_early_inc_range(*block))
      visit(&op);
  });
}

namespace {
struct ChooseLayouts final : heddle::impl::ChooseLayoutsBase<ChooseLayouts> {
  void runOnOperation() override {
    LayoutSweep sweep;
    sweep.run(getOperation());
    remark::passed(getOperation().getLoc(), remark::RemarkOpts::name("choose-layouts").category("heddle.graph"))
        << remark::metric("moved", sweep.moved());
  }
};
} // namespace
