// The rule of Scan: a loop that reads one slice of each scanned input per iteration.
#include "compiler/onnx/Rules.h"
#include "compiler/onnx/Subgraphs.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::onnximport;

namespace {

/// One entry per scanned input or output: its axis, and whether it runs from the end.
struct Directions {
  std::vector<int64_t> axes;
  std::vector<bool> isReverse;
};

Directions readDirections(Node &node, StringRef side, int64_t count) {
  Directions result;
  result.axes = node.intsAttr(("scan_" + side + "_axes").str(), std::vector<int64_t>(count, 0));
  std::vector<int64_t> directions =
      node.intsAttr(("scan_" + side + "_directions").str(), std::vector<int64_t>(count, 0));
  if (static_cast<int64_t>(result.axes.size()) != count || static_cast<int64_t>(directions.size()) != count)
    malformed("scan_" + side + "_axes or scan_" + side + "_directions do not have " + Twine(count) + " entries");
  result.isReverse.assign(directions.begin(), directions.end());
  return result;
}

/// The number of states that a Scan carries; the inputs after them are scanned.
int64_t stateCount(Node &node) {
  int64_t scanned = node.intAttr("num_scan_inputs", 0), states = node.inputCount() - scanned;
  if (scanned < 1 || states < 0 || node.outputCount() < states)
    malformed("num_scan_inputs is " + Twine(scanned) + ", the node has " + Twine(node.inputCount()) + " inputs and " +
              Twine(node.outputCount()) + " outputs");
  return states;
}

/// The scanned inputs with the scanned dimension first.
SmallVector<Value> scannedInputs(Node &node, int64_t states, Directions &inputs) {
  SmallVector<Value> scanned;
  for (int position = static_cast<int>(states); position < node.inputCount(); ++position) {
    int64_t rank = node.rank(position), &axis = inputs.axes[position - states];
    axis = node.normalizeAxis(axis, rank);
    std::vector<int64_t> perm = {axis};
    for (int64_t dim = 0; dim < rank; ++dim)
      if (dim != axis)
        perm.push_back(dim);
    Value x = node.transpose(node.value(position), perm);
    scanned.push_back(inputs.isReverse[position - states] ? node.reverse(x, 0) : x);
  }
  return scanned;
}

/// A stacked output with the scanned dimension where ONNX wants it.
Value placed(Node &node, Value stacked, const Expr &steps, int64_t axis, bool isReverse) {
  Shape shape = shapeOfValue(stacked);
  shape.front() = steps;
  Value y = node.reshape(stacked, shape);
  if (isReverse)
    y = node.reverse(y, 0);
  int64_t rank = rankOf(y);
  axis = node.normalizeAxis(axis, rank);
  std::vector<int64_t> perm;
  for (int64_t dim = 1; dim < rank; ++dim)
    perm.push_back(dim);
  perm.insert(perm.begin() + axis, 0);
  return node.transpose(y, perm);
}

void importScan(Node &node) {
  if (node.version() < 9)
    unsupported("Scan before opset 9 is not supported");
  int64_t states = stateCount(node);
  Directions inputs = readDirections(node, "input", node.inputCount() - states);
  Directions outputs = readDirections(node, "output", node.outputCount() - states);
  SmallVector<Value> carried, scanned = scannedInputs(node, states, inputs);
  for (int position = 0; position < states; ++position)
    carried.push_back(node.value(position));
  Expr steps = shapeOfValue(scanned.front()).front();
  LoopParts parts;
  parts.tripCount = node.sizeScalar(steps, node.builder().getI64Type());
  parts.condition = node.scalar(1, node.builder().getI1Type());
  parts.carried = carried;
  parts.makeInputs = [&](Value iteration, ArrayRef<Value> states) {
    SmallVector<Value> values(states);
    for (Value x : scanned)
      values.push_back(node.emit<GatherOp>({x, iteration}, node.named("axis", node.integer(0))));
    return values;
  };
  Operation *loop = importLoopOver(node, node.graphAttr("body"), parts);
  for (int i = 0; i < node.outputCount(); ++i) {
    Value result = loop->getResult(i);
    bool isStacked = i >= states;
    node.set(i,
             isStacked ? placed(node, result, steps, outputs.axes[i - states], outputs.isReverse[i - states]) : result);
  }
}

constexpr RuleEntry rules[] = {{"Scan", importScan}};

} // namespace

std::span<const RuleEntry> onnximport::scanRules() { return rules; }
