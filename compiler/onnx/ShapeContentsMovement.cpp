// Moves known elements: reshapes, slices, gathers, concatenations.
#include "compiler/onnx/Reshapes.h"
#include "compiler/onnx/ShapeContents.h"
#include "compiler/onnx/Slices.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::onnximport;

namespace {

/// The elements at the cross product of positions per dimension.
Tensor select(const Tensor &tensor, const std::vector<std::vector<int64_t>> &positions) {
  std::vector<int64_t> sizes = *literalShape(tensor.shape);
  std::vector<int64_t> offsets = {0};
  Shape shape;
  int64_t stride = 1;
  for (int64_t size : sizes)
    stride *= size;
  for (size_t dim = 0; dim < sizes.size(); ++dim) {
    stride = sizes[dim] ? stride / sizes[dim] : 0;
    std::vector<int64_t> next;
    for (int64_t offset : offsets)
      for (int64_t position : positions[dim])
        next.push_back(offset + position * stride);
    offsets = std::move(next);
    shape.push_back(Expr(static_cast<int64_t>(positions[dim].size())));
  }
  Contents contents;
  for (int64_t offset : offsets)
    contents.push_back((*tensor.contents)[offset]);
  return knownTensor(std::move(contents), std::move(shape), tensor.element);
}

std::vector<std::vector<int64_t>> allPositions(const Tensor &tensor) {
  std::vector<std::vector<int64_t>> positions;
  for (const Expr &size : tensor.shape) {
    auto range = llvm::seq<int64_t>(0, *size.literal());
    positions.emplace_back(range.begin(), range.end());
  }
  return positions;
}

Folded reshaped(Node &node, const Shape &shape) {
  if (!literalShape(shape))
    return std::nullopt;
  return knownTensor(*node.tensor(0).contents, shape, node.element(0));
}

Folded foldReshape(Node &node) {
  if (!contentsOf(node, 0) || !contentsOf(node, 1) || node.version() < 5)
    return std::nullopt;
  return reshaped(node, reshapedShape(node));
}

Folded foldSqueeze(Node &node) { return contentsOf(node, 0) ? reshaped(node, squeezedShape(node)) : std::nullopt; }

Folded foldUnsqueeze(Node &node) { return contentsOf(node, 0) ? reshaped(node, unsqueezedShape(node)) : std::nullopt; }

Folded foldSlice(Node &node) {
  if (!contentsOf(node, 0))
    return std::nullopt;
  for (int input = 1; input < node.inputCount(); ++input)
    if (node.hasInput(input) && !contentsOf(node, input))
      return std::nullopt;
  Box box = readBox(node);
  std::vector<std::vector<int64_t>> positions;
  for (size_t dim = 0; dim < box.sizes.size(); ++dim) {
    std::optional<int64_t> start = node.importer().decide(box.starts[dim]), step = box.steps[dim].literal(),
                           size = node.importer().decide(box.sizes[dim]);
    if (!start || !step || !size)
      return std::nullopt;
    std::vector<int64_t> &chosen = positions.emplace_back();
    for (int64_t i = 0; i < *size; ++i)
      chosen.push_back(*start + i * *step);
  }
  return select(node.tensor(0), positions);
}

Folded foldGather(Node &node) {
  const Contents *x = contentsOf(node, 0), *indices = contentsOf(node, 1);
  if (!x || !indices || node.rank(0) == 0)
    return std::nullopt;
  int64_t axis = node.axisAttr(0, node.rank(0)), size = *node.shape(0)[axis].literal();
  std::vector<std::vector<int64_t>> positions = allPositions(node.tensor(0));
  positions[axis].clear();
  for (const Element &index : *indices) {
    std::optional<int64_t> value = index.literal();
    if (!value)
      return std::nullopt;
    int64_t position = *value < 0 ? *value + size : *value;
    if (position < 0 || position >= size)
      malformed("index " + Twine(*value) + " is outside [" + Twine(-size) + ", " + Twine(size) + ")");
    positions[axis].push_back(position);
  }
  Tensor gathered = select(node.tensor(0), positions);
  gathered.shape.erase(gathered.shape.begin() + axis);
  const Shape &shape = node.shape(1);
  gathered.shape.insert(gathered.shape.begin() + axis, shape.begin(), shape.end());
  return gathered;
}

/// Vectors only: what shape arithmetic concatenates.
Folded foldConcat(Node &node) {
  Contents contents;
  for (int input = 0; input < node.inputCount(); ++input) {
    const Contents *part = contentsOf(node, input);
    if (!part || node.rank(input) != 1)
      return std::nullopt;
    contents.insert(contents.end(), part->begin(), part->end());
  }
  node.axisAttr(0, 1);
  if (contents.size() > static_cast<size_t>(maxContents))
    return std::nullopt;
  Shape shape = {Expr(static_cast<int64_t>(contents.size()))};
  return knownTensor(std::move(contents), shape, node.element(0));
}

Folded foldTranspose(Node &node) {
  if (!contentsOf(node, 0))
    return std::nullopt;
  std::vector<int64_t> perm = transposePermutation(node), sizes = *literalShape(node.shape(0));
  std::vector<int64_t> strides(sizes.size(), 1), positions = {0};
  for (size_t dim = sizes.size(); dim > 1; --dim)
    strides[dim - 2] = strides[dim - 1] * sizes[dim - 1];
  Shape shape;
  for (int64_t dim : perm) {
    std::vector<int64_t> next;
    for (int64_t position : positions)
      for (int64_t i = 0; i < sizes[dim]; ++i)
        next.push_back(position + i * strides[dim]);
    positions = std::move(next);
    shape.push_back(sizes[dim]);
  }
  Contents contents;
  for (int64_t position : positions)
    contents.push_back((*node.tensor(0).contents)[position]);
  return knownTensor(std::move(contents), std::move(shape), node.element(0));
}

Folded foldExpand(Node &node) {
  const Contents *target = contentsOf(node, 1);
  if (!contentsOf(node, 0) || !target)
    return std::nullopt;
  Shape sizes;
  for (const Element &size : *target)
    sizes.push_back(size.expr());
  FailureOr<Shape> shape = broadcastShapes({node.shape(0), sizes});
  if (failed(shape) || literalCount(*shape).value_or(maxContents + 1) > maxContents)
    return std::nullopt;
  Contents contents;
  for (int64_t position : broadcastPositions(*literalShape(node.shape(0)), *literalShape(*shape)))
    contents.push_back((*node.tensor(0).contents)[position]);
  return knownTensor(std::move(contents), *shape, node.element(0));
}

constexpr FolderEntry folders[] = {
    {"Concat", foldConcat}, {"Expand", foldExpand},   {"Gather", foldGather},       {"Reshape", foldReshape},
    {"Slice", foldSlice},   {"Squeeze", foldSqueeze}, {"Transpose", foldTranspose}, {"Unsqueeze", foldUnsqueeze},
};

} // namespace

std::span<const FolderEntry> onnximport::movementFolders() { return folders; }
