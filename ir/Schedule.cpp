// Implements the choice of schedules.
#include "ir/Schedule.h"
#include "ir/Shapes.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace heddle;

static constexpr int64_t threadsPerBlock = 256;

/// Elements of the widest type in the kernel that fit a vector register: all values of a vector loop have one width.
static int64_t vectorElements(KernelOp kernel, int64_t vectorBytes) {
  int64_t widest = 4;
  kernel.walk([&](Operation *op) {
    for (Type type : op->getResultTypes())
      if (isa<RankedTensorType>(type) && getElementTypeOrSelf(type).getIntOrFloatBitWidth() == 64)
        widest = 8;
  });
  return vectorBytes / widest;
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

Attribute heddle::chooseSchedule(KernelOp kernel, int64_t vectorBytes) {
  if (vectorBytes == 0)
    return chooseCudaSchedule(kernel);
  MLIRContext *context = kernel.getContext();
  bool hasMatmul = kernel.walk([](MatmulOp) { return WalkResult::interrupt(); }).wasInterrupted();
  if (hasMatmul) {
    bool isWide = vectorBytes >= 64;
    return GemmScheduleAttr::get(context, isWide ? 8 : 6, isWide ? 32 : 16, /*bm=*/64, /*bn=*/64, /*bk=*/16, /*tm=*/4,
                                 /*tn=*/4);
  }
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
