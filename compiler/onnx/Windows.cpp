// Computes the paddings of sliding windows.
#include "compiler/onnx/Windows.h"
#include "compiler/onnx/Reshapes.h"

using namespace heddle;
using namespace heddle::onnximport;
using llvm::Twine;

std::vector<int64_t> onnximport::boundedInts(Node &node, llvm::StringRef name, size_t count, int64_t byDefault,
                                             int64_t least) {
  std::vector<int64_t> values = node.intsAttr(name, std::vector<int64_t>(count, byDefault));
  if (values.size() != count)
    malformed(name + " has " + Twine(values.size()) + " entries, expected " + Twine(count));
  for (int64_t value : values)
    if (value < least || value > INT32_MAX)
      malformed(name + " has entry " + Twine(value) + ", expected it in [" + Twine(least) + ", 2^31)");
  return values;
}

std::vector<int64_t> onnximport::filterWindow(Node &node) {
  const Shape &weights = node.shape(1);
  if (weights.size() != node.shape(0).size() || weights.size() < 3)
    malformed("'X' has shape " + textOf(node.shape(0)) + " and 'W' " + textOf(weights) +
              ", expected equal ranks of at least 3");
  std::optional<std::vector<int64_t>> sizes = literalShape(Shape(weights.begin() + 2, weights.end()));
  if (!sizes)
    unsupported("the window " + textOf(weights) + " must have known sizes");
  std::vector<int64_t> declared = node.intsAttr("kernel_shape", *sizes);
  if (declared != *sizes)
    malformed("kernel_shape does not agree with the weights of shape " + textOf(weights));
  return declared;
}

/// The paddings of SAME at a size that is not literal: the padded input ends with the last window.
static Window::FreePad freeSamePad(Node &node, const Window &window, size_t dim, bool isUpper) {
  const Expr &size = node.shape(0)[dim + 2];
  int64_t stride = window.strides[dim], extent = window.extent(dim);
  if (extent < stride)
    require(node, lessEqual(1, size), "an image of size 0 has no windows");
  Expr padded = floorDiv(size - 1, stride) * stride + extent, total = max(padded - size, 0);
  return {dim, isUpper ? floorDiv(total, 2) : ceilDiv(total, 2), padded};
}

/// SAME: the output size is ceil(input / stride); an odd padding goes to the end (upper) or the beginning.
static void padSame(Node &node, Window &window, bool isUpper) {
  window.pads.assign(2 * window.rank(), 0);
  for (size_t dim = 0; dim < window.rank(); ++dim) {
    const Expr &size = node.shape(0)[dim + 2];
    int64_t stride = window.strides[dim], extent = window.extent(dim);
    if (stride > 1 && !size.literal()) {
      if (extent > 1)
        window.freePads.push_back(freeSamePad(node, window, dim, isUpper));
      continue;
    }
    int64_t steps = stride == 1 ? 0 : (*size.literal() + stride - 1) / stride - 1;
    int64_t covered = stride == 1 ? extent - 1 : steps * stride + extent - *size.literal();
    int64_t total = std::max<int64_t>(covered, 0);
    window.pads[dim] = isUpper ? total / 2 : total - total / 2;
    window.pads[dim + window.rank()] = total - window.pads[dim];
  }
}

/// What rounding up adds at the end of a size that is not literal: stride - 1 make floor the ceiling, and no window
/// starts in the padding if its last element may at most be extent - 1 beyond the input.
static int64_t freeOverhang(const Window &window, size_t dim) {
  int64_t high = window.pads[dim + window.rank()], extent = window.extent(dim);
  return std::max<int64_t>(std::min(window.strides[dim] - 1, extent - 1 - high), 0);
}

/// Rounding up adds a window at the end if it starts inside the input or the low padding.
static void padForCeil(Node &node, Window &window) {
  for (size_t dim = 0; dim < window.rank(); ++dim) {
    int64_t stride = window.strides[dim];
    const Expr &size = node.shape(0)[dim + 2];
    if (stride == 1)
      continue;
    if (!size.literal()) {
      window.overhang[dim] = freeOverhang(window, dim);
    } else {
      int64_t low = window.pads[dim], high = window.pads[dim + window.rank()];
      int64_t room = *size.literal() + low + high - window.extent(dim);
      int64_t windows = (room + stride - 1) / stride + 1;
      if ((windows - 1) * stride >= *size.literal() + low)
        --windows;
      window.overhang[dim] = std::max<int64_t>((windows - 1) * stride - room, 0);
    }
    window.pads[dim + window.rank()] += window.overhang[dim];
  }
}

Window onnximport::readWindow(Node &node, std::vector<int64_t> sizes) {
  Window window;
  window.sizes = std::move(sizes);
  size_t rank = window.rank();
  if (node.rank(0) != static_cast<int64_t>(rank) + 2)
    malformed("'X' has rank " + Twine(node.rank(0)) + ", expected " + Twine(rank + 2));
  for (int64_t size : window.sizes)
    if (size < 1 || size > INT32_MAX)
      malformed("kernel_shape has entry " + Twine(size) + ", expected it in [1, 2^31)");
  window.strides = boundedInts(node, "strides", rank, 1, 1);
  window.dilations = boundedInts(node, "dilations", rank, 1, 1);
  window.pads = boundedInts(node, "pads", 2 * rank, 0, 0);
  window.overhang.assign(rank, 0);
  std::string automatic = node.stringAttr("auto_pad", "NOTSET");
  if (automatic == "SAME_UPPER" || automatic == "SAME_LOWER")
    padSame(node, window, automatic == "SAME_UPPER");
  else if (automatic == "VALID")
    window.pads.assign(2 * rank, 0);
  else if (automatic != "NOTSET")
    malformed("auto_pad is '" + automatic + "', expected NOTSET, SAME_UPPER, SAME_LOWER or VALID");
  bool isSame = automatic == "SAME_UPPER" || automatic == "SAME_LOWER"; // Its windows fit already.
  if (node.intAttr("ceil_mode", 0) && !isSame)
    padForCeil(node, window);
  return window;
}

mlir::Value onnximport::paddedOutside(Node &node, mlir::Value x, const Window &window, mlir::Value fill) {
  if (window.freePads.empty())
    return x;
  Shape shape = shapeOfValue(x), low(shape.size(), Expr(0)), high = low;
  for (const Window::FreePad &pad : window.freePads) {
    low[pad.dim + 2] = pad.low;
    high[pad.dim + 2] = pad.padded - shape[pad.dim + 2] - pad.low;
  }
  return node.pad(x, fill, low, high, PadMode::Constant);
}
