// Rules of softmax, hardmax and normalizations.
#include "compiler/onnx/Rules.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::onnximport;

namespace {

/// Before opset 13 the dimensions from `axis` on count as one.
template <typename Fn> void importAlongAxis(Node &node, Fn emit) {
  Value x = node.value(0);
  int64_t rank = node.rank(0);
  if (node.version() >= 13)
    return node.set(0, emit(x, node.axisAttr(-1, rank)));
  int64_t axis = node.intAttr("axis", 1);
  if (axis < -rank || axis > rank)
    malformed("axis " + Twine(axis) + " is outside [" + Twine(-rank) + ", " + Twine(rank) + "]");
  axis = axis < 0 ? axis + rank : axis;
  if (axis == rank - 1)
    return node.set(0, emit(x, axis));
  Shape shape = node.shape(0);
  Value flat = node.reshape(x, {productOf(shape, 0, axis), productOf(shape, axis, rank)});
  node.set(0, node.reshape(emit(flat, 1), shape));
}

template <bool isLog> void importSoftmax(Node &node) {
  importAlongAxis(node, [&](Value x, int64_t axis) {
    SmallVector<NamedAttribute> attributes = {node.named("axis", node.integer(axis))};
    if (isLog)
      attributes.push_back(node.named("log", node.builder().getUnitAttr()));
    return node.emit<SoftmaxOp>(x, attributes);
  });
}

void importHardmax(Node &node) {
  importAlongAxis(node, [&](Value x, int64_t axis) {
    Value largest =
        node.emit<ArgReduceOp>(x, {node.named("kind", ReductionKindAttr::get(node.context(), ReductionKind::Max)),
                                   node.named("axis", node.integer(axis))});
    Value positions = node.alongAxis(node.iota(shapeOfValue(x)[axis], node.builder().getI64Type()), axis, rankOf(x));
    return node.cast(node.binary<EqualOp>(positions, node.insertDim(largest, axis)), elementOf(x));
  });
}

/// (x - mean) / sqrt(variance + epsilon) * scale + bias with operands that broadcast.
Value normalize(Node &node, Value x, Value mean, Value variance, double epsilon, Value scale, Value bias) {
  Value deviation = node.unary<SqrtOp>(node.add(variance, node.scalar(epsilon, elementOf(variance))));
  Value normal = node.div(node.sub(x, mean), deviation);
  return node.add(node.mul(normal, scale), bias);
}

Value meanOf(Node &node, Value x, ArrayRef<int64_t> axes) {
  Expr count = 1;
  for (int64_t axis : axes)
    count = count * shapeOfValue(x)[axis];
  return node.div(node.reduce(ReductionKind::Add, x, axes, /*keep=*/true), node.sizeScalar(count, elementOf(x)));
}

/// The statistics of the batch itself replace the given ones, which move towards them.
void importBatchNormTraining(Node &node) {
  Value x = node.cast(node.value(0), node.element(3));
  Type compute = elementOf(x);
  int64_t rank = rankOf(x);
  SmallVector<int64_t> axes = {0};
  axes.append(llvm::to_vector(llvm::seq<int64_t>(2, rank)));
  Value mean = meanOf(node, x, axes), centred = node.sub(x, mean);
  Value variance = meanOf(node, node.mul(centred, centred), axes);
  auto perChannel = [&](int position) { return node.cast(node.alongAxis(node.value(position), 1, rank), compute); };
  Value y = normalize(node, x, mean, variance, node.floatAttr("epsilon", 1e-5f), perChannel(1), perChannel(2));
  node.set(0, node.cast(y, node.element(0)));
  double momentum = node.floatAttr("momentum", 0.9f);
  for (auto [output, batch] : {std::pair(1, mean), std::pair(2, variance)}) {
    if (!node.hasOutput(output))
      continue;
    Value now = node.reshape(batch, {shapeOfValue(x)[1]});
    node.set(output, node.add(node.mul(node.value(output + 2), node.scalar(momentum, compute)),
                              node.mul(now, node.scalar(1 - momentum, compute))));
  }
}

void importBatchNormalization(Node &node) {
  bool isTraining = node.version() < 7 && !node.intAttr("is_test", 0);
  if (node.version() < 14 && (isTraining || node.hasOutput(1)))
    unsupported("BatchNormalization in training mode is not supported before opset 14");
  if (node.version() < 9 && !node.intAttr("spatial", 1))
    unsupported("BatchNormalization with spatial = 0 is not supported");
  if (node.rank(0) < 2)
    malformed("'X' has rank " + Twine(node.rank(0)) + ", expected at least 2");
  if (node.version() >= 14 && node.intAttr("training_mode", 0))
    return importBatchNormTraining(node);
  Value x = node.value(0);
  Type compute = node.element(3), result = elementOf(x);
  auto perChannel = [&](int position) {
    return node.cast(node.alongAxis(node.value(position), 1, rankOf(x)), compute);
  };
  Value y = normalize(node, node.cast(x, compute), perChannel(3), perChannel(4), node.floatAttr("epsilon", 1e-5f),
                      perChannel(1), perChannel(2));
  node.set(0, node.cast(y, result));
}

void importInstanceNormalization(Node &node) {
  if (node.rank(0) < 3)
    malformed("'input' has rank " + Twine(node.rank(0)) + ", expected at least 3");
  Value x = node.value(0);
  SmallVector<int64_t> axes = llvm::to_vector(llvm::seq<int64_t>(2, node.rank(0)));
  Value mean = meanOf(node, x, axes), centred = node.sub(x, mean);
  Value variance = meanOf(node, node.mul(centred, centred), axes);
  auto perChannel = [&](int position) { return node.alongAxis(node.value(position), 1, rankOf(x)); };
  node.set(0, normalize(node, x, mean, variance, node.floatAttr("epsilon", 1e-5f), perChannel(1), perChannel(2)));
}

/// (x - mean) / (deviation + 1e-9); ONNX's function body has a type of its own for the constants, which only fits f32.
void importMeanVarianceNormalization(Node &node) {
  Value x = node.value(0);
  std::vector<int64_t> axes = node.normalizeAxes(node.intsAttr("axes", {0, 2, 3}), node.rank(0));
  Value mean = meanOf(node, x, axes), centred = node.sub(x, mean);
  Value variance = meanOf(node, node.mul(centred, centred), axes);
  node.set(0, node.div(centred, node.add(node.unary<SqrtOp>(variance), node.scalar(1e-9, elementOf(x)))));
}

/// The op normalizes with a scale of the normalized shape; another one is multiplied afterwards.
struct NormOperands {
  Value scale, bias;
  bool isDirect;
};

NormOperands readNormOperands(Node &node, int64_t axis, bool hasBias) {
  Shape normalized(node.shape(0).begin() + axis, node.shape(0).end());
  NormOperands operands;
  operands.isDirect =
      node.element(1) == node.element(0) && node.shape(1) == normalized && (!hasBias || node.shape(2) == normalized);
  operands.scale = node.value(1);
  if (hasBias)
    operands.bias = node.value(2);
  return operands;
}

void importLayerNorm(Node &node, bool isRms) {
  Value x = node.value(0);
  int64_t axis = node.axisAttr(-1, node.rank(0));
  bool hasBias = !isRms && node.hasInput(2);
  NormOperands operands = readNormOperands(node, axis, hasBias);
  double epsilon = node.floatAttr("epsilon", 1e-5f);
  if (operands.isDirect && !node.hasOutput(1) && !node.hasOutput(2) && isa<FloatType>(elementOf(x))) {
    SmallVector<Value> values = {x, operands.scale};
    if (hasBias)
      values.push_back(operands.bias);
    SmallVector<NamedAttribute> attributes = {node.named("axis", node.integer(axis)),
                                              node.named("epsilon", node.number(epsilon))};
    if (isRms)
      attributes.push_back(node.named("rms", node.builder().getUnitAttr()));
    return node.set(0, node.emit<LayerNormOp>(values, attributes));
  }
  Type stash = node.elementOfNumber(node.intAttr("stash_type", 1));
  SmallVector<int64_t> axes = llvm::to_vector(llvm::seq<int64_t>(axis, node.rank(0)));
  Value wide = node.cast(x, stash);
  Value mean = isRms ? Value() : meanOf(node, wide, axes);
  Value centred = isRms ? wide : node.sub(wide, mean);
  Value variance = meanOf(node, node.mul(centred, centred), axes);
  Value deviation = node.unary<SqrtOp>(node.add(variance, node.scalar(epsilon, stash)));
  Value inverse = node.unary<ReciprocalOp>(deviation);
  Value normal = node.cast(node.mul(centred, inverse), elementOf(x));
  Value scaled = node.mul(node.cast(normal, elementOf(operands.scale)), operands.scale);
  node.set(0, hasBias ? node.add(scaled, operands.bias) : scaled);
  if (node.hasOutput(1))
    node.set(1, mean);
  if (node.hasOutput(2))
    node.set(2, inverse);
}

void importLayerNormalization(Node &node) { importLayerNorm(node, /*isRms=*/false); }
void importRMSNormalization(Node &node) { importLayerNorm(node, /*isRms=*/true); }

/// x / (bias + alpha / size * (sum of squares over `size` channels))^beta
void importLRN(Node &node) {
  Value x = node.value(0);
  Type element = elementOf(x);
  Shape shape = node.shape(0);
  int64_t size = node.intAttr("size", 0);
  if (size < 1 || shape.size() < 2)
    malformed("size is " + Twine(size) + ", expected it to be positive");
  Value squares = node.reshape(node.mul(x, x), {shape[0], 1, shape[1], productOf(shape, 2, shape.size())});
  Value sums = node.emit<PoolOp>(
      squares, {node.named("kind", ReductionKindAttr::get(node.context(), ReductionKind::Add)),
                node.named("window", node.integers({size, 1})), node.named("strides", node.integers({1, 1})),
                node.named("pads", node.integers({(size - 1) / 2, 0, size / 2, 0})),
                node.named("dilations", node.integers({1, 1}))});
  double alpha = node.floatAttr("alpha", 1e-4f) / static_cast<double>(size);
  Value scaled = node.mul(node.reshape(sums, shape), node.scalar(alpha, element));
  Value base = node.add(scaled, node.scalar(node.floatAttr("bias", 1.0), element));
  node.set(0, node.div(x, node.binary<PowOp>(base, node.scalar(node.floatAttr("beta", 0.75), element))));
}

void importLpNormalization(Node &node) {
  Value x = node.value(0);
  int64_t axis = node.axisAttr(-1, node.rank(0)), p = node.intAttr("p", 2);
  if (p != 1 && p != 2)
    malformed("p is " + Twine(p) + ", expected 1 or 2");
  Value powers = p == 1 ? node.unary<AbsOp>(x) : node.mul(x, x);
  Value sum = node.reduce(ReductionKind::Add, powers, {axis}, /*keep=*/true);
  Value norm = p == 1 ? sum : node.unary<SqrtOp>(sum);
  Value zero = node.scalar(0, elementOf(x));
  node.set(0, node.where(node.binary<EqualOp>(norm, zero), zero, node.div(x, norm)));
}

constexpr RuleEntry rules[] = {
    {"BatchNormalization", importBatchNormalization},
    {"Hardmax", importHardmax},
    {"InstanceNormalization", importInstanceNormalization},
    {"LRN", importLRN},
    {"LayerNormalization", importLayerNormalization},
    {"LogSoftmax", importSoftmax<true>},
    {"LpNormalization", importLpNormalization},
    {"MeanVarianceNormalization", importMeanVarianceNormalization},
    {"RMSNormalization", importRMSNormalization},
    {"Softmax", importSoftmax<false>},
};

} // namespace

std::span<const RuleEntry> onnximport::normalizationRules() { return rules; }
