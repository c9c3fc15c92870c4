// Rules of ops that choose elements by index.
#include "compiler/onnx/Reshapes.h"
#include "compiler/onnx/Rules.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::onnximport;

namespace {

void importGather(Node &node) {
  int64_t axis = node.axisAttr(0, node.rank(0));
  node.set(0, node.emit<GatherOp>({node.value(0), node.value(1)}, node.named("axis", node.integer(axis))));
}

/// Only the coordinate along the axis comes from an index: the others must lie within the data by themselves.
void importGatherElements(Node &node) {
  int64_t axis = node.axisAttr(0, node.rank(0));
  const Shape &data = node.shape(0), &indices = node.shape(1);
  for (size_t dim = 0; dim < std::min(data.size(), indices.size()); ++dim)
    if (static_cast<int64_t>(dim) != axis && data[dim] != indices[dim])
      require(node, lessEqual(indices[dim], data[dim]),
              "dimension " + Twine(dim) + " of 'indices' has size " + indices[dim].str() + ", expected at most " +
                  data[dim].str());
  node.set(0, node.emit<GatherElementsOp>({node.value(0), node.value(1)}, node.named("axis", node.integer(axis))));
}

void importGatherND(Node &node) {
  int64_t batch = node.intAttr("batch_dims", 0), ranks = std::min(node.rank(0), node.rank(1));
  if (batch < 0 || batch >= ranks)
    malformed("batch_dims is " + Twine(batch) + ", expected it in [0, " + Twine(ranks) + ")");
  std::optional<int64_t> tuple = node.shape(1).back().literal();
  if (!tuple)
    unsupported("the last size of 'indices' must be known, but is " + node.shape(1).back().str());
  if (batch + *tuple > node.rank(0))
    malformed("'indices' of shape " + textOf(node.shape(1)) + " have " + Twine(*tuple) +
              " coordinates for 'data' of shape " + textOf(node.shape(0)));
  for (int64_t dim = 0; dim < batch; ++dim)
    require(node, equal(node.shape(0)[dim], node.shape(1)[dim]),
            "batch dimension " + Twine(dim) + " of 'indices' has size " + node.shape(1)[dim].str() + ", expected " +
                node.shape(0)[dim].str());
  node.set(0, node.emit<GatherNDOp>({node.value(0), node.value(1)}, node.named("batch_dims", node.integer(batch))));
}

/// on where the index, counted from the end if negative, is the position along the new dimension; off elsewhere.
void importOneHot(Node &node) {
  const Tensor &depthOperand = node.tensor(1);
  Tensor &depthVector = node.importer().newTensor(depthOperand);
  Type i64 = node.builder().getI64Type();
  if (!isa<IntegerType>(depthOperand.element)) {
    if (!depthOperand.contents) {
      depthVector = node.importer().tensorOf(node.cast(node.value(1), i64));
    } else {
      depthVector.element = i64;
      depthVector.constant = {};
    }
  }
  if (!elementCount(depthVector.shape).isLiteral(1))
    malformed("'depth' has shape " + textOf(depthVector.shape) + ", expected one element");
  Expr depth = node.sizesOf(depthVector, "depth", /*mayBeNegative=*/false).front();
  int64_t axis = node.axisAttr(-1, node.rank(0) + 1);
  Value indices = node.cast(node.value(0), i64);
  Value wrapped = node.where(node.binary<LessOp>(indices, node.scalar(0, i64)),
                             node.add(indices, node.sizeScalar(depth, i64)), indices);
  Value positions = node.alongAxis(node.iota(depth, i64), axis, node.rank(0) + 1);
  Value isOn = node.binary<EqualOp>(node.insertDim(wrapped, axis), positions);
  Value values = node.value(2);
  if (rankOf(values) != 1)
    malformed("'values' has rank " + Twine(rankOf(values)) + ", expected 1");
  Value off = node.reshape(node.sliceAxis(values, 0, 0, 1), {}), on = node.reshape(node.sliceAxis(values, 0, 1, 1), {});
  node.set(0, node.where(isOn, on, off));
}

/// Along the time axis, position t of a sequence of length n comes from n - 1 - t if t < n, else from t.
void importReverseSequence(Node &node) {
  int64_t batchAxis = node.intAttr("batch_axis", 1), timeAxis = node.intAttr("time_axis", 0);
  if (batchAxis + timeAxis != 1 || batchAxis * timeAxis != 0 || node.rank(0) < 2)
    malformed("batch_axis is " + Twine(batchAxis) + " and time_axis " + Twine(timeAxis) + ", expected 0 and 1");
  Type i64 = node.builder().getI64Type();
  int64_t rank = node.rank(0);
  const Shape &shape = node.shape(0);
  Value lengths = node.alongAxis(node.cast(node.value(1), i64), batchAxis, rank);
  Value times = node.alongAxis(node.iota(shape[timeAxis], i64), timeAxis, rank);
  Value mirrored = node.sub(node.sub(lengths, node.scalar(1, i64)), times);
  Value sources = node.where(node.binary<LessOp>(times, lengths), mirrored, times);
  node.set(0, node.emit<GatherElementsOp>({node.value(0), node.broadcast(sources, shape)},
                                          node.named("axis", node.integer(timeAxis))));
}

/// Along the axis of a cache, position t comes from the update at t - start if that has it, else it stays.
void importTensorScatter(Node &node) {
  int64_t rank = node.rank(0), axis = node.axisAttr(-2, rank);
  std::string mode = node.stringAttr("mode", "linear");
  if (axis == 0 || (mode != "linear" && mode != "circular"))
    malformed("axis is " + Twine(axis) + " and mode '" + mode +
              "', expected an axis after the batch, linear or circular");
  Type i64 = node.builder().getI64Type();
  const Expr &size = node.shape(0)[axis], &count = node.shape(1)[axis];
  Value times = node.alongAxis(node.iota(size, i64), axis, rank), zero = node.scalar(0, i64), offsets = times;
  if (node.hasInput(2))
    offsets = node.sub(times, node.alongAxis(node.cast(node.value(2), i64), 0, rank));
  if (mode == "circular")
    offsets = node.binary<ModOp>(offsets, node.sizeScalar(size, i64));
  Value isUpdated = node.binary<AndOp>(node.binary<LessEqualOp>(zero, offsets),
                                       node.binary<LessOp>(offsets, node.sizeScalar(count, i64)));
  Value sources = node.broadcast(node.where(isUpdated, offsets, zero), node.shape(0));
  Value updates = node.emit<GatherElementsOp>({node.value(1), sources}, node.named("axis", node.integer(axis)));
  node.set(0, node.where(isUpdated, updates, node.value(0)));
}

constexpr RuleEntry rules[] = {
    {"Gather", importGather}, {"GatherElements", importGatherElements},   {"GatherND", importGatherND},
    {"OneHot", importOneHot}, {"ReverseSequence", importReverseSequence}, {"TensorScatter", importTensorScatter},
};

} // namespace

std::span<const RuleEntry> onnximport::indexingRules() { return rules; }
