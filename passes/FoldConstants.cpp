// heddle-fold-constants: ops on inline constants become the constants that the evaluator gives.
#include "ir/Shapes.h"
#include "ir/reference/Evaluator.h"
#include "mlir/IR/Remarks.h"
#include "passes/Passes.h"
#include "passes/WeightValue.h"

namespace heddle {
#define GEN_PASS_DEF_FOLDCONSTANTS
#include "passes/Passes.h.inc"
} // namespace heddle

using namespace mlir;
using namespace heddle;

/// A result that grows by more than this stays an op.
static constexpr int64_t maxGrowth = 8;

/// Bytes of a tensor of a static shape; nullopt for others, and where they cannot be counted.
static std::optional<int64_t> staticBytes(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  std::optional<DType> element = type ? dtypeOf(type) : std::nullopt;
  if (!element || !type.hasStaticShape())
    return std::nullopt;
  int64_t bytes = byteWidth(*element);
  for (int64_t size : type.getShape())
    if (__builtin_mul_overflow(bytes, size, &bytes))
      return std::nullopt;
  return bytes;
}

static bool isComputation(Operation *op) {
  return isa<ElementwiseOpInterface, StructuredOpInterface, GenericOp, ReshapeOp, TransposeOp, BroadcastOp, SliceOp,
             ConcatOp, PadOp>(op);
}

static void remarkMissed(Operation *op, const std::string &reason) {
  remark::missed(op->getLoc(), remark::RemarkOpts::name("fold-constants").category("heddle.graph"))
      << remark::reason("{0}", reason);
}

namespace {
struct FoldConstants final : heddle::impl::FoldConstantsBase<FoldConstants> {
  using FoldConstantsBase::FoldConstantsBase;

  void runOnOperation() override;

private:
  std::optional<std::vector<TensorValue>> operandsOf(Operation *op);
  bool isWorthwhile(Operation *op);
  void fold(Operation *op, const WeightStore &weights);
  void materialize(Operation *op, WeightStore &weights);

  std::vector<Operation *> folded;
  llvm::DenseMap<Value, TensorValue> values; ///< Results of folded ops, and inline constants that were read.
  int64_t spent = 0;
};
} // namespace

/// The values of all operands; nullopt if one is no inline constant and not folded, or too large to be read.
std::optional<std::vector<TensorValue>> FoldConstants::operandsOf(Operation *op) {
  std::vector<TensorValue> operands;
  for (Value operand : op->getOperands()) {
    auto found = values.find(operand);
    if (found != values.end()) {
      operands.push_back(found->second);
      continue;
    }
    auto constant = operand.getDefiningOp<ConstantOp>();
    std::optional<int64_t> bytes = staticBytes(operand);
    if (!constant || !isa<DenseElementsAttr>(constant.getValue()) || !bytes || *bytes > nodeBudget)
      return std::nullopt;
    Result<TensorValue> value = valueOf(constant.getValue(), WeightStore());
    if (!value)
      return std::nullopt;
    values[operand] = *value;
    operands.push_back(std::move(*value));
  }
  return operands;
}

/// Applies the rules on sizes, and counts the result against the budget.
bool FoldConstants::isWorthwhile(Operation *op) {
  int64_t operandBytes = 0;
  for (Value operand : op->getOperands())
    operandBytes += staticBytes(operand).value_or(0);
  std::optional<int64_t> bytes = staticBytes(op->getResult(0));
  if (!bytes)
    return false;
  if (*bytes > maxInlineBytes && *bytes / maxGrowth > operandBytes) {
    remarkMissed(op, "the result is much larger than the operands");
    return false;
  }
  if (*bytes > nodeBudget || spent > totalBudget - *bytes) {
    remarkMissed(op, "the result is over the budget");
    return false;
  }
  spent += *bytes;
  return true;
}

void FoldConstants::fold(Operation *op, const WeightStore &weights) {
  if (!isComputation(op) || op->getNumResults() != 1)
    return;
  std::optional<std::vector<TensorValue>> operands = operandsOf(op);
  if (!operands || !isWorthwhile(op))
    return;
  Result<std::vector<TensorValue>> results = Evaluator({}, weights).evaluate(op, *operands);
  if (!results)
    return remarkMissed(op, results.status().message());
  values[op->getResult(0)] = results->front();
  folded.push_back(op);
}

/// Puts a constant before a folded op whose result others use.
void FoldConstants::materialize(Operation *op, WeightStore &weights) {
  Value result = op->getResult(0);
  bool isRead = llvm::any_of(result.getUsers(), [&](Operation *user) {
    return user->getNumResults() != 1 || !isComputation(user) || !values.contains(user->getResult(0));
  });
  if (!isRead)
    return;
  const TensorValue &value = values[result];
  auto type = cast<RankedTensorType>(result.getType());
  OpBuilder builder(op);
  TypedAttr attribute =
      constantAttr(denseOf(value, type), {value.type, value.shape, value.bytes, value.owner, /*name=*/""}, weights);
  result.replaceAllUsesWith(ConstantOp::create(builder, op->getLoc(), type, attribute));
}

void FoldConstants::runOnOperation() {
  WeightStore &weights = getContext().getLoadedDialect<HeddleDialect>()->weights();
  folded.clear();
  values.clear();
  spent = 0;
  for (func::FuncOp function : getOperation().getOps<func::FuncOp>())
    function.walk<WalkOrder::PreOrder>([&](Operation *op) { fold(op, weights); });
  for (Operation *op : folded)
    materialize(op, weights);
  for (Operation *op : llvm::reverse(folded))
    op->erase();
  remark::passed(getOperation().getLoc(), remark::RemarkOpts::name("fold-constants").category("heddle.graph"))
      << remark::metric("folded", static_cast<int64_t>(folded.size()));
}
