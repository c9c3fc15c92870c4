// Computes target shapes, from expressions or by ops on shape operands that only the run knows.
#include "compiler/onnx/Reshapes.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::onnximport;

bool onnximport::isCheckedAtEntry(Node &node, const Expr &condition) {
  return !node.frame().isOptional && node.importer().isKnownAtEntry(condition);
}

void onnximport::require(Node &node, const Expr &condition, const Twine &message) {
  if (std::optional<int64_t> literal = condition.literal()) {
    if (!*literal)
      malformed(message);
    return;
  }
  if (isCheckedAtEntry(node, condition))
    return node.importer().addGuard(condition);
  std::set<std::string> symbols;
  condition.collectSymbols(symbols);
  Shape sizes;
  for (const std::string &symbol : symbols)
    sizes.push_back(Expr::symbol(symbol));
  Value holds = node.emitAs<SizesOp>(tensorType({}, node.builder().getI1Type()), {},
                                     node.named("values", node.dims({condition})));
  require(node, holds, message, sizes);
}

/// Fails where `holds` is false; `define` builds what the message alone needs.
static void failUnless(Node &node, Value holds, const Twine &message, const Shape &sizes,
                       llvm::function_ref<void()> define) {
  OpBuilder &builder = node.builder();
  OperationState state(node.loc(), IfOp::getOperationName(), holds, {},
                       node.named("defines", builder.getArrayAttr({})));
  for (bool fails : {false, true}) {
    OpBuilder::InsertionGuard guard(builder);
    builder.createBlock(state.addRegion());
    if (fails) {
      define();
      OperationState fail(node.loc(), FailOp::getOperationName());
      fail.addAttribute("message", builder.getStringAttr(node.path() + ": " + message.str()));
      if (!sizes.empty())
        fail.addAttribute("sizes", node.dims(sizes));
      node.create(fail);
    }
    OperationState result(node.loc(), ResultOp::getOperationName());
    builder.create(result);
  }
  node.create(state);
}

void onnximport::require(Node &node, Value holds, const Twine &message, const Shape &sizes) {
  failUnless(node, holds, message, sizes, [] {});
}

Expr onnximport::requireSize(Node &node, const Expr &size, const Twine &message) {
  if (node.importer().isNonNegative(size))
    return size;
  Expr holds = lessEqual(0, size);
  require(node, holds, message);
  return isCheckedAtEntry(node, holds) ? size : max(size, 0);
}

void onnximport::requireSizes(Node &node, Value sizes, const Twine &message, ArrayRef<std::string> names) {
  Value least = rankOf(sizes) ? node.reduce(ReductionKind::Min, sizes, {0}, /*keep=*/false) : sizes;
  Shape symbols;
  for (const std::string &name : names)
    symbols.push_back(Expr::symbol(name));
  Value holds = node.binary<LessEqualOp>(node.scalar(0, elementOf(sizes)), least);
  failUnless(node, holds, message, symbols, [&] { node.setSymbols(sizes, names); });
}

/// The shape operand of a Reshape with 0 and -1 replaced, as ops: its elements are known at run time only.
static Shape shapeFromData(Node &node, const Tensor &operand, bool copiesZeros) {
  Type i64 = node.builder().getI64Type();
  Value shape = node.data(operand);
  std::optional<int64_t> rank = literalCount(operand.shape);
  if (!rank || operand.rank() != 1)
    unsupported("the length of 'shape' must be known when the model is compiled, but is " + textOf(operand.shape));
  if (copiesZeros) {
    Shape sizes = node.shape(0);
    sizes.resize(*rank, Expr(0));
    Value copied = node.emitAs<SizesOp>(shape.getType(), {}, node.named("values", node.dims(sizes)));
    shape = node.where(node.binary<EqualOp>(shape, node.scalar(0, i64)), copied, shape);
  }
  Value isOpen = node.binary<EqualOp>(shape, node.scalar(-1, i64));
  Value known = node.reduce(ReductionKind::Mul, node.where(isOpen, node.scalar(1, i64), shape), {0}, /*keep=*/false);
  Value open = node.div(node.sizeScalar(elementCount(node.shape(0)), i64), known);
  Tensor resolved;
  resolved.value = node.where(isOpen, open, shape);
  resolved.shape = operand.shape;
  resolved.element = i64;
  return node.sizesOf(resolved, "shape", /*mayBeNegative=*/false);
}

/// Replaces 0 by the input's size and finds the one that is -1.
static Shape shapeFromSizes(Node &node, Shape shape, bool copiesZeros) {
  std::optional<size_t> open;
  Expr known = 1;
  for (size_t dim = 0; dim < shape.size(); ++dim) {
    if (shape[dim].isLiteral(-1)) {
      if (open)
        malformed("shape " + textOf(shape) + " has more than one -1");
      open = dim;
      continue;
    }
    if (shape[dim].isLiteral(0) && copiesZeros) {
      if (dim >= node.shape(0).size())
        malformed("shape " + textOf(shape) + " copies dimension " + Twine(dim) + " of " + textOf(node.shape(0)));
      shape[dim] = node.shape(0)[dim];
    }
    if (shape[dim].literal().value_or(0) < 0)
      malformed("shape " + textOf(shape) + " has a negative size");
    known = known * shape[dim];
  }
  if (open && known.isLiteral(0))
    malformed("shape " + textOf(shape) + " leaves the size for -1 open: the others hold no element");
  if (open)
    shape[*open] = floorDiv(elementCount(node.shape(0)), known);
  return shape;
}

Shape onnximport::reshapedShape(Node &node) {
  bool copiesZeros = !node.intAttr("allowzero", 0);
  Tensor &operand = node.tensor(1);
  if (operand.rank() != 1)
    malformed("'shape' has rank " + Twine(operand.rank()) + ", expected 1");
  Shape shape = operand.contents ? shapeFromSizes(node, node.sizes(1, true), copiesZeros)
                                 : shapeFromData(node, operand, copiesZeros);
  Expr from = elementCount(node.shape(0)), to = elementCount(shape);
  require(node, equal(from, to),
          "shape " + textOf(node.shape(0)) + " cannot become " + textOf(shape) + ": the numbers of elements differ");
  return shape;
}

static std::optional<std::vector<int64_t>> readAxes(Node &node) {
  if (node.version() < 13)
    return node.hasAttribute("axes") ? std::optional(node.intsAttr("axes")) : std::nullopt;
  return node.hasInput(1) ? std::optional(node.constants(1)) : std::nullopt;
}

Shape onnximport::squeezedShape(Node &node) {
  const Shape &shape = node.shape(0);
  std::vector<bool> isDropped(shape.size(), false);
  if (std::optional<std::vector<int64_t>> axes = readAxes(node)) {
    for (int64_t axis : node.normalizeAxes(*axes, node.rank(0))) {
      require(node, equal(shape[axis], 1),
              "dimension " + Twine(axis) + " of " + textOf(shape) + " is squeezed, but is not 1");
      isDropped[axis] = true;
    }
  } else {
    for (size_t dim = 0; dim < shape.size(); ++dim) {
      if (!shape[dim].literal())
        unsupported("which dimensions of " + textOf(shape) + " are squeezed depends on '" + shape[dim].str() +
                    "': give the input shapes");
      isDropped[dim] = shape[dim].isLiteral(1);
    }
  }
  Shape squeezed;
  for (size_t dim = 0; dim < shape.size(); ++dim)
    if (!isDropped[dim])
      squeezed.push_back(shape[dim]);
  return squeezed;
}

Shape onnximport::unsqueezedShape(Node &node) {
  std::optional<std::vector<int64_t>> axes = readAxes(node);
  if (!axes)
    malformed("'axes' is missing");
  int64_t rank = node.rank(0) + static_cast<int64_t>(axes->size());
  std::vector<int64_t> inserted = node.normalizeAxes(*axes, rank);
  llvm::sort(inserted);
  Shape shape = node.shape(0);
  for (int64_t axis : inserted)
    shape.insert(shape.begin() + axis, Expr(1));
  return shape;
}

std::vector<int64_t> onnximport::transposePermutation(Node &node) {
  int64_t rank = node.rank(0);
  auto reversed = llvm::reverse(llvm::seq<int64_t>(0, rank));
  std::vector<int64_t> perm = node.intsAttr("perm", std::vector<int64_t>(reversed.begin(), reversed.end()));
  if (static_cast<int64_t>(perm.size()) != rank)
    malformed("perm has " + Twine(perm.size()) + " entries, expected " + Twine(rank));
  return node.normalizeAxes(perm, rank);
}
