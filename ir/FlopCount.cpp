// Implements counting the arithmetic of a kernel.
#include "ir/FlopCount.h"
#include "ir/Shapes.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace heddle;

static Expr elementCount(Value tensor) {
  Shape shape = shapeOf(tensor.getType());
  return productOf(shape, 0, shape.size());
}

static Expr countMatmul(MatmulOp matmul) {
  Shape a = shapeOf(matmul.getA().getType());
  return Expr(2) * elementCount(matmul.getY()) * a[a.size() - (matmul.getTransposeA() ? 2 : 1)];
}

static Expr countConv(ConvOp conv) {
  Shape y = shapeOf(conv.getY().getType());
  Expr channels = conv.getLayout() == ConvLayout::NCHW ? y[1] : y.back();
  return Expr(2) * elementCount(conv.getY()) * floorDiv(elementCount(conv.getW()), channels);
}

static Expr countGeneric(GenericOp generic) {
  const Shape &reduced = generic.getReduce().exprs();
  return elementCount(generic.getY()) * productOf(reduced, 0, reduced.size());
}

/// One operation per element of the op's largest operand or result; where sizes are not literal, of its result.
static Expr countElements(Operation *op) {
  Expr most = elementCount(op->getResult(0));
  for (Value operand : op->getOperands()) {
    Expr count = elementCount(operand);
    if (count.literal() && most.literal() && *count.literal() > *most.literal())
      most = count;
  }
  return most;
}

Expr heddle::flopCount(KernelOp kernel) {
  Expr total(0);
  for (Operation &op : kernel.getBody().front()) {
    Expr count = llvm::TypeSwitch<Operation *, Expr>(&op)
                     .Case([](MatmulOp matmul) { return countMatmul(matmul); })
                     .Case([](ConvOp conv) { return countConv(conv); })
                     .Case([](GenericOp generic) { return countGeneric(generic); })
                     .Default([](Operation *other) {
                       bool computes = isa<ElementwiseOpInterface, StructuredOpInterface>(other);
                       return computes ? countElements(other) : Expr(0);
                     });
    total = total + count;
  }
  return total;
}
