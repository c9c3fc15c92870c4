// Implements the choice of schedules for a GPU.
#include "ir/Schedule.h"
#include "ir/Shapes.h"

using namespace mlir;
using namespace heddle;

static constexpr int64_t threadsPerBlock = 256, warpThreads = 32;
/// Elements of a tile along each side that one thread owns, and the steps along the inner dimension.
static constexpr int64_t perThread = 4, innerStep = 16;
static constexpr int64_t largestTile = 64, smallestTile = 16;

namespace {
/// Sizes of a product, or of a convolution seen as one: filters times the pixels of an image.
struct ProductSizes {
  Expr rows, columns;
};
} // namespace

static std::optional<ProductSizes> productSizes(Operation *op) {
  if (auto matmul = dyn_cast<MatmulOp>(op)) {
    Shape shape = shapeOf(matmul.getY().getType());
    return ProductSizes{shape[shape.size() - 2], shape.back()};
  }
  auto conv = dyn_cast<ConvOp>(op);
  if (!conv || conv.getLayout() != ConvLayout::NCHW)
    return std::nullopt;
  Shape filters = shapeOf(conv.getW().getType()), y = shapeOf(conv.getY().getType());
  return ProductSizes{floorDiv(filters[0], Expr(static_cast<int64_t>(conv.getGroups()))),
                      elementCount(Shape(y.begin() + 2, y.end()))};
}

/// The side of a tile: the smallest that holds the whole dimension, but for a large or unknown one.
static int64_t tileSide(const Expr &size) {
  std::optional<int64_t> known = size.literal();
  int64_t side = smallestTile;
  while (side < largestTile && (!known || side < *known))
    side *= 2;
  return side;
}

/// Tiles pay only where each loaded element is used several times: not for a vector, nor for a few filters per group.
static Attribute tileSchedule(MLIRContext *context, const ProductSizes &sizes) {
  auto isThin = [](const Expr &size) { return size.literal() && *size.literal() < perThread; };
  if (isThin(sizes.rows) || isThin(sizes.columns))
    return nullptr;
  return GemmScheduleAttr::get(context, /*mr=*/0, /*nr=*/0, tileSide(sizes.rows), tileSide(sizes.columns), innerStep,
                               perThread, perThread);
}

/// Elements of the rows that reductions of the kernel run along; nullopt if that is known at run time only.
static std::optional<int64_t> rowLength(KernelOp kernel) {
  std::optional<int64_t> length;
  auto note = [&](Value x, size_t firstReduced) {
    Shape shape = shapeOf(x.getType());
    length = elementCount(Shape(shape.begin() + firstReduced, shape.end())).literal();
  };
  kernel.walk([&](Operation *op) {
    if (auto softmax = dyn_cast<SoftmaxOp>(op))
      note(softmax.getX(), softmax.getAxis());
    else if (auto norm = dyn_cast<LayerNormOp>(op))
      note(norm.getX(), norm.getAxis());
    else if (auto reduce = dyn_cast<ReduceOp>(op); reduce && !reduce.getAxes().empty())
      note(reduce.getX(), reduce.getAxes().front());
  });
  return length;
}

/// A thread per column of a short row, in whole warps.
static int64_t threadsForRow(std::optional<int64_t> length) {
  int64_t threads = warpThreads;
  while (threads < threadsPerBlock && (!length || threads < *length))
    threads *= 2;
  return threads;
}

Attribute heddle::chooseCudaSchedule(KernelOp kernel) {
  MLIRContext *context = kernel.getContext();
  Attribute tiles;
  kernel.walk([&](Operation *op) {
    if (std::optional<ProductSizes> sizes = productSizes(op))
      tiles = tileSchedule(context, *sizes);
  });
  if (tiles)
    return tiles;
  if (reducesRows(kernel))
    return RowsScheduleAttr::get(context, /*vector=*/1, /*unroll=*/1, threadsForRow(rowLength(kernel)));
  return ElementwiseScheduleAttr::get(context, /*vector=*/1, threadsPerBlock, /*perThread=*/1);
}
