// Broadcasts at run time: sizes are compared by a step, and a dimension that has one element is read with step 0.
#include "compiler/onnx/Broadcasts.h"
#include "compiler/onnx/Reshapes.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::onnximport;

/// A size of its own, and no expression of both: results of results would grow with every broadcast.
static Expr sizeFromRun(Node &node, const Expr &value) {
  std::string symbol = node.importer().freshSymbol(node.path() + ".size");
  RankedTensorType type = tensorType({Expr(1)}, node.builder().getI64Type());
  Value read = node.emitAs<SizesOp>(type, {}, node.named("values", node.dims({value})));
  node.setSymbols(read, symbol);
  return Expr::symbol(symbol);
}

/// Sizes that always differ, as n and n + 2, are never equal under a guard, but one of them may be 1.
static bool isGuard(Node &node, const Expr &condition) {
  return !condition.isLiteral(0) && isCheckedAtEntry(node, condition);
}

/// What two sizes of operands broadcast to; `message` is for those that do not.
static Expr broadcastSize(Node &node, const Expr &a, const Expr &b, const std::string &message) {
  if (a == b || b.isLiteral(1))
    return a;
  if (a.isLiteral(1))
    return b;
  if (isGuard(node, equal(a, b))) {
    require(node, equal(a, b), message);
    return a.literal() ? a : b;
  }
  BlockValues &block = node.frame().scope.block();
  std::set<Expr> partsOfA = block.findParts(a), partsOfB = block.findParts(b), parts = partsOfA;
  parts.insert(partsOfB.begin(), partsOfB.end());
  // What a size has been broadcast from changes nothing when it comes again.
  if (parts == partsOfA || parts == partsOfB)
    return parts == partsOfA ? a : b;
  if (const Expr *known = block.findBroadcast(parts))
    return *known;
  Expr isOne = equal(a, 1);
  require(node, logicalOr(logicalOr(equal(a, b), isOne), equal(b, 1)), message);
  Expr size = a.literal() ? a : b;
  if (!size.literal()) {
    size = sizeFromRun(node, isOne * b + notEqual(a, 1) * a);
    block.broadcastOf[size] = parts;
  }
  block.broadcasts.emplace(std::move(parts), size);
  return size;
}

static Shape broadcastShape(Node &node, const Shape &a, const Shape &b) {
  std::string message = "shapes " + textOf(a) + " and " + textOf(b) + " do not broadcast";
  Shape result = a;
  if (b.size() > result.size())
    result.insert(result.begin(), b.size() - result.size(), Expr(1));
  size_t offset = result.size() - b.size();
  for (size_t dim = 0; dim < b.size(); ++dim)
    result[offset + dim] = broadcastSize(node, result[offset + dim], b[dim], message);
  return result;
}

/// A guard has made sizes equal, or they are compared by the run.
static Value expand(Node &node, Value x, const Shape &shape) {
  Shape from = shapeOfValue(x), sizes = from;
  size_t offset = shape.size() - from.size();
  Shape steps(from.size(), Expr(1));
  for (size_t dim = 0; dim < from.size(); ++dim) {
    const Expr &size = from[dim], &wanted = shape[offset + dim];
    if (size.isLiteral(1) || size == wanted || isGuard(node, equal(size, wanted)))
      continue;
    sizes[dim] = wanted;
    steps[dim] = notEqual(size, 1);
  }
  return node.broadcast(node.slice(x, Shape(from.size(), Expr(0)), steps, sizes), shape);
}

void onnximport::expandTogether(Node &node, MutableArrayRef<Value> operands, size_t ownDims) {
  auto outerShape = [&](Value operand) {
    Shape shape = shapeOfValue(operand);
    shape.resize(shape.size() - std::min(shape.size(), ownDims));
    return shape;
  };
  std::vector<std::pair<Expr, Expr>> assumed;
  SmallVector<Shape> shapes = llvm::map_to_vector(operands, outerShape);
  broadcastAssumptions(shapes, assumed);
  if (llvm::all_of(assumed, [&](const auto &pair) { return isGuard(node, equal(pair.first, pair.second)); }))
    return;
  Shape together;
  for (const Shape &shape : shapes)
    together = broadcastShape(node, together, shape);
  for (auto [operand, shape] : llvm::zip(operands, shapes)) {
    Shape whole = shapeOfValue(operand), target(together.end() - shape.size(), together.end());
    for (size_t dim = 0; dim < shape.size(); ++dim)
      if (shape[dim].isLiteral(1))
        target[dim] = Expr(1);
    target.insert(target.end(), whole.begin() + shape.size(), whole.end());
    operand = expand(node, operand, target);
  }
}

Value onnximport::expandTo(Node &node, Value x, Shape target) {
  Shape from = shapeOfValue(x);
  // A size that cannot be 1 stays what it is, whatever the run asks for.
  for (size_t dim = 0; dim < std::min(from.size(), target.size()); ++dim) {
    const Expr &size = from[from.size() - 1 - dim];
    Expr &wanted = target[target.size() - 1 - dim];
    if (!size.literal() || size.isLiteral(1) || wanted.literal())
      continue;
    require(node, logicalOr(equal(wanted, size), equal(wanted, 1)),
            "shapes " + textOf(from) + " and " + textOf(target) + " do not broadcast");
    wanted = size;
  }
  return expand(node, x, broadcastShape(node, from, target));
}
