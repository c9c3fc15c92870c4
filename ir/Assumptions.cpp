// Reads the assumed size equalities off the operand types of an op.
#include "ir/Assumptions.h"
#include "ir/HeddleOps.h"
#include "ir/Shapes.h"

using namespace mlir;
using namespace heddle;

/// A broadcast to a given shape has no say in it: every size that is not a literal 1 is the target's.
static void assumeTarget(BroadcastOp broadcast, std::vector<Expr> &assumed) {
  Shape from = shapeOf(broadcast.getX().getType()), to = shapeOf(broadcast.getY().getType());
  size_t offset = to.size() - from.size();
  for (size_t dim = 0; dim < from.size(); ++dim)
    if (!from[dim].isLiteral(1) && from[dim] != to[offset + dim])
      assumed.push_back(equal(to[offset + dim], from[dim]));
}

/// Assumes that all parts have the sides of the whole.
static void assumeSides(ConcatOp concat, std::vector<Expr> &assumed) {
  Shape sides = shapeOf(concat.getY().getType());
  for (Value part : concat.getParts()) {
    Shape shape = shapeOf(part.getType());
    for (size_t dim = 0; dim < shape.size(); ++dim)
      if (dim != concat.getAxis() && shape[dim] != sides[dim])
        assumed.push_back(equal(sides[dim], shape[dim]));
  }
}

std::vector<Expr> heddle::assumedEqualities(Operation *op) {
  std::vector<Expr> assumed;
  SmallVector<Shape> shapes;
  if (isa<ElementwiseOpInterface>(op)) {
    for (Value operand : op->getOperands())
      shapes.push_back(shapeOf(operand.getType()));
  } else if (auto matmul = dyn_cast<MatmulOp>(op); matmul && matmul.getPackedNr() == 0) {
    Shape a = shapeOf(matmul.getA().getType()), b = shapeOf(matmul.getB().getType());
    size_t rankA = a.size(), rankB = b.size();
    Expr innerA = a[rankA - (matmul.getTransposeA() ? 2 : 1)], innerB = b[rankB - (matmul.getTransposeB() ? 1 : 2)];
    if (innerA != innerB)
      assumed.push_back(equal(innerA, innerB));
    shapes = {Shape(a.begin(), a.end() - 2), Shape(b.begin(), b.end() - 2)};
  } else if (auto concat = dyn_cast<ConcatOp>(op)) {
    assumeSides(concat, assumed);
  } else if (auto broadcast = dyn_cast<BroadcastOp>(op)) {
    assumeTarget(broadcast, assumed);
  }
  std::vector<std::pair<Expr, Expr>> pairs;
  if (shapes.size() > 1)
    broadcastAssumptions(shapes, pairs);
  for (const auto &[size, other] : pairs)
    assumed.push_back(equal(size, other));
  return assumed;
}

bool heddle::isKnownAtEntry(const Expr &guard, FunctionOpInterface function) {
  std::set<std::string> inputs, used;
  for (Type type : function.getArgumentTypes())
    for (const Expr &size : shapeOf(type))
      size.collectSymbols(inputs);
  guard.collectSymbols(used);
  return llvm::all_of(used,
                      [&](const std::string &name) { return inputs.count(name) || StringRef(name).ends_with("]"); });
}

std::vector<Expr> heddle::assumedAtEntry(FunctionOpInterface function) {
  std::vector<Expr> distinct;
  for (Operation &op : function.getFunctionBody().front())
    for (const Expr &guard : assumedEqualities(&op))
      if (!guard.isLiteral(1) && !llvm::is_contained(distinct, guard) && isKnownAtEntry(guard, function))
        distinct.push_back(guard);
  return distinct;
}
