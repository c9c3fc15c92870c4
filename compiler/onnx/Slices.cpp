// Normalizes the starts and ends of slices: negative ones count from the end, and all are clamped.
#include "compiler/onnx/Slices.h"

using namespace heddle;
using namespace heddle::onnximport;
using llvm::Twine;

namespace {

/// Beyond any dimension: exporters write such ends for "to the end".
constexpr int64_t farAway = INT32_MAX;

/// The starts and ends of one dimension.
class Bounds {
public:
  Bounds(const Importer &importer, const Expr &size) : importer(importer), size(size) {}

  /// `value` counted from the beginning and clamped to [0, size].
  Expr clamped(const Expr &value) const {
    if (std::optional<int64_t> literal = value.literal()) {
      if (*literal >= farAway)
        return size;
      if (*literal <= -farAway || *literal == 0)
        return 0;
      return *literal >= 0 ? min(value, size) : size - min(Expr(-*literal), size);
    }
    if (importer.isNonNegative(value))
      return min(value, size);
    return min(max(value + lessThan(value, 0) * size, 0), size);
  }

  /// The same, clamped to [-1, size - 1], for negative steps.
  Expr clampedBackward(const Expr &value) const {
    if (std::optional<int64_t> literal = value.literal()) {
      if (*literal >= farAway)
        return size - 1;
      if (*literal <= -farAway)
        return -1;
      Expr fromStart = *literal >= 0 ? value : value + size;
      return min(max(fromStart, -1), size - 1);
    }
    Expr fromStart = importer.isNonNegative(value) ? value : value + lessThan(value, 0) * size;
    return min(max(fromStart, -1), size - 1);
  }

private:
  const Importer &importer;
  Expr size;
};

void sliceForward(const Importer &importer, Box &box, int64_t axis, const Expr &start, const Expr &end, int64_t step) {
  Bounds bounds(importer, box.sizes[axis]);
  Expr first = bounds.clamped(start), last = bounds.clamped(end);
  bool isOrdered = last == box.sizes[axis] || first.isLiteral(0);
  Expr length = isOrdered ? last - first : max(last - first, 0);
  box.starts[axis] = first;
  box.steps[axis] = step;
  box.sizes[axis] = ceilDiv(length, step);
}

void sliceBackward(const Importer &importer, Box &box, int64_t axis, const Expr &start, const Expr &end, int64_t step) {
  Bounds bounds(importer, box.sizes[axis]);
  Expr first = bounds.clampedBackward(start), last = bounds.clampedBackward(end);
  box.starts[axis] = max(first, 0);
  box.steps[axis] = step;
  box.sizes[axis] = ceilDiv(max(first - last, 0), -step);
}

struct SliceOperands {
  Shape starts, ends;
  std::vector<int64_t> axes, steps;
};

Shape asSizes(const std::vector<int64_t> &values) { return Shape(values.begin(), values.end()); }

SliceOperands readOperands(Node &node) {
  SliceOperands operands;
  if (node.version() < 10) {
    operands.starts = asSizes(node.intsAttr("starts"));
    operands.ends = asSizes(node.intsAttr("ends"));
    operands.axes = node.intsAttr("axes");
  } else {
    operands.starts = node.sizes(1, /*mayBeNegative=*/true);
    operands.ends = node.sizes(2, /*mayBeNegative=*/true);
    if (node.hasInput(3))
      operands.axes = node.constants(3);
    if (node.hasInput(4))
      operands.steps = node.constants(4);
  }
  size_t count = operands.starts.size();
  if (operands.axes.empty())
    for (size_t axis = 0; axis < count; ++axis)
      operands.axes.push_back(static_cast<int64_t>(axis));
  operands.steps.resize(operands.steps.empty() ? count : operands.steps.size(), 1);
  if (operands.ends.size() != count || operands.axes.size() != count || operands.steps.size() != count)
    malformed("starts, ends, axes and steps have " + Twine(count) + ", " + Twine(operands.ends.size()) + ", " +
              Twine(operands.axes.size()) + " and " + Twine(operands.steps.size()) +
              " elements, expected equal numbers");
  operands.axes = node.normalizeAxes(operands.axes, node.rank(0));
  return operands;
}

} // namespace

Box onnximport::readBox(Node &node) {
  SliceOperands operands = readOperands(node);
  const Shape &whole = node.shape(0);
  Box box = {Shape(whole.size(), Expr(0)), Shape(whole.size(), Expr(1)), whole};
  for (size_t i = 0; i < operands.axes.size(); ++i) {
    int64_t step = operands.steps[i];
    if (step == 0 || step < -INT32_MAX)
      malformed("step " + Twine(i) + " is " + Twine(step));
    auto slice = step > 0 ? sliceForward : sliceBackward;
    slice(node.importer(), box, operands.axes[i], operands.starts[i], operands.ends[i], step);
  }
  return box;
}
