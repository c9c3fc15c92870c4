// heddle-order-launches: an order of launches in which fewer bytes are alive at once.
#include "ir/Shapes.h"
#include "mlir/IR/Remarks.h"
#include "passes/Passes.h"

namespace heddle {
#define GEN_PASS_DEF_ORDERLAUNCHES
#include "passes/Passes.h.inc"
} // namespace heddle

using namespace mlir;
using namespace heddle;

/// What an open size counts as where bytes are compared: only the proportions matter.
static constexpr int64_t representativeSize = 64;

static int64_t representativeBytes(Value value) {
  Expr elements = elementCount(shapeOf(value.getType()));
  std::set<std::string> symbols;
  elements.collectSymbols(symbols);
  SymbolValues values;
  for (const std::string &symbol : symbols)
    values[symbol] = representativeSize;
  Result<int64_t> count = elements.evaluate(values);
  return count ? std::max<int64_t>(*count, 0) * byteWidth(*dtypeOf(value.getType())) : 0;
}

static bool isView(Operation *op) { return isa<ReshapeOp, SliceOp, ConstantOp>(op); }

/// Steps whose order is free but for their operands. A step that defines symbols, may fail or has regions is none.
static bool isMovable(Operation *op) {
  if (auto call = dyn_cast<HostCallOp>(op))
    return call.getDefines().empty();
  return isa<LaunchOp, ConcatOp>(op) || isView(op);
}

/// The value whose bytes `value` shows.
static Value rootOf(Value value) {
  while (isa_and_nonnull<ReshapeOp, SliceOp>(value.getDefiningOp()))
    value = value.getDefiningOp()->getOperand(0);
  return value;
}

namespace {
/// A run of movable ops of one block, and the bytes that are alive while it executes in some order. Bytes of values
/// that neither are made nor end in the run are the same in all orders, and are left out.
class Segment {
public:
  explicit Segment(ArrayRef<Operation *> ops);

  /// The most bytes alive at one op.
  int64_t peakOf(ArrayRef<Operation *> order) const;
  /// Of the ops that are ready the one that adds fewest bytes, then the first in the given order.
  SmallVector<Operation *> greedyOrder() const;

private:
  using Readers = DenseMap<Value, SmallPtrSet<Operation *, 4>>;

  int64_t bornAt(Operation *op) const;
  int64_t endingAt(Operation *op, const Readers &left) const;
  static void retire(Operation *op, Readers &left);
  bool isReady(Operation *op, const SmallPtrSetImpl<Operation *> &done) const;

  SmallVector<Operation *> ops;
  SmallPtrSet<Operation *, 16> members;
  /// Of each value that ends in the segment: the ops that read it, directly or through a view.
  Readers readers;
  DenseMap<Value, int64_t> bytes;
};
} // namespace

Segment::Segment(ArrayRef<Operation *> ops) : ops(ops), members(ops.begin(), ops.end()) {
  SmallPtrSet<Value, 8> outlives;
  Block *block = ops.front()->getBlock();
  for (Operation *op : ops)
    for (Value operand : op->getOperands())
      if (Value root = rootOf(operand); root.getDefiningOp() && root.getParentBlock() == block && !isView(op))
        readers[root].insert(op);
  auto usedOutside = [&](Value value) {
    return llvm::any_of(value.getUsers(), [&](Operation *user) { return !members.contains(user); });
  };
  for (Operation &op : *block)
    for (Value result : op.getResults())
      if (usedOutside(result))
        outlives.insert(rootOf(result));
  for (Operation *op : ops)
    for (Value result : op->getResults())
      if (!isView(op))
        bytes[result] = representativeBytes(result);
  for (Value value : outlives)
    readers.erase(value);
  for (auto &[value, ignored] : readers)
    bytes.try_emplace(value, isView(value.getDefiningOp()) ? 0 : representativeBytes(value));
}

int64_t Segment::bornAt(Operation *op) const {
  int64_t born = 0;
  for (Value result : op->getResults())
    born += bytes.lookup(result);
  return born;
}

int64_t Segment::endingAt(Operation *op, const Readers &left) const {
  int64_t ending = 0;
  SmallPtrSet<Value, 4> seen;
  for (Value operand : op->getOperands())
    if (Value root = rootOf(operand); seen.insert(root).second)
      if (auto found = left.find(root); found != left.end() && found->second.size() == 1)
        ending += bytes.lookup(root);
  return ending;
}

void Segment::retire(Operation *op, Readers &left) {
  for (Value operand : op->getOperands())
    if (auto found = left.find(rootOf(operand)); found != left.end())
      found->second.erase(op);
}

int64_t Segment::peakOf(ArrayRef<Operation *> order) const {
  Readers left = readers;
  int64_t alive = 0, peak = 0;
  for (Operation *op : order) {
    if (isView(op))
      continue;
    alive += bornAt(op);
    peak = std::max(peak, alive);
    alive -= endingAt(op, left);
    retire(op, left);
  }
  return peak;
}

bool Segment::isReady(Operation *op, const SmallPtrSetImpl<Operation *> &done) const {
  return llvm::all_of(op->getOperands(), [&](Value operand) {
    Operation *maker = operand.getDefiningOp();
    return !maker || !members.contains(maker) || done.contains(maker);
  });
}

SmallVector<Operation *> Segment::greedyOrder() const {
  Readers left = readers;
  SmallPtrSet<Operation *, 16> done, listed;
  SmallVector<Operation *> order, ready;
  auto list = [&](Operation *op) {
    if (isReady(op, done) && listed.insert(op).second)
      ready.push_back(op);
  };
  llvm::for_each(ops, list);
  DenseMap<Operation *, size_t> position;
  for (auto [index, op] : llvm::enumerate(ops))
    position[op] = index;
  while (!ready.empty()) {
    auto cost = [&](Operation *op) {
      int64_t added = isView(op) ? std::numeric_limits<int64_t>::min() : bornAt(op) - endingAt(op, left);
      return std::pair(added, position.lookup(op));
    };
    auto best = llvm::min_element(ready, [&](Operation *a, Operation *b) { return cost(a) < cost(b); });
    Operation *op = *best;
    ready.erase(best);
    if (!isView(op))
      retire(op, left);
    done.insert(op);
    order.push_back(op);
    for (Operation *user : op->getUsers())
      if (members.contains(user))
        list(user);
  }
  return order;
}

/// Puts the ops of a segment in the order in which fewer bytes are alive; returns how many fewer.
static int64_t improve(ArrayRef<Operation *> ops) {
  Segment segment(ops);
  SmallVector<Operation *> order = segment.greedyOrder();
  int64_t saved = segment.peakOf(ops) - segment.peakOf(order);
  if (saved <= 0)
    return 0;
  Operation *behind = ops.back()->getNextNode();
  for (Operation *op : order)
    op->moveBefore(behind);
  return saved;
}

namespace {
struct OrderLaunches final : heddle::impl::OrderLaunchesBase<OrderLaunches> {
  void runOnOperation() override {
    int64_t saved = 0;
    getOperation().walk([&](Block *block) {
      SmallVector<Operation *> segment;
      for (Operation &op : llvm::make_early_inc_range(*block)) {
        if (isMovable(&op)) {
          segment.push_back(&op);
          continue;
        }
        if (segment.size() > 1)
          saved += improve(segment);
        segment.clear();
      }
    });
    if (saved == 0)
      return markAllAnalysesPreserved();
    remark::passed(getOperation().getLoc(), remark::RemarkOpts::name("order-launches").category("heddle.plan"))
        << remark::metric("saved-bytes", saved);
  }
};
} // namespace
