// Finds out where the operands of a matrix product lie, and which tiles its schedule asks for.
#include "codegen/cpu/GemmShape.h"
#include "ir/Scalars.h"
#include "ir/Schedule.h"
#include "ir/Shapes.h"

using namespace mlir;
using namespace heddle;

GemmShape::GemmShape(KernelOp kernel, MatmulOp matmul, const CpuLevel &level) {
  Shape a = shapeOf(matmul.getA().getType()), y = shapeOf(matmul.getY().getType());
  batch.assign(y.begin(), y.end() - 2);
  rows = y[y.size() - 2];
  columns = y.back();
  inner = a[a.size() - (matmul.getTransposeA() ? 2 : 1)];
  elementBytes = std::max<int64_t>(1, computeType(getElementTypeOrSelf(matmul.getY())).getIntOrFloatBitWidth() / 8);
  lanes = level.vectorBytes / elementBytes;
  locate(matmul);
  flatten(matmul, y);
  chooseTile(kernel, matmul, level);
  if (matmul.getPackedNr() != 0)
    layout = right && int64_t(matmul.getPackedNr()) == panelColumns() ? RightLayout::Panels : RightLayout::Pulled;
}

/// Finds the arguments behind the operands; strides become those of [batch.., rows, inner] and [batch.., inner,
/// columns].
void GemmShape::locate(MatmulOp matmul) {
  auto viewOf = [](Value operand, bool isTransposed) -> std::optional<StridedView> {
    StridedView view = stridedView(operand);
    if (!isa<BlockArgument>(view.source))
      return std::nullopt;
    if (isTransposed)
      std::swap(view.strides.end()[-1], view.strides.end()[-2]);
    return view;
  };
  left = viewOf(matmul.getA(), matmul.getTransposeA());
  right = viewOf(matmul.getB(), matmul.getTransposeB());
  if (right && right->strides.back().isLiteral(1))
    layout = RightLayout::Rows;
  else if (right && right->strides.end()[-2].isLiteral(1))
    layout = RightLayout::Lines;
}

/// Sees a batch of products with one second operand as a single product.
void GemmShape::flatten(MatmulOp matmul, const Shape &y) {
  bool isOneMatrix = matmul.getPackedNr() != 0 || shapeOf(matmul.getB().getType()).size() == 2;
  if (batch.empty() || !isOneMatrix || !left || left->strides.size() != y.size())
    return;
  for (size_t dim = 0; dim < batch.size(); ++dim)
    hasEvenRows &= y[dim].isLiteral(1) || left->strides[dim] == left->strides[dim + 1] * y[dim + 1];
  isFlat = true;
  rows = productOf(y, 0, y.size() - 1);
  batch.clear();
}

/// Tiles of `tileRows` rows as the schedule says, then what is left over.
void GemmShape::chooseTile(KernelOp kernel, MatmulOp matmul, const CpuLevel &level) {
  auto schedule = dyn_cast_or_null<GemmScheduleAttr>(kernel.getScheduleAttr());
  if (!schedule)
    schedule = cast<GemmScheduleAttr>(chooseSchedule(kernel, level.vectorBytes));
  vectors = std::max<int64_t>(1, schedule.getNr() / lanes);
  tileRows = schedule.getMr();
  std::optional<int64_t> known = rows.literal();
  if (!known) {
    for (int64_t height = llvm::PowerOf2Ceil(tileRows) / 2; height > 0; height /= 2)
      remainders.push_back(height);
  } else if (int64_t rest = *known % tileRows) {
    remainders.push_back(rest);
  }
}

int64_t GemmShape::copiedDepth() const {
  constexpr int64_t usual = 1024;
  return llvm::alignTo(inner.literal().value_or(usual), lanes);
}

bool GemmShape::readsLeftLines() const { return left && left->strides.back().isLiteral(1); }

bool heddle::isWorthTiles(MatmulOp matmul) { return !shapeOf(matmul.getY().getType()).back().isLiteral(1); }
