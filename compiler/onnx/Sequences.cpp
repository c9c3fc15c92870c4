// Rules of sequences: lists of tensors whose length and order are known while importing, so that nothing of them is
// left to run.
#include "compiler/onnx/Rules.h"
#include <numeric>

using namespace mlir;
using namespace heddle;
using namespace heddle::onnximport;

namespace {

using Parts = std::vector<Tensor *>;

void setSequence(Node &node, Parts parts) {
  Tensor tensor;
  tensor.sequence = std::move(parts);
  node.set(0, node.importer().newTensor(std::move(tensor)));
}

/// A position counted from the end if negative; `limit` is the first that is too large.
size_t positionIn(Node &node, int input, const Parts &parts, int64_t limit) {
  auto count = static_cast<int64_t>(parts.size());
  int64_t given = node.constant(input), position = given < 0 ? given + count : given;
  if (position < 0 || position >= limit)
    malformed("position " + Twine(given) + " is outside a sequence of " + Twine(count));
  return static_cast<size_t>(position);
}

void importSequenceEmpty(Node &node) { setSequence(node, {}); }

void importSequenceConstruct(Node &node) {
  Parts parts;
  for (int input = 0; input < node.inputCount(); ++input)
    parts.push_back(&node.tensor(input));
  setSequence(node, parts);
}

void importSequenceInsert(Node &node) {
  Parts parts = node.sequence(0);
  size_t position = parts.size();
  if (node.hasInput(2))
    position = positionIn(node, 2, parts, static_cast<int64_t>(parts.size()) + 1);
  parts.insert(parts.begin() + static_cast<ptrdiff_t>(position), &node.tensor(1));
  setSequence(node, parts);
}

void importSequenceErase(Node &node) {
  Parts parts = node.sequence(0);
  auto count = static_cast<int64_t>(parts.size());
  if (parts.empty())
    malformed("the sequence is empty");
  size_t position = node.hasInput(1) ? positionIn(node, 1, parts, count) : parts.size() - 1;
  parts.erase(parts.begin() + static_cast<ptrdiff_t>(position));
  setSequence(node, parts);
}

void importSequenceAt(Node &node) {
  const Parts &parts = node.sequence(0);
  node.set(0, *parts[positionIn(node, 1, parts, static_cast<int64_t>(parts.size()))]);
}

void importSequenceLength(Node &node) {
  node.setContents(0, {Element(static_cast<int64_t>(node.sequence(0).size()))}, {}, node.builder().getI64Type());
}

void importConcatFromSequence(Node &node) {
  const Parts &parts = node.sequence(0);
  if (parts.empty())
    malformed("the sequence is empty");
  bool isNew = node.intAttr("new_axis", 0) != 0;
  int64_t axis = node.axisAttr(0, parts.front()->rank() + (isNew ? 1 : 0));
  SmallVector<Value> values;
  for (const Tensor *part : parts) {
    Value value = node.data(*part);
    values.push_back(isNew ? node.insertDim(value, axis) : value);
  }
  node.set(0, node.concat(values, axis));
}

/// The sizes of the parts: given one by one, or as one size that leaves a smaller last part.
std::vector<int64_t> partSizes(Node &node, int64_t size) {
  if (!node.hasInput(1))
    return std::vector<int64_t>(size, 1);
  std::vector<int64_t> given = node.constants(1);
  if (node.rank(1) != 0)
    return given;
  int64_t part = given.front();
  if (part <= 0)
    malformed("'split' is " + Twine(part));
  std::vector<int64_t> sizes(size / part, part);
  if (size % part)
    sizes.push_back(size % part);
  return sizes;
}

void importSplitToSequence(Node &node) {
  constexpr int64_t maxParts = 4096;
  int64_t axis = node.axisAttr(0, node.rank(0));
  const Expr &size = node.shape(0)[axis];
  if (!size.literal() || *size.literal() > maxParts)
    unsupported("the number of parts of size '" + size.str() + "' must be known and at most " + Twine(maxParts) +
                ": give the input shapes");
  std::vector<int64_t> sizes = partSizes(node, *size.literal());
  if (std::accumulate(sizes.begin(), sizes.end(), int64_t(0)) != *size.literal())
    malformed("'split' does not sum to the size " + size.str());
  bool drops = !node.hasInput(1) && node.intAttr("keepdims", 1) == 0;
  Parts parts;
  int64_t start = 0;
  for (int64_t part : sizes) {
    if (part < 0)
      malformed("'split' has entry " + Twine(part));
    Value value = node.sliceAxis(node.value(0), axis, start, part);
    parts.push_back(&node.importer().tensorOf(drops ? node.dropDim(value, axis) : value));
    start += part;
  }
  setSequence(node, parts);
}

constexpr RuleEntry rules[] = {
    {"ConcatFromSequence", importConcatFromSequence}, {"SequenceAt", importSequenceAt},
    {"SequenceConstruct", importSequenceConstruct},   {"SequenceEmpty", importSequenceEmpty},
    {"SequenceErase", importSequenceErase},           {"SequenceInsert", importSequenceInsert},
    {"SequenceLength", importSequenceLength},         {"SplitToSequence", importSplitToSequence},
};

} // namespace

std::span<const RuleEntry> onnximport::sequenceRules() { return rules; }
