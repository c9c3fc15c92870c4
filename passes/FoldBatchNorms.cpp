// heddle-fold-batch-norms: what scales and shifts the channels before or behind a contraction becomes part of its
// weights.
#include "ir/Shapes.h"
#include "ir/reference/TensorValue.h"
#include "mlir/IR/Remarks.h"
#include "passes/ChannelAffine.h"
#include "passes/Passes.h"
#include "passes/WeightValue.h"

namespace heddle {
#define GEN_PASS_DEF_FOLDBATCHNORMS
#include "passes/Passes.h.inc"
} // namespace heddle

using namespace mlir;
using namespace heddle;

/// A term in front of a contraction is added after it has cancelled: (x - mean) / std with a mean of many standard
/// deviations would lose as many digits.
static constexpr double largestShiftBefore = 64;

namespace {
/// A convolution, or a product with a constant matrix.
struct Contraction {
  Operation *op;
  WeightValue weights;
  RankedTensorType type;         ///< Of the weights.
  ChannelDims inputs, outputs;   ///< Of the first operand, and of the result.
  int64_t inputAxis, outputAxis; ///< Of the weights: 0 and 1, or 1 and 0.
  int64_t groups = 1;            ///< Of a convolution.
  bool isPadded = false;         ///< Windows see zeros that no arithmetic before the convolution has reached.

  bool isProduct() const { return isa<MatmulOp>(op); }
  int64_t inputChannels() const { return type.getDimSize(inputAxis) * groups; }
  int64_t outputChannels() const { return type.getDimSize(outputAxis); }
};

/// A chain of arithmetic on channels, and the value at its far end.
struct Chain {
  Value end;
  ChannelAffine affine;
  ReshapeOp flatten; ///< Between the chain and the contraction that reads it; may be null.
  SmallVector<Location> locations;
};

class BatchNormFolder {
public:
  explicit BatchNormFolder(WeightStore &weights) : weights(weights) {}

  bool fold(const Contraction &contraction);

private:
  std::optional<Chain> chainBefore(const Contraction &contraction);
  std::optional<Chain> chainBehind(const Contraction &contraction, const ChannelAffine &start, bool joinsTerms);
  std::optional<ChannelAffine> shiftThrough(const Contraction &contraction, const ChannelAffine &before);
  Value scaledWeights(OpBuilder &b, const Contraction &contraction, const Chain *before, const ChannelAffine &behind);
  Value vectorConstant(OpBuilder &b, Location loc, ArrayRef<double> values);

  WeightStore &weights;
};
} // namespace

static std::optional<Contraction> contractionOf(ConvOp conv) {
  std::optional<WeightValue> weights = weightValueOf(conv.getW());
  auto type = cast<RankedTensorType>(conv.getW().getType());
  if (!weights || conv.getPackedNr() != 0 || conv.getLayout() != ConvLayout::NCHW || !type.getElementType().isF32() ||
      !type.hasStaticShape())
    return std::nullopt;
  bool isPadded = llvm::any_of(conv.getPads(), [](int64_t pad) { return pad != 0; });
  return Contraction{conv, *weights, type, {1, 2}, {1, 2}, 1, 0, int64_t(conv.getGroups()), isPadded};
}

/// A matrix that others read too is kept once, as it is.
static std::optional<Contraction> contractionOf(MatmulOp product) {
  std::optional<WeightValue> weights = weightValueOf(product.getB());
  auto type = cast<RankedTensorType>(product.getB().getType());
  if (!weights || !weights->source->hasOneUse() || !product.getB().hasOneUse() || product.getPackedNr() != 0 ||
      type.getRank() != 2 || !type.getElementType().isF32() || !type.hasStaticShape())
    return std::nullopt;
  int64_t inputs = cast<RankedTensorType>(product.getA().getType()).getRank() - (product.getTransposeA() ? 2 : 1);
  int64_t columns = cast<RankedTensorType>(product.getY().getType()).getRank() - 1, axis = product.getTransposeB();
  return Contraction{product, *weights, type, {inputs, inputs + 1}, {columns, columns + 1}, axis, 1 - axis};
}

/// True if `value` depends on statistics of itself, as in a layer normalization, whose kernel scales and shifts it too.
static bool isNormalized(Value value) {
  Operation *op = value.getDefiningOp();
  if (isa_and_nonnull<LayerNormOp>(op))
    return true;
  return isa_and_nonnull<ElementwiseOpInterface>(op) && llvm::any_of(op->getOperands(), [&](Value operand) {
           return shapeOf(operand.getType()) != shapeOf(value.getType()) && !operand.getDefiningOp<ConstantOp>();
         });
}

/// The dimensions of the reshaped value that become the last one of the result; nullopt if there are none.
static std::optional<ChannelDims> joinedDims(ReshapeOp flatten) {
  Shape from = shapeOf(flatten.getX().getType()), to = shapeOf(flatten.getY().getType());
  for (size_t first = from.size(); first-- > 0;) {
    if (!from[first].literal())
      return std::nullopt;
    if (productOf(from, first, from.size()) == to.back())
      return ChannelDims{int64_t(first), int64_t(from.size())};
  }
  return std::nullopt;
}

/// The longest chain of values that nothing else reads and that the contraction can take in.
std::optional<Chain> BatchNormFolder::chainBefore(const Contraction &contraction) {
  Value x = contraction.op->getOperand(0);
  ChannelDims dims = contraction.inputs;
  if (!shapeOf(x.getType())[dims.first].isLiteral(contraction.inputChannels()))
    return std::nullopt;
  Chain chain{Value(), ChannelAffine(contraction.inputChannels()), ReshapeOp(), {}}, longest = chain;
  while (Operation *op = x.hasOneUse() ? x.getDefiningOp() : nullptr) {
    auto reshape = dyn_cast<ReshapeOp>(op);
    bool isRow = contraction.isProduct() && dims.end == int64_t(shapeOf(x.getType()).size());
    std::optional<ChannelDims> joined = reshape && isRow && !chain.flatten ? joinedDims(reshape) : std::nullopt;
    if (joined) {
      dims = *joined;
      chain.flatten = reshape;
      x = reshape.getX();
      continue;
    }
    std::optional<ChannelAffine> inner;
    for (size_t index = 0; index < op->getNumOperands() && !inner; ++index)
      if (inner = channelAffineOf(op, op->getOperand(index), dims, weights); inner)
        x = op->getOperand(index);
    if (!inner || op->getBlock() != contraction.op->getBlock())
      break;
    chain.affine = inner->then(chain.affine);
    chain.locations.push_back(op->getLoc());
    chain.end = x;
    bool takesShift =
        contraction.isPadded ? !chain.affine.hasShift() : chain.affine.largestShift() <= largestShiftBefore;
    if (chain.affine.isPerChannel && chain.affine.isModerate() && takesShift)
      longest = chain;
  }
  return longest.end && !isNormalized(longest.end) ? std::optional(longest) : std::nullopt;
}

/// The chain up to its last factor; `start` is what the contraction itself adds. With `joinsTerms` terms alone are
/// taken in too.
std::optional<Chain> BatchNormFolder::chainBehind(const Contraction &contraction, const ChannelAffine &start,
                                                  bool joinsTerms) {
  Chain chain{contraction.op->getResult(0), start, ReshapeOp(), {}};
  std::optional<Chain> longest = joinsTerms ? std::optional(chain) : std::nullopt;
  while (chain.end.hasOneUse()) {
    Operation *op = *chain.end.user_begin();
    std::optional<ChannelAffine> outer = op->getBlock() == contraction.op->getBlock()
                                             ? channelAffineOf(op, chain.end, contraction.outputs, weights)
                                             : std::nullopt;
    if (!outer)
      break;
    chain.affine = chain.affine.then(*outer);
    chain.end = op->getResult(0);
    chain.locations.push_back(op->getLoc());
    if (joinsTerms || (contraction.isProduct() ? chain.affine.isPerChannel : chain.affine.isScaled))
      longest = chain;
  }
  return longest;
}

/// What the terms before the contraction add to its result: `sum of w[o, i, ...] * shift[i]` for output o.
std::optional<ChannelAffine> BatchNormFolder::shiftThrough(const Contraction &contraction,
                                                           const ChannelAffine &before) {
  ChannelAffine result(contraction.outputChannels());
  if (!before.hasShift())
    return result;
  OpBuilder builder(contraction.op);
  // A step of its own makes all elements of a splat.
  weight::Step whole = weight::Reshape{contraction.type.getShape().vec()};
  ConstantOp constant = contraction.weights.build(builder, contraction.op->getLoc(), whole, contraction.type);
  Result<TensorValue> value = valueOf(constant.getValue(), weights);
  constant.erase();
  if (!value)
    return std::nullopt;
  int64_t rows = contraction.type.getDimSize(0), columns = contraction.type.getDimSize(1);
  int64_t window = contraction.type.getNumElements() / std::max<int64_t>(rows * columns, 1);
  int64_t outputsPerGroup = contraction.outputChannels() / contraction.groups;
  int64_t inputsPerGroup = contraction.type.getDimSize(contraction.inputAxis);
  std::vector<float> line(size_t(columns * window));
  for (int64_t row = 0; row < rows; ++row) {
    std::memcpy(line.data(), value->element(row * columns * window), line.size() * sizeof(float));
    for (int64_t column = 0; column < columns; ++column) {
      int64_t output = contraction.outputAxis == 0 ? row : column, input = contraction.outputAxis == 0 ? column : row;
      double sum = 0;
      for (int64_t tap = 0; tap < window; ++tap)
        sum += line[column * window + tap];
      result.shift[output] += sum * before.shift[output / outputsPerGroup * inputsPerGroup + input];
    }
  }
  return result;
}

static WeightStore::Entry entryOf(ArrayRef<float> values) {
  auto owner = std::make_shared<std::vector<float>>(values.begin(), values.end());
  return {DType::F32, {int64_t(owner->size())}, std::as_bytes(std::span(*owner)), owner, /*name=*/""};
}

/// One value per channel; a long vector lives in the store.
Value BatchNormFolder::vectorConstant(OpBuilder &b, Location loc, ArrayRef<double> values) {
  std::vector<float> narrow(values.begin(), values.end());
  auto type = RankedTensorType::get({int64_t(narrow.size())}, b.getF32Type());
  TypedAttr attribute = constantAttr(DenseElementsAttr::get(type, ArrayRef<float>(narrow)), entryOf(narrow), weights);
  return ConstantOp::create(b, loc, type, attribute);
}

/// The steps that multiply the filters of groups by a factor per input channel: the channels of all groups are brought
/// together and back.
static SmallVector<weight::Step> groupedScale(const Contraction &contraction, const std::string &digest) {
  ArrayRef<int64_t> shape = contraction.type.getShape();
  int64_t groups = contraction.groups, outputs = shape[0] / groups, inputs = shape[1];
  int64_t window = productOf(shapeOf(contraction.type), 2, shape.size()).literal().value_or(1);
  return {weight::Reshape{{groups, outputs, inputs, window}},
          weight::Permute{{0, 2, 1, 3}},
          weight::Reshape{{groups * inputs, outputs * window}},
          weight::Scale{0, digest},
          weight::Reshape{{groups, inputs, outputs, window}},
          weight::Permute{{0, 2, 1, 3}},
          weight::Reshape{shape.vec()}};
}

Value BatchNormFolder::scaledWeights(OpBuilder &b, const Contraction &contraction, const Chain *before,
                                     const ChannelAffine &behind) {
  SmallVector<weight::Step> steps;
  if (before) {
    std::vector<float> factors(before->affine.scale.begin(), before->affine.scale.end());
    if (contraction.groups == 1)
      steps.push_back(weight::Scale{contraction.inputAxis, weights.add(entryOf(factors))});
    else
      steps = groupedScale(contraction, weights.add(entryOf(factors)));
  }
  if (behind.hasScale()) {
    std::vector<float> factors(behind.scale.begin(), behind.scale.end());
    steps.push_back(weight::Scale{contraction.outputAxis, weights.add(entryOf(factors))});
  }
  return contraction.weights.build(b, contraction.op->getOperand(1).getLoc(), steps, contraction.type);
}

bool BatchNormFolder::fold(const Contraction &contraction) {
  std::optional<Chain> before = chainBefore(contraction);
  std::optional<ChannelAffine> start =
      before ? shiftThrough(contraction, before->affine) : std::optional(ChannelAffine(contraction.outputChannels()));
  std::optional<Chain> behind = start ? chainBehind(contraction, *start, before.has_value()) : std::nullopt;
  if (!behind || !behind->affine.isModerate())
    return false;
  SmallVector<Location> locations = {contraction.op->getLoc()};
  if (before)
    locations.append(before->locations);
  locations.append(behind->locations);
  Location loc = FusedLoc::get(contraction.op->getContext(), locations);
  OpBuilder b(contraction.op->getContext());
  b.setInsertionPointAfterValue(behind->end);
  IRMapping mapping;
  mapping.map(contraction.op->getOperand(1),
              scaledWeights(b, contraction, before ? &*before : nullptr, behind->affine));
  if (before) {
    Value x = before->end;
    if (before->flatten)
      x = ReshapeOp::create(b, before->flatten.getLoc(), before->flatten.getType(), x);
    mapping.map(contraction.op->getOperand(0), x);
  }
  Operation *clone = b.clone(*contraction.op, mapping);
  clone->setLoc(loc);
  Value result = clone->getResult(0);
  if (behind->affine.hasShift()) {
    Shape shape(shapeOf(result.getType()).size() - contraction.outputs.first, Expr(1));
    shape[0] = Expr(contraction.outputChannels());
    Value shift = vectorConstant(b, loc, behind->affine.shift);
    if (shape.size() > 1)
      shift = ReshapeOp::create(b, loc, tensorType(shape, contraction.type.getElementType()), shift);
    result = AddOp::create(b, loc, result, shift);
  }
  behind->end.replaceAllUsesWith(result);
  return true;
}

namespace {
struct FoldBatchNorms final : heddle::impl::FoldBatchNormsBase<FoldBatchNorms> {
  void runOnOperation() override {
    BatchNormFolder folder(getContext().getLoadedDialect<HeddleDialect>()->weights());
    int64_t folded = 0;
    // In program order: what lies between two contractions joins the first, whose epilogue would have to run it.
    SmallVector<Operation *> contractions;
    getOperation().walk([&](Operation *op) {
      if (isa<ConvOp, MatmulOp>(op))
        contractions.push_back(op);
    });
    for (Operation *op : contractions) {
      auto contraction = isa<ConvOp>(op) ? contractionOf(cast<ConvOp>(op)) : contractionOf(cast<MatmulOp>(op));
      folded += contraction && folder.fold(*contraction);
    }
    remark::passed(getOperation().getLoc(), remark::RemarkOpts::name("fold-batch-norms").category("heddle.graph"))
        << remark::metric("folded", folded);
  }
};
} // namespace
