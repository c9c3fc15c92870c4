// Implements views through movement ops.
#include "ir/StridedView.h"
#include "ir/Shapes.h"

using namespace mlir;
using namespace heddle;

std::vector<Expr> heddle::denseStrides(const Shape &shape) {
  std::vector<Expr> strides(shape.size());
  Expr stride(1);
  for (size_t dim = shape.size(); dim-- > 0;) {
    strides[dim] = stride;
    stride = stride * shape[dim];
  }
  return strides;
}

namespace {
/// The dimensions of a shape that are not a literal 1.
struct LargeDims {
  SmallVector<size_t> dims;
  SmallVector<Expr> products; ///< Of the sizes up to and with each of them.

  explicit LargeDims(const Shape &shape) {
    Expr product(1);
    for (size_t dim = 0; dim < shape.size(); ++dim) {
      if (shape[dim].isLiteral(1))
        continue;
      product = product * shape[dim];
      dims.push_back(dim);
      products.push_back(product);
    }
  }
};
} // namespace

/// The shortest runs of dimensions, from `source` and `target` on, with equal products: these become their last
/// dimensions. False if there are none.
static bool findEqualRuns(const LargeDims &from, const LargeDims &to, size_t &source, size_t &target) {
  for (size_t endTarget = target; endTarget < to.dims.size(); ++endTarget)
    for (size_t endSource = source; endSource < from.dims.size(); ++endSource) {
      if (from.products[endSource] != to.products[endTarget])
        continue;
      source = endSource;
      target = endTarget;
      return true;
    }
  return false;
}

std::optional<std::vector<Expr>> heddle::reshapeStrides(const Shape &from, ArrayRef<Expr> strides, const Shape &to) {
  LargeDims source(from), target(to);
  std::vector<Expr> result(to.size(), Expr(0));
  size_t firstSource = 0, firstTarget = 0;
  while (firstTarget < target.dims.size()) {
    size_t endSource = firstSource, endTarget = firstTarget;
    if (!findEqualRuns(source, target, endSource, endTarget))
      return std::nullopt;
    for (size_t i = firstSource; i < endSource; ++i)
      if (strides[source.dims[i]] != strides[source.dims[i + 1]] * from[source.dims[i + 1]])
        return std::nullopt;
    Expr stride = strides[source.dims[endSource]];
    for (size_t j = endTarget + 1; j-- > firstTarget;) {
      result[target.dims[j]] = stride;
      stride = stride * to[target.dims[j]];
    }
    firstSource = endSource + 1;
    firstTarget = endTarget + 1;
  }
  return firstSource == source.dims.size() ? std::optional(result) : std::nullopt;
}

std::optional<std::vector<Expr>> heddle::partStrides(const Shape &from, ArrayRef<Expr> strides, const Shape &to) {
  std::optional<std::vector<Expr>> result = reshapeStrides(from, strides, to);
  for (size_t dim = to.size(); result && dim-- > 0;)
    if (to[dim].isLiteral(1))
      (*result)[dim] = dim + 1 < to.size() ? (*result)[dim + 1] * to[dim + 1] : Expr(1);
  return result;
}

/// `view` describes the result of `op`'s operand; makes it describe the result of `op`. False if it cannot.
static bool extend(StridedView &view, Operation *op) {
  Shape from = shapeOf(op->getOperand(0).getType()), to = shapeOf(op->getResult(0).getType());
  return llvm::TypeSwitch<Operation *, bool>(op)
      .Case([&](ReshapeOp) {
        std::optional<std::vector<Expr>> strides = reshapeStrides(from, view.strides, to);
        if (strides)
          view.strides = std::move(*strides);
        return strides.has_value();
      })
      .Case([&](TransposeOp transpose) {
        std::vector<Expr> strides;
        for (int64_t dim : transpose.getPerm())
          strides.push_back(view.strides[dim]);
        view.strides = std::move(strides);
        return true;
      })
      .Case([&](BroadcastOp) {
        std::vector<Expr> strides(to.size() - from.size(), Expr(0));
        for (size_t dim = 0; dim < from.size(); ++dim)
          strides.push_back(from[dim].isLiteral(1) ? Expr(0) : view.strides[dim]);
        view.strides = std::move(strides);
        return true;
      })
      .Case([&](SliceOp slice) {
        for (auto [start, step, stride] :
             llvm::zip(slice.getStarts().exprs(), slice.getSteps().exprs(), view.strides)) {
          view.offset = view.offset + start * stride;
          stride = stride * step;
        }
        return true;
      })
      .Default([](Operation *) { return false; });
}

StridedView heddle::stridedView(Value value, function_ref<bool(Operation *)> mayPass) {
  Operation *op = value.getDefiningOp();
  if (isa_and_nonnull<ReshapeOp, TransposeOp, BroadcastOp, SliceOp>(op) && (!mayPass || mayPass(op))) {
    StridedView view = stridedView(op->getOperand(0), mayPass);
    if (extend(view, op))
      return view;
  }
  return {value, Expr(0), denseStrides(shapeOf(value.getType()))};
}

bool heddle::isContiguous(SliceOp slice) {
  Shape shape = shapeOf(slice.getY().getType());
  StridedView view = stridedView(slice.getY(), [&](Operation *op) { return op == slice; });
  return partStrides(shape, view.strides, shape) == denseStrides(shape);
}

Expr heddle::firstElement(SliceOp slice) {
  return stridedView(slice.getY(), [&](Operation *op) { return op == slice; }).offset;
}

std::vector<Expr> heddle::storedStrides(KernelOp kernel, unsigned result) {
  if (auto strides = kernel.getResultAttrOfType<DimsAttr>(result, stridesAttrName))
    return strides.exprs();
  return denseStrides(shapeOf(kernel.getResultTypes()[result]));
}
