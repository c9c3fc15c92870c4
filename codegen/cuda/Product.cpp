// Implements the view of matrix products and convolutions as products of two matrices.
#include "codegen/cuda/Product.h"
#include "ir/BodyBuilder.h"
#include "ir/Shapes.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::cuda;

static void addVariables(Product &product, Recorder &recorder) {
  product.batchIndex = recorder.newVariable(elementCount(product.batch));
  product.row = recorder.newVariable(product.rows);
  product.col = recorder.newVariable(product.cols);
  product.k = recorder.newVariable(product.inner);
}

/// A matrix operand: its own batch dimensions, then its side of the result and the inner dimension in storage order.
static ProductOperand matrixOperand(const Product &product, Value value, const Index &side, bool isInnerLast) {
  Shape shape = shapeOf(value.getType());
  std::vector<Index> batch = delinearize(product.batchIndex, product.batch);
  std::vector<Index> place = broadcastIndices(batch, Shape(shape.begin(), shape.end() - 2));
  place.push_back(isInnerLast ? side : product.k);
  place.push_back(isInnerLast ? product.k : side);
  return {value, std::move(place), isInnerLast, shape.back()};
}

static std::optional<Product> describeMatmul(MatmulOp op, Recorder &recorder) {
  if (op.getPackedNr() != 0)
    return std::nullopt;
  Shape shape = shapeOf(op.getY().getType()), a = shapeOf(op.getA().getType());
  Product product;
  product.op = op;
  product.batch.assign(shape.begin(), shape.end() - 2);
  product.rows = shape[shape.size() - 2];
  product.cols = shape.back();
  product.inner = a[a.size() - (op.getTransposeA() ? 2 : 1)];
  addVariables(product, recorder);
  product.lhs = matrixOperand(product, op.getA(), product.row, /*isInnerLast=*/!op.getTransposeA());
  product.rhs = matrixOperand(product, op.getB(), product.col, /*isInnerLast=*/op.getTransposeB());
  product.place = delinearize(product.batchIndex, product.batch);
  product.place.push_back(product.row);
  product.place.push_back(product.col);
  return product;
}

static std::optional<Product> describeConv(ConvOp op, Recorder &recorder) {
  bool isPadded = llvm::any_of(op.getPads(), [](int64_t pad) { return pad != 0; });
  if (op.getLayout() != ConvLayout::NCHW || isPadded)
    return std::nullopt;
  Shape filters = shapeOf(op.getW().getType()), y = shapeOf(op.getY().getType());
  Shape window(filters.begin() + 1, filters.end()), pixels(y.begin() + 2, y.end());
  Expr groups(static_cast<int64_t>(op.getGroups()));
  Product product;
  product.op = op;
  product.batch = {y[0], groups};
  product.rows = floorDiv(filters[0], groups);
  product.cols = elementCount(pixels);
  product.columnsAlongX = true;
  product.inner = elementCount(window);
  addVariables(product, recorder);
  std::vector<Index> batch = delinearize(product.batchIndex, product.batch);
  std::vector<Index> pixel = delinearize(product.col, pixels), tap = delinearize(product.k, window);
  Index filter = batch[1] * product.rows + product.row;
  product.place = {batch[0], filter};
  product.lhs = {op.getW(), {filter}, /*isInnerLast=*/true, product.inner};
  product.rhs = {op.getX(), {batch[0], batch[1] * window[0] + tap[0]}, /*isInnerLast=*/false, product.cols};
  std::vector<std::string> letters = {"z", "y", "x"}, pixelNames, tapNames = {"channel"};
  for (size_t dim = 0; dim < pixels.size(); ++dim) {
    const std::string &letter = letters[letters.size() - pixels.size() + dim];
    pixelNames.push_back("out_" + letter);
    tapNames.push_back("k" + letter);
  }
  product.axes = {{product.batchIndex, product.batch, {"image", "group"}},
                  {product.col, pixels, pixelNames},
                  {product.k, window, tapNames}};
  llvm::append_range(product.place, pixel);
  llvm::append_range(product.lhs.place, tap);
  for (size_t dim = 0; dim < pixels.size(); ++dim)
    product.rhs.place.push_back(pixel[dim] * Expr(op.getStrides()[dim]) + tap[1 + dim] * Expr(op.getDilations()[dim]));
  return product;
}

std::optional<Product> heddle::cuda::describeProduct(Operation *op, Recorder &recorder) {
  if (auto matmul = dyn_cast<MatmulOp>(op))
    return describeMatmul(matmul, recorder);
  auto conv = dyn_cast<ConvOp>(op);
  return conv ? describeConv(conv, recorder) : std::nullopt;
}

void heddle::cuda::separatePadding(ConvOp conv) {
  size_t rank = shapeOf(conv.getX().getType()).size(), spatial = rank - 2;
  size_t first = conv.getLayout() == ConvLayout::NCHW ? 2 : 1;
  SmallVector<int64_t> low(rank, 0), high(rank, 0);
  llvm::copy(conv.getPads().take_front(spatial), low.begin() + first);
  llvm::copy(conv.getPads().drop_front(spatial), high.begin() + first);
  OpBuilder builder(conv);
  BodyBuilder body(builder, conv.getLoc());
  Value padded = body.pad(conv.getX(), low, high, builder.getZeroAttr(getElementTypeOrSelf(conv.getX())));
  conv.getXMutable().assign(padded);
  conv.setPads(SmallVector<int64_t>(2 * spatial, 0));
}
