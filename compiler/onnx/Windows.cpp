// Computes the paddings of sliding windows.
#include "compiler/onnx/Windows.h"

using namespace heddle;
using namespace heddle::onnximport;
using llvm::Twine;

static std::vector<int64_t> positiveInts(Node &node, llvm::StringRef name, size_t count) {
  std::vector<int64_t> values = node.intsAttr(name, std::vector<int64_t>(count, 1));
  if (values.size() != count)
    malformed(name + " has " + Twine(values.size()) + " entries, expected " + Twine(count));
  for (int64_t value : values)
    if (value < 1 || value > INT32_MAX)
      malformed(name + " has entry " + Twine(value) + ", expected it in [1, 2^31)");
  return values;
}

/// SAME: the output size is ceil(input / stride); an odd padding goes to the end (upper) or the beginning.
static void padSame(Node &node, Window &window, bool isUpper) {
  for (size_t dim = 0; dim < window.rank(); ++dim) {
    const Expr &size = node.shape(0)[dim + 2];
    int64_t stride = window.strides[dim], extent = window.extent(dim);
    if (stride > 1 && !size.literal())
      unsupported("auto_pad with stride " + Twine(stride) + " needs size '" + size.str() + "': give the input shapes");
    int64_t steps = stride == 1 ? 0 : (*size.literal() + stride - 1) / stride - 1;
    int64_t covered = stride == 1 ? extent - 1 : steps * stride + extent - *size.literal();
    int64_t total = std::max<int64_t>(covered, 0);
    window.pads[dim] = isUpper ? total / 2 : total - total / 2;
    window.pads[dim + window.rank()] = total - window.pads[dim];
  }
}

/// Rounding up adds a window at the end if it starts inside the input or the low padding.
static void padForCeil(Node &node, Window &window) {
  for (size_t dim = 0; dim < window.rank(); ++dim) {
    int64_t stride = window.strides[dim];
    if (stride == 1)
      continue;
    const Expr &size = node.shape(0)[dim + 2];
    if (!size.literal())
      unsupported("ceil_mode with stride " + Twine(stride) + " needs size '" + size.str() + "': give the input shapes");
    int64_t low = window.pads[dim], high = window.pads[dim + window.rank()];
    int64_t room = *size.literal() + low + high - window.extent(dim);
    int64_t windows = (room + stride - 1) / stride + 1;
    if ((windows - 1) * stride >= *size.literal() + low)
      --windows;
    int64_t extra = (windows - 1) * stride - room;
    window.overhang[dim] = std::max<int64_t>(extra, 0);
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
  window.strides = positiveInts(node, "strides", rank);
  window.dilations = positiveInts(node, "dilations", rank);
  window.pads = node.intsAttr("pads", std::vector<int64_t>(2 * rank, 0));
  window.overhang.assign(rank, 0);
  std::string automatic = node.stringAttr("auto_pad", "NOTSET");
  if (window.pads.size() != 2 * rank)
    malformed("pads has " + Twine(window.pads.size()) + " entries, expected " + Twine(2 * rank));
  for (int64_t pad : window.pads)
    if (pad < 0 || pad > INT32_MAX)
      malformed("pads has entry " + Twine(pad) + ", expected it in [0, 2^31)");
  if (automatic == "SAME_UPPER" || automatic == "SAME_LOWER")
    padSame(node, window, automatic == "SAME_UPPER");
  else if (automatic == "VALID")
    window.pads.assign(2 * rank, 0);
  else if (automatic != "NOTSET")
    malformed("auto_pad is '" + automatic + "', expected NOTSET, SAME_UPPER, SAME_LOWER or VALID");
  if (node.intAttr("ceil_mode", 0))
    padForCeil(node, window);
  return window;
}
