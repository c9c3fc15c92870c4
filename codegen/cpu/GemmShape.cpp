// Chooses register tiles.
#include "codegen/cpu/GemmShape.h"
#include "ir/Scalars.h"
#include "ir/Shapes.h"

using namespace mlir;
using namespace heddle;

GemmShape::GemmShape(MatmulOp matmul, const CpuLevel &level) {
  Shape a = shapeOf(matmul.getA().getType()), y = shapeOf(matmul.getY().getType());
  batch.assign(y.begin(), y.end() - 2);
  rows = y[y.size() - 2];
  columns = y.back();
  inner = a[a.size() - (matmul.getTransposeA() ? 2 : 1)];
  elementBytes = std::max<int64_t>(1, computeType(getElementTypeOrSelf(matmul.getY())).getIntOrFloatBitWidth() / 8);
  lanes = level.vectorBytes / elementBytes;
  chooseTile(level);
}

/// With 32 registers 8 rows of 2 vectors, with 16 registers 6; more rows of a power-of-two stride would fall into one
/// set of the cache. A single row takes more vectors, to read the second operand in longer pieces.
void GemmShape::chooseTile(const CpuLevel &level) {
  int64_t most = level.vectorBytes == 64 ? 8 : 6;
  vectors = 2;
  tileRows = most;
  std::optional<int64_t> known = rows.literal();
  if (!known) {
    remainders = {4, 2, 1};
    return;
  }
  if (*known == 1)
    vectors = 8;
  tileRows = std::clamp<int64_t>(*known, 1, most);
  for (int64_t candidate = most; candidate >= most - 2 && candidate >= 1 && *known >= most; --candidate)
    if (*known % candidate == 0) {
      tileRows = candidate;
      break;
    }
  if (int64_t left = *known % tileRows)
    remainders = {left};
}

int64_t GemmShape::panelBytes() const { return inner.literal().value_or(0) * panelColumns() * elementBytes; }

bool heddle::isWorthTiles(MatmulOp matmul) {
  Shape y = shapeOf(matmul.getY().getType());
  bool isRow = y[y.size() - 2].isLiteral(1);
  return !(isRow && matmul.getTransposeB()) && !y.back().isLiteral(1);
}
