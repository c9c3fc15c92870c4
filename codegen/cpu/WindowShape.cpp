// Chooses register tiles of convolutions and pooling, and the kernels that they fit.
#include "codegen/cpu/WindowShape.h"
#include "codegen/cpu/Emitters.h"
#include "ir/Schedule.h"
#include "ir/Shapes.h"

using namespace mlir;
using namespace heddle;

/// Positions whose addresses are kept per tile.
static constexpr int64_t maxKeptPositions = 256;

static Shape spatialOf(Value image) {
  Shape shape = shapeOf(image.getType());
  return Shape(shape.begin() + 1, shape.end() - 1);
}

static bool anyPositive(ArrayRef<int64_t> pads) {
  return llvm::any_of(pads, [](int64_t pad) { return pad > 0; });
}

WindowShape::WindowShape(ConvOp conv, const CpuLevel &level)
    : kind(Kind::Dense), image(conv.getX()), isChannelsFirst(readsPlanes(conv)),
      images(shapeOf(conv.getX().getType())[0]), input(spatialOf(conv.getX())), output(spatialOf(conv.getY())),
      window(conv.getWindow()), strides(conv.getStrides()), dilations(conv.getDilations()),
      lowPads(conv.getPads().take_front(input.size())), isPadded(anyPositive(conv.getPads())),
      channels(*shapeOf(conv.getX().getType()).back().literal()), outputs(conv.getOutputs()), groups(conv.getGroups()),
      lanes(level.vectorBytes / 4) {
  vectors = conv.getPackedNr() / lanes;
  if (isChannelsFirst)
    image = conv.getX().getDefiningOp<TransposeOp>().getX();
  if (groups > 1 && channels == groups && outputs == groups) {
    kind = Kind::Depthwise;
    groups = 1;
  }
  chooseRows(level);
}

WindowShape::WindowShape(PoolOp pool, const CpuLevel &level)
    : kind(Kind::Pool), image(pool.getX()), images(shapeOf(pool.getX().getType())[0]), input(spatialOf(pool.getX())),
      output(spatialOf(pool.getY())), window(pool.getWindow()), strides(pool.getStrides()),
      dilations(pool.getDilations()), lowPads(pool.getPads().take_front(input.size())),
      isPadded(anyPositive(pool.getPads())), channels(*shapeOf(pool.getX().getType()).back().literal()),
      outputs(channels), combiner(pool.getKind()), lanes(level.vectorBytes / 4) {
  vectors = filterPanel(outputs, /*groups=*/outputs, /*channels=*/1, level.vectorBytes) / lanes;
  chooseRows(level);
}

/// Accumulators fill the registers but for those of a row of filters and an element: 32 or 16 of them. Where the number
/// of pixels of an image is known, tiles end with it.
void WindowShape::chooseRows(const CpuLevel &level) {
  int64_t most = 8;
  if (level.vectorBytes < 64 && vectors > 1)
    most = vectors == 2 ? 6 : 4;
  tileRows = most;
  std::optional<int64_t> all = pixels().literal(), ofImage = elementCount(output).literal();
  if (ofImage && *ofImage < most) {
    tileRows = std::max<int64_t>(1, std::min(most, all.value_or(most / 2)));
    return;
  }
  for (int64_t rows = most; ofImage && rows > most / 2; --rows)
    if (*ofImage % rows == 0) {
      tileRows = rows;
      return;
    }
}

Expr WindowShape::pixels() const { return images * elementCount(output); }

int64_t WindowShape::positions() const {
  int64_t count = 1;
  for (int64_t size : window)
    count *= size;
  return count;
}

bool WindowShape::isPointwise() const {
  return positions() == 1 && !isPadded && llvm::all_of(strides, [](int64_t stride) { return stride == 1; });
}

int64_t WindowShape::taskPixels() const {
  constexpr int64_t densePixels = 128, elements = 16384;
  int64_t wanted = kind == Kind::Dense ? densePixels : std::clamp<int64_t>(elements / outputs, 1, densePixels);
  return std::max<int64_t>(1, wanted / tileRows) * tileRows;
}

static bool readsImages(Value x, ConvLayout layout) {
  std::optional<int64_t> channels = shapeOf(x.getType()).back().literal();
  return layout == ConvLayout::NHWC && getElementTypeOrSelf(x).isF32() && channels && *channels > 0;
}

static bool isSuitable(ConvOp conv, const CpuLevel &level) {
  int64_t lanes = level.vectorBytes / 4, nr = conv.getPackedNr();
  bool hasPanels = nr > 0 && nr % lanes == 0 && nr <= 3 * lanes && isa<BlockArgument>(conv.getW());
  if (!hasPanels || !readsImages(conv.getX(), conv.getLayout()))
    return false;
  WindowShape shape(conv, level);
  if (!isa<BlockArgument>(shape.image))
    return false;
  bool endsWithGroups = shape.groups == 1 || (shape.outputs / shape.groups) % nr == 0;
  return shape.kind == WindowShape::Kind::Dense ? endsWithGroups : shape.positions() <= maxKeptPositions;
}

static bool isSuitable(PoolOp pool, const CpuLevel &level) {
  return isa<BlockArgument>(pool.getX()) && readsImages(pool.getX(), pool.getLayout()) &&
         WindowShape(pool, level).positions() <= maxKeptPositions;
}

Operation *heddle::findWindow(KernelOp kernel, const CpuLevel &level) {
  Operation *found = nullptr;
  for (Operation &op : kernel.getBody().front()) {
    if (!isa<StructuredOpInterface>(op))
      continue;
    if (found)
      return nullptr;
    found = &op;
  }
  auto conv = dyn_cast_or_null<ConvOp>(found);
  auto pool = dyn_cast_or_null<PoolOp>(found);
  bool fits = (conv && isSuitable(conv, level)) || (pool && isSuitable(pool, level));
  return fits && hasPlainEpilogue(kernel, found, /*mayTranspose=*/false) ? found : nullptr;
}
