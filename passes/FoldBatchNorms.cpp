// heddle-fold-batch-norms: what multiplies and shifts the channels of a convolution becomes part of its filters.
#include "ir/Shapes.h"
#include "ir/reference/Evaluator.h"
#include "mlir/IR/Remarks.h"
#include "passes/Passes.h"
#include "passes/WeightValue.h"
#include <cmath>

namespace heddle {
#define GEN_PASS_DEF_FOLDBATCHNORMS
#include "passes/Passes.h.inc"
} // namespace heddle

using namespace mlir;
using namespace heddle;

/// Elements of a constant that may be evaluated here: channels, not images.
static constexpr int64_t maxElements = 65536;
/// Larger constants live in the WeightStore.
static constexpr size_t maxInlineBytes = 1024;

namespace {
/// `scale * x + shift`, per output channel.
struct Affine {
  std::vector<double> scale, shift;
  bool isScaled = false;

  explicit Affine(int64_t channels) : scale(size_t(channels), 1.0), shift(size_t(channels), 0.0) {}

  bool isFinite() const {
    auto finite = [](double value) { return std::isfinite(static_cast<float>(value)); };
    return llvm::all_of(scale, finite) && llvm::all_of(shift, finite);
  }
};

class BatchNormFolder {
public:
  explicit BatchNormFolder(WeightStore &weights) : weights(weights) {}

  bool fold(ConvOp conv);

private:
  std::optional<TensorValue> constantOf(Value value);
  std::optional<std::vector<double>> perChannel(Value value, size_t rank, int64_t channels);
  bool append(Affine &affine, Operation *op, Value x);
  Value vectorConstant(OpBuilder &b, Location loc, ArrayRef<double> values);

  WeightStore &weights;
};
} // namespace

/// What a small tree of constants, movement and elementwise ops evaluates to.
std::optional<TensorValue> BatchNormFolder::constantOf(Value value) {
  Operation *op = value.getDefiningOp();
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!op || !type || !type.hasStaticShape() || type.getNumElements() > maxElements || op->getNumResults() != 1)
    return std::nullopt;
  if (auto constant = dyn_cast<ConstantOp>(op)) {
    Result<TensorValue> known = valueOf(constant.getValue(), weights);
    return known ? std::optional(*known) : std::nullopt;
  }
  if (!isa<ElementwiseOpInterface, ReshapeOp, TransposeOp>(op))
    return std::nullopt;
  std::vector<TensorValue> operands;
  for (Value operand : op->getOperands()) {
    std::optional<TensorValue> known = constantOf(operand);
    if (!known)
      return std::nullopt;
    operands.push_back(std::move(*known));
  }
  Result<std::vector<TensorValue>> results = Evaluator({}, weights).evaluate(op, operands);
  return results ? std::optional(results->front()) : std::nullopt;
}

/// One value per channel, if `value` broadcasts to images only along their channels.
std::optional<std::vector<double>> BatchNormFolder::perChannel(Value value, size_t rank, int64_t channels) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || !type.hasStaticShape() || !type.getElementType().isF32() || type.getRank() > int64_t(rank))
    return std::nullopt;
  int64_t added = int64_t(rank) - type.getRank(), count = 1;
  for (auto [dim, size] : llvm::enumerate(type.getShape())) {
    bool isChannel = int64_t(dim) + added == 1;
    if (size != 1 && !(isChannel && size == channels))
      return std::nullopt;
    count *= size;
  }
  std::optional<TensorValue> constant = constantOf(value);
  if (!constant)
    return std::nullopt;
  std::vector<float> elements = constant->as<float>();
  std::vector<double> result(size_t(channels), elements[0]);
  if (count > 1)
    std::copy(elements.begin(), elements.end(), result.begin());
  return result;
}

/// Composes `affine` with `op`, one of whose operands is `x`; false if it is no such op.
bool BatchNormFolder::append(Affine &affine, Operation *op, Value x) {
  if (!isa<AddOp, SubOp, MulOp, DivOp>(op) || op->getOperand(0) == op->getOperand(1) ||
      op->getResult(0).getType() != x.getType())
    return false;
  bool isFirst = op->getOperand(0) == x;
  auto values = perChannel(op->getOperand(isFirst ? 1 : 0), shapeOf(x.getType()).size(), affine.scale.size());
  if (!values || (isa<DivOp>(op) && !isFirst))
    return false;
  affine.isScaled |= isa<MulOp, DivOp>(op);
  for (auto [scale, shift, value] : llvm::zip(affine.scale, affine.shift, *values)) {
    if (isa<MulOp, DivOp>(op)) {
      double factor = isa<MulOp>(op) ? value : 1 / value;
      scale *= factor;
      shift *= factor;
    } else if (isa<AddOp>(op)) {
      shift += value;
    } else {
      scale *= isFirst ? 1 : -1;
      shift = isFirst ? shift - value : value - shift;
    }
  }
  return true;
}

/// One value per channel; a long vector lives in the store.
Value BatchNormFolder::vectorConstant(OpBuilder &b, Location loc, ArrayRef<double> values) {
  auto narrow = std::make_shared<std::vector<float>>(values.begin(), values.end());
  auto count = static_cast<int64_t>(narrow->size());
  auto type = RankedTensorType::get({count}, b.getF32Type());
  auto dense = DenseElementsAttr::get(type, ArrayRef<float>(*narrow));
  TypedAttr attribute = dense;
  if (auto bytes = std::as_bytes(std::span(*narrow)); bytes.size() > maxInlineBytes && !dense.isSplat()) {
    std::string digest = weights.add({DType::F32, {count}, bytes, narrow, /*name=*/""});
    attribute = WeightAttr::get(b.getContext(), digest, "", type);
  }
  return ConstantOp::create(b, loc, type, attribute);
}

bool BatchNormFolder::fold(ConvOp conv) {
  std::optional<WeightValue> filters = weightValueOf(conv.getW());
  auto type = cast<RankedTensorType>(conv.getW().getType());
  if (!filters || conv.getPackedNr() != 0 || conv.getLayout() != ConvLayout::NCHW || !type.getElementType().isF32() ||
      !type.hasStaticShape())
    return false;
  Affine affine(type.getDimSize(0));
  Value last = conv.getY();
  Affine folded = affine;
  Value end;
  SmallVector<Location> locations = {conv.getLoc()};
  while (last.hasOneUse() && append(affine, *last.user_begin(), last)) {
    last = last.user_begin()->getResult(0);
    locations.push_back(last.getLoc());
    if (affine.isScaled) {
      folded = affine;
      end = last;
    }
  }
  if (!end || !folded.isFinite())
    return false;
  OpBuilder b(end.getDefiningOp());
  Location loc = FusedLoc::get(conv.getContext(), locations);
  std::vector<float> scale(folded.scale.begin(), folded.scale.end());
  std::vector<std::byte> bytes(scale.size() * sizeof(float));
  std::memcpy(bytes.data(), scale.data(), bytes.size());
  TensorValue factors = TensorValue::of(DType::F32, {int64_t(scale.size())}, std::move(bytes));
  std::string digest = weights.add({factors.type, factors.shape, factors.bytes, factors.owner, /*name=*/""});
  Value scaled = filters->build(b, conv.getW().getLoc(), weight::Step(weight::Scale{0, digest}), type);
  IRMapping mapping;
  mapping.map(conv.getW(), scaled);
  Operation *clone = b.clone(*conv, mapping);
  clone->setLoc(loc);
  Shape shiftShape(shapeOf(conv.getY().getType()).size() - 1, Expr(1));
  shiftShape[0] = Expr(type.getDimSize(0));
  Value shift =
      ReshapeOp::create(b, loc, tensorType(shiftShape, type.getElementType()), vectorConstant(b, loc, folded.shift));
  end.replaceAllUsesWith(AddOp::create(b, loc, clone->getResult(0), shift));
  return true;
}

namespace {
struct FoldBatchNorms final : heddle::impl::FoldBatchNormsBase<FoldBatchNorms> {
  void runOnOperation() override {
    WeightStore &weights = getContext().getLoadedDialect<HeddleDialect>()->weights();
    BatchNormFolder folder(weights);
    int64_t folded = 0;
    SmallVector<ConvOp> convs;
    getOperation().walk([&](ConvOp conv) { convs.push_back(conv); });
    for (ConvOp conv : convs)
      folded += folder.fold(conv);
    remark::passed(getOperation().getLoc(), remark::RemarkOpts::name("fold-batch-norms").category("heddle.graph"))
        << remark::metric("folded", folded);
  }
};
} // namespace
