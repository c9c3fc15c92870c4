// Implements the choice of schedules.
#include "ir/Schedule.h"
#include "ir/Scalars.h"
#include "ir/Shapes.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace heddle;

static constexpr int64_t threadsPerBlock = 256;

/// Elements of a vector: what fills a register in the widest float type of the kernel, or in its widest type if it has
/// no floats. Positions beside floats of 32 bits take two registers.
static int64_t vectorElements(KernelOp kernel, int64_t vectorBytes) {
  bool hasWideFloat = false, hasFloat = false, hasWide = false;
  kernel.walk([&](Operation *op) {
    for (Type type : op->getResultTypes()) {
      if (!isa<RankedTensorType>(type))
        continue;
      Type element = getElementTypeOrSelf(type);
      bool isWide = element.getIntOrFloatBitWidth() == 64;
      hasWide |= isWide;
      hasFloat |= isa<FloatType>(element);
      hasWideFloat |= isWide && isa<FloatType>(element);
    }
  });
  return vectorBytes / (hasWideFloat || (hasWide && !hasFloat) ? 8 : 4);
}

bool heddle::reducesRows(KernelOp kernel) {
  return kernel
      .walk([](Operation *op) {
        if (isa<SoftmaxOp, LayerNormOp>(op))
          return WalkResult::interrupt();
        auto reduce = dyn_cast<ReduceOp>(op);
        size_t rank = reduce ? shapeOf(reduce.getX().getType()).size() : 0;
        bool isTrailing =
            reduce && !reduce.getAxes().empty() && reduce.getAxes().front() + reduce.getAxes().size() == rank;
        return isTrailing ? WalkResult::interrupt() : WalkResult::advance();
      })
      .wasInterrupted();
}

/// Elements of a product's compute type in a vector register.
static int64_t productLanes(MatmulOp product, int64_t vectorBytes) {
  unsigned bits = computeType(getElementTypeOrSelf(product.getY())).getIntOrFloatBitWidth();
  return vectorBytes / std::max<int64_t>(1, bits / 8);
}

int64_t heddle::panelColumns(MatmulOp product, int64_t vectorBytes) {
  int64_t lanes = productLanes(product, vectorBytes);
  std::optional<int64_t> columns = shapeOf(product.getY().getType()).back().literal();
  return columns && *columns <= lanes ? lanes : 2 * lanes;
}

/// With 32 registers 8 rows of 2 vectors, with 16 registers 6: more rows of a power-of-two stride would fall into one
/// set of the cache. A height that divides the rows leaves no smaller tile. A single row takes more vectors, to read
/// the second operand in longer pieces. What only a GPU uses is 0.
static GemmScheduleAttr chooseTiles(MatmulOp product, int64_t vectorBytes) {
  int64_t most = vectorBytes >= 64 ? 8 : 6, mr = most;
  int64_t nr = product.getPackedNr() != 0 ? product.getPackedNr() : panelColumns(product, vectorBytes);
  Shape shape = shapeOf(product.getY().getType());
  // The rows of a whole batch are rows of one product if they meet one matrix.
  bool isOneMatrix = product.getPackedNr() != 0 || shapeOf(product.getB().getType()).size() == 2;
  std::optional<int64_t> rows = productOf(shape, isOneMatrix ? 0 : shape.size() - 2, shape.size() - 1).literal();
  if (rows && *rows == 1 && product.getPackedNr() == 0 && !product.getTransposeB())
    nr *= 4;
  if (rows && *rows > 0 && *rows < most)
    mr = *rows;
  for (int64_t height = most; rows && *rows >= most && height >= most - 2; --height)
    if (*rows % height == 0) {
      mr = height;
      break;
    }
  return GemmScheduleAttr::get(product.getContext(), mr, nr, /*bm=*/0, /*bn=*/0, /*bk=*/0, /*tm=*/0, /*tn=*/0);
}

Attribute heddle::chooseSchedule(KernelOp kernel, int64_t vectorBytes) {
  if (vectorBytes == 0)
    return chooseCudaSchedule(kernel);
  MLIRContext *context = kernel.getContext();
  MatmulOp product;
  kernel.walk([&](MatmulOp found) { product = found; });
  if (product)
    return chooseTiles(product, vectorBytes);
  int64_t vector = vectorElements(kernel, vectorBytes);
  if (reducesRows(kernel))
    return RowsScheduleAttr::get(context, vector, /*unroll=*/4, threadsPerBlock);
  return ElementwiseScheduleAttr::get(context, vector, threadsPerBlock, /*perThread=*/1);
}

int64_t heddle::filterPanel(int64_t outputs, int64_t groups, int64_t channels, int64_t vectorBytes) {
  int64_t lanes = vectorBytes / 4;
  bool isDepthwise = groups > 1 && channels == 1 && outputs == groups;
  if (isDepthwise)
    return outputs % (2 * lanes) == 0 ? 2 * lanes : lanes;
  int64_t perGroup = outputs / groups, best = 0, bestVectors = 0;
  for (int64_t vectors : {2, 3, 1}) {
    int64_t needed = llvm::divideCeilSigned(perGroup, vectors * lanes) * vectors;
    bool fits = groups == 1 || perGroup % (vectors * lanes) == 0;
    if (fits && (best == 0 || needed < bestVectors)) {
      best = vectors * lanes;
      bestVectors = needed;
    }
  }
  return best;
}

bool heddle::readsPlanes(ConvOp conv) {
  constexpr int64_t fewChannels = 4;
  auto transpose = conv.getX().getDefiningOp<TransposeOp>();
  if (!transpose || conv.getPackedNr() == 0 || conv.getGroups() != 1)
    return false;
  ArrayRef<int64_t> perm = transpose.getPerm();
  bool isToLast = perm[0] == 0 && perm.back() == 1 &&
                  llvm::equal(perm.drop_front().drop_back(), llvm::seq<int64_t>(2, perm.size()));
  return isToLast && shapeOf(conv.getX().getType()).back().literal().value_or(fewChannels + 1) <= fewChannels;
}
