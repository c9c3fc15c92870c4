// Implements the reading of arithmetic per channel.
#include "passes/ChannelAffine.h"
#include "ir/Shapes.h"
#include "ir/reference/Evaluator.h"
#include <cmath>

using namespace mlir;
using namespace heddle;

/// Elements of a constant that may be evaluated here: channels, not images.
static constexpr int64_t maxElements = 65536;
/// Ops of a tree that may be evaluated for one constant: what several ops share is evaluated anew for each.
static constexpr unsigned maxConstantOps = 16;

ChannelAffine ChannelAffine::then(const ChannelAffine &outer) const {
  assert(outer.channels() == channels() && "both functions have the same channels");
  ChannelAffine result(channels());
  for (size_t channel = 0; channel < scale.size(); ++channel) {
    result.scale[channel] = scale[channel] * outer.scale[channel];
    result.shift[channel] = shift[channel] * outer.scale[channel] + outer.shift[channel];
  }
  result.isScaled = isScaled || outer.isScaled;
  result.isPerChannel = isPerChannel || outer.isPerChannel;
  return result;
}

bool ChannelAffine::hasScale() const {
  return llvm::any_of(scale, [](double value) { return value != 1; });
}

bool ChannelAffine::hasShift() const {
  return llvm::any_of(shift, [](double value) { return value != 0; });
}

bool ChannelAffine::isModerate() const {
  constexpr double largest = 0x1p60;
  auto isModerateFactor = [](double value) {
    return value == 0 || (std::abs(value) <= largest && std::abs(value) >= 1 / largest);
  };
  auto isFinite = [](double value) { return std::isfinite(static_cast<float>(value)); };
  return llvm::all_of(scale, isModerateFactor) && llvm::all_of(shift, isFinite);
}

double ChannelAffine::largestShift() const {
  double largest = 0;
  for (double value : shift)
    largest = std::max(largest, std::abs(value));
  return largest;
}

/// What a small tree of constants, movement and elementwise ops evaluates to; `budget` is the number of ops that may
/// still be read.
static std::optional<TensorValue> constantOf(Value value, const WeightStore &weights, unsigned &budget) {
  Operation *op = value.getDefiningOp();
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!op || !type || !type.hasStaticShape() || type.getNumElements() > maxElements || op->getNumResults() != 1)
    return std::nullopt;
  if (auto constant = dyn_cast<ConstantOp>(op)) {
    Result<TensorValue> known = valueOf(constant.getValue(), weights);
    return known ? std::optional(*known) : std::nullopt;
  }
  if (!isa<ElementwiseOpInterface, ReshapeOp, TransposeOp>(op) || budget == 0)
    return std::nullopt;
  --budget;
  std::vector<TensorValue> operands;
  for (Value operand : op->getOperands()) {
    std::optional<TensorValue> known = constantOf(operand, weights, budget);
    if (!known)
      return std::nullopt;
    operands.push_back(std::move(*known));
  }
  Result<std::vector<TensorValue>> results = Evaluator({}, weights).evaluate(op, operands);
  return results ? std::optional(results->front()) : std::nullopt;
}

/// Each run of `inner` elements, `count` times.
static std::vector<double> repeatedBlocks(const std::vector<double> &elements, int64_t inner, int64_t count) {
  std::vector<double> repeated;
  for (auto block = elements.begin(); block != elements.end(); block += inner)
    for (int64_t copy = 0; copy < count; ++copy)
      repeated.insert(repeated.end(), block, block + inner);
  return repeated;
}

/// One element per channel of a constant that broadcasts to `shape`, if it differs along `dims` only.
static std::optional<std::vector<double>> perChannel(Value value, const Shape &shape, ChannelDims dims,
                                                     const WeightStore &weights) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || !type.hasStaticShape() || !type.getElementType().isF32() || type.getRank() > int64_t(shape.size()))
    return std::nullopt;
  int64_t added = int64_t(shape.size()) - type.getRank();
  for (auto [position, size] : llvm::enumerate(type.getShape())) {
    int64_t dim = int64_t(position) + added;
    bool isChannel = dim >= dims.first && dim < dims.end;
    if (size != 1 && !(isChannel && shape[dim].isLiteral(size)))
      return std::nullopt;
  }
  unsigned budget = maxConstantOps;
  std::optional<TensorValue> constant = constantOf(value, weights, budget);
  if (!constant)
    return std::nullopt;
  std::vector<float> elements = constant->as<float>();
  std::vector<double> result(elements.begin(), elements.end());
  // Dimensions that the constant has not, from the last on.
  int64_t inner = 1;
  for (int64_t dim = dims.end; dim-- > dims.first;) {
    int64_t size = *shape[dim].literal(), own = dim < added ? 1 : type.getDimSize(dim - added);
    if (own != size)
      result = repeatedBlocks(result, inner, size);
    inner *= size;
  }
  return result;
}

std::optional<ChannelAffine> heddle::channelAffineOf(Operation *op, Value x, ChannelDims dims,
                                                     const WeightStore &weights) {
  if (!isa<AddOp, SubOp, MulOp, DivOp>(op) || op->getOperand(0) == op->getOperand(1) ||
      op->getResult(0).getType() != x.getType())
    return std::nullopt;
  bool isFirst = op->getOperand(0) == x, isFactor = isa<MulOp, DivOp>(op);
  if (isa<DivOp>(op) && !isFirst)
    return std::nullopt;
  Value other = op->getOperand(isFirst ? 1 : 0);
  std::optional<std::vector<double>> values = perChannel(other, shapeOf(x.getType()), dims, weights);
  if (!values)
    return std::nullopt;
  ChannelAffine result(int64_t(values->size()));
  result.isScaled = isFactor;
  result.isPerChannel = isFactor && cast<RankedTensorType>(other.getType()).getNumElements() > 1;
  for (auto [scale, shift, value] : llvm::zip(result.scale, result.shift, *values)) {
    if (isFactor) {
      scale = isa<MulOp>(op) ? value : 1 / value;
    } else if (isa<AddOp>(op)) {
      shift = value;
    } else {
      scale = isFirst ? 1 : -1;
      shift = isFirst ? -value : value;
    }
  }
  return result;
}
