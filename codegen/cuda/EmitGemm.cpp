// Matrix products and convolutions: shared-memory tiles on plain multiply-add, operands and epilogue pulled.
#include "codegen/cuda/Emitter.h"
#include "codegen/cuda/Product.h"
#include "ir/Shapes.h"

using namespace mlir;
using namespace heddle;
using namespace heddle::cuda;

/// Elements added to each row of a tile that is stored transposed, against bank conflicts.
static constexpr int64_t tilePadding = 4;
/// Blocks along y and z that CUDA allows.
static constexpr int64_t maxBlocksYZ = 65535;

/// Where an op that moves or maps elements one to one puts the element at `place` of its operand `operand`; nullopt if
/// it is no such op.
static std::optional<std::vector<Index>> forward(Operation *op, Value operand, ArrayRef<Index> place) {
  Value result = op->getResult(0);
  Shape from = shapeOf(operand.getType()), to = shapeOf(result.getType());
  if (auto transpose = dyn_cast<TransposeOp>(op)) {
    std::vector<Index> moved;
    for (int64_t dim : transpose.getPerm())
      moved.push_back(place[dim]);
    return moved;
  }
  if (isa<ReshapeOp>(op)) {
    std::vector<Index> moved = reshapeIndices(place, to, from);
    bool returns = ArrayRef<Index>(reshapeIndices(moved, from, to)) == place;
    return returns ? std::optional(moved) : std::nullopt;
  }
  if (isa<ElementwiseOpInterface>(op) && from == to)
    return place.vec();
  return std::nullopt;
}

/// The place of every value that holds one element per element of the product. False if the product's elements take
/// another way to a result.
static bool placeEpilogue(const Product &product, llvm::DenseMap<Value, std::vector<Index>> &places) {
  Value y = product.op->getResult(0);
  places[y] = product.place;
  SmallVector<Value> pending = {y};
  while (!pending.empty()) {
    Value value = pending.pop_back_val();
    for (Operation *user : value.getUsers()) {
      if (isa<ReturnOp>(user))
        continue;
      std::optional<std::vector<Index>> moved = forward(user, value, places[value]);
      if (!moved)
        return false;
      auto [known, isNew] = places.try_emplace(user->getResult(0), *moved);
      if (!isNew && known->second != *moved)
        return false;
      if (isNew)
        pending.push_back(user->getResult(0));
    }
  }
  return true;
}

namespace heddle::cuda {

/// One side of a tile load: the operand's dimension as a lambda parameter.
struct TileAxis {
  std::string name;  ///< Of the parameter.
  Index index;       ///< The loop variable behind it; constant if the dimension has size 1.
  std::string start; ///< Where the tile begins.
  std::string size;  ///< Elements of the dimension, by name.
};

/// Prints one product with its operands and epilogue.
class ProductText {
public:
  ProductText(Emitter &emitter, const Product &product, GemmScheduleAttr schedule)
      : emitter(emitter), text(emitter.text), product(product), schedule(schedule),
        compute(computeType(getElementTypeOrSelf(product.op->getResult(0)))) {}

  void print(const llvm::DenseMap<Value, std::vector<Index>> &places);

private:
  void declareTiles();
  void openBatch();
  /// \param outer, inner the axes in the order of the operand's storage.
  void load(StringRef function, StringRef tile, const ProductOperand &operand, const TileAxis &outer,
            const TileAxis &inner);
  void printLoop();
  void printEpilogue(const llvm::DenseMap<Value, std::vector<Index>> &places);
  void bind(const Index &index, StringRef name) {
    if (std::optional<int> variable = index.variableId())
      text.bind(*variable, name.str());
  }

  Emitter &emitter;
  KernelText &text;
  const Product &product;
  GemmScheduleAttr schedule;
  Type compute;
  std::string rows, cols, inner;
  std::string lhs, rhs, acc, row0, col0, k0;
  bool isBatchLoop = false;
};

} // namespace heddle::cuda

void ProductText::declareTiles() {
  lhs = text.uniqueName("lhs");
  rhs = text.uniqueName("rhs");
  auto pitch = [&](StringRef size, bool isTransposed) {
    return size.str() + (isTransposed ? " + " + std::to_string(tilePadding) : "");
  };
  bool lhsIsTransposed = product.lhs.isInnerLast, rhsIsTransposed = product.rhs.isInnerLast;
  text.line("__shared__ " + computeName(compute).str() + " " + lhs + "[BK][" + pitch("BM", lhsIsTransposed) + "], " +
            rhs + "[BK][" + pitch("BN", rhsIsTransposed) + "];");
  int64_t elements = schedule.getBm() + schedule.getBn() + tilePadding * (lhsIsTransposed + rhsIsTransposed);
  emitter.sharedBytes = schedule.getBk() * elements * compute.getIntOrFloatBitWidth() / 8;
}

void ProductText::openBatch() {
  std::optional<int> variable = product.batchIndex.variableId();
  if (!variable)
    return;
  std::string name = text.uniqueName("batch");
  Expr count = elementCount(product.batch);
  isBatchLoop = !count.literal() || *count.literal() > maxBlocksYZ;
  if (isBatchLoop)
    text.open("for (int " + name + " = blockIdx.z; " + name + " < " + text.size(count).text + "; " + name +
              " += gridDim.z)");
  else
    text.line("const int " + name + " = blockIdx.z;");
  text.bind(*variable, name);
}

void ProductText::load(StringRef function, StringRef tile, const ProductOperand &operand, const TileAxis &outer,
                       const TileAxis &inner) {
  NodeId element = emitter.pull.pull(operand.value, operand.place).id;
  text.open("heddle::" + function.str() + "(" + tile.str() + ", " + outer.start + ", " + inner.start + ", " +
                outer.size + ", " + inner.size + ", [&](int " + outer.name + ", int " + inner.name + ")",
            /*isConditional=*/true);
  bind(outer.index, outer.name);
  bind(inner.index, inner.name);
  // The row length goes by its own name, also where another size is equal.
  text.nameSize(operand.rowLength, inner.size);
  text.expect(element);
  text.lineOf([&] { return "return " + text.value(element).text + ";"; });
  text.forgetSizeNames(1);
  text.close("});");
}

void ProductText::printLoop() {
  TileAxis rowAxis{"row", product.row, row0, rows}, colAxis{"col", product.col, col0, cols},
      innerAxis{"k", product.k, k0, inner};
  text.open("for (int " + k0 + " = 0; " + k0 + " < " + inner + "; " + k0 + " += BK)");
  if (product.lhs.isInnerLast)
    load("loadTileTransposed<THREADS, BM>", lhs, product.lhs, rowAxis, innerAxis);
  else
    load("loadTile<THREADS>", lhs, product.lhs, innerAxis, rowAxis);
  if (product.rhs.isInnerLast)
    load("loadTileTransposed<THREADS, BN>", rhs, product.rhs, colAxis, innerAxis);
  else
    load("loadTile<THREADS>", rhs, product.rhs, innerAxis, colAxis);
  text.line("__syncthreads();");
  text.lineFrom(product.op, "heddle::multiplyTiles<BM, BN>(" + lhs + ", " + rhs + ", " + acc + ");");
  text.line("__syncthreads();");
  text.close();
}

void ProductText::printEpilogue(const llvm::DenseMap<Value, std::vector<Index>> &places) {
  NodeId accumulator = emitter.recorder.accumulator(product.op, compute);
  emitter.pull.define(product.op->getResult(0), product.place, {accumulator});
  std::vector<NodeId> values;
  std::vector<Index> indices;
  for (Value result : emitter.results()) {
    const std::vector<Index> &place = places.lookup(result);
    values.push_back(emitter.pull.pull(result, place).id);
    indices.push_back(linearize(place, shapeOf(result.getType())));
  }
  std::string total = text.uniqueName(product.op->getName().stripDialect());
  text.open("heddle::storeTile<BM, BN>(" + acc + ", " + row0 + ", " + col0 + ", " + rows + ", " + cols +
                ", [&](int row, int col, " + computeName(compute).str() + " " + total + ")",
            /*isConditional=*/true);
  bind(product.row, "row");
  bind(product.col, "col");
  text.define(accumulator, cuda::name(total));
  text.nameSize(product.cols, cols);
  text.expect(values);
  for (size_t number = 0; number < values.size(); ++number)
    emitter.store(number, indices[number], values[number]);
  text.close("});");
}

void ProductText::print(const llvm::DenseMap<Value, std::vector<Index>> &places) {
  for (const ProductAxis &axis : product.axes)
    if (std::optional<int> variable = axis.index.variableId())
      text.nameCoordinates(*variable, axis.shape, axis.names);
  for (auto [name, size] : {std::pair("BM", schedule.getBm()),
                            {"BN", schedule.getBn()},
                            {"BK", schedule.getBk()},
                            {"TM", schedule.getTm()},
                            {"TN", schedule.getTn()},
                            {"THREADS", emitter.threads}}) {
    emitter.addConstant(name, size);
    text.mention(name);
  }
  rows = emitter.nameSize("M", product.rows);
  cols = emitter.nameSize("N", product.cols);
  inner = emitter.nameSize("K", product.inner);
  for (const std::string &size : {rows, cols, inner})
    text.mention(size);
  declareTiles();
  row0 = text.uniqueName("row0");
  col0 = text.uniqueName("col0");
  k0 = text.uniqueName("k0");
  acc = text.uniqueName("acc");
  std::string rowBlock = product.columnsAlongX ? "y" : "x", colBlock = product.columnsAlongX ? "x" : "y";
  text.line("const int " + row0 + " = blockIdx." + rowBlock + " * BM, " + col0 + " = blockIdx." + colBlock + " * BN;");
  openBatch();
  text.line(computeName(compute).str() + " " + acc + "[TM][TN] = {};");
  printLoop();
  printEpilogue(places);
  if (isBatchLoop)
    text.close();
}

bool Emitter::emitGemm(GemmScheduleAttr schedule, Operation *op) {
  Type compute = computeType(getElementTypeOrSelf(op->getResult(0)));
  bool isSupported = compute.isF32() || compute.isF64() || compute.isInteger(32) || compute.isInteger(64);
  std::optional<Product> described = describeProduct(op, recorder);
  if (!isSupported || !described || spelling.indexType != "int")
    return false;
  const Product &product = *described;
  llvm::DenseMap<Value, std::vector<Index>> places;
  Expr alongX = ceilDiv(product.rows, Expr(schedule.getBm())), alongY = ceilDiv(product.cols, Expr(schedule.getBn()));
  if (product.columnsAlongX)
    std::swap(alongX, alongY);
  bool fitsGrid = alongY.literal().value_or(0) <= maxBlocksYZ;
  if (!fitsGrid || !placeEpilogue(product, places))
    return false;
  for (Value result : results())
    if (!places.count(result))
      return false;
  // The names of the lambdas' parameters.
  for (StringRef parameter : {"row", "col", "k"})
    if (text.uniqueName(parameter) != parameter)
      return false;
  Expr batches = elementCount(product.batch);
  grid = {alongX, alongY,
          batches.literal() && *batches.literal() <= maxBlocksYZ ? batches : min(batches, Expr(maxBlocksYZ))};
  threads = (schedule.getBm() / schedule.getTm()) * (schedule.getBn() / schedule.getTn());
  needsTile = keepsRegisters = true;
  anchor = op;
  ProductText(*this, product, schedule).print(places);
  return true;
}
