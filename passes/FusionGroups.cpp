// Implements the partition of a block into fusion groups: anchors with their epilogues first, then everything else
// backwards.
#include "passes/FusionGroups.h"
#include "ir/Schedule.h"
#include "ir/Shapes.h"
#include "ir/StridedView.h"

using namespace mlir;
using namespace heddle;

FusionKind heddle::fusionKind(Operation *op) {
  return llvm::TypeSwitch<Operation *, FusionKind>(op)
      .Case<ElementwiseOpInterface>([](auto) { return FusionKind::Elementwise; })
      .Case<ReshapeOp, TransposeOp, BroadcastOp, SliceOp, ConcatOp, PadOp, IotaOp, GatherOp, GatherElementsOp,
            GatherNDOp>([](auto) { return FusionKind::Movement; })
      .Case<ReduceOp, ArgReduceOp, SoftmaxOp, LayerNormOp>([](auto) { return FusionKind::Reduction; })
      .Case<MatmulOp, ConvOp, PoolOp, GenericOp>([](auto) { return FusionKind::Anchor; })
      .Default([](Operation *) { return FusionKind::None; });
}

static Shape shapeOfResult(Operation *op) { return shapeOf(op->getResult(0).getType()); }

/// Ops whose scalar body costs tens of cycles.
static bool isExpensive(Operation *op) {
  return isa<ExpOp, LogOp, ErfOp, TanhOp, PowOp, SinOp, CosOp, TanOp, SigmoidOp, SwishOp, SoftplusOp, GeluOp, MishOp,
             AsinOp, AcosOp, AtanOp, SinhOp, CoshOp, AsinhOp, AcoshOp, AtanhOp>(op);
}

/// The first of the trailing dimensions that a reduction runs along; nullopt if its dimensions are not trailing.
static std::optional<size_t> firstReducedDim(Operation *op) {
  if (fusionKind(op) != FusionKind::Reduction)
    return std::nullopt;
  size_t rank = shapeOf(op->getOperand(0).getType()).size();
  auto trailing = [&](int64_t axis, size_t count) -> std::optional<size_t> {
    return axis + count == rank ? std::optional<size_t>(axis) : std::nullopt;
  };
  return llvm::TypeSwitch<Operation *, std::optional<size_t>>(op)
      .Case<SoftmaxOp, ArgReduceOp>([&](auto reduction) { return trailing(reduction.getAxis(), 1); })
      .Case<LayerNormOp>([&](LayerNormOp norm) { return static_cast<size_t>(norm.getAxis()); })
      .Case<ReduceOp>([&](ReduceOp reduce) -> std::optional<size_t> {
        ArrayRef<int64_t> axes = reduce.getAxes();
        if (axes.empty() || axes.back() - axes.front() + 1 != static_cast<int64_t>(axes.size()))
          return std::nullopt;
        return trailing(axes.front(), axes.size());
      })
      .Default([](Operation *) { return std::nullopt; });
}

/// True if the op, or a fusible op a few steps before it, reads slices at computed places.
static bool readsGathered(Operation *op, int64_t steps = 8) {
  if (!op || steps == 0)
    return false;
  if (isa<GatherOp, GatherElementsOp, GatherNDOp>(op))
    return true;
  FusionKind kind = fusionKind(op);
  return (kind == FusionKind::Elementwise || kind == FusionKind::Movement) &&
         llvm::any_of(op->getOperands(),
                      [&](Value operand) { return readsGathered(operand.getDefiningOp(), steps - 1); });
}

/// True if neighbours in the result are no neighbours in the operand.
static bool movesLastDim(Operation *op) {
  auto transpose = dyn_cast<TransposeOp>(op);
  return transpose && transpose.getPerm().back() + 1 != static_cast<int64_t>(transpose.getPerm().size());
}

/// True for an op that is the root of a group if no other group has taken it. Reshapes are views; kernels hold copies
/// of the size expressions that they use.
static bool needsKernel(Operation *op) {
  auto isStep = [](Operation *user) { return fusionKind(user) == FusionKind::None || isa<ReshapeOp>(user); };
  if (isa<SizesOp>(op))
    return llvm::any_of(op->getUsers(), isStep);
  return fusionKind(op) != FusionKind::None && !isa<ReshapeOp>(op);
}

namespace {
constexpr size_t maxGroupOps = 48;
/// How often a kernel may hold one op: what a concatenation of a concatenation repeats is emitted once per part.
constexpr size_t maxCopies = 64;

/// The row that all reductions of a group run along.
struct Row {
  Shape shape;
  size_t firstReduced = 0;

  /// True for a value that a row kernel holds: whole rows, or one element per row with or without the dropped
  /// dimensions.
  bool holds(const Shape &value) const {
    if (value == shape)
      return true;
    if (value.size() != shape.size() && value.size() != firstReduced)
      return false;
    for (size_t dim = 0; dim < value.size(); ++dim)
      if (value[dim] != (dim < firstReduced ? shape[dim] : Expr(1)))
        return false;
    return true;
  }
};

class Grouping {
public:
  Grouping(Block &block, function_ref<void(Operation *, StringRef)> refuse) : refuse(refuse) {
    for (Operation &op : block) {
      position[&op] = ops.size();
      ops.push_back(&op);
    }
    taken.assign(ops.size(), false);
  }

  std::vector<FusionGroup> run();

private:
  void growEpilogue(Operation *anchor);
  bool closeOver(SmallVectorImpl<Operation *> &group) const;
  void growOperand(SmallVectorImpl<Operation *> &group, Value operand) const;
  void growTranspose(SmallVectorImpl<Operation *> &group) const;
  void growBackwards(Operation *root);
  StringRef whyNot(Operation *producer, const SetVector<Operation *> &group, std::optional<Row> &row) const;
  StringRef whyNotReduction(Operation *producer, Operation *root, std::optional<Row> &row) const;
  bool usersAllow(Operation *producer, const SetVector<Operation *> &group) const;
  void finish(ArrayRef<Operation *> group);

  function_ref<void(Operation *, StringRef)> refuse;
  SmallVector<Operation *> ops;
  DenseMap<Operation *, size_t> position;
  std::vector<bool> taken;
  std::vector<FusionGroup> groups;
};
} // namespace

std::vector<FusionGroup> Grouping::run() {
  for (Operation *op : ops)
    if (fusionKind(op) == FusionKind::Anchor)
      growEpilogue(op);
  for (Operation *op : llvm::reverse(ops))
    if (!taken[position[op]] && needsKernel(op))
      growBackwards(op);
  llvm::sort(groups, [&](const FusionGroup &a, const FusionGroup &b) {
    return position[a.ops.back()] < position[b.ops.back()];
  });
  return std::move(groups);
}

/// Adds users of the last op until one value alone is used outside the group; false if that takes an op that may not
/// join.
bool Grouping::closeOver(SmallVectorImpl<Operation *> &group) const {
  constexpr size_t maxStep = 10;
  Shape shape = shapeOfResult(group.front());
  size_t limit = group.size() + maxStep;
  while (group.size() < limit && group.size() < maxGroupOps) {
    SmallVector<Operation *> outside;
    for (Operation *op : group)
      llvm::copy_if(op->getUsers(), std::back_inserter(outside),
                    [&](Operation *user) { return !llvm::is_contained(group, user); });
    auto mayJoin = [&](Operation *user) {
      return position.contains(user) && !taken[position.lookup(user)] && fusionKind(user) == FusionKind::Elementwise &&
             shapeOfResult(user) == shape;
    };
    if (outside.empty() || !llvm::all_of(outside, mayJoin))
      return false;
    auto comesFirst = [&](Operation *a, Operation *b) { return position.lookup(a) < position.lookup(b); };
    group.push_back(*llvm::min_element(outside, comesFirst));
    auto isUsedOutside = [&](Operation *op) {
      return llvm::any_of(op->getUsers(), [&](Operation *user) { return !llvm::is_contained(group, user); });
    };
    if (llvm::none_of(ArrayRef(group).drop_back(), isUsedOutside))
      return true;
  }
  return false;
}

void Grouping::growEpilogue(Operation *anchor) {
  SmallVector<Operation *> group = {anchor};
  for (SmallVector<Operation *> longer = group; closeOver(longer);)
    group = longer;
  if (auto product = dyn_cast<MatmulOp>(anchor)) {
    growTranspose(group);
    growOperand(group, product.getA());
    if (product.getPackedNr() == 0)
      growOperand(group, product.getB());
  }
  // The transpose of an image of few channels costs more than reading its planes.
  if (auto conv = dyn_cast<ConvOp>(anchor); conv && readsPlanes(conv)) {
    Operation *transpose = conv.getX().getDefiningOp();
    if (transpose->hasOneUse() && position.contains(transpose) && !taken[position[transpose]])
      group.push_back(transpose);
  }
  finish(group);
}

/// Adds what moves the elements of a product's operand, as far as the product can read them where they are: a head of
/// an attention is a slice of rows.
void Grouping::growOperand(SmallVectorImpl<Operation *> &group, Value operand) const {
  SmallVector<Operation *> chain;
  auto isInside = [&](Operation *user) { return llvm::is_contained(group, user) || llvm::is_contained(chain, user); };
  for (Value at = operand; Operation *op = at.getDefiningOp(); at = op->getOperand(0)) {
    bool isMovement = isa<ReshapeOp, TransposeOp, BroadcastOp, SliceOp>(op);
    if (!isMovement || !position.contains(op) || taken[position.lookup(op)] || !llvm::all_of(op->getUsers(), isInside))
      break;
    chain.push_back(op);
  }
  StridedView view = stridedView(operand, [&](Operation *op) { return llvm::is_contained(chain, op); });
  bool hasLines = view.strides.back().isLiteral(1) || view.strides.end()[-2].isLiteral(1);
  if (view.source == operand || !hasLines)
    return;
  for (Operation *op : chain) {
    group.push_back(op);
    if (op->getOperand(0) == view.source)
      return;
  }
}

/// Adds a transpose of a product's result that keeps rows in one piece, unless another product reads it in place.
void Grouping::growTranspose(SmallVectorImpl<Operation *> &group) const {
  Value last = group.back()->getResult(0);
  auto transpose = last.hasOneUse() ? dyn_cast<TransposeOp>(*last.user_begin()) : TransposeOp();
  if (!transpose || !position.contains(transpose) || taken[position.lookup(transpose)])
    return;
  bool keepsRows = transpose.getPerm().back() == static_cast<int64_t>(transpose.getPerm().size()) - 1;
  if (keepsRows && llvm::none_of(transpose->getUsers(), [](Operation *user) { return isa<MatmulOp>(user); }))
    group.push_back(transpose);
}

/// True if every user of `producer` is in the group, or comes after the root and can take one more result of the root's
/// shape.
bool Grouping::usersAllow(Operation *producer, const SetVector<Operation *> &group) const {
  Operation *root = group.front();
  return llvm::all_of(producer->getUsers(), [&](Operation *user) {
    if (group.contains(user))
      return true;
    return position.contains(user) && position.lookup(user) > position.lookup(root) &&
           fusionKind(producer) == FusionKind::Elementwise && shapeOfResult(producer) == shapeOfResult(root);
  });
}

/// A reduction joins a group of elementwise ops over the same rows.
StringRef Grouping::whyNotReduction(Operation *producer, Operation *root, std::optional<Row> &row) const {
  std::optional<size_t> first = firstReducedDim(producer);
  if (!first)
    return "row-shape";
  Row candidate{shapeOf(producer->getOperand(0).getType()), *first};
  if (row && (row->shape != candidate.shape || row->firstReduced != candidate.firstReduced))
    return "row-shape";
  if (!candidate.holds(shapeOfResult(root)))
    return "row-shape";
  row = candidate;
  return "";
}

/// How often a kernel would hold `producer`: each part of a concatenation reads its operand at places of its own, other
/// users at the same place as their own readers. Saturates above `maxCopies`.
static size_t copiesOf(Operation *producer, const DenseMap<Operation *, size_t> &copies) {
  size_t parts = 0, elsewhere = 1;
  for (OpOperand &use : producer->getUses()) {
    auto user = copies.find(use.getOwner());
    if (user == copies.end())
      continue;
    if (isa<ConcatOp>(user->first))
      parts += user->second;
    else
      elsewhere = std::max(elsewhere, user->second);
  }
  return std::min(std::max(parts, elsewhere), maxCopies + 1);
}

/// The id of the rule that keeps `producer` out of the group; empty if it may join.
StringRef Grouping::whyNot(Operation *producer, const SetVector<Operation *> &group, std::optional<Row> &row) const {
  if (group.size() >= maxGroupOps)
    return "group-size";
  if (!usersAllow(producer, group))
    return "other-users";
  for (Operation *user : producer->getUsers())
    if (isa<GatherOp, GatherElementsOp, GatherNDOp>(user) && user->getOperand(0) == producer->getResult(0))
      return "gather-source";
  Operation *root = group.front();
  if (movesLastDim(root) && readsGathered(producer))
    return "transposed-gather";
  bool holdsReduction = row.has_value();
  switch (fusionKind(producer)) {
  case FusionKind::Elementwise: {
    Shape shape = shapeOfResult(producer);
    const Shape target = holdsReduction ? row->shape : shapeOfResult(root);
    bool isSmaller = shape != target && !(holdsReduction && row->holds(shape));
    return isSmaller && isExpensive(producer) ? "recompute-expensive" : "";
  }
  case FusionKind::Movement:
    return "";
  case FusionKind::Reduction: {
    bool onlyElementwise = llvm::all_of(group, [&](Operation *op) {
      return fusionKind(op) == FusionKind::Elementwise || fusionKind(op) == FusionKind::Reduction || isa<ReshapeOp>(op);
    });
    return onlyElementwise ? whyNotReduction(producer, root, row) : "row-shape";
  }
  case FusionKind::Anchor:
  case FusionKind::None:
    return "other-users";
  }
  llvm_unreachable("every fusion kind is handled");
}

void Grouping::growBackwards(Operation *root) {
  SetVector<Operation *> group;
  group.insert(root);
  DenseMap<Operation *, size_t> copies = {{root, 1}};
  std::optional<Row> row;
  if (std::optional<size_t> first = firstReducedDim(root))
    row = Row{shapeOf(root->getOperand(0).getType()), *first};
  for (size_t index = position[root]; index-- > 0;) {
    Operation *producer = ops[index];
    bool feedsGroup = llvm::any_of(producer->getUsers(), [&](Operation *user) { return group.contains(user); });
    if (!feedsGroup || taken[index] || fusionKind(producer) == FusionKind::None ||
        fusionKind(producer) == FusionKind::Anchor)
      continue;
    size_t count = copiesOf(producer, copies);
    StringRef rule = count > maxCopies ? "group-size" : whyNot(producer, group, row);
    if (!rule.empty()) {
      refuse(producer, rule);
      continue;
    }
    group.insert(producer);
    copies[producer] = count;
  }
  finish(group.getArrayRef());
}

/// Records a group without the reshapes at its border: those are views of what comes in.
void Grouping::finish(ArrayRef<Operation *> members) {
  SetVector<Operation *> group(members.begin(), members.end());
  bool changed = true;
  while (changed) {
    changed = false;
    for (Operation *op : group.getArrayRef().vec()) {
      Operation *source = isa<ReshapeOp>(op) ? op->getOperand(0).getDefiningOp() : nullptr;
      if (!isa<ReshapeOp>(op) || (source && group.contains(source)))
        continue;
      group.remove(op);
      changed = true;
    }
  }
  FusionGroup result;
  llvm::append_range(result.ops, group);
  llvm::sort(result.ops, [&](Operation *a, Operation *b) { return position[a] < position[b]; });
  for (Operation *op : result.ops)
    taken[position[op]] = true;
  groups.push_back(std::move(result));
}

std::vector<FusionGroup> heddle::formGroups(Block &block, function_ref<void(Operation *, StringRef)> refuse) {
  return Grouping(block, refuse).run();
}
