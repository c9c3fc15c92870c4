// Rules of ops that move elements: transposes, slices, pads, tiles and blocks.
#include "compiler/onnx/Reshapes.h"
#include "compiler/onnx/Rules.h"
#include "compiler/onnx/Slices.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::onnximport;

namespace {

void importTranspose(Node &node) { node.set(0, node.transpose(node.value(0), transposePermutation(node))); }

void importConcat(Node &node) {
  SmallVector<Value> parts;
  for (int input = 0; input < node.inputCount(); ++input)
    parts.push_back(node.value(input));
  node.set(0, node.concat(parts, node.axisAttr(1, node.rank(0))));
}

void importSlice(Node &node) {
  Box box = readBox(node);
  node.set(0, node.slice(node.value(0), box.starts, box.steps, box.sizes));
}

/// The sizes of the parts; without any given they are equal, the last one smaller from opset 18 on.
Shape partSizes(Node &node, const Expr &size) {
  if (node.version() < 13 && node.hasAttribute("split")) {
    std::vector<int64_t> parts = node.intsAttr("split");
    return Shape(parts.begin(), parts.end());
  }
  if (node.version() >= 13 && node.hasInput(1))
    return node.sizes(1);
  int64_t count = node.outputCount();
  if (node.intAttr("num_outputs", count) != count)
    malformed("num_outputs is " + Twine(node.intAttr("num_outputs", count)) + ", the node has " + Twine(count) +
              " outputs");
  if (node.version() < 18) {
    require(node, equal(mod(size, count), 0), "size " + size.str() + " is not divisible by " + Twine(count));
    return Shape(count, floorDiv(size, count));
  }
  Expr part = ceilDiv(size, count);
  Shape parts(count, part);
  parts.back() = size - part * (count - 1);
  if (parts.back().literal().value_or(0) < 0)
    unsupported("size " + size.str() + " is too small for " + Twine(count) + " parts");
  return parts;
}

/// Parts of a vector whose elements are known; false where they are not.
bool splitContents(Node &node, const Shape &parts) {
  const Tensor &whole = node.tensor(0);
  std::optional<std::vector<int64_t>> sizes = literalShape(parts);
  if (!whole.contents || whole.rank() != 1 || !sizes)
    return false;
  auto next = whole.contents->begin();
  for (size_t i = 0; i < sizes->size(); next += (*sizes)[i++])
    if (node.hasOutput(i))
      node.setContents(i, Contents(next, next + (*sizes)[i]), {parts[i]}, whole.element);
  return true;
}

void importSplit(Node &node) {
  int64_t axis = node.axisAttr(0, node.rank(0));
  Expr size = node.shape(0)[axis];
  Shape parts = partSizes(node, size);
  if (static_cast<int>(parts.size()) != node.outputCount())
    malformed("'split' has " + Twine(parts.size()) + " elements, the node has " + Twine(node.outputCount()) +
              " outputs");
  Expr total = 0;
  for (const Expr &part : parts) {
    if (part.literal().value_or(0) < 0)
      malformed("the parts " + textOf(parts) + " have a negative size");
    total = total + part;
  }
  require(node, equal(total, size), "the parts " + textOf(parts) + " do not make up size " + size.str());
  if (splitContents(node, parts))
    return;
  Value x = node.value(0);
  Expr start = 0;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (node.hasOutput(i))
      node.set(i, node.sliceAxis(x, axis, start, parts[i]));
    start = start + parts[i];
  }
}

/// Low and high paddings, one per dimension of the input.
struct Paddings {
  Shape low, high;
};

Paddings readPaddings(Node &node) {
  Shape given;
  if (node.version() < 11)
    for (int64_t value : node.intsAttr("pads"))
      given.push_back(value);
  else
    given = node.sizes(1, /*mayBeNegative=*/true);
  std::vector<int64_t> axes;
  if (node.version() >= 18 && node.hasInput(3))
    axes = node.normalizeAxes(node.constants(3), node.rank(0));
  else
    for (int64_t axis = 0; axis < node.rank(0); ++axis)
      axes.push_back(axis);
  if (given.size() != 2 * axes.size())
    malformed("'pads' has " + Twine(given.size()) + " elements, expected " + Twine(2 * axes.size()));
  Paddings paddings{Shape(node.rank(0), Expr(0)), Shape(node.rank(0), Expr(0))};
  for (size_t i = 0; i < axes.size(); ++i) {
    paddings.low[axes[i]] = given[i];
    paddings.high[axes[i]] = given[axes.size() + i];
  }
  return paddings;
}

PadMode readPadMode(Node &node) {
  std::string mode = node.stringAttr("mode", "constant");
  std::optional<PadMode> found = symbolizePadMode(mode);
  if (!found || (*found == PadMode::Wrap && node.version() < 19))
    malformed("mode is '" + mode + "', expected constant, reflect, edge or wrap");
  return *found;
}

void importPad(Node &node) {
  Value x = node.value(0), fill;
  if (node.version() < 11)
    fill = node.scalar(node.floatAttr("value", 0), elementOf(x));
  else if (node.hasInput(2))
    fill = node.reshape(node.value(2), {});
  else
    fill = node.scalar(0, elementOf(x));
  Paddings paddings = readPaddings(node);
  for (int64_t dim = 0; dim < node.rank(0); ++dim) {
    Expr begin = node.shape(0)[dim] + paddings.low[dim], size = begin + paddings.high[dim];
    if (!size.literal())
      paddings.high[dim] =
          requireSize(node, size, "padding gives dimension " + Twine(dim) + " the size " + size.str()) - begin;
  }
  node.set(0, node.pad(x, fill, paddings.low, paddings.high, readPadMode(node)));
}

/// [a, b] by r, s: reshape to [1, a, 1, b], broadcast to [r, a, s, b], reshape to [r * a, s * b].
void importTile(Node &node) {
  Value x = node.value(0);
  Shape sizes = node.shape(0), repeats = node.sizes(1), split, repeated, result;
  if (repeats.size() != sizes.size())
    malformed("'repeats' has " + Twine(repeats.size()) + " elements, expected " + Twine(sizes.size()));
  for (size_t dim = 0; dim < sizes.size(); ++dim) {
    if (repeats[dim].literal().value_or(0) < 0)
      malformed("'repeats' is " + textOf(repeats));
    if (!repeats[dim].isLiteral(1)) {
      split.push_back(1);
      repeated.push_back(repeats[dim]);
    }
    split.push_back(sizes[dim]);
    repeated.push_back(sizes[dim]);
    result.push_back(repeats[dim] * sizes[dim]);
  }
  node.set(0, node.reshape(node.broadcast(node.reshape(x, split), repeated), result));
}

/// The sizes of an image tensor and its block size.
struct Blocks {
  Expr batch, channels, height, width;
  int64_t size;
};

Blocks readBlocks(Node &node) {
  const Shape &shape = node.shape(0);
  int64_t size = node.intAttr("blocksize", 0);
  if (shape.size() != 4 || size < 1)
    malformed("input has rank " + Twine(shape.size()) + " and blocksize is " + Twine(size) +
              ", expected 4 and a positive number");
  return {shape[0], shape[1], shape[2], shape[3], size};
}

void importDepthToSpace(Node &node) {
  Blocks b = readBlocks(node);
  require(node, equal(mod(b.channels, b.size * b.size), 0), "channels are not divisible by the squared blocksize");
  Expr channels = floorDiv(b.channels, b.size * b.size);
  bool isColumnFirst = node.stringAttr("mode", "DCR") == "CRD";
  Value x = node.value(0), blocks;
  if (isColumnFirst)
    blocks =
        node.transpose(node.reshape(x, {b.batch, channels, b.size, b.size, b.height, b.width}), {0, 1, 4, 2, 5, 3});
  else
    blocks =
        node.transpose(node.reshape(x, {b.batch, b.size, b.size, channels, b.height, b.width}), {0, 3, 4, 1, 5, 2});
  node.set(0, node.reshape(blocks, {b.batch, channels, b.height * b.size, b.width * b.size}));
}

void importSpaceToDepth(Node &node) {
  Blocks b = readBlocks(node);
  require(node, logicalAnd(equal(mod(b.height, b.size), 0), equal(mod(b.width, b.size), 0)),
          "height and width are not divisible by the blocksize");
  Expr height = floorDiv(b.height, b.size), width = floorDiv(b.width, b.size);
  Value blocks = node.reshape(node.value(0), {b.batch, b.channels, height, b.size, width, b.size});
  Value moved = node.transpose(blocks, {0, 3, 5, 1, 2, 4});
  node.set(0, node.reshape(moved, {b.batch, b.channels * (b.size * b.size), height, width}));
}

constexpr RuleEntry rules[] = {
    {"Concat", importConcat}, {"DepthToSpace", importDepthToSpace}, {"Pad", importPad},
    {"Slice", importSlice},   {"SpaceToDepth", importSpaceToDepth}, {"Split", importSplit},
    {"Tile", importTile},     {"Transpose", importTranspose},
};

} // namespace

std::span<const RuleEntry> onnximport::movementRules() { return rules; }
