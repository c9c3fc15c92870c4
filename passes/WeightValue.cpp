// Implements weights behind movement.
#include "passes/WeightValue.h"
#include "ir/Shapes.h"
#include "ir/reference/TensorValue.h"

using namespace mlir;
using namespace heddle;

/// Steps that a transform of a model may have; `parseTransform` takes 64.
static constexpr size_t maxSteps = 32;

/// The sizes if all are literal.
static std::optional<std::vector<int64_t>> literals(const Shape &sizes) {
  std::vector<int64_t> values;
  for (const Expr &size : sizes) {
    if (!size.literal())
      return std::nullopt;
    values.push_back(*size.literal());
  }
  return values;
}

/// What a movement op does to its operand.
static std::optional<weight::Step> stepOf(Operation *op) {
  std::optional<std::vector<int64_t>> sizes = literals(shapeOf(op->getResult(0).getType()));
  if (!sizes)
    return std::nullopt;
  if (auto transpose = dyn_cast<TransposeOp>(op))
    return weight::Permute{transpose.getPerm().vec()};
  if (isa<ReshapeOp>(op))
    return weight::Reshape{*sizes};
  auto slice = cast<SliceOp>(op);
  auto starts = literals(slice.getStarts().exprs()), steps = literals(slice.getSteps().exprs());
  if (!starts || !steps)
    return std::nullopt;
  return weight::Slice{*starts, *sizes, *steps};
}

TypedAttr heddle::constantAttr(DenseElementsAttr dense, WeightStore::Entry entry, WeightStore &weights) {
  if (dense.isSplat() || int64_t(entry.bytes.size()) <= maxInlineBytes)
    return dense;
  return WeightAttr::get(dense.getContext(), weights.add(std::move(entry)), "", dense.getType());
}

std::optional<WeightValue> heddle::weightValueOf(Value value) {
  SmallVector<Operation *> moves;
  Operation *op = value.getDefiningOp();
  for (; isa_and_nonnull<TransposeOp, ReshapeOp, SliceOp>(op); op = op->getOperand(0).getDefiningOp())
    moves.push_back(op);
  auto constant = dyn_cast_or_null<ConstantOp>(op);
  if (!constant)
    return std::nullopt;
  WeightValue result{constant, {}};
  if (auto reference = dyn_cast<WeightAttr>(constant.getValue())) {
    Result<WeightTransform> known = parseTransform(reference.getTransform());
    if (!known)
      return std::nullopt;
    result.steps = std::move(*known);
  }
  for (Operation *move : llvm::reverse(moves)) {
    std::optional<weight::Step> step = stepOf(move);
    if (!step)
      return std::nullopt;
    result.steps.push_back(*step);
  }
  return result.steps.size() > maxSteps ? std::nullopt : std::optional(result);
}

ConstantOp WeightValue::build(OpBuilder &builder, Location loc, ArrayRef<weight::Step> more,
                              RankedTensorType type) const {
  MLIRContext *context = builder.getContext();
  std::string digest;
  TypedAttr constant = ConstantOp(source).getValue();
  if (auto reference = dyn_cast<WeightAttr>(constant)) {
    digest = reference.getDigest();
  } else {
    WeightStore &weights = context->getLoadedDialect<HeddleDialect>()->weights();
    Result<TensorValue> value = valueOf(constant, weights);
    assert(value && "inline constants of numbers have values");
    bool isSplat = cast<DenseElementsAttr>(constant).isSplat();
    auto bytes = isSplat ? value->bytes.first(size_t(byteWidth(value->type))) : value->bytes;
    digest = weights.add({value->type, value->shape, bytes, value->owner, /*name=*/""});
  }
  WeightTransform all = steps;
  all.insert(all.end(), more.begin(), more.end());
  auto attribute = WeightAttr::get(context, digest, printTransform(all), type);
  return ConstantOp::create(builder, loc, type, attribute);
}
